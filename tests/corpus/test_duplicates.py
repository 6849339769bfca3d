import random

import pytest

from topicgen.corpus import Document, duplicates
from topicgen.corpus.duplicates import Duplicates


def watched(texts, *, drop):
    watch = Duplicates(drop=drop)
    documents = [Document(text, str(row)) for row, text in enumerate(texts)]
    kept = [int(document.id) for document in watch.watch(iter(documents))]
    return kept, watch.found()


def test_repeated_documents_are_counted_and_kept():
    kept, found = watched(["rain", "sun", " rain\n", "sun", "rain", "Rain"], drop=False)
    assert kept == [0, 1, 2, 3, 4, 5]
    assert found == {"duplicates": 3, "duplicates_dropped": 0}


def test_repeated_documents_are_dropped_but_the_first():
    kept, found = watched(["rain", "sun", " rain\n", "sun", "rain", "Rain"], drop=True)
    assert kept == [0, 1, 5]
    assert found == {"duplicates": 3, "duplicates_dropped": 3}


def test_blank_documents_repeat_nothing():
    for drop in (False, True):
        assert watched(["", " ", "rain", "\n", ""], drop=drop) == (
            [0, 1, 2, 3, 4],
            {"duplicates": 0, "duplicates_dropped": 0},
        )
        assert watched([], drop=drop)[0] == []


@pytest.mark.parametrize("drop", [False, True])
def test_many_documents_in_many_groups(drop, monkeypatch):
    monkeypatch.setattr(duplicates, "_GROUP", 7)
    texts = [f"w{random.Random(row).randrange(500)}" for row in range(2_000)]
    first = [row for row, text in enumerate(texts) if text not in texts[:row]]
    kept, found = watched(texts, drop=drop)
    assert found["duplicates"] == len(texts) - len(first)
    assert kept == (first if drop else list(range(2_000)))


def test_long_documents_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(duplicates, "_CHARACTERS", 10)
    read = []

    def documents():
        for row in range(5):
            read.append(row)
            yield Document(f"a long text {row}", str(row))

    next(Duplicates(drop=True).watch(documents()))
    assert read == [0]
