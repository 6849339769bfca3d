"""Metadata as a data frame: one row per document, in their order."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicgen.corpus.metadata.metadata_rows import kinds_of
from topicgen.errors import InputError, check_kind, did_you_mean, listed
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def as_metadata(metadata: Any, n_documents: int) -> "pd.DataFrame":
    """Return metadata as a data frame with the rows numbered from 0.

    The rows are those of the documents by their position: an index is never aligned with another.

    Args:
        metadata: a data frame (pandas, polars or pyarrow), a column with a name, or a mapping
            from names to columns.
        n_documents: how many documents there are.

    Raises:
        InputError: where it is of another kind or length, or a name comes twice.

    Example:
        >>> import pandas as pd
        >>> shuffled = pd.DataFrame({"party": ["Lab", "Con"]}, index=[7, 3])
        >>> as_metadata(shuffled, 2)
          party
        0   Lab
        1   Con
    """
    frame = as_frame(metadata)
    if len(frame) != n_documents:
        raise InputError(
            f"expected metadata with {n_documents:,} rows, one for each document in the same "
            f"order, got {len(frame):,}; pass the rows of these documents"
        )
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"expected metadata with distinct column names, got {quoted(name)} more than once; "
                "rename all but one"
            )
    frame = frame.reset_index(drop=True)
    frame.columns = names
    return frame


def as_grid(values: Any) -> "pd.DataFrame":
    """Return values of metadata, in any number of rows, as a data frame.

    Raises:
        InputError: as ``as_metadata``.
    """
    frame = as_frame(values)
    return as_metadata(frame, len(frame))


def choose(metadata: "pd.DataFrame | None", keep: str | Sequence[str]) -> "pd.DataFrame":
    """Return some columns of metadata.

    Args:
        metadata: of a corpus; None where it has none.
        keep: the names of the columns, or "all".

    Raises:
        InputError: where a column does not exist.
    """
    if metadata is None:
        raise InputError(
            "expected documents with metadata to keep, got a corpus without; build it with "
            "'topicgen corpus build --keep'"
        )
    if isinstance(keep, str) and keep == "all":
        return metadata
    names = [keep] if isinstance(keep, str) else listed(keep)
    if names is None:
        raise InputError(
            f"expected the names of columns, or 'all', got {quoted(keep)}; pass a list of names"
        )
    for name in names:
        check_kind("the name of a column", name, str, "a text")
        if name not in metadata.columns:
            raise InputError(
                f"expected metadata with a column {quoted(name)}, got "
                f"{', '.join(map(repr, metadata.columns))}; "
                + did_you_mean(name, map(str, metadata.columns), "name one of these")
            )
    return metadata[names]


def beside(table: "pd.DataFrame", metadata: "pd.DataFrame | None") -> "pd.DataFrame":
    """Return a table with the metadata of its rows, by position, in further columns.

    A column with the name of one in the table is called ``input_NAME``.

    >>> import pandas as pd
    >>> beside(pd.DataFrame({"id": ["a"]}, index=[5]), pd.DataFrame({"id": [1], "year": [1999]}))
      id  input_id  year
    5  a         1  1999
    """
    if metadata is None:
        return table
    import pandas as pd

    names = list(table.columns)
    for name in metadata.columns:
        while name in names:
            name = f"input_{name}"
        names.append(name)
    together = pd.concat([table.reset_index(drop=True), metadata], axis=1)
    together.columns = names
    together.index = table.index
    return together


def write_frame(metadata: "pd.DataFrame", path: Path) -> dict[str, str]:
    """Write metadata as an Arrow file.

    Returns:
        What each column holds, in a word.

    Raises:
        InputError: where a column holds values of several types.
    """
    import pyarrow as pa

    columns = {}
    for name in metadata.columns:
        try:
            columns[name] = pa.array(metadata[name], from_pandas=True)
        except (pa.ArrowException, OverflowError) as error:
            raise InputError(
                f"cannot save the metadata column {quoted(name)}: "
                f"{str(error).partition(chr(10))[0]}; give all its values one type, as with "
                "astype(str)"
            ) from None
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2**16)
    return kinds_of(table.schema)


def read_frame(path: Path) -> "pd.DataFrame":
    """Return the metadata in an Arrow file, which is mapped into memory."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
        if len(set(table.column_names)) < len(table.column_names):
            raise ValueError("a column comes twice")
        table.validate(full=True)  # offsets of somebody else may lead anywhere in memory
        return to_frame(table)


def to_frame(table: "pa.Table") -> "pd.DataFrame":
    """Return a table of Arrow as one of pandas.

    Integers and booleans with missing values are pandas' own nullable types, so that an identifier
    does not become 7.0.
    """
    import pandas as pd

    frame = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        nullable = _nullable(column) if column.null_count else None
        mapper = None if nullable is None else {column.type: nullable}.get
        frame[name] = column.to_pandas(date_as_object=False, types_mapper=mapper)
    return pd.DataFrame(frame, index=pd.RangeIndex(table.num_rows))


def _nullable(column: "pa.ChunkedArray") -> Any:
    import pandas as pd
    from pyarrow import types

    if types.is_boolean(column.type):
        return pd.BooleanDtype()
    return pd.Int64Dtype() if types.is_int64(column.type) else None


def as_frame(metadata: Any) -> "pd.DataFrame":
    """Return a data frame of any library, a named column or a mapping to columns as one of pandas.

    Raises:
        InputError: where it is of another kind, or its columns have different lengths.
    """
    import pandas as pd

    if hasattr(metadata, "to_pandas"):  # polars, pyarrow
        metadata = metadata.to_pandas()
    if isinstance(metadata, pd.DataFrame):
        return metadata
    if isinstance(metadata, pd.Series):
        return metadata.to_frame("metadata" if metadata.name is None else metadata.name)
    if isinstance(metadata, Mapping):
        # Without their indices, which pandas would align.
        columns = {
            name: pd.Series(column).reset_index(drop=True) for name, column in metadata.items()
        }
        lengths = {len(column) for column in columns.values()}
        if len(lengths) < 2:
            return pd.DataFrame(columns)
        raise InputError(
            f"expected metadata with columns of one length, got {sorted(lengths)}; pass as many "
            "values as there are documents"
        )
    raise InputError(
        f"expected metadata as a data frame or a mapping from names to columns, got a "
        f"{type(metadata).__name__}; pass pd.DataFrame(...)"
    )
