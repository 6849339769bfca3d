"""What a user passes as documents, as counts of the model's vocabulary."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from topicgen.corpus import Corpus, Document
from topicgen.corpus.document import check_documents
from topicgen.errors import InputError


def is_text(X: Any) -> bool:
    """Return whether X holds raw texts rather than counts.

    Texts are a list, an iterator, or a one-dimensional array or column (of pandas or polars).

    Raises:
        InputError: where X is a data frame with a column of texts.

    Example:
        >>> is_text(["a text", "another"]), is_text([[1, 0], [0, 2]])
        (True, False)
    """
    if isinstance(X, str | Iterator):
        return True
    if isinstance(X, list | tuple):
        return any(isinstance(document, str) for document in X)
    n_dimensions = len(getattr(X, "shape", ()))
    if n_dimensions == 2 and hasattr(X, "columns"):
        _refuse_texts_in(X)
    return n_dimensions == 1 and _may_hold_text(X) and any(isinstance(item, str) for item in X)


def count_documents(estimator: BaseEstimator, X: Any, *, fit: bool = False) -> csr_matrix:
    """Return the counts of the estimator's vocabulary, CSR of shape (n_documents, n_features).

    Args:
        estimator: the fitted estimator; with ``fit`` it takes the number of features from X.
        X: texts, a ``Corpus``, or counts.
        fit: whether X is what the estimator is fitted to.

    Raises:
        InputError: at texts for a model that was fitted to counts, and at a corpus of other words.
        ValueError: from scikit-learn, at counts that are negative, not finite or of another width.
    """
    if is_text(X):
        if estimator.vectorizer_ is None:
            raise InputError(
                "expected counts, got texts: the model was fitted to counts and cannot read text; "
                "count the words as it was done for fit"
            )
        return estimator.vectorizer_.transform(X)
    if isinstance(X, Corpus):
        if estimator.vocabulary_ is not None and X.vocabulary != estimator.vocabulary_:
            raise InputError(
                f"expected a corpus of the model's {len(estimator.vocabulary_)} words, got one of "
                f"{len(X.vocabulary)} that differ; make it with the model's own vectorizer_"
            )
        if X.counts.shape[1] != estimator.n_features_in_:
            raise InputError(
                f"expected a corpus of {estimator.n_features_in_} words, as the model was fitted "
                f"to, got one of {X.counts.shape[1]}; count the words as it was done for fit"
            )
        return X.counts
    counts = validate_data(
        estimator,
        X,
        reset=fit,
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        ensure_non_negative=True,
    )
    counts = csr_matrix(counts, copy=counts is X)
    counts.sum_duplicates()
    counts.eliminate_zeros()
    return counts


def as_corpus(estimator: BaseEstimator, X: Any) -> Any:
    """Return texts as a corpus, which tells how many tokens are outside the vocabulary.

    Counts, and texts for a model that cannot read them, are returned as they are.
    """
    if not is_text(X) or estimator.vectorizer_ is None:
        return X
    documents = (Document(text, str(row)) for row, text in enumerate(check_documents(X)))
    return Corpus.from_documents(documents, estimator.vectorizer_, fit=False)


def _may_hold_text(column: Any) -> bool:
    dtype: Any = getattr(column, "dtype", None)
    # The types of polars tell whether they are numbers; those of numpy and pandas have a kind.
    if hasattr(dtype, "is_numeric"):
        return not dtype.is_numeric()
    return getattr(dtype, "kind", "O") in "OUST"


def _refuse_texts_in(frame: Any) -> None:
    for name in frame.columns:
        column = frame[name]
        # Of a name that several columns share, pandas returns a frame.
        is_column = len(column.shape) == 1 and _may_hold_text(column)
        if is_column and any(isinstance(item, str) for item in column):
            raise InputError(
                f"expected texts or counts, got a {type(frame).__name__} with texts in its column "
                f"{name!r}; pass that column alone"
            )
