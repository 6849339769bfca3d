import numpy as np
import pytest

from topicgen.evaluation.overlap import common_words


def counted(first, second, depth):
    """How many words the first d of both have in common, for each d, by sets."""
    return [len({*first[:d]} & {*second[:d]}) for d in range(1, depth + 1)]


@pytest.mark.parametrize("seed", range(5))
def test_common_words_are_those_of_sets(seed):
    random = np.random.default_rng(seed)
    words = [f"w{i}" for i in range(12)]
    first, second = (
        [random.permutation(words)[: random.integers(1, 9)].tolist() for _ in range(n)]
        for n in (3, 4)
    )
    depth = max(map(len, first + second))
    for topic, common in zip(first, common_words(first, second), strict=True):
        assert common.tolist() == [counted(topic, other, depth) for other in second]


def test_nothing_in_common():
    assert [common.tolist() for common in common_words([["a", "b"]], [["c"]])] == [[[0, 0]]]
    assert list(common_words([], [["c"]])) == []
