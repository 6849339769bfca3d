import numpy as np
import pytest
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.errors import InputError
from topicgen.evaluation import coherence, topic_diversity
from topicgen.evaluation.adapters import (
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
    "negative": (lambda: from_sklearn(Sklearn([[1, 1], [1, -1]]), "ab"), "got others in topic 1"),
    "empty": (lambda: from_sklearn(Sklearn([[0, 0], [1, 1]]), "ab"), "got others in topic 0"),
    "vocabulary": (lambda: to_octis(TOPICS, THETA, "ab"), "a vocabulary of 3 words .* got 2"),
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
