"""How much of documents a vocabulary does not know, and a warning where that is most of it."""

import warnings

import numpy as np

from topicgen.corpus.wording import quantity

# Of English a vocabulary of its hundred most frequent words knows a fifth; of another language
# one of 20,000 English words knows less than a tenth.
LARGELY = 0.9


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


def warn_of_unknown(n_known: int, n_terms: int, n_documents: int) -> None:
    """Warn if a collection is largely unknown: text of another language, say.

    Args:
        n_known: how many of its tokens are in the vocabulary.
        n_terms: how many tokens it has, without stop words.
        n_documents: how many documents hold them.
    """
    if n_terms and 1 - n_known / n_terms > LARGELY:
        warnings.warn(
            f"the model knows only {n_known:,} of the {quantity(n_terms, 'token')} in "
            f"{quantity(n_documents, 'document')} ({n_known / n_terms:.1%}), so its topics say "
            "little about them; check that they are in the language of the documents that it was "
            "fitted to",
            UserWarning,
            stacklevel=2,
        )
