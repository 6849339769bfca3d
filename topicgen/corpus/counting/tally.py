"""Counts of a collection in two passes: of all terms, then of those of the vocabulary."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.blocks import count_blocks
from topicgen.corpus.counting.lexicon import Lexicon, Selection, SortedTerms
from topicgen.corpus.counting.spool import Spool
from topicgen.corpus.counts import take_columns
from topicgen.corpus.words.analyzer import Analyzer

# Beyond this many terms, at some 200 bytes each, a lexicon goes to disk and a new one is begun.
_MOST_TERMS = 500_000
_TEXTS_BETWEEN_LOOKS = 16
# That are chosen from while one is written.
_BLOCKS_AHEAD = 2


class Tally:
    """Counts of all terms of some documents, from which a vocabulary is chosen afterwards.

    Args:
        analyze: text to terms.
        folder: where the counts wait for the choice, and lexicons beyond half a million terms;
            None keeps them in memory.
        n_workers: see ``count_in_workers``.

    Attributes:
        n_documents: how many documents were read.
        n_tokens: how many tokens were in them.
        n_terms: how many terms were left of them.
        lexicons: the terms, in one lexicon or several.
    """

    def __init__(
        self, analyze: Analyzer, folder: Path | None = None, n_workers: int | None = None
    ) -> None:
        self.n_documents = 0
        self.n_tokens = self.n_terms = 0
        self.lexicons: list[SortedTerms] = []
        self._analyze = analyze
        self._folder = folder
        self._n_workers = n_workers
        self._blocks = Spool(folder)

    def read(self, documents: Iterable[str], n_bytes: int | None = None) -> None:
        """Count all terms of the documents, of about so many bytes, if that is known."""
        texts = iter(documents)
        for first in texts:
            lexicon = Lexicon(self._analyze.normalise)
            some = chain([first], self._until_full(texts, lexicon))
            for block in count_blocks(some, self._analyze, lexicon, n_bytes, self._n_workers):
                lexicon.add(block.counts)
                self._blocks.append(len(self.lexicons), block.counts)
                self.n_documents += block.counts.shape[0]
                self.n_tokens += block.n_tokens
                self.n_terms += block.n_terms
            terms = lexicon.sorted()
            if self._folder is not None and len(lexicon) > _MOST_TERMS:
                terms = terms.spill(self._folder / f"lexicon-{len(self.lexicons)}")
            self.lexicons.append(terms)

    def blocks(self) -> Iterable[tuple[int, csr_matrix]]:
        """Return the counts of all terms, each block with the number of its lexicon."""
        return self._blocks

    def counts(self, selection: Selection) -> Iterator[csr_matrix]:
        """Yield the counts of the terms that were chosen, block by block."""

        def chosen(lexicon: int, counts: csr_matrix) -> csr_matrix:
            return chosen_columns(counts, selection.columns[lexicon], len(selection.vocabulary))

        # scipy sorts without Python's lock: the next blocks while the caller writes one.
        with ThreadPoolExecutor(_BLOCKS_AHEAD) as pool:
            waiting: deque[Future[csr_matrix]] = deque()
            for lexicon, counts in self.blocks():
                waiting.append(pool.submit(chosen, lexicon, counts))
                if len(waiting) > _BLOCKS_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _until_full(self, texts: Iterator[str], lexicon: Lexicon) -> Iterator[str]:
        while some := list(islice(texts, _TEXTS_BETWEEN_LOOKS)):
            yield from some
            if self._folder is not None and len(lexicon) > _MOST_TERMS:
                return


def chosen_columns(counts: csr_matrix, columns: np.ndarray, n_columns: int) -> csr_matrix:
    """Return counts of all terms as those of a vocabulary's words, their indices sorted.

    Args:
        counts: CSR, a column for each number of a term.
        columns: the word of each number, below 0 for none.
        n_columns: the size of the vocabulary.
    """
    taken = take_columns(counts, columns, n_columns)
    taken.sort_indices()
    return taken
