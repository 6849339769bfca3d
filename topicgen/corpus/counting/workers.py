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
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

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

    def counted_here(n_blocks: int) -> Iterator[Counted]:
        for block in itertools.islice(blocks, n_blocks):
            found = runs.count(block)
            words[found.first :] = found.words
            yield numbered(runs, found)

    if n_workers is None:
        n_workers = min(_n_cores(), _MOST_WORKERS)
    if n_workers == 1 or not sys.executable:
        yield from (numbered(runs, runs.count(block)) for block in blocks)
        return
    yield from counted_here(1 if n_bytes and n_bytes > _LARGE else _BLOCKS_BEFORE)
    first = next(blocks, None)
    if first is None:
        return
    blocks = itertools.chain([first], blocks)
    workers = [_Worker(pattern, left_out) for _ in range(n_workers)]
    try:
        yield from counted_here(_BLOCKS_WHILE_STARTING)
        asked = 0
        for block in blocks:
            worker = workers[asked % n_workers]
            answer = None
            if asked >= n_workers:
                answer = worker.answer()
            else:
                worker.learn(words)
                known[worker] = known[runs]
            worker.ask(block)
            asked += 1
            if answer is not None:
                yield numbered(worker, answer)
        for answered in range(max(asked - n_workers, 0), asked):
            worker = workers[answered % n_workers]
            yield numbered(worker, worker.answer())
    finally:
        for worker in workers:
            worker.end()


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
        self._send([pattern.encode(), *left_out])

    def learn(self, words: Sequence[bytes]) -> None:
        """Tell it the words that are known, before it is asked anything."""
        self._send(joined(words))

    def ask(self, texts: Texts) -> None:
        self._send([texts.block, texts.sizes])

    def answer(self) -> WordCounts:
        try:
            words, ends, *parts = receive(self._process.stdout)
        except EOFError:
            raise self._ended() from None
        arrays = [np.frombuffer(part, dtype=np.int32) for part in parts]
        indptr, indices, data, (first, n_tokens) = arrays
        return WordCounts(int(first), split(words, ends), indptr, indices, data, int(n_tokens))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _send(self, parts: Sequence[Any]) -> None:
        try:
            send(self._process.stdin, parts)
        except BrokenPipeError:
            raise self._ended() from None

    def _ended(self) -> RuntimeError:
        status = self._process.wait()
        return RuntimeError(f"a process that counts words ended with status {status}")


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
