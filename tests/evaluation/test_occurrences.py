from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_array

from topicgen.evaluation.occurrences import in_counts, in_windows

WORDS = ["a", "b", "c", "d"]


def slide(text, size):
    return [text[i : i + size] for i in range(max(1, len(text) - size + 1))]


def by_enumeration(texts, size):
    windows = [window for text in texts for window in slide(text, size or 10**6)]
    present = np.array([[word in window for word in WORDS] for window in windows], dtype=float)
    return present.T @ present / len(windows)


@pytest.mark.parametrize("window", [1, 2, 3, 5, 8, None])
def test_texts_without_repeats_follow_the_published_boolean_window(window):
    rng = np.random.default_rng(0)
    texts = [[f"x{i}" for i in range(n)] for n in rng.integers(0, 12, 30)]
    for text in texts:
        places = rng.permutation(len(text))[: len(WORDS)]
        for word, place in zip(WORDS, places, strict=False):
            text[place] = word
    joint = in_windows(texts, WORDS, window).joint_probability(WORDS)
    np.testing.assert_allclose(joint, by_enumeration(texts, window), atol=1e-15)


def test_whole_documents_are_the_same_from_tokens_and_from_counts():
    counts = np.random.default_rng(1).poisson(0.6, (30, 4))
    texts = [[w for w, n in zip(WORDS, row, strict=True) for _ in range(n)] for row in counts]
    expected = by_enumeration(texts, None)
    seen = in_counts(csr_array(counts), WORDS, WORDS)
    np.testing.assert_allclose(seen.joint_probability(WORDS), expected, atol=1e-15)
    seen = in_windows(texts, WORDS, None)
    np.testing.assert_allclose(seen.joint_probability(WORDS), expected, atol=1e-15)


def test_a_word_leaves_with_its_earliest_copy():
    # Windows: aab, abx, bxx. In the second the first a has left, and the word with it.
    joint = in_windows([["a", "a", "b", "x", "x"]], ["a", "b"], 3).joint_probability(["a", "b"])
    np.testing.assert_allclose(joint, np.array([[1, 1], [1, 3]]) / 3)


def test_runs_are_disjoint_and_in_order():
    rng = np.random.default_rng(2)
    texts = [list(rng.choice([*WORDS, "x"], n)) for n in (50, 0, 3, 20)]
    seen = in_windows(texts, WORDS, 6)
    for begin, end in pairwise(seen.indptr):
        assert (seen.start[begin:end] < seen.stop[begin:end]).all()
        assert (seen.stop[begin : end - 1] <= seen.start[begin + 1 : end]).all()


def test_words_that_never_occur_are_not_contained():
    for seen in (in_windows([["a"]], WORDS, 2), in_counts([[1, 0]], ["a", "b"], WORDS)):
        assert [word in seen for word in WORDS] == [True, False, False, False]
