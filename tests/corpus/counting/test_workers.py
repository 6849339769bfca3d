import os
import re
import signal
from collections import Counter

import numpy as np
import pytest

from topicgen.corpus.counting import workers
from topicgen.corpus.counting.word_runs import Texts

PATTERN = r"(?u)\b\w\w+\b"
TEXTS = [
    f"the {word} w{number} café w{number % 7}"
    for number, word in enumerate(["ab", "cd", "ef"] * 30)
]


@pytest.fixture(params=["here", "workers"])
def where(request, monkeypatch):
    monkeypatch.setattr(workers, "_n_cores", lambda: 1 if request.param == "here" else 2)
    return request.param


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """Workers are begun after the first block."""
    monkeypatch.setattr(workers, "_BLOCKS_BEFORE", 1)


def blocks(texts, size):
    for start in range(0, len(texts), size):
        yield Texts.of([text.encode() for text in texts[start : start + size]])


def counted(texts, size, number):
    for numbers, counts, n_tokens in workers.count_in_workers(
        blocks(texts, size), PATTERN, [b"the"], number
    ):
        for row in counts:
            pairs = zip(numbers[row.indices].tolist(), row.data.tolist(), strict=True)
            yield Counter(dict(pairs))
        assert n_tokens == sum(len(re.findall(PATTERN, text)) for text in texts[:size])
        texts = texts[size:]


class Numbers:
    def __init__(self):
        self.ids, self.asked = {}, Counter()

    def __call__(self, words):
        self.asked.update(words)
        return np.array(
            [self.ids.setdefault(word, len(self.ids)) for word in words], dtype=np.int64
        )


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_blocks_come_in_their_order_and_words_are_counted(where, size):
    number = Numbers()
    found = list(counted(TEXTS, size, number))
    names = {i: word.decode() for word, i in number.ids.items()}
    expected = [Counter(w for w in re.findall(PATTERN, text) if w != "the") for text in TEXTS]
    assert [Counter({names[i]: n for i, n in one.items()}) for one in found] == expected


def test_words_of_the_first_blocks_are_asked_for_once(monkeypatch):
    monkeypatch.setattr(workers, "_n_cores", lambda: 2)
    number = Numbers()
    list(counted(TEXTS, 10, number))
    assert number.asked[b"ab"] == number.asked["caf\xe9".encode()] == 1
    assert max(number.asked.values()) <= 3  # two workers, and this process


def test_no_blocks(where):
    assert list(workers.count_in_workers([], PATTERN, [], Numbers())) == []


def started(monkeypatch):
    """The workers that are begun from now on."""
    begun = []
    begin = workers._Worker.__init__
    monkeypatch.setattr(workers, "_n_cores", lambda: 2)
    monkeypatch.setattr(
        workers._Worker, "__init__", lambda self, *a: (begin(self, *a), begun.append(self))[0]
    )
    return begun


def test_little_text_starts_no_worker(monkeypatch):
    begun = started(monkeypatch)
    list(counted(TEXTS, 1000, Numbers()))
    assert begun == []


def test_workers_end_when_the_caller_stops_early(monkeypatch):
    begun = started(monkeypatch)
    found = counted(TEXTS, 5, Numbers())
    for _ in range(40):
        next(found)
    found.close()
    assert [worker._process.poll() for worker in begun] == [-signal.SIGKILL] * 2


@pytest.mark.parametrize("n_killed", [1, 2])
@pytest.mark.parametrize("at", [15, 16, 17, 30])
def test_the_counts_are_the_same_without_a_worker_that_was_killed(monkeypatch, at, n_killed):
    monkeypatch.setattr(workers, "_n_cores", lambda: 1)
    here = list(counted(TEXTS, 5, Numbers()))
    begun = started(monkeypatch)
    found = counted(TEXTS, 5, Numbers())
    counts = [next(found) for _ in range(at)]
    for worker in begun[:n_killed]:
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
    with pytest.warns(UserWarning, match="ended with status -9, .* counted without it") as warned:
        counts += found
    assert len(warned) == n_killed
    assert counts == here


def test_a_worker_that_cannot_begin_is_done_without(monkeypatch):
    monkeypatch.setattr(workers, "_n_cores", lambda: 1)
    here = list(counted(TEXTS, 5, Numbers()))
    monkeypatch.setattr(workers, "_n_cores", lambda: 2)
    monkeypatch.setattr(workers, "_PROGRAM", "topicgen.version")
    with pytest.warns(UserWarning, match="ended with status"):
        assert list(counted(TEXTS, 5, Numbers())) == here


def test_an_error_of_the_source_goes_through(monkeypatch):
    begun = started(monkeypatch)

    def texts():
        yield from blocks(TEXTS, 5)
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        list(workers.count_in_workers(texts(), PATTERN, [], Numbers()))
    assert len(begun) == 2
    assert all(worker._process.poll() is not None for worker in begun)
