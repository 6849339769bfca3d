import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import NMF

from topicgen import Corpus, TopicModel, select_k
from topicgen.errors import InputError
from topicgen.evaluation import coherence, perplexity, topic_diversity
from topicgen.selection import score_grid

QUICK = TopicModel(max_epochs=2)


@pytest.fixture(scope="module")
def points(planted_counts):
    return list(score_grid(planted_counts, (4, 2, 2), n_seeds=2, estimator=QUICK, held_out=0.2))


def test_a_point_for_each_number_from_the_least_up(points):
    assert [point.n_components for point in points] == [2, 4]
    for point in points:
        assert point.log_prob.shape == (2, 24)
        assert point.n_tokens.tolist() == [20] * 24
        assert len(point.coherence) == len(point.diversity) == len(point.seconds) == 2
        assert 0 <= point.stability <= 1
        assert (point.seconds > 0).all()


def test_scores_are_those_of_the_models(planted_counts, points):
    """The split and the seeds are redrawn as score_grid draws them."""
    random = np.random.default_rng(0)
    order = random.permutation(120)
    seed = int(random.integers(2**31 - 1, size=2)[1])
    words = [str(column) for column in range(30)]
    corpus = Corpus(planted_counts[np.sort(order[24:])], words, list(map(str, range(96))))
    model = TopicModel(4, max_epochs=2, random_state=seed).fit(corpus)
    log_prob, n_tokens = model.document_log_likelihood(planted_counts[np.sort(order[:24])])
    np.testing.assert_allclose(points[1].log_prob[1], log_prob)
    assert perplexity(log_prob, n_tokens).corpus < 30
    topics = model.top_words(10)
    expected = coherence(topics, planted_counts, vocabulary=words)
    assert points[1].coherence[1] == pytest.approx(expected)
    assert points[1].diversity[1] == topic_diversity(topics)


def test_one_seed_knows_no_stability(planted_counts):
    (point, _) = score_grid(planted_counts, (2, 3), n_seeds=1, estimator=QUICK)
    assert np.isnan(point.stability)


def test_texts_corpora_and_counts_are_scored_alike(planted_counts, planted_texts, points):
    words = sorted({word for text in planted_texts for word in text.split()})
    corpus = Corpus(planted_counts, words, [str(row) for row in range(120)])
    options = {"n_seeds": 2, "estimator": QUICK, "held_out": 0.2}
    for X in (planted_texts, corpus, planted_counts.toarray()):
        point = next(score_grid(X, (2, 4), **options))
        np.testing.assert_allclose(point.log_prob, points[0].log_prob)
        np.testing.assert_allclose(point.coherence, points[0].coherence)


def test_empty_documents_and_words_that_never_occur_are_left_out(planted_counts, points):
    wider = np.hstack([planted_counts.toarray(), np.zeros((120, 3))])
    wider = np.vstack([wider, np.zeros((9, 33))])
    point = next(score_grid(wider, (2, 4), n_seeds=2, estimator=QUICK, held_out=0.2))
    np.testing.assert_allclose(point.log_prob, points[0].log_prob)


def test_the_estimator_is_left_as_it_was_and_its_upper_layers_are_not_trained(planted_counts):
    estimator = TopicModel(20, upper_components=(5,), max_epochs=1, verbose=1)
    assert len(list(score_grid(planted_counts, (2, 3), n_seeds=1, estimator=estimator))) == 2
    assert (estimator.n_components, estimator.upper_components) == (20, (5,))
    assert not hasattr(estimator, "components_")


@pytest.mark.parametrize(("verbose", "shown"), [(0, False), (1, True)])
def test_progress_is_on_standard_error(planted_counts, capsys, verbose, shown):
    list(score_grid(planted_counts, (2, 3), n_seeds=1, estimator=QUICK, verbose=verbose))
    out, err = capsys.readouterr()
    assert out == ""
    assert ("2/2" in err) is shown


@pytest.mark.parametrize(
    ("n_documents", "sizes"),
    [(60, [2, 5]), (120, [5, 10]), (230, [5, 10, 20]), (3000, [5, 10, 20, 30])],
)
def test_the_grid_by_default_is_what_the_documents_bear(planted_counts, n_documents, sizes):
    """Of 3,000 documents the 30 words are what bounds it."""
    copies = -(-n_documents // 120)
    counts = np.tile(planted_counts.toarray(), (copies, 1))[:n_documents]
    points = score_grid(counts, n_seeds=1, estimator=TopicModel(max_epochs=1, batch_size=256))
    assert [point.n_components for point in points] == sizes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": (5,)}, r"two different numbers .* in n_components, got \[5\]; pass a"),
        ({"n_components": [5, 5]}, r"two different numbers .* in n_components, got \[5\]"),
        ({"n_components": []}, r"two different numbers .* in n_components, got \[\]"),
        ({"n_components": 5}, "several numbers of topics in n_components, got 5; pass a list"),
        ({"n_components": "5,6"}, "several numbers of topics in n_components, got '5,6'"),
        ({"n_components": {5, 6}}, "several numbers of topics in n_components, got {5, 6}"),
        ({"n_components": (2, 0)}, r"n_components\[1\] to be a whole number from 1, got 0"),
        ({"n_components": (2, 2.5)}, r"n_components\[1\] to be a whole number from 1, got 2.5"),
        ({"n_components": (2, None)}, r"n_components\[1\] to be a whole number from 1, got None"),
        ({"n_components": (2, True)}, r"n_components\[1\] to be a whole number from 1, got True"),
        (
            {"n_components": (2, 31)},
            r"expected at most 30 topics for 108 training documents and 30 words, got 31 at "
            r"n_components\[1\]; leave it out",
        ),
        ({"n_seeds": 0}, "expected n_seeds to be a whole number from 1, got 0"),
        ({"top_n": 1}, "expected top_n to be a whole number from 2, got 1"),
        ({"random_state": "0"}, "expected random_state to be a whole number from 0, None, or"),
        ({"estimator": TopicModel}, "expected estimator to be a TopicModel, got <class"),
        ({"estimator": NMF(2)}, r"expected estimator to be a TopicModel, got NMF"),
        ({"held_out": "0.1"}, "expected held_out between 0 and 1, both excluded, got '0.1'"),
        ({"held_out": 1}, "expected held_out between 0 and 1, both excluded, got 1"),
        ({"held_out": 0.03}, r"expected 5 held-out documents or more, got 4, 0.03 of 120"),
    ],
)
def test_what_cannot_be_used_is_refused(planted_counts, options, message):
    with pytest.raises(InputError, match=message):
        select_k(planted_counts, **options)


@pytest.mark.parametrize(
    "random_state",
    [np.int64(0), np.random.default_rng(0), np.random.RandomState(0), None],
    ids=["numpy integer", "Generator", "RandomState", "None"],
)
def test_random_states_of_every_kind(planted_counts, points, random_state):
    sizes = np.array([2, 4])
    options = {"n_seeds": 2, "estimator": QUICK, "held_out": 0.2, "random_state": random_state}
    point = next(score_grid(planted_counts, sizes, **options))
    alike = np.allclose(point.log_prob, points[0].log_prob)
    assert alike is (isinstance(random_state, (np.integer, np.random.Generator)))


@pytest.mark.parametrize("dtype", ["float16", "uint8", "Int64", "Float64"])
def test_counts_of_every_type(planted_counts, points, dtype):
    counts = pd.DataFrame(planted_counts.toarray()).astype(dtype)
    counts = counts if dtype[0].isupper() else counts.to_numpy()
    sizes = pd.Series([2, 4])
    point = next(score_grid(counts, sizes, n_seeds=2, estimator=QUICK, held_out=0.2))
    np.testing.assert_allclose(point.log_prob, points[0].log_prob, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:expected counts of words, got numbers with fractions")
def test_weights_are_refused(planted_counts):
    with pytest.raises(InputError, match=r"expected whole, non-negative X, got 1\.5"):
        select_k(planted_counts * 0.5, (2, 3))


# -- embeddings ------------------------------------------------------------------------------


def of_words(texts):
    """An embedder: how often each of the first words occurs."""
    return np.array([[text.count(word) for word in ("qa", "we", "zu")] for text in texts], float)


def test_each_model_gets_the_embeddings_of_its_documents(planted_texts, monkeypatch):
    from topicgen.models.encoders import Unfolded

    texts = ["", *planted_texts]  # one without words
    expected, seen, encode = of_words(texts), [], Unfolded.encode

    def encode_and_note(encoder, model, documents):
        seen.append(model.known.embeddings.shape)
        return encode(encoder, model, documents)

    monkeypatch.setattr(Unfolded, "encode", encode_and_note)
    options = {"n_seeds": 1, "estimator": TopicModel(max_epochs=2)}
    given = list(score_grid(texts, [2, 3], embeddings=expected, **options))
    assert {shape[1] for shape in seen} == {3}
    options["estimator"] = TopicModel(max_epochs=2, embedder=of_words)
    by_function = list(score_grid(iter(texts), [2, 3], **options))
    for one, other in zip(given, by_function, strict=True):
        np.testing.assert_array_equal(one.log_prob, other.log_prob)
    assert options["estimator"].embedder is of_words


def test_embeddings_have_a_row_for_each_document_also_without_words(planted_texts):
    texts = ["", *planted_texts]
    with pytest.raises(InputError, match="a row for each of the 121 documents, got 120 rows"):
        next(score_grid(texts, [2, 3], embeddings=of_words(planted_texts)))


def test_other_embeddings_are_another_selection(planted_texts, tmp_path):
    options = {"n_seeds": 1, "estimator": TopicModel(max_epochs=1), "checkpoint": tmp_path / "c"}
    embeddings = of_words(planted_texts)
    list(score_grid(planted_texts, [2, 3], embeddings=embeddings, **options))
    list(score_grid(planted_texts, [2, 3], embeddings=embeddings, resume=True, **options))
    with pytest.raises(InputError, match="other embeddings"):
        list(score_grid(planted_texts, [2, 3], embeddings=embeddings + 1, resume=True, **options))
