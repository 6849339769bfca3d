import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from topicgen.errors import InputError
from topicgen.evaluation import match_topics


def test_average_jaccard_by_hand():
    # Depths 1, 2, 3: 0 of 2, 2 of 2, 2 of 4.
    one = match_topics([["a", "b", "c"]], [["b", "a", "d"]])
    assert one.similarity == pytest.approx([(0 + 1 + 2 / 4) / 3])
    # The shorter topic stays at all it has: 1 of 1, 1 of 2, 1 of 3.
    assert match_topics([["a"]], [["a", "b", "c"]]).similarity == pytest.approx([11 / 18])


def test_a_shared_first_word_weighs_more_than_a_shared_last_one():
    high = match_topics([["a", "b", "c"]], [["a", "x", "y"]]).similarity
    low = match_topics([["b", "c", "a"]], [["x", "y", "a"]]).similarity
    assert high == pytest.approx([(1 + 1 / 3 + 1 / 5) / 3])
    assert low == pytest.approx([(1 / 5) / 3])


def test_the_best_assignment_is_not_the_greedy_one():
    matching = match_topics([["a", "b"], ["c", "a"]], [["a", "c"], ["b", "a"]])
    np.testing.assert_allclose(matching.all_similarities, [[2 / 3, 1 / 2], [1 / 2, 1 / 6]])
    # The most alike, 2/3, would leave 1/6.
    assert matching.pairs.tolist() == [[0, 1], [1, 0]]
    assert matching.similarity == pytest.approx([1 / 2, 1 / 2])


def test_shuffled_topics_find_their_own():
    rng = np.random.default_rng(0)
    topics = rng.dirichlet(np.ones(30), 7)
    order = rng.permutation(7)
    matching = match_topics(topics, topics[order])
    assert order[matching.pairs[:, 1]].tolist() == list(range(7))
    assert matching.pairs[:, 0].tolist() == list(range(7))
    assert matching.similarity == pytest.approx(np.ones(7))


def test_divergence_by_hand_in_bits():
    # JSD of (1, 0) and (1/2, 1/2): H(3/4) - 1/2 = .8113 - .5 bits.
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    matching = match_topics([[1.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]])
    np.testing.assert_allclose(matching.all_similarities, [[1 - (entropy - 0.5), 0]], atol=1e-12)


def test_divergence_equals_scipys():
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.full(40, 0.1), 3), rng.dirichlet(np.full(40, 0.1), 5)
    expected = [[1 - jensenshannon(a, b, base=2) ** 2 for b in q] for a in p]
    np.testing.assert_allclose(match_topics(p, q).all_similarities, expected)


def test_there_are_as_many_pairs_as_the_smaller_has_topics():
    few, many = [["a"], ["b"]], [["x"], ["b"], ["y"], ["a"], ["z"]]
    assert match_topics(few, many).pairs.tolist() == [[0, 3], [1, 1]]
    assert match_topics(many, few).pairs.tolist() == [[1, 1], [3, 0]]
    assert match_topics(many, few).all_similarities.shape == (5, 2)


def test_top_n_cuts_the_lists():
    assert match_topics([["a", "b"]], [["a", "c"]], top_n=1).similarity == [1]


@pytest.mark.parametrize(
    ("first", "second", "top_n", "message"),
    [
        ([], [["a"]], None, "at least one topic in topics, got none"),
        ([[]], [["a"]], None, r"1 words or more in topics\[0\], got 0"),
        ([["a", "a"]], [["a"]], None, r"distinct words in topics\[0\], got 'a' again"),
        ([["a"]], [["a"]], 2, r"2 words or more in topics\[0\], got 1"),
        ([["a"]], [[0.5, 0.5]], None, "in the same form, got an array and lists of words"),
        ([[1.0]], [[0.5, 0.5]], None, "second over the 1 words of first, got 2"),
        ([[0.5, 0.5]], [[0.5, 0.4]], None, "rows of second that sum to 1, got a sum of 0.9 at row"),
        ([[1.0]], [[1.0]], 1, "top_n with lists of words, got 1 with arrays"),
    ],
)
def test_bad_topics(first, second, top_n, message):
    with pytest.raises(InputError, match=message) as error:
        match_topics(first, second, top_n)
    assert "\n" not in str(error.value)


def test_lists_of_other_lengths_leave_a_pair_as_it_is():
    alone = match_topics([["x", "a"]], [["y", "a"]]).all_similarities
    among = match_topics([["x", "a"], list("cdefghij")], [["y", "a"], ["z"]]).all_similarities
    assert alone[0, 0] == pytest.approx(1 / 6)  # (0 + 1/3) / 2
    assert among[0, 0] == pytest.approx(1 / 6)
    # The shorter list stays whole: 1 of 1 word, then 1 of 2.
    assert match_topics([["a"]], [["a", "b"]]).similarity[0] == pytest.approx(3 / 4)


def test_distributions_that_are_equal_but_for_rounding_are_the_same():
    """The root of their divergence is NaN where rounding makes it negative: in about a third."""
    random = np.random.default_rng(0)
    p = random.dirichlet(np.full(6, 0.2), 50)
    q = p * random.uniform(0.5, 2, (50, 1))
    matching = match_topics(p, q / q.sum(1, keepdims=True))
    np.testing.assert_array_equal(matching.pairs[:, 1], np.arange(50))
    assert matching.similarity == pytest.approx(np.ones(50))
