"""Whatever the score: bad input names the argument and the first bad index, in one line."""

import numpy as np
import pandas as pd
import pytest

from topicgen import evaluation
from topicgen.errors import InputError

THETA = [[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]
BETA = [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]
COUNTS = [[1, 0, 2], [0, 0, 3], [1, 1, 0]]
WORDS = ["a", "b", "c"]
NAN = float("nan")

# Each score with its arrays by name, in a form that it takes.
CALLS = {
    "log_likelihood": {"doc_topic": THETA, "topic_word": BETA, "counts": COUNTS},
    "completion_perplexity": {"doc_topic": THETA, "topic_word": BETA, "held_out": COUNTS},
    "classification_accuracy": {"doc_topic": THETA * 5, "labels": list("aba") * 5},
    "frex": {"topic_word": BETA},
    "exclusivity": {"topic_word": BETA, "top_n": 2},
    "split_tokens": {"counts": COUNTS},
    "purity": {"labels": list("aab"), "clusters": [0, 0, 1]},
    "normalized_mutual_information": {"labels": list("aab"), "clusters": [0, 0, 1]},
    "adjusted_rand_index": {"labels": list("aab"), "clusters": [0, 0, 1]},
    "perplexity": {"log_prob": [-1.0, -2.0], "n_tokens": [1, 2]},
    "to_octis": {"topic_word": BETA, "doc_topic": THETA, "vocabulary": WORDS},
    "to_pyldavis": {
        "topic_word": BETA,
        "doc_topic": THETA,
        "counts": COUNTS,
        "vocabulary": WORDS,
    },
}


def call(name, **changed):
    return getattr(evaluation, name)(**{**CALLS[name], **changed})


def with_value(rows, row, column, value):
    array = np.array(rows, dtype=float)
    array[row, column] = value
    return array


def of_arguments(*names):
    return [
        (name, argument) for name, given in CALLS.items() for argument in given if argument in names
    ]


DISTRIBUTIONS = of_arguments("doc_topic", "topic_word")
AMOUNTS = of_arguments("counts", "held_out")


def refused(name, *parts, **changed):
    with pytest.raises(InputError) as error:
        call(name, **changed)
    message = str(error.value)
    assert message.startswith("expected ")
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize("name", CALLS)
def test_good_input_is_taken(name):
    call(name)


@pytest.mark.parametrize(("name", "argument"), DISTRIBUTIONS)
@pytest.mark.parametrize("value", [NAN, -0.25, np.inf])
def test_a_number_that_is_no_probability(name, argument, value):
    rows = with_value(CALLS[name][argument], 1, 1, value)
    refused(name, argument, f"got {value} at row 1, column 1", **{argument: rows})


@pytest.mark.parametrize(("name", "argument"), DISTRIBUTIONS)
def test_a_row_that_does_not_sum_to_one(name, argument):
    rows = with_value(CALLS[name][argument], 1, 1, 0.9)
    refused(name, argument, "sum of ", "at row 1", **{argument: rows})


@pytest.mark.parametrize(("name", "argument"), DISTRIBUTIONS)
@pytest.mark.parametrize("rows", [[0.5, 0.5], [["a", "b"]], None])
def test_what_is_no_matrix_of_probabilities(name, argument, rows):
    refused(name, argument, "shape", **{argument: rows})


@pytest.mark.parametrize(("name", "argument"), AMOUNTS)
@pytest.mark.parametrize("value", [NAN, -1, np.inf])
def test_a_number_that_is_no_count(name, argument, value):
    rows = with_value(COUNTS, 1, 2, value)
    refused(name, argument, f"got {float(value)} at row 1, column 2", **{argument: rows})


@pytest.mark.parametrize(
    ("name", "changed", "parts"),
    [
        ("log_likelihood", {"doc_topic": [[1.0]] * 3}, ("doc_topic with 2 columns", "got 1")),
        ("log_likelihood", {"doc_topic": THETA[:2]}, ("counts of shape (2, 3)", "got (3, 3)")),
        ("completion_perplexity", {"topic_word": BETA[:1]}, ("doc_topic with 1 columns",)),
        ("classification_accuracy", {"labels": ["a"]}, ("labels of shape (15,)", "got (1,)")),
        ("purity", {"clusters": [0]}, ("labels and clusters", "(3,) and (1,)")),
        ("perplexity", {"n_tokens": [1]}, ("log_prob and n_tokens", "(2,) and (1,)")),
        ("to_octis", {"doc_topic": [[1.0]]}, ("doc_topic with 2 columns", "got 1")),
        ("to_octis", {"vocabulary": ["a"]}, ("vocabulary of 3 words", "got 1")),
        ("to_pyldavis", {"counts": [[1, 1]]}, ("counts of shape (3, 3)", "got (1, 2)")),
    ],
)
def test_shapes_that_do_not_match(name, changed, parts):
    refused(name, *parts, **changed)


@pytest.mark.parametrize("name", ["purity", "normalized_mutual_information", "adjusted_rand_index"])
@pytest.mark.parametrize("missing", [None, NAN])
def test_documents_without_a_label_or_a_cluster(name, missing):
    refused(name, f"labels, got {missing} at index 1", labels=["a", missing, "b"])
    refused(name, f"clusters, got {missing} at index 2", clusters=[0, 1, missing])
    refused(name, "labels, got nan at index 0", labels=np.array([NAN, 1.0, 2.0]))


def test_documents_without_a_label_in_a_classification():
    refused("classification_accuracy", "labels, got None at index 2", labels=["a", "b", None] * 5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"log_prob": [-1.0, NAN]}, "log_prob, got nan at index 1"),
        ({"log_prob": [np.inf, -1.0]}, "log_prob, got inf at index 0"),
        ({"log_prob": ["a", "b"]}, "log_prob as numbers, got shape (2,) of dtype <U1"),
        ({"n_tokens": [1, NAN]}, "n_tokens, got nan at index 1"),
        ({"n_tokens": [-1, 1]}, "n_tokens, got -1.0 at index 0"),
        ({"n_tokens": [0, 0]}, "at least one token in n_tokens"),
    ],
)
def test_likelihoods_and_lengths(changed, message):
    refused("perplexity", message, **changed)


@pytest.mark.parametrize("top_n", [0, 1.5, "10"])
def test_top_n_is_a_whole_number(top_n):
    topics = [["a", "b"], ["c", "d"]]
    for score in (evaluation.topic_diversity, evaluation.topic_uniqueness, evaluation.inverted_rbo):
        with pytest.raises(InputError, match="top_n to be a whole number from 1, got "):
            score(topics, top_n)


def test_a_single_topic_has_the_documented_scores():
    one, words = [[1.0]] * 10, [["a", "b"]]
    assert evaluation.topic_diversity(words) == evaluation.topic_uniqueness(words) == 1
    with pytest.raises(InputError, match="two or more topics to compare, got 1"):
        evaluation.inverted_rbo(words)
    # Each word is as exclusive as any: what is left is the rank of its frequency, 1/2 and 1.
    np.testing.assert_allclose(evaluation.frex([[0.25, 0.75]], weight=0), [[0.5, 1.0]])
    assert evaluation.normalized_mutual_information(list("ab"), [0, 0]) == 0
    assert evaluation.adjusted_rand_index(list("ab"), [0, 0]) == 0
    assert evaluation.purity(list("aab"), [0, 0, 0]) == pytest.approx(2 / 3)
    assert evaluation.classification_accuracy(one, list("ab") * 5) == 0.5
    assert evaluation.completion_perplexity([[1.0]], [[0.5, 0.5]], [[1, 1]]) == pytest.approx(2)


def test_no_topic_at_all():
    for score in (evaluation.topic_diversity, evaluation.topic_uniqueness, evaluation.inverted_rbo):
        with pytest.raises(InputError, match="at least one topic in topics, got none"):
            score([])
    for score in (evaluation.frex, evaluation.exclusivity):
        with pytest.raises(InputError, match="at least one topic in topic_word, got none"):
            score(np.zeros((0, 20)))


def test_columns_in_another_order():
    words = ["a", "b", "c"]
    beta = pd.DataFrame(BETA, columns=words)
    counts = pd.DataFrame(COUNTS, columns=words)
    expected = evaluation.log_likelihood(THETA, BETA, COUNTS)
    for same in (counts, counts.to_numpy(), counts.set_axis([0, 1, 2], axis=1)):
        np.testing.assert_array_equal(evaluation.log_likelihood(THETA, beta, same), expected)
    refused(
        "log_likelihood",
        "the columns of counts in the order of the vocabulary, got 'c' in place of 'a' at column 0",
        topic_word=beta,
        counts=counts[words[::-1]],
    )
    with pytest.raises(InputError, match="the columns of second in the order of the vocabulary"):
        evaluation.match_topics(beta, beta[["a", "c", "b"]])
    assert evaluation.match_topics(beta, beta).similarity.tolist() == [1, 1]


def test_topics_as_sets_have_no_order():
    with pytest.raises(
        InputError, match=r"topics\[1\] as words in order, .* got a set; a set has no"
    ):
        evaluation.topic_diversity([["a", "b"], {"b", "c"}])
    with pytest.raises(
        InputError, match="expected topics as lists of words, got dict; pass a list"
    ):
        evaluation.topic_diversity({"first": ["a", "b"]})
