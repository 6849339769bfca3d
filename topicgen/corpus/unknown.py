"""The share of a text that a vocabulary does not know, and a warning if it is large."""

import warnings

import numpy as np

from topicgen.corpus.wording import quantity

# How much a model knows depends on its vocabulary: in texts like those of 20 Newsgroups, 88% of the
# tokens with its 20,000 most frequent words, 14% with a hundred. In speeches in the House of
# Commons it knows at least .73 times as much, in speeches in the Bundestag at most .33 times.
_FEW = 1 / 3
_USUAL = 0.3
_LEAST_TERMS = 10  # of a few words, most may be unknown by chance


def unknown_share(n_tokens: np.ndarray, n_terms: np.ndarray | None) -> np.ndarray:
    """Return the share of each document's terms that is outside the vocabulary.

    Args:
        n_tokens: how many tokens of the vocabulary each document has.
        n_terms: how many terms it has in all; None where there are no others.

    Returns:
        Shape (n_documents,); NaN for a document without terms.

    Example:
        >>> unknown_share(np.array([3, 0]), np.array([4, 0]))
        array([0.25,  nan])
    """
    n_terms = n_tokens if n_terms is None else n_terms
    share = np.full(len(n_tokens), np.nan)
    np.divide(n_terms - n_tokens, n_terms, out=share, where=n_terms > 0)
    return share


def warn_of_unknown(
    n_known: int, n_terms: int, n_documents: int, usual: float | None = None
) -> None:
    """Warn if a collection is largely unknown: texts of another language, say.

    Args:
        n_known: how many of its tokens are in the vocabulary.
        n_terms: how many tokens it has, without stop words; there is no warning below ten.
        n_documents: how many documents hold them.
        usual: the share of such tokens among those that the model was fitted to, if it is known.
    """
    if n_terms < _LEAST_TERMS:
        return
    share = n_known / n_terms
    if share >= _FEW * (_USUAL if usual is None else usual):
        return
    before = "" if usual is None else f", compared with {usual:.1%} in training"
    warnings.warn(
        f"the model knows only {share:.1%} of the {quantity(n_terms, 'token')} in "
        f"{quantity(n_documents, 'document')}{before}, so its topics say little about them; check "
        "that they are in the same language",
        UserWarning,
        stacklevel=2,
    )
