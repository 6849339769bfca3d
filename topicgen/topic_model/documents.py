"""Turning what a user passes as documents into counts of a vocabulary."""

import copy
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import validate_data

from topicgen.corpus import Corpus, Document, Vectorizer
from topicgen.corpus.counts import stack
from topicgen.corpus.document import is_token_list
from topicgen.corpus.unknown import warn_of_unknown
from topicgen.corpus.words.tokenizers import check_consent
from topicgen.covariates import Covariates
from topicgen.effects.per_class import Classes
from topicgen.errors import InputError, did_you_mean
from topicgen.lazy import OnFirstUse
from topicgen.plain import quoted
from topicgen.topic_model.embeddings import Embedding, Vectors
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.prevalence import Prevalence
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.text_frames import (
    from_arrow,
    is_frame,
    may_hold_text,
    metadata_of,
    own_ids,
    split_frame,
    text_columns,
)

if TYPE_CHECKING:
    import pandas as pd

# Rows of tf-idf have unit length, up to rounding.
_ROUNDING = 1e-4

_MOST_LISTED = 8  # columns in a message
_NO_DOCUMENTS = "expected documents, got an empty collection; a minimum of 1 is required"


@dataclass(frozen=True, eq=False)
class Input:
    """Documents to fit a model to.

    Args:
        kind: "texts", "token lists", "corpus" or "counts".
        counts: CSR of shape (n_documents, n_words).
        vocabulary: the word of each column, or None where the counts came without words.
        vectorizer: the fitted vectorizer that counted them, or None where X held counts.
        has_feature_names: whether the vocabulary is the column names of a data frame.
        source: where a corpus says that its documents come from; None where it does not.
        n_terms: the number of terms in texts, those outside the vocabulary included, or None.
        metadata: a data frame with a row for each document, in their order, or None.
        prevalence: how metadata become covariates, and those of the documents; None without.
        embeddings: how those of the documents are standardised, and themselves; None without.
        content: what the groups are called whose words may differ, and those of the documents.
        seeds: the names and seed words of the first topics; None without.
        basis: of ``basis_of``, the vectors of the words, shape (n_words, n_dimensions); None
            without.
    """

    kind: str
    counts: csr_matrix
    vocabulary: list[str] | None = None
    vectorizer: Vectorizer | None = None
    has_feature_names: bool = False
    source: str | None = None
    n_terms: int | None = None
    metadata: OnFirstUse["pd.DataFrame | None"] = OnFirstUse()
    prevalence: tuple[Prevalence, Covariates] | None = None
    embeddings: tuple[Embedding, Vectors] | None = None
    content: tuple[str, Classes] | None = None
    seeds: SeedWords | None = None
    basis: NDArray[np.float32] | None = None


def is_text(X: Any, text_column: str = "text") -> bool:
    """Return whether X holds texts, or lists of tokens, rather than counts.

    Texts may come in any iterable except a set or a mapping: a list, a generator, an object that
    yields them, or a one-dimensional array or column (of pandas or polars).

    Args:
        X: the documents, as ``split_frame`` returns them.
        text_column: the column in which a data frame should have had its texts.

    Raises:
        InputError: where X is a data frame with a column of strings, a set, a mapping, a single
            string, or a one-dimensional array that does not hold texts.

    Example:
        >>> is_text(["a text", "another"]), is_text([["a", "text"]]), is_text([[1, 0], [0, 2]])
        (True, True, False)
    """
    if isinstance(X, Corpus):
        return False
    if X is None or isinstance(X, int | float):
        raise InputError(f"expected documents, got {quoted(X)}; pass a list of texts, or counts")
    n_dimensions = len(X.shape) if hasattr(X, "shape") else None
    if n_dimensions == 2:
        if is_frame(X):
            _check_columns(X, text_column)
        return False
    if n_dimensions == 1:
        return _is_text_column(X)
    if n_dimensions is not None or not isinstance(X, Iterable):
        return False
    _refuse_unordered(X)
    if not isinstance(X, Collection):
        return True  # not read here, because it may be readable only once
    return _are_texts(X)


def read_to_fit(
    estimator: BaseEstimator,
    X: Any,
    vectorizer: Vectorizer | None,
    *,
    text_column: str = "text",
    metadata: Any = None,
) -> Input:
    """Return documents as counts, with their vocabulary.

    Args:
        estimator: the estimator that scikit-learn's errors name; it is not changed.
        X: texts, lists of tokens, a ``Corpus``, counts, or a data frame with a column of texts.
        vectorizer: the unfitted vectorizer for texts; None for the default one.
        text_column: the name of that column.
        metadata: a data frame with a row for each document, if X does not have them itself.

    Raises:
        InputError: where the documents cannot be used, or the metadata are not as many.
        ValueError: from scikit-learn, where counts are negative or not finite.
    """
    X = from_arrow(X)
    texts, _ = split_frame(X, text_column)
    if is_text(texts, text_column):
        kind, texts = _kind_of_text(texts)
        vectorizer = Vectorizer() if vectorizer is None else clone(vectorizer)
        blocks, found = vectorizer.fit_blocks(texts)
        counts = stack(blocks, len(vectorizer.vocabulary_))
        words = vectorizer.get_feature_names_out().tolist()
        data = Input(kind, counts, words, vectorizer, n_terms=found["terms"])
    elif isinstance(X, Corpus):
        _check_whole(X.counts)
        n_terms = None if X.found is None else X.found.get("terms")
        words = list(X.vocabulary)
        if X.vectorizer is not None:
            check_consent(X.vectorizer.tokenizer)  # it would become part of the model
        data = Input("corpus", X.counts, words, X.vectorizer, source=X.source, n_terms=n_terms)
    else:
        names = _column_names(X)
        counts = _checked(estimator, X, reset=True)
        data = Input("counts", counts, names, has_feature_names=names is not None)
    of_rows = metadata_of(X, metadata, text_column, data.counts.shape[0])
    return replace(data, metadata=partial(of_rows))


def read_known(
    estimator: BaseEstimator, fitted: Fitted, X: Any, *, text_column: str = "text"
) -> csr_matrix:
    """Return documents as counts of a model's vocabulary, CSR of shape (n_documents, n_words).

    Args and raises are those of ``read_with_lengths``.
    """
    return read_with_lengths(estimator, fitted, X, text_column=text_column)[0]


def read_with_lengths(
    estimator: BaseEstimator, fitted: Fitted, X: Any, *, text_column: str = "text"
) -> tuple[csr_matrix, np.ndarray | None]:
    """Return documents as counts of a model's vocabulary, and how many terms each document has.

    The columns of a data frame, and of a ``Corpus`` of the same words, are matched by name.

    Args:
        estimator: the estimator that scikit-learn's errors name; it is not changed.
        fitted: the model.
        X: texts, lists of tokens, a ``Corpus``, counts, or a data frame with a column of texts.
        text_column: the name of that column.

    Returns:
        The counts, CSR of shape (n_documents, n_words), and the terms that a text has, known or
        not, shape (n_documents,); None where counts came ready.

    Raises:
        InputError: where X holds texts but the model was fitted to counts, or the words differ.
        ValueError: from scikit-learn, where counts are negative, not finite or of another width.
    """
    X, _ = split_frame(X, text_column)
    if is_text(X, text_column):
        if fitted.vectorizer is None:
            raise InputError(
                "this model was fitted to counts and cannot read texts; count the words as you "
                "did for fit, and pass the counts"
            )
        lengths = [np.zeros(0, dtype=np.int64)]
        blocks = fitted.vectorizer.transform_blocks(_kind_of_text(X)[1], Counter(), lengths)
        return _known_enough(fitted, stack(blocks, fitted.n_words), np.concatenate(lengths))
    if isinstance(X, Corpus):
        known = _known_columns(fitted, X)
        _check_whole(known.counts)
        return _known_enough(fitted, known.counts, known.n_terms)
    return _checked(estimator, _in_order(fitted, X)), None


def _known_enough(
    fitted: Fitted, counts: csr_matrix, n_terms: np.ndarray | None
) -> tuple[csr_matrix, np.ndarray | None]:
    if n_terms is not None and fitted.embedding is None:  # which may be in another language
        usual = fitted.origin.known_share
        warn_of_unknown(int(counts.sum()), int(n_terms.sum()), len(n_terms), usual)
    return counts, n_terms


def as_corpus(fitted: Fitted, X: Any, text_column: str = "text") -> Any:
    """Return texts as a corpus, which records how many tokens are outside the vocabulary.

    Counts, and texts for a model that cannot read them, are returned unchanged.
    """
    X, _ = split_frame(X, text_column)
    if not is_text(X, text_column) or fitted.vectorizer is None:
        return X
    documents = (Document(text, str(row)) for row, text in enumerate(X))
    return Corpus.from_documents(documents, fitted.vectorizer, fit=False)


def row_labels(X: Any, text_column: str = "text") -> tuple[Any, Any]:
    """Return the ids of the documents, and the index for a table of them; None where X has none.

    A corpus has ids, and the index of a pandas Series or DataFrame serves as both; of ``own_ids``,
    a data frame has better ones.
    """
    if isinstance(X, Corpus):
        return list(X.ids), None
    index = getattr(X, "index", None)
    if callable(index):  # the method of a list
        index = None
    own = own_ids(X, text_column)
    return index if own is None else own, index


# -- texts ---------------------------------------------------------------------------------------


def _refuse_unordered(X: Any) -> None:
    kind = type(X).__name__
    if isinstance(X, str | bytes):
        raise InputError(f"expected a list of documents, got a single {kind}; put it in a list")
    if isinstance(X, Set) and not hasattr(X, "mapping"):
        raise InputError(
            f"expected documents in a fixed order, got a {kind}, which has no order; pass a list"
        )
    if isinstance(X, Mapping):
        raise InputError(f"expected a list of documents, got a {kind}; pass its values()")


def _is_text_column(X: Any) -> bool:
    if not may_hold_text(X) and not all(map(_is_missing, X)):
        raise InputError(
            f"expected texts, or counts of shape (n_documents, n_words), got a one-dimensional "
            f"{type(X).__name__} of {X.dtype}; pass the column of texts. Reshape your data to two "
            "dimensions if it holds counts"
        )
    return True


def _are_texts(X: Collection[Any]) -> bool:
    if len(X) == 0:
        raise InputError(_NO_DOCUMENTS)
    if any(isinstance(document, str | bytes) for document in X):
        return True
    return all(map(_is_missing, X)) or any(map(_are_tokens, X))


def _are_tokens(document: Any) -> bool:
    """Return whether a document is a list of tokens and not of counts."""
    if isinstance(document, Document):
        return True  # its text is asked for where texts are read
    if not is_token_list(document) or not may_hold_text(document):
        return False
    return any(isinstance(item, str | bytes) for item in document)


def _is_missing(document: Any) -> bool:
    """Return whether a document is None, NaN, or the NA and NaT of pandas."""
    is_nan = isinstance(document, float) and document != document
    return document is None or is_nan or type(document).__name__ in ("NAType", "NaTType")


def _kind_of_text(X: Iterable[Any]) -> tuple[str, Iterable[Any]]:
    """Return "texts" or "token lists", and X with the first document still in it.

    Raises:
        InputError: where there is no document.
    """
    if isinstance(X, Iterator):
        first = list(islice(X, 1))
        X = chain(first, X)
    else:
        first = list(islice(iter(X), 1))
    if not first:
        raise InputError(_NO_DOCUMENTS)
    return "token lists" if is_token_list(first[0]) else "texts", X


def _holds_times(column: Any) -> bool:
    dtype: Any = getattr(column, "dtype", None)
    return getattr(dtype, "kind", None) in ("m", "M") or getattr(dtype, "is_temporal", bool)()


def _check_columns(frame: Any, text_column: str) -> None:
    if not len(frame.columns):
        raise InputError(
            f"expected texts or counts, got a {type(frame).__name__} without columns; pass one "
            "with columns"
        )
    # Where several columns share a name, pandas returns a frame.
    columns = {name: frame[name] for name in frame.columns if len(frame[name].shape) == 1}
    for name, column in columns.items():
        if may_hold_text(column) and any(isinstance(item, str) for item in column):
            raise _lacks_texts(frame, name, text_column)
    for name, column in columns.items():
        if _holds_times(column):
            raise InputError(
                f"expected counts, got a {type(frame).__name__} with {column.dtype} in its column "
                f"{quoted(name)}; leave that column out"
            )


def _lacks_texts(frame: Any, strings: str, text_column: str) -> InputError:
    """Return the error for a data frame whose texts are not in the column where they should be.

    Args:
        frame: the data frame.
        strings: its first column of strings, without which it would be counts.
        text_column: the column for the texts.
    """
    names = list(frame.columns)
    came = "one without texts, beside" if text_column in names else "the columns"
    names = [name for name in names if name != text_column]
    columns = ", ".join(map(quoted, names[:_MOST_LISTED]))
    columns += f" and {len(names) - _MOST_LISTED} others" if len(names) > _MOST_LISTED else ""
    likely = text_columns(frame)
    otherwise = (
        f"did you mean {quoted(likely[0])}?"
        if likely
        else f"if these are counts, leave out {quoted(strings)}."
    )
    return InputError(
        f"expected a column {quoted(text_column)} of texts, got {came} {columns}; "
        f"{did_you_mean(text_column, likely, otherwise)} TopicModel(text_column=...) names another"
    )


# -- counts --------------------------------------------------------------------------------------


def _column_names(X: Any) -> list[str] | None:
    """Return the column names of a data frame, or None where they are not strings.

    Other labels, such as numbers, are not words: such columns are identified by their positions,
    and the labels have to be in order.

    Raises:
        InputError: where a name comes twice, or other labels are out of order or mixed with names.
    """
    names = list(X.columns) if is_frame(X) else []
    if not names or not all(isinstance(name, str) for name in names):
        _check_ascending(names)
        return None
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"expected distinct column names, got {quoted(twice)} for {names.count(twice)} "
            "columns; add them up or rename them"
        )
    return list(map(str, names))


def _check_ascending(labels: list[Any]) -> None:
    try:
        wrong = next((pair for pair in pairwise(labels) if not pair[0] < pair[1]), None)
    except TypeError:
        kinds = ", ".join(sorted({type(label).__name__ for label in labels}))
        raise InputError(
            f"expected columns that are named by words, all of them or none, got labels of the "
            f"types {kinds}; name them by strings, or pass the frame's to_numpy()"
        ) from None
    if wrong is not None:
        raise InputError(
            "expected columns that are named by words, or in the order of their labels, got "
            f"{quoted(wrong[0])} before {quoted(wrong[1])}; name them by strings, sort them, or "
            "pass the frame's to_numpy()"
        )


def _in_order(fitted: Fitted, X: Any) -> Any:
    """Return counts with the columns of a data frame in the order of the model's words."""
    names, vocabulary = _column_names(X), fitted.vocabulary
    if names is None or vocabulary is None:
        return X
    if names != vocabulary:
        if fitted.has_feature_names and set(names) != set(vocabulary):
            return X  # scikit-learn's own error says which names differ
        _check_same_words(names, vocabulary, "the columns of counts")
        X = X[vocabulary]
    # A model that was fitted to texts has no feature names in scikit-learn's sense.
    return X if fitted.has_feature_names else X.to_numpy()


def _known_columns(fitted: Fitted, corpus: Corpus) -> Corpus:
    if fitted.vocabulary is not None and corpus.vocabulary != fitted.vocabulary:
        _check_same_words(corpus.vocabulary, fitted.vocabulary, "the corpus")
        return corpus.with_vocabulary(fitted.vocabulary)
    if corpus.n_words != fitted.n_words:
        raise InputError(
            f"expected a corpus with the model's {fitted.n_words} words, got one with "
            f"{corpus.n_words}; count the words as you did for fit"
        )
    return corpus


def _check_same_words(words: list[str], known: list[str], what: str) -> None:
    given, expected = set(words), set(known)
    missing = [word for word in known if word not in given]
    unknown = [word for word in words if word not in expected]
    repeated = len(words) - len(given)
    if missing or unknown or repeated:
        raise InputError(
            f"{what} must have the model's {len(known)} words, got {len(missing)} missing"
            f"{_such_as(missing)}, {len(unknown)} unknown{_such_as(unknown)} and {repeated} "
            "repeated; count the words with the model's vectorizer_"
        )


def _such_as(words: list[str]) -> str:
    return f" (such as {quoted(words[0])})" if words else ""


def _checked(estimator: BaseEstimator, X: Any, *, reset: bool = False) -> csr_matrix:
    """Return counts as CSR, checked by scikit-learn on a copy, whose attributes it may set."""
    counts = validate_data(
        copy.copy(estimator),
        _numbers(X),
        reset=reset,
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        ensure_non_negative=True,
    )
    counts = csr_matrix(counts, copy=counts is X)
    counts.sum_duplicates()
    counts.eliminate_zeros()
    _check_whole(counts)
    return counts


def _numbers(X: Any) -> Any:
    """Return counts as scikit-learn takes them: sparse, a data frame, or an array of numbers.

    Raises:
        InputError: where they are of another kind, or some are masked.
    """
    if issparse(X):
        # Before scipy adds up entries at one place, which may be too many for a small type.
        return X.astype(np.float64) if X.dtype.kind in "biu" else X
    if is_frame(X):
        return X
    if np.ma.is_masked(X):
        raise InputError(
            "expected counts, got a masked array with some missing; fill them, as with filled(0)"
        )
    try:
        array = np.asarray(X)
        if array.dtype.kind in "mM":
            raise TypeError(f"they are of type {array.dtype}")
        return array.astype(np.float64) if array.dtype.kind in "OSU" else array
    except (TypeError, ValueError, RuntimeError) as error:
        first = next(iter(X), None) if isinstance(X, Sequence) else None
        of = "" if first is None else f" of {type(first).__name__}"
        raise InputError(
            f"expected texts, lists of tokens, a Corpus, or counts of shape (n_documents, n_words),"
            f" got a {type(X).__name__}{of} that cannot be read as numbers "
            f"({' '.join(str(error).split())}); pass one of these"
        ) from error


def _check_whole(counts: csr_matrix) -> None:
    """Refuse counts that look like tf-idf, and warn about other fractions."""
    if counts.dtype.kind in "biu":
        return
    if (np.floor(counts.data) == counts.data).all():
        return
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(1)).ravel())
    lengths = lengths[lengths > 0]
    if len(lengths) > 1 and (np.abs(lengths - 1) < _ROUNDING).all():
        raise InputError(
            "expected counts of words, got rows of unit length, which look like tf-idf; pass the "
            "counts themselves (from CountVectorizer instead of TfidfVectorizer)"
        )
    warnings.warn(
        "expected counts of words, got numbers with fractions, which are used as token weights; if "
        "they are tf-idf, pass the counts instead",
        UserWarning,
        stacklevel=2,
    )
