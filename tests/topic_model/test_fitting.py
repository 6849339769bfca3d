"""What a fit keeps of the past, and of its surroundings."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, vstack

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model import fitting, outcome
from topicgen.training import Trainer

CATS = ["cats purr softly and dogs bark loudly at cats"] * 40
STOCKS = ["stocks fell while rates rose and banks lend"] * 40


@pytest.fixture
def fitted(planted_counts):
    return TopicModel(3, max_epochs=3, random_state=0).fit(planted_counts)


def same(first, second):
    """Whether two models have learnt the same, bit for bit."""
    ours, theirs = first.fitted_, second.fitted_
    return (
        all(np.array_equal(ours.weights[name], theirs.weights[name]) for name in ours.weights)
        and all(np.array_equal(ours.optimizer[k], theirs.optimizer[k]) for k in ours.optimizer)
        and np.array_equal(ours.evidence.masses, theirs.evidence.masses)
        and np.array_equal(ours.evidence.topic_share, theirs.evidence.topic_share)
        and ours.history == theirs.history
        and ours.diagnostics == theirs.diagnostics
    )


# -- randomness ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "upper", [(), pytest.param((2,), marks=pytest.mark.slow)], ids=["flat", "deep"]
)
def test_threads_that_fit_with_one_seed_give_the_same_model(planted_counts, upper):
    state, n_threads = torch.get_rng_state(), torch.get_num_threads()

    def fit(_):
        model = TopicModel(3, upper_components=upper, max_epochs=3, random_state=0)
        return model.fit(planted_counts)

    reference = fit(0)
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(fit, range(4)))
        scores = set(pool.map(lambda _: reference.score(planted_counts), range(8)))
    assert all(same(model, reference) for model in models)
    assert len(scores) == 1
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == n_threads


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_generators_of_numpy_seed_a_fit_and_move_on(planted_counts, make):
    random = make(3)
    first, second = (
        TopicModel(3, max_epochs=1, random_state=random).fit(planted_counts) for _ in range(2)
    )
    again = TopicModel(3, max_epochs=1, random_state=make(3)).fit(planted_counts)
    assert same(first, again)
    assert not same(first, second)


@pytest.mark.parametrize("random_state", ["0", -1, 1.5, True])
def test_another_random_state_is_refused(planted_counts, random_state):
    with pytest.raises(InputError, match="random_state"):
        TopicModel(3, random_state=random_state).fit(planted_counts)


# -- partial_fit ---------------------------------------------------------------------------------


def test_few_further_documents_do_not_overwrite_what_all_others_said():
    model = TopicModel(2, max_epochs=20, random_state=0).fit(CATS + STOCKS)
    share, tokens = model.topic_share_, model.fitted_.evidence.occurrence.tokens
    score = model.score(CATS + STOCKS)
    model.partial_fit(CATS[:5])
    # Stop words left out, a document about cats has seven words and one about stocks six.
    of_cats = model.components_[:, model.vocabulary_.index("cats")]
    expected = np.where(of_cats == of_cats.max(), 45 * 7, 40 * 6) / 555
    np.testing.assert_allclose(model.topic_share_, expected, atol=0.02)
    np.testing.assert_allclose(share, model.topic_share_, atol=0.05)
    np.testing.assert_allclose(model.fitted_.evidence.occurrence.tokens[0], tokens[0], rtol=0.2)
    assert model.score(CATS + STOCKS) == pytest.approx(score, abs=0.1)
    assert model.fitted_.evidence.n_documents == 85


def test_shares_of_partial_fits_are_weighted_by_tokens(planted_counts):
    model = TopicModel(3, random_state=0).partial_fit(planted_counts)
    first = model.topic_share_
    one_topic = planted_counts[np.arange(0, 120, 3)]
    model.partial_fit(one_topic)
    share = one_topic.sum(1).A1 @ model.transform(one_topic) / one_topic.sum()
    np.testing.assert_allclose(model.topic_share_, (3 * first + share) / 4, rtol=1e-6)


def test_a_saved_model_goes_on_as_the_one_in_memory(fitted, planted_counts, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    for _ in range(2):
        fitted.partial_fit(planted_counts)
        loaded.partial_fit(planted_counts)
        assert same(fitted, loaded)


def test_partial_fit_takes_the_parameters_as_they_are_now(fitted, planted_counts):
    def after(**parameters):
        model = TopicModel(3, max_epochs=3, random_state=0).fit(planted_counts)
        return model.set_params(**parameters).partial_fit(planted_counts)

    plain = after()
    assert same(plain, fitted.partial_fit(planted_counts))
    for parameters in (
        {"learning_rate": 0.02},
        {"batch_size": 7},
        {"count_power": 1.0},
        {"separation": 0.5},
        {"separation_measure": "probability"},
        {"token_dropout": 0.2},
        {"gradient_estimator": "gengs_st"},
        {"temperature": 0.3},
        {"topic_scale": 0.1},
    ):
        assert not np.array_equal(after(**parameters).components_, plain.components_), parameters
    implicit = after(inference="implicit")
    assert implicit.fitted_.structure.inference == "implicit"
    assert np.array_equal(after(learn_prior=False).components_, plain.components_)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_components": 4},
        {"latent": "poisson"},
        {"likelihood": "poisson"},
        {"background": True},
        {"smoothing": 0.1},
        {"prior_count": 50},
        {"truncation": 20},
    ],
    ids=str,
)
def test_partial_fit_refuses_parameters_that_would_make_another_model(
    fitted, planted_counts, parameters
):
    (name,) = parameters
    before = fitted.fitted_
    with pytest.raises(InputError, match=f"partial_fit cannot change {name} from .*; call fit"):
        fitted.set_params(**parameters).partial_fit(planted_counts)
    assert fitted.fitted_ is before


def test_partial_fit_holds_a_bounded_number_of_documents(fitted, planted_counts, monkeypatch):
    seen = []
    run = Trainer.run

    def watch(self, collection, held_out, *args, **options):
        seen.append(len(held_out))
        return run(self, collection, held_out, *args, **options)

    monkeypatch.setattr(Trainer, "run", watch)
    fitted.partial_fit(vstack([planted_counts] * 20, format="csr"))
    assert seen[0] <= 500


def test_partial_fit_counts_its_epochs_on(fitted, planted_counts):
    assert fitted.n_epochs_ == 3
    assert fitted.partial_fit(planted_counts).history_["epoch"].tolist() == [1, 2, 3, 4]


# -- what a failure leaves -----------------------------------------------------------------------


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    "documents", [["", ""], [], csr_matrix((3, 30)), [None], ["the and of"] * 3], ids=str
)
def test_a_fit_that_fails_leaves_the_model_as_it_was(documents):
    model = TopicModel(2, max_epochs=2, random_state=0).fit(CATS + STOCKS)
    before, state = model.fitted_, dict(vars(model))
    with pytest.raises(ValueError, match=r"expected|none of"):
        model.fit(documents)
    assert vars(model) == state
    assert model.fitted_ is before
    assert model.transform(CATS).shape == (40, 2)


def test_a_training_that_fails_leaves_the_model_as_it_was(fitted, planted_counts, monkeypatch):
    before = fitted.fitted_
    for method in (fitted.fit, fitted.partial_fit):
        for failure in (KeyboardInterrupt, ZeroDivisionError):
            with monkeypatch.context() as patch:
                patch.setattr(Trainer, "_epoch", raising(failure))
                with pytest.raises(failure):
                    method(planted_counts)
        fitted.set_params(learning_rate=1e30)
        with pytest.raises(InputError, match="lower it"):
            method(planted_counts)
        fitted.set_params(learning_rate=0.2)
        assert fitted.fitted_ is before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_an_interrupt_after_the_last_epoch_keeps_what_was_trained(
    planted_counts, monkeypatch, method
):
    expected = TopicModel(3, max_epochs=2, random_state=0)
    getattr(expected, method)(planted_counts)
    diagnose = outcome.diagnose

    def interrupted_once(*args, **options):
        monkeypatch.setattr(outcome, "diagnose", diagnose)
        raise KeyboardInterrupt

    monkeypatch.setattr(outcome, "diagnose", interrupted_once)
    model = TopicModel(3, max_epochs=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(planted_counts)
    assert np.array_equal(model.components_, expected.components_)


def test_an_interrupt_among_the_layers_keeps_those_that_are_complete(planted_counts, monkeypatch):

    def add_one(*args, calls=[], add=fitting.add_layer, **options):  # noqa: B006
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        add(*args, **options)

    monkeypatch.setattr(fitting, "add_layer", add_one)
    model = TopicModel(3, upper_components=(2, 1), max_epochs=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(planted_counts)
    assert model.fitted_.structure.n_layers == 1
    assert np.isfinite(model.perplexity(planted_counts, "elbo"))
    assert model.get_topic_tree()["layer"].tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("upper", [(), (2,)], ids=["flat", "deep"])
def test_a_model_is_trained_where_the_caller_has_switched_gradients_off(off, upper, planted_counts):
    def learn():
        model = TopicModel(3, upper_components=upper, max_epochs=2, random_state=0)
        model.fit(planted_counts).score(planted_counts)
        return model if upper else model.partial_fit(planted_counts)

    with off():
        model = learn()
    assert same(model, learn())


def test_a_model_that_is_computed_with_by_several_threads_at_once_is_built_once(
    fitted, planted_counts, tmp_path
):
    fitted.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    loaded.fitted_.__dict__.pop("hierarchy")
    with ThreadPoolExecutor(8) as pool:
        scores = set(pool.map(lambda _: loaded.perplexity(planted_counts), range(8)))
    assert scores == {fitted.perplexity(planted_counts)}


@pytest.mark.parametrize("upper", [(), (2,)], ids=["flat", "deep"])
def test_a_model_does_not_depend_on_the_default_precision_of_torch(upper, planted_counts):
    def learn():
        model = TopicModel(3, upper_components=upper, max_epochs=2, random_state=0)
        return model.fit(planted_counts)

    reference = learn()
    torch.set_default_dtype(torch.float64)
    try:
        assert same(learn(), reference)
    finally:
        torch.set_default_dtype(torch.float32)
