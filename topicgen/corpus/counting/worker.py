"""A process that counts words: blocks of texts on its standard input, counts on its output.

It imports as little as it can, since every worker has to.
"""

import os
import signal
import sys

import numpy as np

from topicgen.corpus.counting.pipes import joined, receive, send, split
from topicgen.corpus.counting.word_runs import Texts, WordRuns


def serve() -> None:
    """Answer on standard output what standard input asks, until that ends.

    First come what ``WordRuns`` is made with: the pattern, the words to leave out and those that
    are known; then blocks, each answered by its ``WordCounts``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    try:
        pattern, *left_out = receive(sys.stdin.buffer)
        runs = WordRuns(pattern.decode(), left_out, split(*receive(sys.stdin.buffer)))
        while True:
            block, sizes = receive(sys.stdin.buffer)
            found = runs.count(Texts(block, np.frombuffer(sizes, dtype=np.int64)))
            counts = (found.indptr, found.indices, found.data)
            numbers = np.array([found.first, found.n_tokens], dtype=np.int32)
            send(sys.stdout.buffer, [*joined(found.words), *counts, numbers])
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nobody is listening any more, neither for answers nor for errors


if __name__ == "__main__":
    serve()
