"""What is in a corpus, at a glance."""

from typing import Any, NamedTuple

import numpy as np

from topicgen.corpus.corpus import Corpus

_QUANTILES = {"least": 0.0, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "most": 1.0}


class CommonWord(NamedTuple):
    """A word, how often it occurs, and in how many documents."""

    word: str
    tokens: int
    documents: int


class Summary(NamedTuple):
    """The figures of a corpus.

    Args:
        documents: how many, the empty ones included.
        empty: how many have no word of the vocabulary.
        words: the size of the vocabulary.
        tokens: the sum of all counts.
        lengths: quantiles of the documents' tokens.
        common: the most frequent words.
    """

    documents: int
    empty: int
    words: int
    tokens: int
    lengths: dict[str, float]
    common: list[CommonWord]

    def as_record(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return {**self._asdict(), "common": [word._asdict() for word in self.common]}


def summarise(corpus: Corpus, top_n: int = 10) -> Summary:
    """Return the figures of a corpus, which is read some thousand documents at a time.

    Args:
        corpus: in memory or on disk.
        top_n: how many words to list.

    Example:
        >>> summary = summarise(Corpus([[2, 1], [0, 3], [0, 0]], ["bank", "rate"], ["a", "b", "c"]))
        >>> summary.tokens, summary.empty, summary.lengths["median"]
        (6, 1, 3.0)
        >>> summary.common[0]
        CommonWord(word='rate', tokens=4, documents=2)
    """
    n_words = corpus.n_words
    lengths: list[np.ndarray] = [np.zeros(0)]
    tokens, documents = np.zeros(n_words), np.zeros(n_words, dtype=np.int64)
    for chunk in corpus.chunks():
        totals = np.concatenate([[0], np.cumsum(chunk.data, dtype=np.float64)])
        lengths.append(np.diff(totals[chunk.indptr]))
        tokens += np.bincount(chunk.indices, chunk.data, minlength=n_words)
        documents += np.bincount(chunk.indices, minlength=n_words)
    n_tokens = np.concatenate(lengths)
    order = np.argsort(-tokens, kind="stable")[:top_n]
    quantiles = np.quantile(n_tokens, list(_QUANTILES.values())) if len(n_tokens) else np.zeros(5)
    return Summary(
        documents=len(corpus),
        empty=int((n_tokens == 0).sum()),
        words=n_words,
        tokens=round(n_tokens.sum()),
        lengths=dict(zip(_QUANTILES, quantiles.tolist(), strict=True)),
        common=[
            CommonWord(corpus.vocabulary[i], round(tokens[i]), int(documents[i])) for i in order
        ],
    )
