"""The words of documents, counted block by block."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.lexicon import DROPPED, Numbering
from topicgen.corpus.counting.word_runs import Texts, WordRuns
from topicgen.corpus.counting.workers import Counted, count_in_workers
from topicgen.corpus.counts import take_columns
from topicgen.corpus.words.analyzer import Analyzer

# Large enough to make what is done once for a block a small part of the work.
_CHARACTERS_A_BLOCK = 2**22
_DOCUMENTS_A_BLOCK = 50_000


class Block(NamedTuple):
    """Consecutive documents.

    Args:
        counts: CSR of shape (n_documents, n_terms so far), a column for each number of a term,
            int32; the indices are not in order.
        n_tokens: how many tokens the documents hold.
        lengths: how many terms are left of each, those outside a fixed vocabulary included.
    """

    counts: csr_matrix
    n_tokens: int
    lengths: np.ndarray

    @property
    def n_terms(self) -> int:
        """How many terms are left of all documents."""
        return int(self.lengths.sum())


def count_blocks(
    documents: Iterable[str],
    analyze: Analyzer,
    numbering: Numbering,
    n_bytes: int | None = None,
    n_workers: int | None = None,
) -> Iterator[Block]:
    """Yield the counts of documents, which are read one at a time, a few blocks ahead.

    What becomes of a word is asked once for each block it is in, unless it depends on the words
    beside it.

    Args:
        documents: the texts.
        analyze: text to terms.
        numbering: term to number.
        n_bytes: about how many there are to count, if that is known.
        n_workers: see ``count_in_workers``.
    """
    blocks = _blocks(documents)
    if analyze.join is not None:
        for texts in blocks:
            yield _count_terms(list(map(analyze.tokens, texts)), analyze, numbering)
        return
    if WordRuns.can_count(analyze.token_pattern):
        folded = (Texts.of([_folded(text, analyze) for text in texts]) for texts in blocks)
        dropped = [word for word in analyze.stop_words if analyze.normalise(word) is None]
        left_out = list(map(_encoded, dropped))
        pattern = str(analyze.token_pattern)
        counted = count_in_workers(
            folded, pattern, left_out, numbering.of_words, n_bytes, n_workers
        )
    else:
        counted = (_count_tokens(list(map(analyze.tokens, texts)), numbering) for texts in blocks)
    for numbers, counts, n_tokens in counted:
        lengths = counts @ (numbers != DROPPED).astype(np.int64)
        yield Block(take_columns(counts, numbers, len(numbering)), n_tokens, lengths)


def _blocks(documents: Iterable[str]) -> Iterator[list[str]]:
    texts: list[str] = []
    n_characters = 0
    for text in documents:
        texts.append(text)
        n_characters += len(text)
        if n_characters >= _CHARACTERS_A_BLOCK or len(texts) == _DOCUMENTS_A_BLOCK:
            yield texts
            texts, n_characters = [], 0
    if texts:
        yield texts


def _folded(text: str, analyze: Analyzer) -> bytes:
    if analyze.only_folds and analyze.lowercase and text.isascii():
        return text.encode().lower()  # much faster than to lower the text, and the same
    return _encoded(analyze.preprocess(text))


def _count_tokens(tokens: list[list[str]], numbering: Numbering) -> Counted:
    """Count the tokens of a tokenizer that takes texts one by one."""
    words, counts = _count_lists(tokens)
    numbers = numbering.of_words(list(map(_encoded, words)))
    return Counted(numbers, counts, sum(map(len, tokens)))


def _count_terms(tokens: list[list[str]], analyze: Analyzer, numbering: Numbering) -> Block:
    """Count terms that depend on the tokens beside them."""
    terms = [analyze.terms(one) for one in tokens]
    distinct, counts = _count_lists(terms)
    taken = take_columns(counts, numbering.of_terms(distinct), len(numbering))
    lengths = np.array(list(map(len, terms)), dtype=np.int64)
    return Block(taken, sum(map(len, tokens)), lengths)


def _count_lists(lists: list[list[str]]) -> tuple[list[str], csr_matrix]:
    """Return the distinct strings of lists, and how often each is in each list."""
    ids: dict[str, int] = {}
    columns = [ids.setdefault(string, len(ids)) for one in lists for string in one]
    ones, ends = np.ones(len(columns), dtype=np.int32), np.cumsum([0, *map(len, lists)])
    indices = np.array(columns, dtype=np.int32)
    counts = csr_matrix((ones, indices, ends), shape=(len(lists), len(ids)))
    counts.sum_duplicates()
    return list(ids), counts


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
