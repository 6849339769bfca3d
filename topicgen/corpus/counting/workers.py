"""Processes that count words, so that all cores are used.

Python runs one thread at a time, and numpy's small steps are no exception. Each worker reads
blocks of text from its standard input and answers on its standard output, in arrays of bytes:
unlike a pool of ``multiprocessing`` it needs neither pickle nor a main module that can be imported
again, and it ends when its input does.
"""

import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.pipes import joined, receive, send, split
from topicgen.corpus.counting.word_runs import Texts, WordCounts, WordRuns

# The workers have to start and to be told the known words: some forty million characters are
# counted sooner without them. While they start this process goes on by itself.
_BLOCKS_BEFORE, _BLOCKS_WHILE_STARTING = 10, 2
# So many bytes are certainly worth it, from the first block on.
_LARGE = 10**8
_MOST_WORKERS = 8

_PROGRAM = "topicgen.corpus.counting.worker"
_PIPE = 2**20
_NONE = np.zeros(0, dtype=np.int64)
_Answer = TypeVar("_Answer")


class Counted(NamedTuple):
    """How often each term occurs in each of some texts.

    Args:
        numbers: of the term of each column.
        counts: CSR of shape (n_texts, n_words), int32, a column for each word.
        n_tokens: how many tokens there were, those of words left out included.
    """

    numbers: np.ndarray
    counts: csr_matrix
    n_tokens: int


def count_in_workers(
    blocks: Iterable[Texts],
    pattern: str,
    left_out: Sequence[bytes],
    number: Callable[[list[bytes]], np.ndarray],
    n_bytes: int | None = None,
    n_workers: int | None = None,
) -> Iterator[Counted]:
    """Yield the counts of blocks of texts, in their order.

    While the caller goes on with one, the workers count the next.

    Args:
        blocks: of texts.
        pattern: of a token; one that ``WordRuns`` can count.
        left_out: words that are not counted.
        number: from words to the numbers of their terms; asked when a word is new here or to a
            worker.
        n_bytes: about how many there are to count, if that is known.
        n_workers: how many processes count; 1 is this one. By default as many as there are cores.
    """
    blocks = iter(blocks)
    runs = WordRuns(pattern, left_out)
    words: list[bytes] = []  # that have been counted here, in the order of their numbers
    known: dict[object, np.ndarray] = {}  # the number of the term of each, for each counter

    def numbered(counter: object, found: WordCounts) -> Counted:
        before = known.get(counter, _NONE)[: found.first]
        known[counter] = np.concatenate([before, number(found.words)])
        parts = (found.data, found.indices, found.indptr)
        shape = (len(found.indptr) - 1, len(known[counter]))
        return Counted(known[counter], csr_matrix(parts, shape=shape), found.n_tokens)

    def count_here(block: Texts) -> Counted:
        found = runs.count(block)
        words[found.first :] = found.words
        return numbered(runs, found)

    if n_workers is None:
        n_workers = min(_n_cores(), _MOST_WORKERS)
    if n_workers == 1 or not sys.executable:
        yield from map(count_here, blocks)
        return
    n_before = 1 if n_bytes and n_bytes > _LARGE else _BLOCKS_BEFORE
    yield from map(count_here, itertools.islice(blocks, n_before))
    first = next(blocks, None)
    if first is None:
        return
    blocks = itertools.chain([first], blocks)
    helpers = [_Helper(_Worker(pattern, left_out), count_here) for _ in range(n_workers)]
    try:
        yield from map(count_here, itertools.islice(blocks, _BLOCKS_WHILE_STARTING))
        asked = 0
        for block in blocks:
            helper = helpers[asked % n_workers]
            answer = None
            if asked >= n_workers:
                answer = helper.answer(numbered)
            else:
                helper.learn(words)
                known[helper] = known[runs]
            helper.ask(block)
            asked += 1
            if answer is not None:
                yield answer
        for answered in range(max(asked - n_workers, 0), asked):
            yield helpers[answered % n_workers].answer(numbered)
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """A worker and its last task: if the worker ends, this process counts that and the rest.

    The system may end a process when memory runs short; the counts are the same without it.

    Args:
        worker: which.
        count_here: counts a block in this process.
    """

    def __init__(self, worker: "_Worker", count_here: Callable[[Texts], Counted]) -> None:
        self._worker = worker
        self._count_here = count_here
        self._is_there = True
        self._asked: Texts | None = None

    def learn(self, words: Sequence[bytes]) -> None:
        """Tell the worker the words that are known, before it is asked anything."""
        self._try(lambda: self._worker.learn(words))

    def ask(self, texts: Texts) -> None:
        """Give the worker texts to count."""
        self._asked = texts
        self._try(lambda: self._worker.ask(texts))

    def answer(self, numbered: Callable[[object, WordCounts], Counted]) -> Counted:
        """Return the counts of the texts that were given last.

        Args:
            numbered: from the worker's counts to those of the terms.
        """
        assert self._asked is not None
        found = self._try(self._worker.answer)
        return self._count_here(self._asked) if found is None else numbered(self, found)

    def end(self) -> None:
        """End the worker."""
        self._worker.end()

    def _try(self, act: Callable[[], _Answer]) -> _Answer | None:
        """Return what the worker does, or None where it has ended."""
        if self._is_there:
            try:
                return act()
            except (EOFError, BrokenPipeError):
                self._is_there = False
                warnings.warn(
                    "a process that counts words ended with status "
                    f"{self._worker.status()}, perhaps because memory is short; the words are "
                    "counted without it",
                    UserWarning,
                    stacklevel=2,
                )
        return None


class _Worker:
    """Counts in a process of its own."""

    def __init__(self, pattern: str, left_out: Sequence[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=_PIPE,
            # It is to find this package where this process found it; and memory that numpy gives
            # back is to be had again at once, which its C library otherwise leaves to the system.
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "MALLOC_MMAP_THRESHOLD_": "1000000000",
                "MALLOC_TRIM_THRESHOLD_": "1000000000",
            },
        )
        with suppress(BrokenPipeError):  # it has ended: the first answer says so
            send(self._process.stdin, [pattern.encode(), *left_out])

    def learn(self, words: Sequence[bytes]) -> None:
        """Tell it the words that are known, before it is asked anything."""
        send(self._process.stdin, joined(words))

    def ask(self, texts: Texts) -> None:
        send(self._process.stdin, [texts.block, texts.sizes])

    def answer(self) -> WordCounts:
        words, ends, *parts = receive(self._process.stdout)
        arrays = [np.frombuffer(part, dtype=np.int32) for part in parts]
        indptr, indices, data, (first, n_tokens) = arrays
        return WordCounts(int(first), split(words, ends), indptr, indices, data, int(n_tokens))

    def status(self) -> int:
        """Return the exit status, when it has ended: of a signal, its number below 0."""
        return self._process.wait()

    def end(self) -> None:
        self._process.kill()
        with suppress(BrokenPipeError):  # of what was written last, and not read
            self._process.communicate()


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
