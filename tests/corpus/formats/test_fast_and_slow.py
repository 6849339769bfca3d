"""The fast parsers take no line that the slow ones, which define the forms, would not."""

import random

import numpy as np
import pytest

from topicgen.corpus.formats import read_corpus
from topicgen.corpus.formats.text import lines, pairs, triplets
from topicgen.errors import InputError

LDAC = "2 0:1 2:13\n0\n1 1:20\n"
SVMLIGHT = "3 1:1 3:13\n-1 # none\n0 2:20\n"
BANNER = "%%MatrixMarket matrix coordinate real general\n"
MTX = "3 3 3\n1 1 1\n1 3 13.0\n3 2 20\n"
PATTERN = "3 3 3\n1 1\n1 3\n3 2\n"
UCI = "3\n3\n3\n1 1 1\n1 3 13\n3 2 20\n"


def damaged(text, rng):
    """The text with one to three characters put in, taken out or replaced."""
    characters = list(text)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(characters))
        characters[place : place + rng.randint(0, 1)] = rng.choice(
            ["", " ", ":", "\n", "0", "1", "9", "-", ".", "#", "x", "\t", "\r", "é"]
        )
    return "".join(characters)


@pytest.mark.parametrize(
    ("name", "head", "text"),
    [
        ("a.ldac", "", LDAC),
        ("a.feat", "", SVMLIGHT),
        ("docword.a.txt", "", UCI),
        ("a.mtx", BANNER, MTX),
        ("a.mtx", BANNER + "3 3 0\n", "\n" * 9),
        ("a.mtx", BANNER.replace("real", "pattern"), PATTERN),
    ],
)
def test_damaged_files(make, monkeypatch, name, head, text):
    rng = random.Random(0)
    words = "bank\nrate\nrose\n"

    def outcome(path):
        try:
            options = {"zero_based": False} if name == "a.feat" else {}
            return read_corpus(path, **options).counts.toarray().tolist()
        except InputError as error:
            return str(error)

    n_read = 0
    for _ in range(300):
        path = make(**{name: head + damaged(text, rng), "vocab.txt": words, "vocab.a.txt": words})
        fast = outcome(path)
        with monkeypatch.context() as slowly:
            slowly.setattr(pairs, "find_numerals", lambda block: None)
            slowly.setattr(triplets, "_read_fast", lambda *_: None)
            assert outcome(path) == fast
        n_read += isinstance(fast, list)
    assert 20 < n_read < 280


def test_random_counts(make, monkeypatch):
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.3, size=(200, 50)) * rng.integers(1, 10**12, size=(200, 50))
    rows = [
        " ".join([str(np.count_nonzero(row)), *(f"{i}:{n}" for i, n in enumerate(row) if n)])
        for row in counts.tolist()
    ]
    words = "".join(f"w{i}\n" for i in range(50))
    path = make(**{"a.ldac": "\n".join(rows), "vocab.txt": words})
    for size in (100, 2**20):
        monkeypatch.setattr(lines, "BLOCK_BYTES", size)
        assert read_corpus(path).counts.toarray().tolist() == counts.tolist()
