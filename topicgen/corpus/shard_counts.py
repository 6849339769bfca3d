"""What is done to one part of a collection, on any machine."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, compress
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.lexicon import SortedTerms, columns_of
from topicgen.corpus.counting.tally import chosen_columns
from topicgen.corpus.document import Document, texts_of
from topicgen.corpus.duplicates import in_groups, stable_hashes
from topicgen.corpus.naming import naming
from topicgen.corpus.reading.parts import PartReader, Read, Shard
from topicgen.corpus.reading.readers import Options
from topicgen.corpus.word_counter import Totals, WordCounter

_NO_TERMS = SortedTerms([], *(np.zeros(0, dtype=np.int64) for _ in range(3)))


class ShardRead(NamedTuple):
    """What is known of a shard once it is read.

    Args:
        reads: of each of its parts.
        warned: the warnings while they were read.
        hashes: of the documents, for ``Duplicates.take``.
    """

    reads: list[Read]
    warned: list[str]
    hashes: np.ndarray


def read_shard(shard: Shard, options: Options, split: str | None) -> ShardRead:
    """Read a shard, and count nothing.

    Raises:
        InputError: where it cannot be read.
    """
    reading = _Reading(shard, options, split)
    with _warnings_of(reading):
        for _ in reading.documents():
            pass
    return reading.result()


def count_shard(
    shard: Shard,
    options: Options,
    split: str | None,
    counter: WordCounter,
    is_kept: np.ndarray | None = None,
) -> tuple[ShardRead, Totals, SortedTerms, list[csr_matrix]]:
    """Count all terms of the documents of a shard.

    Args:
        shard: what to read.
        options: how to read it.
        split: the only one to read, if any.
        counter: of ``for_shards``.
        is_kept: which documents to count, by default all.

    Returns:
        What is known of the shard; sums over its documents that are counted; their terms; and the
        counts of all terms, by the terms' numbers.

    Raises:
        InputError: where it cannot be read or counted.
    """
    reading = _Reading(shard, options, split)
    documents = reading.documents()
    if is_kept is not None:
        documents = compress(documents, is_kept.tolist())
    with _warnings_of(reading), naming(documents) as named:
        tally = counter.tally(texts_of(named, lambda document: None))
    # In as few bytes as hold them, since they wait for the vocabulary.
    blocks = [_narrow(counts) for _, counts in tally.blocks()]
    terms = tally.lexicons[0] if tally.lexicons else _NO_TERMS
    totals = Totals(tally.n_documents, tally.n_tokens, tally.n_terms)
    return reading.result(), totals, terms, blocks


def choose_columns(
    blocks: list[csr_matrix], terms: SortedTerms, columns: Mapping[str, int]
) -> list[csr_matrix]:
    """Return the counts of a shard as those of the words of the vocabulary.

    Args:
        blocks: of ``count_shard``, with the terms.
        terms: likewise.
        columns: of the vocabulary.
    """
    of_number = columns_of(terms, columns)
    return [_narrow(chosen_columns(counts, of_number, len(columns))) for counts in blocks]


class _Reading:
    """Reads the parts of a shard, and collects what is known of them."""

    def __init__(self, shard: Shard, options: Options, split: str | None) -> None:
        self._readers = [PartReader(part, options, split) for part in shard]
        self.warned: list[str] = []
        self._hashes = [np.zeros(0, dtype=np.int64)]

    def documents(self) -> Iterator[Document]:
        documents = chain.from_iterable(reader.documents() for reader in self._readers)
        for group in in_groups(documents):
            self._hashes.append(stable_hashes(document.text for document in group))
            yield from group

    def result(self) -> ShardRead:
        reads = [reader.result() for reader in self._readers]
        return ShardRead(reads, self.warned, np.concatenate(self._hashes))


@contextmanager
def _warnings_of(reading: _Reading) -> Iterator[None]:
    """Keep the warnings for the process that puts the parts together."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    kinds = [(one.category, str(one.message)) for one in caught]
    reading.warned = [message for kind, message in kinds if issubclass(kind, UserWarning)]


def _narrow(counts: csr_matrix) -> csr_matrix:
    least = np.min_scalar_type(counts.data.max(initial=0))
    return csr_matrix((counts.data.astype(least), counts.indices, counts.indptr), counts.shape)
