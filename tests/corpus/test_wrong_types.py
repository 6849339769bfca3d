"""A wrong type is an ``InputError`` that names the argument."""

import pytest

from topicgen.arrays import as_array
from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError


@pytest.mark.parametrize(
    "wrong", [None, "model", 1, [], {}, object()], ids=lambda value: type(value).__name__
)
def test_a_vectorizer(wrong):
    with pytest.raises(InputError, match=r"^vectorizer must be a Vectorizer, got .*; "):
        Corpus.from_documents([Document("bank", "1")], wrong)


def test_whole_numbers_beyond_floats_are_infinite():
    found = as_array([10**400, -(10**400), 1], "a", "numbers")
    assert found.astype(float).tolist() == [float("inf"), float("-inf"), 1.0]
