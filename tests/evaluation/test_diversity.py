import pytest

from topicgen.errors import InputError
from topicgen.evaluation import inverted_rbo, topic_diversity, topic_uniqueness


def test_topic_diversity_by_hand():
    assert topic_diversity([["a", "b"], ["a", "c"], ["a", "b"]]) == pytest.approx(3 / 6)
    assert topic_diversity([["a", "b"], ["c", "a"]], top_n=1) == 1
    assert topic_diversity([["a", "b"]]) == 1


def test_topic_uniqueness_by_hand():
    # "a" is in three topics, "b" in two, "c" in one: (1/3 + 1/2) / 2, (1/3 + 1) / 2, as the first.
    topics = [["a", "b"], ["a", "c"], ["b", "a"]]
    assert topic_uniqueness(topics) == pytest.approx((5 / 12 + 2 / 3 + 5 / 12) / 3)
    assert topic_uniqueness([["a", "b"]] * 4) == pytest.approx(1 / 4)
    assert topic_uniqueness([["a", "b"], ["c", "a"]], top_n=1) == 1


def test_inverted_rbo_of_equal_and_of_disjoint_topics():
    assert inverted_rbo([["a", "b", "c"]] * 3) == pytest.approx(0)
    assert inverted_rbo([["a", "b"], ["c", "d"], ["e", "f"]]) == pytest.approx(1)


def test_inverted_rbo_by_hand():
    # Agreement at depths 1, 2, 3: 0, 1, 2/3; RBO = (1-p)(0 + p + p^2 2/3) + p^3 2/3, p = 1/2.
    rbo = 0.5 * (0.5 + 0.25 * 2 / 3) + 0.125 * 2 / 3
    assert inverted_rbo([["a", "b", "c"], ["b", "a", "d"]], p=0.5) == pytest.approx(1 - rbo)
    # The mean over the three pairs, two of which are disjoint.
    three = [["a", "b", "c"], ["b", "a", "d"], ["x", "y", "z"]]
    assert inverted_rbo(three, p=0.5) == pytest.approx(1 - rbo / 3)


def test_sharing_the_first_word_is_worse_than_sharing_the_last():
    assert inverted_rbo([["a", "b"], ["a", "c"]]) < inverted_rbo([["b", "a"], ["c", "a"]])


def test_top_n_makes_topics_of_one_length():
    assert inverted_rbo([["a", "b"], ["a", "c", "d"]], top_n=1) == pytest.approx(0)


@pytest.mark.parametrize("score", [topic_diversity, topic_uniqueness, inverted_rbo])
@pytest.mark.parametrize(
    ("topics", "options", "message"),
    [
        ([], {}, "at least one topic in topics, got none"),
        ([["a"], []], {}, r"1 words or more in topics\[1\], got 0"),
        ([["a"], ["b", "c"]], {"top_n": 2}, r"2 words or more in topics\[0\], got 1"),
        ([["a"], ["b", "b"]], {}, r"distinct words in topics\[1\], got 'b' again"),
        ([["a"], [3]], {}, r"words in topics\[1\], got int at topics\[1\]\[0\]"),
        ([["a"]], {"top_n": 0}, "top_n to be a whole number from 1, got 0"),
    ],
)
def test_bad_topics(score, topics, options, message):
    with pytest.raises(InputError, match=message) as error:
        score(topics, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("topics", "p", "message"),
    [
        ([["a"]], 0.9, "two or more topics to compare, got 1"),
        ([["a", "b"], ["a"]], 0.9, r"2 words in topics\[0\] and 1 in topics\[1\]; pass top_n=1"),
        ([["a"], ["b"]], 1.0, "p between 0 and 1, both excluded, got 1.0"),
    ],
)
def test_what_inverted_rbo_cannot_compare(topics, p, message):
    with pytest.raises(InputError, match=message) as error:
        inverted_rbo(topics, p=p)
    assert "\n" not in str(error.value)
