"""Data frames with a column of texts: the texts, and what else is known of each document."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from topicgen.corpus import Corpus
from topicgen.corpus.metadata.frames import as_metadata
from topicgen.corpus.missing import is_missing
from topicgen.corpus.reading.tables import DEFAULT_ID_COLUMN
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

# What tells texts from names and dates: words on average, in so many rows at the start.
_FEWEST_WORDS, _ROWS_LOOKED_AT = 3, 1_000

Metadata = Callable[[], "pd.DataFrame | None"]


def is_frame(X: Any) -> bool:
    """Return whether X is a data frame, of pandas or polars."""
    return hasattr(X, "shape") and hasattr(X, "columns")


def from_arrow(X: Any) -> Any:
    """Return a table or an array of pyarrow as one of pandas, which has columns and strings."""
    return X.to_pandas() if type(X).__module__.partition(".")[0] == "pyarrow" else X


def may_hold_text(column: Any) -> bool:
    """Return whether a column, or an array, is of a type that can hold texts."""
    dtype: Any = getattr(column, "dtype", None)
    # A polars type says whether it is numeric; those of numpy and pandas have a kind.
    if hasattr(dtype, "is_numeric"):
        return not dtype.is_numeric()
    return getattr(dtype, "kind", "O") in "OUST"


def text_columns(frame: Any) -> list[str]:
    """Return the columns of a data frame that look like texts, those of the most words first.

    Their values are strings of several words, three on average; never "id" and "date".

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"id": ["a b c"], "place": ["New York"], "body": ["A cat purrs."]})
        >>> text_columns(frame)
        ['body']
    """
    n_words = {}
    for name in frame.columns:
        column = frame[name]
        is_named = isinstance(name, str) and len(column.shape) == 1  # alone with its name
        if not is_named or name in (DEFAULT_ID_COLUMN, "date"):
            continue
        some = column.head(_ROWS_LOOKED_AT).to_list() if may_hold_text(column) else []
        words = [len(value.split()) for value in some if isinstance(value, str)]
        if words and sum(words) >= _FEWEST_WORDS * len(words):
            n_words[name] = sum(words) / len(words)
    return sorted(n_words, key=lambda name: -n_words[name])


def split_frame(X: Any, text_column: str) -> tuple[Any, Any]:
    """Return the column of texts of a data frame and its other columns; otherwise X and None.

    The texts are in the column of this name, or in the only one. Tables and arrays of pyarrow
    become those of pandas.

    Raises:
        InputError: where several columns have the name.

    Example:
        >>> import pandas as pd
        >>> texts, others = split_frame(pd.DataFrame({"text": ["a text"], "year": [1999]}), "text")
        >>> list(texts), list(others.columns)
        (['a text'], ['year'])
    """
    X = from_arrow(X)
    if not is_frame(X):
        return X, None
    names = list(X.columns)
    name = text_column if text_column in names else names[0] if len(names) == 1 else None
    if name is None:
        return X, None
    if names.count(name) > 1:
        raise InputError(
            f"expected one column {quoted(name)} of texts, got {names.count(name)}; rename all but "
            "one"
        )
    if not (may_hold_text(X[name]) and any(isinstance(item, str) for item in X[name])):
        return X, None
    return X[name], X[[other for other in names if other != name]]


def own_ids(X: Any, text_column: str) -> list[Any] | None:
    """Return the ids in the column "id" of a data frame with texts; None where it has none.

    Every row must have one, and the index must only number the rows (unnamed integers): otherwise
    the index holds the ids.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"id": ["L1", "L2"], "text": ["a text", "another"]})
        >>> own_ids(frame, "text"), own_ids(frame.set_index("id"), "text")
        (['L1', 'L2'], None)
        >>> own_ids(frame.set_axis(["x", "y"]), "text") is None
        True
    """
    others = split_frame(X, text_column)[1]
    if others is None or list(others.columns).count(DEFAULT_ID_COLUMN) != 1:
        return None
    index = getattr(others, "index", None)  # polars has none
    if index is not None and (
        index.nlevels > 1 or index.name is not None or index.dtype.kind not in "iu"
    ):
        return None
    ids: list[Any] = others[DEFAULT_ID_COLUMN].to_list()
    return None if any(isinstance(id, list | dict) or is_missing(id) for id in ids) else ids


def without_ids(metadata: "pd.DataFrame | None", X: Any, text_column: str) -> "pd.DataFrame | None":
    """Return the metadata that a data frame brings, to show next to ids that are in one column."""
    if metadata is None or own_ids(X, text_column) is None:
        return metadata
    others = metadata.drop(columns=DEFAULT_ID_COLUMN)
    return others if len(others.columns) else None


def metadata_of(X: Any, metadata: Any, text_column: str, n_documents: int) -> Metadata:
    """Return a function that returns the metadata of documents, which may take long to read.

    Args:
        X: the documents.
        metadata: what the user gave for them; None for those that X has itself: those of a corpus,
            and the other columns of a data frame with texts.
        text_column: the column of the texts.
        n_documents: how many there are.

    Raises:
        InputError: where what the user gave cannot be used.
    """
    if metadata is not None:
        frame = as_metadata(metadata, n_documents)
        return lambda: frame
    if isinstance(X, Corpus):
        return lambda: X.metadata
    others = split_frame(X, text_column)[1]
    if others is None or not len(others.columns):
        return lambda: None
    return partial(as_metadata, others, n_documents)
