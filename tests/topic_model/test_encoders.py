"""Models whose documents are read by a network: all that a model can do, they can do."""

import numpy as np
import pytest
import torch

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.models import ENCODERS, Encoder
from topicgen.models.count_laws import count_law

ENCODINGS = [
    ("network", "explicit"),
    ("network", "implicit"),
    ("unfolded_network", "explicit"),
    ("unfolded_network", "implicit"),
]


@pytest.fixture(scope="module", params=ENCODINGS, ids=" ".join)
def network(request, planted_texts):
    encoder, inference = request.param
    model = TopicModel(3, encoder=encoder, inference=inference, random_state=0)
    return model.fit(planted_texts)


def main_topics(model, X):
    return model.transform(X).argmax(1)


def test_planted_topics_are_found(network, planted_texts):
    found = main_topics(network, planted_texts)
    assert len({(row % 3, topic) for row, topic in enumerate(found)}) == 3
    assert network.transform(planted_texts).max(1).mean() > 0.8


def test_bounds_are_bounds(network, planted_texts):
    elbo, iwae = (network.perplexity(planted_texts, method) for method in ("elbo", "iwae"))
    assert iwae < elbo < network.perplexity(planted_texts, "elbo") * 1.05


def test_saved_model_is_bit_identical(network, planted_texts, tmp_path):
    network.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(planted_texts), network.transform(planted_texts))
    assert loaded.get_params(deep=False) == network.get_params(deep=False)
    once, again = (one.fit(planted_texts) for one in (loaded, network.__sklearn_clone__()))
    np.testing.assert_array_equal(once.components_, again.components_)


def test_training_goes_on_in_a_loaded_model_as_in_the_one_in_memory(
    network, planted_texts, tmp_path
):
    network.save(tmp_path / "model")
    one, other = TopicModel.load(tmp_path / "model"), TopicModel.load(tmp_path / "model")
    other._adopt(network.fitted_)
    for model in (one, other):
        model.partial_fit(planted_texts[:60])
    np.testing.assert_array_equal(one.transform(planted_texts), other.transform(planted_texts))
    before = network.fitted_.weights
    moved = [name for name in before if "encoder." in name and name != "encoder.parts"]
    assert moved
    for name in moved:
        assert (one.fitted_.weights[name] != before[name]).any(), name


def test_a_first_partial_fit_trains_a_network(planted_texts):
    model = TopicModel(3, encoder="network", random_state=0).partial_fit(planted_texts)
    assert model.transform(planted_texts).shape == (120, 3)


@pytest.mark.parametrize("encoder", ["network", "unfolded_network"])
def test_topics_keep_their_numbers_in_a_refit_and_so_do_the_outputs(encoder, planted_texts):
    model = TopicModel(3, encoder=encoder, random_state=0).fit(planted_texts)
    before = main_topics(model, planted_texts)
    model.refit(planted_texts, random_state=1, warm_start=False)
    np.testing.assert_array_equal(main_topics(model, planted_texts), before)


@pytest.mark.parametrize(("encoder", "inference"), ENCODINGS)
def test_topics_can_be_edited(encoder, inference, planted_texts, tmp_path):
    model = TopicModel(3, encoder=encoder, inference=inference, random_state=0)
    model.fit(planted_texts)
    topics = main_topics(model, planted_texts)
    edit = model.merge([0, 2])
    follows = encoder == "unfolded_network"
    assert ("the encoder is now 'unfolded'" in str(edit)) != follows
    assert model.fitted_.structure.encoder == (encoder if follows else "unfolded")
    np.testing.assert_array_equal(main_topics(model, planted_texts), (topics == 1).astype(int))
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(planted_texts), model.transform(planted_texts))
    loaded.partial_fit(planted_texts)
    np.testing.assert_array_equal(main_topics(loaded, planted_texts), (topics == 1).astype(int))
    model.undo()
    np.testing.assert_array_equal(main_topics(model, planted_texts), topics)
    assert model.fitted_.structure.encoder == encoder


def test_the_expectations_of_a_merged_topic_are_those_of_its_parts(planted_texts):
    model = TopicModel(3, encoder="unfolded_network", random_state=0).fit(planted_texts)

    def pseudo_counts():
        encoder = model.model_.encoder
        counts = model._read(planted_texts)
        seen = _seen(model.model_, counts)
        with torch.no_grad():
            return encoder.pseudo_counts(model.model_, seen).numpy()

    before = pseudo_counts()
    model.merge([0, 2])
    np.testing.assert_allclose(pseudo_counts(), before[:, [0, 1]] + before[:, [2, 2]] * [1, 0])


def _seen(model, counts):
    from topicgen.models import Seen, SparseCounts

    documents = SparseCounts.from_csr(counts, torch.float64)
    return Seen(documents, model.topic_word(), documents.n_tokens)


@pytest.mark.parametrize("objective", ["hidden_tokens", "elbo"])
def test_layers_have_encoders_of_the_same_kind(objective, planted_texts, tmp_path):
    model = TopicModel(
        3, upper_components=(2,), encoder="network", objective=objective, random_state=0
    ).fit(planted_texts)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert len(loaded.hierarchy_.layers[0].model.encoder.network.words) == 3
    assert loaded.perplexity(planted_texts, "elbo") == model.perplexity(planted_texts, "elbo")
    loaded.merge([0, 1])
    assert loaded.fitted_.structure.encoder == "unfolded"
    assert np.isfinite(loaded.perplexity(planted_texts, "elbo"))


def test_a_layer_with_a_guide_follows_edits(planted_texts):
    model = TopicModel(3, upper_components=(2,), encoder="unfolded_network", random_state=0).fit(
        planted_texts
    )
    model.merge([0, 1])
    assert len(model.hierarchy_.layers[0].model.encoder.guide.words) == 2
    assert np.isfinite(model.perplexity(planted_texts, "elbo"))


class Counting(Encoder):
    """An encoder of one's own: the counts of two words are the means of two topics."""

    def __init__(self, model):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(len(model.topic_logits)))

    def posterior(self, model, seen, prior=None):
        n_topics = len(model.topic_logits)
        each = torch.arange(len(model.log_frequency), device=model.atoms.device) % n_topics
        words = each if seen.words is None else each[seen.words]
        groups = torch.nn.functional.one_hot(words, n_topics).to(model.atoms).T
        counts = seen.documents.copied()
        mean = counts.times_transposed(counts.values, groups) * self.scale + 0.1
        return count_law("poisson", mean, model.atoms)


def counting(model, inputs, generator):
    return Counting(model)


def test_an_encoder_of_ones_own(planted_texts, tmp_path, monkeypatch):
    model = TopicModel(2, encoder=counting, random_state=0).fit(planted_texts)
    assert (model.model_.encoder.scale != 1).all()
    with pytest.raises(InputError, match=r"ENCODERS\['mine'\]"):
        model.save(tmp_path / "model")
    monkeypatch.setitem(ENCODERS, "mine", counting)
    model = TopicModel(2, encoder="mine", random_state=0).fit(planted_texts)
    model.save(tmp_path / "model")
    found = TopicModel.load(tmp_path / "model").transform(planted_texts)
    np.testing.assert_array_equal(found, model.transform(planted_texts))
    monkeypatch.delitem(ENCODERS, "mine")
    with pytest.raises(InputError, match="ENCODERS has no 'mine'"):
        TopicModel.load(tmp_path / "model")


def test_a_function_that_makes_no_encoder_is_refused(planted_counts):
    with pytest.raises(InputError, match="that makes the encoder, got None; return an"):
        TopicModel(3, encoder=lambda *_: None).fit(planted_counts)


@pytest.mark.parametrize("bad", ["nope", 3, None])
def test_an_encoder_is_a_name_or_a_function(bad, planted_counts):
    with pytest.raises(InputError, match="encoder must be 'unfolded' or 'network'"):
        TopicModel(3, encoder=bad).fit(planted_counts)


@pytest.mark.parametrize(("name", "value"), [("encoder", "unfolded"), ("inference", "implicit")])
def test_partial_fit_cannot_change_what_reads_the_documents(name, value, planted_counts):
    model = TopicModel(3, encoder="network", max_epochs=2, random_state=0).fit(planted_counts)
    with pytest.raises(InputError, match=f"partial_fit cannot change {name}"):
        model.set_params(**{name: value}).partial_fit(planted_counts)


def test_arrivals_need_poisson_counts(planted_counts):
    with pytest.raises(InputError, match="'eat'"):
        TopicModel(3, encoder="network", gradient_estimator="eat").fit(planted_counts)
    model = TopicModel(
        3, encoder="network", latent="poisson", gradient_estimator="eat", max_epochs=1
    )
    model.fit(planted_counts)


# -- embeddings --------------------------------------------------------------------------------


def vectors(n_documents, seed=0):
    """Embeddings that say the topic of planted documents: five dimensions and much noise."""
    random = np.random.default_rng(seed)
    centers = np.random.default_rng(9).normal(size=(3, 5))
    return 3 + centers[np.arange(n_documents) % 3] + 0.3 * random.normal(size=(n_documents, 5))


@pytest.mark.parametrize("encoder_input", ["auto", "words_and_embeddings", "embeddings"])
@pytest.mark.parametrize("encoder", ["unfolded", "network", "unfolded_network"])
def test_embeddings_alone_say_the_topics_of_documents_without_words(
    encoder, encoder_input, planted_counts, tmp_path
):
    E = vectors(120)
    model = TopicModel(3, encoder=encoder, encoder_input=encoder_input, random_state=0)
    topics = model.fit(planted_counts, embeddings=E).transform(planted_counts, embeddings=E)
    empty, others = np.zeros((30, 30)), vectors(30, seed=1)
    found = model.transform(empty, embeddings=others)
    np.testing.assert_array_equal(found.argmax(1), topics[:30].argmax(1))
    assert found.max(1).mean() > 0.4  # at chance it would be .33
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(empty, embeddings=others), found)


def test_embeddings_alone_are_read_whatever_the_words(planted_counts):
    E = vectors(120)
    model = TopicModel(3, encoder_input="embeddings", random_state=0)
    model.fit(planted_counts, embeddings=E)
    shuffled = planted_counts[np.random.default_rng(0).permutation(120)]
    np.testing.assert_allclose(
        model.transform(shuffled, embeddings=E), model.transform(planted_counts, embeddings=E)
    )


@pytest.mark.parametrize("encoder_input", ["words_and_embeddings", "embeddings"])
def test_embeddings_that_are_to_be_read_are_needed(encoder_input, planted_counts):
    with pytest.raises(InputError, match=r"needs embeddings of the documents; pass"):
        TopicModel(3, encoder_input=encoder_input).fit(planted_counts)


@pytest.mark.parametrize("encoder", ["unfolded", "network"])
def test_models_with_embeddings_can_be_edited(encoder, planted_counts):
    E = vectors(120)
    model = TopicModel(3, encoder=encoder, random_state=0).fit(planted_counts, embeddings=E)
    topics = model.transform(planted_counts, embeddings=E).argmax(1)
    model.merge([0, 1])
    options = {"embeddings": E} if encoder == "unfolded" else {}
    found = model.transform(planted_counts, **options).argmax(1)
    np.testing.assert_array_equal(found, np.maximum(topics - 1, 0))


# -- with other parts of a model ---------------------------------------------------------------


@pytest.mark.parametrize("encoder", ["network", "unfolded_network"])
def test_effects_of_covariates(encoder, planted_counts):
    metadata = {"third": [str(row % 3) for row in range(120)]}
    model = TopicModel(3, encoder=encoder, prevalence="~ third", max_epochs=10, random_state=0)
    model.fit(planted_counts, metadata=metadata)
    main = model.transform(planted_counts, metadata=metadata).argmax(1)
    empty = model.transform(np.zeros((3, 30)), metadata={"third": ["0", "1", "2"]})
    np.testing.assert_array_equal(empty.argmax(1), main[:3])
    assert np.isfinite(model.effects()["estimate"]).all()


@pytest.mark.parametrize("encoder", ["network", "unfolded_network"])
def test_seeds_and_a_background(encoder, planted_texts):
    seeds = {"last": ["qau", "qav", "qaw"]}
    model = TopicModel(4, encoder=encoder, seeds=seeds, background=True, random_state=0)
    model.fit(planted_texts)
    assert set(model.top_words(10)[0]) >= {"qau", "qav", "qaw"}
    assert set(main_topics(model, planted_texts)[2::3]) == {0}
