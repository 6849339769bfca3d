import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.errors import InputError
from topicgen.evaluation import coherence, topic_diversity
from topicgen.evaluation.adapters import (
    Topics,
    from_gensim,
    from_sklearn,
    from_tomotopy,
    to_octis,
    to_pyldavis,
)

TEXTS = [
    ["bank", "rate"],
    ["bank", "rate", "loan"],
    ["rain", "wind"],
    ["rain", "wind", "storm"],
] * 5
TOPICS = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]
THETA = [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]
WORDS = ["bank", "rate", "rain"]


def is_scored(topics):
    np.testing.assert_allclose(topics.topic_word.sum(axis=1), 1)
    assert len(topics.vocabulary) == topics.topic_word.shape[1] == 6
    top = topics.top_words(2)
    assert coherence(top, TEXTS, "c_npmi") == pytest.approx(1)  # each pair always together
    assert 0 < topic_diversity(top) <= 1


def test_topics_of_gensim():
    from gensim.corpora import Dictionary
    from gensim.models import LdaModel

    dictionary = Dictionary(TEXTS)
    bow = [dictionary.doc2bow(text) for text in TEXTS]
    model = LdaModel(bow, num_topics=2, id2word=dictionary, random_state=0)
    topics = from_gensim(model)
    is_scored(topics)
    first = [word for word, _ in model.show_topic(0, 2)]
    assert topics.top_words(2)[0] == first


@pytest.mark.parametrize("kind", [LatentDirichletAllocation, NMF])
def test_topics_of_sklearn(kind):
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(map(" ".join, TEXTS))
    model = kind(2, random_state=0).fit(counts)
    is_scored(from_sklearn(model, vectorizer))
    names = vectorizer.get_feature_names_out()
    assert from_sklearn(model, names).top_words() == from_sklearn(model, vectorizer).top_words()


def test_topics_of_tomotopy():
    class Model:
        """What a model of tomotopy answers."""

        k = 2
        used_vocabs = ("bank", "rate", "rain")

        def get_topic_word_dist(self, topic):
            return np.array(TOPICS[topic], dtype=np.float32)

    topics = from_tomotopy(Model())
    np.testing.assert_allclose(topics.topic_word, TOPICS, rtol=1e-6)
    assert topics.top_words(1) == [["bank"], ["rain"]]


def test_output_of_octis():
    output = to_octis(TOPICS, THETA, WORDS, top_n=2)
    assert output["topics"] == [["bank", "rate"], ["rain", "bank"]]
    np.testing.assert_array_equal(output["topic-word-matrix"], TOPICS)
    np.testing.assert_array_equal(output["topic-document-matrix"], np.transpose(THETA))


def test_arrays_of_pyldavis():
    arrays = to_pyldavis(TOPICS, THETA, [[1, 2, 0], [0, 0, 5], [0, 0, 0]], WORDS)
    assert arrays["doc_lengths"].tolist() == [3, 5, 0]
    assert arrays["term_frequency"].tolist() == [1, 2, 5]
    assert arrays["vocab"] == WORDS
    np.testing.assert_array_equal(arrays["topic_term_dists"], TOPICS)
    np.testing.assert_array_equal(arrays["doc_topic_dists"], THETA)


def test_a_vocabulary_of_sklearn_is_read_by_column():
    """In the order of insertion, zebra would be the first column."""
    texts = ["zebra lion zebra", "lion zebra", "bank rate bank", "rate bank"] * 10
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(texts)
    assert next(iter(vectorizer.vocabulary_)) == "zebra"
    model = NMF(2, random_state=0).fit(counts)
    topics = from_sklearn(model, vectorizer.vocabulary_)
    assert topics.vocabulary == ["bank", "lion", "rate", "zebra"]
    expected = from_sklearn(model, vectorizer).top_words(2)
    assert topics.top_words(2) == expected == [["zebra", "lion"], ["bank", "rate"]]
    by_word = {word: int(column) for word, column in vectorizer.vocabulary_.items()}
    assert Topics(topics.topic_word, by_word).top_words(2) == expected
    theta = np.full((1, 2), 0.5)
    for vocabulary in (vectorizer.vocabulary_, topics.vocabulary):
        assert to_octis(topics.topic_word, theta, vocabulary, 2)["topics"] == expected
        arrays = to_pyldavis(topics.topic_word, theta, [[1, 0, 0, 0]], vocabulary)
        assert arrays["vocab"] == topics.vocabulary


def test_a_model_of_sklearn_that_knows_its_columns():
    frame = pd.DataFrame(np.eye(3) + 1, columns=WORDS)
    model = LatentDirichletAllocation(2, random_state=0).fit(frame)
    assert from_sklearn(model, WORDS).vocabulary == WORDS
    with pytest.raises(InputError, match="the model's own columns, got 'rain' in place of 'bank'"):
        from_sklearn(model, WORDS[::-1])


@pytest.mark.parametrize("id2word", ["dictionary", "dict", "none"])
def test_the_words_of_gensim(id2word):
    from gensim.corpora import Dictionary
    from gensim.models import LdaModel

    dictionary = Dictionary(TEXTS)
    bow = [dictionary.doc2bow(text) for text in TEXTS]
    words = [dictionary[column] for column in range(6)]
    shuffled = {column: words[column] for column in (3, 1, 5, 0, 2, 4)}
    given = {"dictionary": dictionary, "dict": shuffled, "none": None}[id2word]
    topics = from_gensim(LdaModel(bow, num_topics=2, id2word=given, random_state=0))
    assert topics.vocabulary == (words if given else list("012345"))


def untrained_of_gensim(name):
    from gensim import models
    from gensim.corpora import Dictionary

    options = {"id2word": Dictionary(TEXTS), "num_topics": 2}
    if name == "EnsembleLda":
        options["topic_model_class"] = "lda"
    return getattr(models, name)(**options)


@pytest.mark.parametrize("name", ["LdaModel", "Nmf", "EnsembleLda"])
def test_a_model_of_gensim_that_has_not_been_trained(name):
    model = untrained_of_gensim(name)
    with pytest.raises(InputError, match=f"got {name} that has not been trained; train it first"):
        from_gensim(model)


def test_a_model_of_gensim_with_words_missing():
    class Model:
        id2word = {0: "bank", 2: "rain"}  # noqa: RUF012

        def get_topics(self):
            return np.array(TOPICS)

    with pytest.raises(InputError, match=r"each of the 3 columns in id2word .* got dict without 1"):
        from_gensim(Model())


class Sklearn:
    def __init__(self, components):
        self.components_ = components


MISTAKES = {
    "no model": (lambda: from_gensim(3), "a model of gensim with get_topics, got int without it"),
    "not fitted": (lambda: from_sklearn(NMF(2), WORDS), "with components_, got NMF without it"),
    "no tomotopy": (lambda: from_tomotopy({}), "a model of tomotopy with get_topic_word_dist"),
    "other words": (
        lambda: from_sklearn(Sklearn(TOPICS), ["a"]),
        r"over 1 words, .* shape \(2, 3\)",
    ),
    "negative": (lambda: from_sklearn(Sklearn([[1, 1], [1, -1]]), list("ab")), "others in topic 1"),
    "empty": (lambda: from_sklearn(Sklearn([[0, 0], [1, 1]]), list("ab")), "others in topic 0"),
    "infinite": (lambda: from_sklearn(Sklearn([[np.inf, 1]]), list("ab")), "others in topic 0"),
    "no topics": (lambda: from_sklearn(Sklearn(np.ones((0, 2))), list("ab")), "without any"),
    "text": (lambda: from_sklearn(Sklearn([["a", "b"]]), list("ab")), "weights .* of dtype <U1"),
    "vocabulary": (lambda: to_octis(TOPICS, THETA, ["a", "b"]), "vocabulary of 3 words .* got 2"),
    "a string": (lambda: to_octis(TOPICS, THETA, "abc"), "as a list of words, got str 'abc'"),
    "a set": (lambda: to_octis(TOPICS, THETA, set("abc")), "got a set; a set has no order"),
    "top_n": (
        lambda: to_octis(TOPICS, THETA, WORDS, 0),
        "top_n to be a whole number from 1, got 0",
    ),
    "top_n of topics": (lambda: Topics(np.array(TOPICS), WORDS).top_words("2"), "top_n .* got '2'"),
    "unnormalised": (
        lambda: Topics(np.ones((2, 3)), WORDS).top_words(),
        "sum to 1, got a sum of 3",
    ),
    "not a model of sklearn": (lambda: from_sklearn(None, WORDS), "got NoneType without it"),
    "unfitted vectorizer": (
        lambda: from_sklearn(Sklearn(TOPICS), CountVectorizer()),
        "expected a fitted vectorizer, got CountVectorizer that has not been fitted; pass",
    ),
    "columns of counts": (
        lambda: to_pyldavis(
            TOPICS, THETA, pd.DataFrame(np.ones((3, 3)), columns=WORDS[::-1]), WORDS
        ),
        "the columns of counts in the order of the vocabulary, got 'rain' in place of 'bank' at "
        "column 0",
    ),
    "columns of topics": (
        lambda: to_octis(pd.DataFrame(TOPICS, columns=WORDS[::-1]), THETA, WORDS),
        "the columns of topic_word in the order",
    ),
    "proportions": (lambda: to_octis(TOPICS, [[1.0]], WORDS), "doc_topic with 2 columns .* got 1"),
    "counts": (
        lambda: to_pyldavis(TOPICS, THETA, [[1, 2, 3]], WORDS),
        r"counts of shape \(3, 3\) .* got \(1, 3\)",
    ),
}


@pytest.mark.parametrize(("ask", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(ask, message):
    with pytest.raises(InputError, match=message) as error:
        ask()
    assert "\n" not in str(error.value)
