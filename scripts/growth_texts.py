"""Generated texts with planted topics, as many as asked for, faster than they are counted.

    python scripts/growth_texts.py --documents 1000000 | topicgen corpus build - -o corpus

Writes one document per line to standard output: 20 to 50 words, most of them from three of the
planted topics. All words have the same length, so that a block of texts is a matrix of bytes, and
numpy writes millions of documents per minute. One word in a thousand has never occurred before, as
in real texts.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

SHORTEST, LONGEST = 20, 50
N_TOPICS, N_WORDS = 20, 20_000
# The share of a document's words from its first, second and third topic, in eighths.
_TOPIC_OF_WORD = np.array([0, 0, 0, 0, 0, 1, 1, 2])
_LETTERS = np.frombuffer(b"bcdfghjklmnpqrstvwyz", dtype=np.uint8)
_LENGTH = 6  # of each word
_FINE = 2**16  # a topic's words are drawn from a table of so many entries
_BLOCK = 20_000
_NEW_EVERY = 1_000


class Planted(NamedTuple):
    """Topics to draw from.

    Args:
        tables: the words of each topic, each as often as it is probable, (n_topics, 65536).
        n_words: the size of the vocabulary.
    """

    tables: np.ndarray
    n_words: int

    @classmethod
    def of(cls, n_topics: int = N_TOPICS, n_words: int = N_WORDS) -> "Planted":
        """Return topics in which every word has a random rank, and a probability by Zipf's law."""
        random = np.random.default_rng(1)
        mass = 1 / np.arange(5, n_words + 5)
        ends = np.round(np.cumsum(mass / mass.sum()) * _FINE).astype(int)
        ranked = np.repeat(np.arange(n_words), np.diff(ends, prepend=0))
        tables = np.stack([random.permutation(n_words)[ranked] for _ in range(n_topics)])
        return cls(tables.astype(np.int32), n_words)

    @property
    def topic_word(self) -> np.ndarray:
        """The probability of each word in each topic, shape (n_topics, n_words)."""
        counts = [np.bincount(table, minlength=self.n_words) for table in self.tables]
        return np.stack(counts) / _FINE

    def draw(self, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the words of n documents one after another, and the length of each document."""
        lengths = random.integers(SHORTEST, LONGEST + 1, n)
        topics = random.integers(0, len(self.tables), (n, 3))
        document = np.repeat(np.arange(n), lengths)
        topic = topics[document, _TOPIC_OF_WORD[random.integers(0, 8, len(document))]]
        place = random.integers(0, _FINE, len(document), dtype=np.uint16)
        return self.tables[topic, place], lengths


def spelled(numbers: np.ndarray, first: bytes = b"x") -> np.ndarray:
    """Return words as rows of bytes with a space at the end, shape (n, 7).

    >>> spelled(np.array([0, 21])).tobytes()
    b'xbbbbb xbbbcc '
    """
    words = np.full((len(numbers), _LENGTH + 1), ord(" "), dtype=np.uint8)
    words[:, 0] = ord(first)
    rest = numbers
    for place in range(_LENGTH - 1, 0, -1):
        words[:, place] = _LETTERS[rest % len(_LETTERS)]
        rest = rest // len(_LETTERS)
    return words


def vocabulary(n_words: int = N_WORDS) -> list[str]:
    """Return the planted words, each at its number."""
    return spelled(np.arange(n_words)).tobytes().decode().split()


def texts(planted: Planted, n_documents: int) -> Iterator[tuple[int, bytes]]:
    """Yield the number of documents so far, and the lines of the next ones."""
    random = np.random.default_rng(0)
    known, n_new = spelled(np.arange(planted.n_words)), 0
    for start in range(0, n_documents, _BLOCK):
        n = min(_BLOCK, n_documents - start)
        numbers, lengths = planted.draw(n, random)
        words = known[numbers]
        new = random.integers(0, len(words), len(words) // _NEW_EVERY)
        words[new] = spelled(np.arange(n_new, n_new + len(new)), b"z")
        n_new += len(new)
        words[np.cumsum(lengths) - 1, -1] = ord("\n")
        yield start + n, words.tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--topics", type=int, default=N_TOPICS)
    parser.add_argument("--words", type=int, default=N_WORDS)
    parser.add_argument("--times", type=Path, help="a file for when each block had been read")
    arguments = parser.parse_args()
    times = [(0, time.perf_counter())]
    for n_documents, block in texts(
        Planted.of(arguments.topics, arguments.words), arguments.documents
    ):
        sys.stdout.buffer.write(block)
        times.append((n_documents, time.perf_counter()))
    sys.stdout.buffer.flush()
    if arguments.times is not None:
        arguments.times.write_text(json.dumps(times))


if __name__ == "__main__":
    main()
