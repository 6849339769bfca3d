"""Counts of a collection in two passes: of all terms, then of those of the vocabulary."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

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

    Attributes:
        n_documents: how many documents were read.
        n_tokens: how many tokens were in them.
        n_terms: how many terms were left of them.
        lexicons: the terms, in one lexicon or several.
    """

    def __init__(self, analyze: Analyzer, folder: Path | None = None) -> None:
        self.n_documents = 0
        self.n_tokens = self.n_terms = 0
        self.lexicons: list[SortedTerms] = []
        self._analyze = analyze
        self._folder = folder
        self._blocks = Spool(folder)

    def read(self, documents: Iterable[str], n_bytes: int | None = None) -> None:
        """Count all terms of the documents, of about so many bytes, if that is known."""
        texts = iter(documents)
        for first in texts:
            lexicon = Lexicon(self._analyze.normalise)
            some = chain([first], self._until_full(texts, lexicon))
            for block in count_blocks(some, self._analyze, lexicon, n_bytes):
                lexicon.add(block.counts)
                self._blocks.append(len(self.lexicons), block.counts)
                self.n_documents += block.counts.shape[0]
                self.n_tokens += block.n_tokens
                self.n_terms += block.n_terms
            terms = lexicon.sorted()
            if self._folder is not None and len(lexicon) > _MOST_TERMS:
                terms = terms.spill(self._folder / f"lexicon-{len(self.lexicons)}")
            self.lexicons.append(terms)

    def counts(self, selection: Selection) -> Iterator[csr_matrix]:
        """Yield the counts of the terms that were chosen, block by block."""

        def chosen(lexicon: int, counts: csr_matrix) -> csr_matrix:
            columns = selection.columns[lexicon]
            taken = take_columns(counts, columns, len(selection.vocabulary))
            taken.sort_indices()
            return taken

        # scipy sorts without Python's lock: the next blocks while the caller writes one.
        with ThreadPoolExecutor(_BLOCKS_AHEAD) as pool:
            waiting: deque[Future[csr_matrix]] = deque()
            for lexicon, counts in self._blocks:
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
