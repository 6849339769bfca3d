import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch.distributions import Poisson

from topicgen.models import (
    DocumentCovariates,
    Known,
    LatentCountModel,
    LogLinear,
    SparseCounts,
    count_atoms,
    distinctive_part,
    fixed_prior,
    topic_overlap,
)
from topicgen.prefixes import entries_under
from topicgen.training import (
    Collection,
    Schedule,
    Trainer,
    completion_halves,
    completion_perplexity,
    generator,
    one_core_spared,
    start_at_clusters,
)


def make_model(**options):
    prior = fixed_prior(Poisson(torch.tensor(3.0)), 3, count_atoms(12))
    options = {"prior_count": 9.0, "latent": "given", "generator": generator(0, "cpu"), **options}
    return LatentCountModel(prior, torch.ones(30), **options)


@pytest.fixture
def model():
    return make_model()


@pytest.fixture(scope="module")
def collection(planted_counts):
    return Collection(planted_counts)


def every_document(collection):
    return collection.select(torch.arange(len(collection)))


def run(model, collection, n_epochs, **options):
    trainer = Trainer(model, **{"batch_size": 32, "generator": generator(1, "cpu"), **options})
    n_steps = n_epochs * math.ceil(len(collection) / 32)
    trainer.run(collection, every_document(collection), Schedule(n_steps, (1.0, 0.5), 0.2))
    return trainer


@pytest.mark.parametrize("estimator", ["gengs", "gengs_st"])
def test_the_prediction_gets_better(model, collection, estimator):
    history = run(model, collection, 15, estimator=estimator).history
    assert [row["epoch"] for row in history] == list(range(1, 16))
    assert list(history[0]) == ["epoch", "temperature", "log_likelihood", "perplexity"]
    assert history[-1]["log_likelihood"] > history[0]["log_likelihood"] + 0.3
    # A document is of 10 words, but for a twentieth; of all, there are 30.
    assert history[0]["perplexity"] > 20
    assert 11 < history[-1]["perplexity"] < 16


def test_the_reported_perplexity_is_that_of_hidden_halves(model, collection):
    row = run(model, collection, 1).history[0]
    observed, hidden = every_document(collection).split(0.5, generator=generator(0, "cpu"))
    words = (model.doc_topic(observed, model.topic_word()) @ model.topic_word()).detach()[
        hidden.rows, hidden.columns
    ]
    expected = math.exp(-(hidden.values * words.log()).sum() / hidden.values.sum())
    assert row["perplexity"] == pytest.approx(expected, rel=1e-4)


def predictions(model, collection, monkeypatch, **options):
    """What the trainer hides in an epoch and what it has the model predict."""
    seen, predict = [], model.relaxed_prediction

    def spy(observed, hidden, *args, **keywords):
        value = predict(observed, hidden, *args, **keywords)
        seen.append((observed, hidden, value.detach().sum().item()))
        return value

    monkeypatch.setattr(model, "relaxed_prediction", spy)
    trainer = run(model, collection, 1, **options)
    assert sum(len(observed) for observed, _, _ in seen) == len(collection)
    return seen, trainer.history[0]["log_likelihood"]


def test_hidden_tokens_are_what_is_predicted(model, collection, monkeypatch):
    """A quarter of 4800 tokens, 4 standard errors: 6e-5 of the seeds fail."""
    options = {"token_dropout": 0.25, "count_power": 0.5}
    seen, log_likelihood = predictions(model, collection, monkeypatch, **options)
    n_hidden = 0.0
    for observed, hidden, _ in seen:
        tokens = hidden.values.square()  # the power undone
        torch.testing.assert_close(tokens, tokens.round())
        assert torch.equal(observed.columns, hidden.columns)
        np.testing.assert_allclose(observed.sum_rows(observed.values + tokens), 40, rtol=1e-5)
        n_hidden += tokens.sum().item()
    assert abs(n_hidden - 1200) < 4 * math.sqrt(4800 * 0.25 * 0.75)
    total = sum(hidden.values.sum().item() for _, hidden, _ in seen)
    assert log_likelihood == pytest.approx(sum(value for *_, value in seen) / total, rel=1e-4)


def test_without_dropout_all_tokens_are_seen_and_predicted(model, collection, monkeypatch):
    options = {"token_dropout": 0.0, "count_power": 1.0}
    for observed, hidden, _ in predictions(model, collection, monkeypatch, **options)[0]:
        assert torch.equal(observed.values, hidden.values)
        assert observed.n_tokens.tolist() == [40.0] * len(observed)


def test_separation_lowers_the_overlap(collection):
    overlaps = []
    for separation in (0.0, 0.1, 1.0):
        model = make_model()
        options = {"separation": separation, "separation_measure": "probability"}
        run(model, collection, 5, patience=100, **options)
        overlaps.append(topic_overlap(model.topic_word()).item())
    assert overlaps[0] > overlaps[1] + 0.01
    assert overlaps[1] > overlaps[2] + 0.01


def test_separation_of_distinctive_words_lowers_the_overlap_of_distinctive_parts(collection):
    overlaps = []
    for separation in (0.0, 1.0):
        model = make_model()
        run(model, collection, 1, separation=separation, separation_measure="distinctive")
        part = distinctive_part(model.topic_word(), model.log_frequency)
        overlaps.append(topic_overlap(part).item())
    assert overlaps[0] > overlaps[1] + 0.01


def test_a_small_scale_keeps_topics_near_the_collection(collection):
    spread = []
    for scale in (0.3, 10.0):
        model = make_model(topic_scale=scale)
        run(model, collection, 20, patience=100)
        spread.append(model.topic_logits.std().item())
    assert spread[0] < 0.7 * spread[1]


def perplexities(trainer, values, monkeypatch):
    """Have the trainer measure these, and keep the topics of each epoch."""
    topics, given = [], iter(values)

    def measure(*_):
        topics.append(trainer.model.topic_logits.detach().clone())
        return next(given)

    monkeypatch.setattr("topicgen.training.trainer.completion_perplexity", measure)
    return topics


def test_training_stops_when_the_prediction_does_not_get_better(model, collection, monkeypatch):
    trainer = Trainer(model, batch_size=32, patience=3)
    topics = perplexities(trainer, [9.0, 7.0, 8.0, 6.0, 6.0, 7.0, 6.5, 1.0], monkeypatch)
    trainer.run(collection, every_document(collection), Schedule(40, (1.0, 0.5), 0.2))
    assert [row["perplexity"] for row in trainer.history] == [9.0, 7.0, 8.0, 6.0, 6.0, 7.0, 6.5]
    # The best weights are those of the fourth epoch, and the model has them back.
    assert torch.equal(trainer.best_state["topic_logits"], topics[3])
    assert torch.equal(model.topic_logits, topics[3])
    assert not torch.equal(topics[3], topics[-1])


def test_the_best_weights_are_those_of_the_last_run(model, collection, monkeypatch):
    """Other documents may be held out, and the best of before does not count."""
    trainer = Trainer(model, batch_size=32, patience=2)
    topics = perplexities(trainer, [5.0, 9.0, 8.0, 8.0], monkeypatch)
    trainer.run(collection, every_document(collection), Schedule(4, (1.0, 0.5), 0.2))
    trainer.run(collection, every_document(collection), Schedule(12, (1.0, 0.5), 0.2))
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3, 4]
    assert torch.equal(model.topic_logits, topics[2])


def test_an_interrupt_leaves_the_best_weights(model, collection, monkeypatch):
    trainer = Trainer(model, batch_size=32)
    epoch, calls = trainer._epoch, []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 3:
            with torch.no_grad():
                model.topic_logits.zero_()
            raise KeyboardInterrupt
        return epoch(*arguments)

    monkeypatch.setattr(trainer, "_epoch", failing)
    with pytest.raises(KeyboardInterrupt):
        trainer.run(collection, every_document(collection), Schedule(40, (1.0, 0.5), 0.2))
    assert len(trainer.history) == 2
    assert torch.equal(model.topic_logits, trainer.best_state["topic_logits"])


# -- going on, and going side by side --------------------------------------------------------


def test_a_new_trainer_with_the_state_goes_on_as_the_old_one(model, collection):
    """Through safetensors: weights, moments, history and generator are all that there is."""
    trainer = run(model, collection, 2)
    saved = save(trainer.state() | {"weights." + n: v for n, v in model.state_dict().items()})
    draws = generator(0, "cpu")
    draws.set_state(trainer.generator.get_state())
    other = make_model()
    again = Trainer(other, batch_size=32, history=trainer.history, generator=draws)
    loaded = load(saved)
    other.load_state_dict(entries_under(loaded, "weights."))
    again.load_state({n: v for n, v in loaded.items() if not n.startswith("weights.")})
    for one in (trainer, again):
        one.run(collection, every_document(collection), Schedule(12, (0.5, 0.5), 0.04, floor=1.0))
    assert again.history == trainer.history
    assert [row["epoch"] for row in again.history] == [1, 2, 3, 4, 5]
    for name, value in model.state_dict().items():
        torch.testing.assert_close(
            other.state_dict()[name], value, rtol=0, atol=0, equal_nan=True, msg=name
        )
    assert trainer.state().keys() == again.state().keys()
    for name, value in trainer.state().items():
        assert torch.equal(again.state()[name], value)


def test_the_moments_matter(model, collection):
    """Without them the next steps would be others: a hundred times the rounding."""
    trainer = run(model, collection, 2)
    other = make_model()
    other.load_state_dict(model.state_dict())
    bare = Trainer(other, batch_size=32, generator=generator(2, "cpu"))
    trainer.generator = generator(2, "cpu")
    for one in (trainer, bare):
        one.run(collection, every_document(collection), Schedule(4, (0.5, 0.5), 0.04, floor=1.0))
    assert (model.topic_logits - other.topic_logits).abs().max() > 1e-4


def test_a_state_is_named_by_parameter_and_a_copy(model, collection):
    trainer = Trainer(model, batch_size=32)
    assert trainer.state() == {}
    trainer.load_state({})
    trainer = run(model, collection, 1)
    state = trainer.state()
    names = ("topic_logits", "log_pseudo_counts", "log_word_weight")
    entries = ("step", "exp_avg", "exp_avg_sq")
    assert state.keys() == {f"{name}.{entry}" for name in names for entry in entries}
    assert state["topic_logits.step"].item() == 4
    state["topic_logits.exp_avg"].zero_()
    assert trainer.state()["topic_logits.exp_avg"].abs().max() > 0


def test_a_state_of_another_model_is_refused(model, collection):
    trainer = run(model, collection, 1)
    state = trainer.state()
    wrong = {**state, "topic_logits.exp_avg": torch.zeros(2, 30)}
    with pytest.raises(ValueError, match=r"exp_avg is of shape \(2, 30\)"):
        trainer.load_state(wrong)
    del state["log_word_weight.exp_avg_sq"]
    with pytest.raises(KeyError, match="log_word_weight"):
        trainer.load_state(state)


@pytest.mark.parametrize("estimator", ["gengs", "gengs_st", "eat"])
def test_threads_train_the_models_that_one_would_train(collection, estimator):
    """Four with one seed, and the global stream is left where it was."""
    before = torch.random.get_rng_state()

    def trained(_=None):
        model = make_model()
        with one_core_spared():
            run(model, collection, 2, estimator=estimator)
        return model.topic_logits.detach()

    alone = [trained() for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(trained, range(4)))
    for topics in [*alone, *together]:
        assert torch.equal(topics, alone[0])
    assert torch.equal(torch.random.get_rng_state(), before)


def test_nothing_but_batches_and_what_is_watched_is_made(model, planted_counts):
    """A collection hands out one batch at a time, and is never read whole."""

    class Watched(Collection):
        largest = 0

        def select(self, positions):
            self.largest = max(self.largest, len(positions))
            return super().select(positions)

        def at_most(self, n_documents):
            raise AssertionError

        sample = at_most

    collection = Watched(planted_counts)
    held_out = SparseCounts.from_csr(planted_counts[:20])
    Trainer(model, batch_size=16).run(collection, held_out, Schedule(8, (1.0, 0.5), 0.2))
    assert collection.largest == 16


# -- covariates ------------------------------------------------------------------------------


def documents_by_topic(collection):
    """What is known of each planted document: which of two topics it is not of."""
    topic = torch.arange(len(collection)) % 3
    matrix = torch.stack([topic == 0, topic == 1], 1).float()
    matrix = (matrix - matrix.mean(0)) / matrix.std(0)
    return Known(DocumentCovariates(matrix, torch.zeros(len(matrix), 0, dtype=torch.long)))


def run_with_covariates(collection, n_epochs, **options):
    model = make_model(prevalence=LogLinear([0, 0], [], 3))
    known = documents_by_topic(collection)
    trainer = Trainer(model, batch_size=32, generator=generator(1, "cpu"), **options)
    trainer.run(
        collection,
        every_document(collection),
        Schedule(n_epochs * math.ceil(len(collection) / 32), (1.0, 0.5), 0.2),
        known=known,
        held_out_known=known,
    )
    return trainer, known


def test_covariates_are_learnt_along_with_the_topics(collection):
    trainer, known = run_with_covariates(collection, 15)
    model = trainer.model
    assert model.prevalence.coefficients.abs().max() > 0.5
    assert model.known is None
    # What is known of a document says its topic before any word is read.
    empty = SparseCounts.from_csr(collection.matrix[:6] * 0)
    six = model.given(known.select(torch.arange(6)))
    found = six.encode(empty, model.topic_word()).proportions
    assert found.amax(1).min() > 0.6
    assert found.argmax(1)[:3].unique().numel() == 3
    assert torch.equal(found.argmax(1)[:3], found.argmax(1)[3:])


def test_held_out_documents_are_predicted_with_their_covariates(collection):
    trainer, known = run_with_covariates(collection, 15)
    halves = completion_halves(every_document(collection))
    best = min(row["perplexity"] for row in trainer.history)
    assert completion_perplexity(trainer.model, halves, known) == pytest.approx(best, rel=1e-6)
    assert completion_perplexity(trainer.model, halves) > best


def test_the_perplexity_of_completion_is_that_of_hidden_halves(model, collection):
    observed, hidden = completion_halves(every_document(collection))
    again = completion_halves(every_document(collection))
    assert torch.equal(observed.values, again[0].values)
    assert torch.equal(observed.n_tokens + hidden.n_tokens, every_document(collection).n_tokens)
    words = (model.doc_topic(observed, model.topic_word()) @ model.topic_word()).detach()
    log = words[hidden.rows, hidden.columns].log()
    expected = math.exp(-(hidden.values * log).sum() / hidden.values.sum())
    assert completion_perplexity(model, (observed, hidden)) == pytest.approx(expected, rel=1e-4)


def test_bursts_are_completed_by_an_urn_with_the_words_seen(collection):
    model = make_model(likelihood="negative_binomial", mean_length=40.0)
    observed, hidden = completion_halves(every_document(collection))
    words = (model.doc_topic(observed, model.topic_word()) @ model.topic_word()).detach()
    n_tokens = observed.n_tokens + hidden.n_tokens
    most = 0.8 * model.atoms[-1] + model.smoothing.sum()
    urn = 5.0 * torch.minimum(n_tokens, most * model.unit)  # the steadiness at the start
    rows, columns = hidden.rows, hidden.columns
    log = (urn[rows] * words[rows, columns] + observed.values).log()
    log = log - (urn + observed.n_tokens)[rows].log()
    expected = math.exp(-(hidden.values * log).sum() / hidden.values.sum())
    assert completion_perplexity(model, (observed, hidden)) == pytest.approx(expected, rel=1e-4)


def test_nothing_hidden_has_a_perplexity_of_1(model, collection):
    none = every_document(collection)
    none = none.replace(torch.zeros_like(none.values))
    assert completion_perplexity(model, (none, none)) == 1.0


@pytest.mark.parametrize("topic_pace", [1.0, 0.25])
def test_topics_move_at_their_pace(topic_pace):
    model = make_model()
    trainer = Trainer(model, batch_size=32, topic_pace=topic_pace)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    trainer.move(0.2)
    # The first step of Adam is of the length of the learning rate.
    topics = before["topic_logits"] - model.topic_logits
    torch.testing.assert_close(topics, torch.full_like(topics, 0.2 * topic_pace))
    weights = before["log_word_weight"] - model.log_word_weight
    torch.testing.assert_close(weights, torch.full_like(weights, 0.02), rtol=1e-3, atol=1e-4)


def test_frozen_topics_stay_while_the_others_train(collection):
    model = make_model()
    model.freeze([1])
    before = model.topic_logits.detach().clone()
    run(model, collection, 2)
    changed = (model.topic_logits.detach() != before).any(1)
    assert changed.tolist() == [True, False, True]


def test_momentum_moves_no_frozen_topic(collection):
    model = make_model()
    trainer = run(model, collection, 2)
    model.freeze([0, 2])
    before = model.topic_logits.detach().clone()
    later = Trainer(model, batch_size=32, generator=generator(2, "cpu"))
    later.load_state(trainer.state())
    later.run(collection, every_document(collection), Schedule(4, (0.5, 0.5), 0.2))
    assert (model.topic_logits.detach() != before).any(1).tolist() == [False, True, False]


def test_topics_are_trained_away_from_a_frozen_one(collection):
    """A high price of shared words moves the others from the words of a frozen topic."""
    overlaps = []
    for separation in (0.0, 10.0):
        model = make_model()
        with torch.no_grad():
            model.topic_logits[0, :10] = 5.0
        model.freeze([0])
        run(model, collection, 3, separation=separation)
        unit = torch.nn.functional.normalize(model.topic_word().detach(), dim=-1)
        overlaps.append(float(unit[0] @ (unit[1] + unit[2])))
    assert overlaps[1] < overlaps[0] - 0.05


def test_a_trainer_of_reordered_topics_goes_on_as_before(collection):
    """With the topics in another order, the same steps are taken: gradients do not depend on it."""
    order = np.array([2, 0, 1])
    one, two = (run(make_model(), collection, 2, estimator="mean") for _ in range(2))
    two.reorder(order)
    for name, value in two.state().items():
        expected = one.state()[name]
        is_of_topics = expected.shape[:1] == (3,)
        torch.testing.assert_close(value, expected[order] if is_of_topics else expected)
    for trainer in (one, two):
        trainer.generator = generator(3, "cpu")
        trainer.run(collection, every_document(collection), Schedule(4, (1.0, 1.0), 0.1))
    torch.testing.assert_close(two.model.topic_logits, one.model.topic_logits[order])


# -- encoders and objectives -----------------------------------------------------------------


@pytest.mark.parametrize("encoder", ["network", "unfolded_network"])
@pytest.mark.parametrize("objective", ["hidden_tokens", "elbo"])
@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_a_network_learns_to_find_planted_topics(collection, encoder, objective, inference):
    model = make_model(encoder=encoder, inference=inference)
    start_at_clusters(model, collection, np.random.default_rng(0))
    run(model, collection, 30, objective=objective)
    documents = every_document(collection)
    found = model.doc_topic(documents, model.topic_word()).argmax(1)
    assert len({(row % 3, topic) for row, topic in enumerate(found.tolist())}) == 3


def test_topics_wait_for_a_network_that_has_to_learn():
    model = make_model(encoder="network")
    trainer = Trainer(model, batch_size=120, generator=generator(1, "cpu"))
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    trainer.move(0.2, 0.0)
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]) == (name == "topic_logits"), name


def test_the_state_of_a_network_is_named_and_goes_on(collection):
    model = make_model(encoder="network")
    trainer = run(model, collection, 1)
    names = {name.removesuffix(".exp_avg") for name in trainer.state() if name.endswith(".exp_avg")}
    assert names == {name for name, _ in model.named_parameters()}
    again = Trainer(model, batch_size=32)
    again.load_state(trainer.state())
    assert all(torch.equal(value, again.state()[name]) for name, value in trainer.state().items())


@pytest.mark.parametrize(
    ("encoder", "inference"),
    [("network", "explicit"), ("network", "implicit"), ("unfolded_network", "explicit")],
)
def test_topics_that_get_other_numbers_are_found_under_these(collection, encoder, inference):
    model = make_model(encoder=encoder, inference=inference)
    start_at_clusters(model, collection, np.random.default_rng(0))
    trainer = run(model, collection, 5)
    documents, order = every_document(collection), np.array([2, 0, 1])
    before = model.doc_topic(documents, model.topic_word())
    trainer.reorder(order)
    torch.testing.assert_close(model.doc_topic(documents, model.topic_word()), before[:, order])
    state = trainer.state()
    trainer.reorder(np.argsort(order))
    trainer.reorder(order)
    assert all(torch.equal(value, trainer.state()[name]) for name, value in state.items())


def test_the_weight_of_the_divergence_rises_while_the_training_warms_up(collection, monkeypatch):
    model, weights = make_model(), []
    bound = model.relaxed_bound

    def spy(*args, kl_weight, **options):
        weights.append(kl_weight)
        return bound(*args, kl_weight=kl_weight, **options)

    monkeypatch.setattr(model, "relaxed_bound", spy)
    monkeypatch.setattr(model, "given", lambda known: model)
    trainer = Trainer(model, batch_size=12, objective="elbo", generator=generator(1, "cpu"))
    trainer.run(collection, every_document(collection), Schedule(20, (1.0, 0.5), 0.2))
    assert weights == [0.0, 0.25, 0.5, 0.75, *[1.0] * 16]
