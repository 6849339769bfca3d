"""Classes of documents, and the differences between their shares."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from topicgen.effects.group_tokens import group_tokens
from topicgen.effects.per_class import differences, read_classes
from topicgen.errors import InputError


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["b", "a", "b"], ["a", "b"]),
        (pd.Series(["b", "a", "b"], index=[5, 5, 5]), ["a", "b"]),
        (np.array([10, 2, 10]), [2, 10]),
        ([True, False, True], [False, True]),
        (pd.Series(pd.Categorical(["b", "a", "b"], ["b", "z", "a"])), ["b", "a"]),
        (pd.Series([10, 2, 10], dtype="Int64"), [2, 10]),
        ((x for x in "bab"), ["a", "b"]),
    ],
)
def test_classes(values, names):
    found = read_classes(values)
    assert found.names.tolist() == names
    order = [1, 0, 1] if names[0] != "b" else [0, 1, 0]
    assert found.of_documents.tolist() == order


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["a", None], r"expected party without missing values, got 1 \(the first in row 1\); lea"),
        (pd.Series(["a", np.nan]), "the first in row 1"),
        (pd.Series(pd.Categorical(["a", None])), "the first in row 1"),
        (["a", 1], r"expected party of one type, got int, str; convert them, as with astype\(str"),
        (3, "expected party with a value for each document, got 3; pass a list"),
    ],
)
def test_what_cannot_be_read(wrong, message):
    with pytest.raises(InputError, match=message):
        read_classes(wrong, "party")


def tokens_of(tokens, groups):
    draws = SimpleNamespace(tokens=tokens[None], proportions=None)
    n_tokens = tokens.sum(1).astype(float)
    return group_tokens([(slice(0, len(tokens)), draws)], n_tokens, groups, groups.max() + 1)


def test_differences_are_to_all_other_documents():
    tokens = np.array([[6, 4], [6, 4], [1, 9], [1, 9], [3, 7], [3, 7]])
    found = tokens_of(tokens, np.arange(6) // 2)
    difference, low, high = differences(found, found.elsewhere(), 0.95)
    np.testing.assert_allclose(difference[:, 0], [0.6 - 0.2, 0.1 - 0.45, 0.3 - 0.35])
    np.testing.assert_allclose(difference[:, 1], -difference[:, 0])
    np.testing.assert_allclose(low[:, 0], -high[:, 1])
    assert (low < difference).all()
    assert (difference < high).all()


def test_differences_cover():
    """95% intervals of 300 planted differences: the coverage has a standard error of .013."""
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(150):
        mean = random.uniform(0.05, 0.3, 2)
        groups = np.arange(60) % 2
        share = random.beta(0.5 * mean[groups], 0.5 * (1 - mean[groups]))
        tokens = random.binomial(30, share)
        found = tokens_of(np.stack([tokens, 30 - tokens], -1), groups)
        _, low, high = differences(found, found.elsewhere(), 0.95)
        true = np.array([mean[0] - mean[1], mean[1] - mean[0]])
        covered += ((low[:, 0] <= true) & (true <= high[:, 0])).sum()
    assert 0.91 <= covered / 300 <= 0.99
