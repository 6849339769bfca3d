"""Processes that count words, so that all cores do.

Python runs one thread at a time, and numpy's small steps are no exception. Each worker reads
blocks of text from its standard input and answers on its standard output, in arrays of bytes:
unlike a pool of ``multiprocessing`` it needs neither pickle nor a main module that can be imported
again, and it ends when its input does.
"""

import itertools
import os
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.word_runs import Texts, WordCounts, WordRuns

# A worker takes half a second to start, in which this process counts as much by itself.
_BLOCKS_ALONE = 2
_MOST_WORKERS = 8

Worker = subprocess.Popen[bytes]


def count_in_workers(
    blocks: Iterable[Texts], pattern: str, left_out: Sequence[bytes] = ()
) -> Iterator[WordCounts]:
    """Yield the counts of blocks of texts, in their order.

    While the caller goes on with one, the workers count the next.

    Args:
        blocks: of texts.
        pattern: of a token; one that ``WordRuns`` can count.
        left_out: words that are not counted.
    """
    blocks = iter(blocks)
    runs = WordRuns(pattern, left_out)
    for _, block in zip(range(_BLOCKS_ALONE), blocks, strict=False):
        yield runs.count(block)
    n_workers = min(_n_cores(), _MOST_WORKERS)
    if n_workers == 1 or not sys.executable:
        yield from map(runs.count, blocks)
        return
    workers: list[Worker] = []
    busy: deque[Worker] = deque()
    try:
        for block in blocks:
            counted = None
            if len(workers) < n_workers:
                worker = _start(pattern, left_out)
                workers.append(worker)
            else:
                worker = busy.popleft()
                counted = _answer_of(worker)
            _ask(worker, block)
            busy.append(worker)
            if counted is not None:
                yield counted
        yield from map(_answer_of, busy)
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start(pattern: str, left_out: Sequence[bytes]) -> Worker:
    worker = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # It is to find this package where this process found it.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    _ask(worker, [pattern.encode(), *left_out])
    return worker


def _ask(worker: Worker, parts: Sequence[Any]) -> None:
    try:
        _send(worker.stdin, parts)
    except BrokenPipeError:
        raise _ended(worker) from None


def _answer_of(worker: Worker) -> WordCounts:
    try:
        words, *parts = _receive(worker.stdout)
    except EOFError:
        raise _ended(worker) from None
    ends, indptr, indices, data, n_tokens = (np.frombuffer(part, dtype=np.int32) for part in parts)
    counts = csr_matrix((data, indices, indptr), shape=(len(indptr) - 1, len(ends)))
    bounds = itertools.pairwise([0, *ends.tolist()])
    return WordCounts([words[start:end] for start, end in bounds], counts, int(n_tokens[0]))


def _ended(worker: Worker) -> RuntimeError:
    return RuntimeError(f"a process that counts words ended with status {worker.wait()}")


def _send(stream: Any, parts: Sequence[Any]) -> None:
    buffers = [memoryview(part).cast("B") for part in parts]
    stream.write(struct.pack(f"<{len(buffers) + 1}q", len(buffers), *map(len, buffers)))
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def _receive(stream: Any) -> list[bytes]:
    (n_parts,) = struct.unpack("<q", _exactly(stream, 8))
    sizes = struct.unpack(f"<{n_parts}q", _exactly(stream, 8 * n_parts))
    return [_exactly(stream, size) for size in sizes]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _serve() -> None:
    """Answer on standard output what standard input asks, until that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    pattern, *left_out = _receive(sys.stdin.buffer)
    runs = WordRuns(pattern.decode(), left_out)
    with suppress(EOFError):
        while True:
            block, sizes = _receive(sys.stdin.buffer)
            words, counts, n_tokens = runs.count(Texts(block, np.frombuffer(sizes, np.int64)))
            numbers = (np.cumsum([*map(len, words)]), counts.indptr, counts.indices, counts.data)
            arrays = [np.asarray(part, dtype=np.int32) for part in (*numbers, [n_tokens])]
            _send(sys.stdout.buffer, [b"".join(words), *arrays])


if __name__ == "__main__":
    _serve()
