from itertools import pairwise

import numpy as np
import pytest

from topicgen.evaluation.occurrences import Occurrences

WORDS = np.arange(4)


def occurrences(texts):
    """Of texts of numbers, the words 0 to 3 among them."""
    code = np.array([code if code < 4 else -1 for text in texts for code in text], dtype=np.int32)
    return Occurrences(code, np.array([len(text) for text in texts], dtype=np.int64), len(WORDS))


def slide(text, size):
    return [text[i : i + size] for i in range(max(1, len(text) - size + 1))]


def by_enumeration(texts, size):
    windows = [window for text in texts for window in slide(text, size or 10**6)]
    present = np.array([[word in window for word in WORDS] for window in windows], dtype=float)
    return present.T @ present, len(windows)


@pytest.mark.parametrize("window", [1, 2, 3, 5, 8, None])
def test_texts_without_repeats_follow_the_published_boolean_window(window):
    rng = np.random.default_rng(0)
    texts = [rng.permutation(max(4, n))[:n].tolist() for n in rng.integers(0, 12, 30)]
    runs = occurrences(texts).runs(window)
    joint, n_virtual = by_enumeration(texts, window)
    np.testing.assert_array_equal(runs.joint_counts(WORDS), joint)
    assert runs.n_virtual.sum() == n_virtual


def test_repeats_in_whole_documents_count_once():
    texts = [list(np.random.default_rng(n).integers(0, 6, n)) for n in range(20)]
    joint, n_virtual = by_enumeration(texts, None)
    runs = occurrences(texts).runs(None)
    np.testing.assert_array_equal(runs.joint_counts(WORDS), joint)
    assert runs.n_virtual.sum() == n_virtual == 20


@pytest.mark.parametrize("window", [1, 3, None])
def test_groups_are_counted_as_their_documents_alone(window):
    rng = np.random.default_rng(1)
    texts = [rng.integers(0, 6, n).tolist() for n in rng.integers(0, 12, 30)]
    group = rng.integers(0, 5, 30)
    group[group == 3] = 4  # one group is empty
    joint = occurrences(texts).runs(window).grouped_counts(WORDS, group, 6)
    for g in range(6):
        own = [text for text, one in zip(texts, group, strict=True) if one == g]
        expected = occurrences(own).runs(window).joint_counts(WORDS) if own else 0
        np.testing.assert_array_equal(joint[g], np.zeros((len(WORDS),) * 2) + expected)


def test_a_word_leaves_with_its_earliest_copy():
    # Windows: 001, 019, 199. In the second the first 0 has left, and the word with it.
    joint = occurrences([[0, 0, 1, 9, 9]]).runs(3).joint_counts(WORDS[:2])
    np.testing.assert_array_equal(joint, [[1, 1], [1, 3]])


def test_the_first_words_of_a_topic_have_its_leading_block():
    runs = occurrences([list(np.random.default_rng(3).integers(0, 9, 200))]).runs(5)
    joint = runs.joint_counts(WORDS[::-1])
    np.testing.assert_array_equal(runs.joint_counts(WORDS[:1:-1]), joint[:2, :2])


def test_runs_are_disjoint_and_in_order():
    rng = np.random.default_rng(2)
    runs = occurrences([list(rng.integers(0, 5, n)) for n in (50, 0, 3, 20)]).runs(6)
    for begin, end in pairwise(runs.indptr):
        assert (runs.start[begin:end] < runs.stop[begin:end]).all()
        assert (runs.stop[begin : end - 1] <= runs.start[begin + 1 : end]).all()


def test_words_that_never_occur_have_no_counts():
    for texts in ([[]], [], [[9, 9]]):
        assert not occurrences(texts).runs(2).joint_counts(WORDS).any()
