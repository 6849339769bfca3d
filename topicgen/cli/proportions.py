"""The files that ``topicgen transform`` writes: what was inferred about documents."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from topicgen.cli.archive import Archive
from topicgen.cli.messages import print_csv
from topicgen.corpus.metadata.frames import beside
from topicgen.errors import InputError
from topicgen.files import whole_file
from topicgen.plain import quoted
from topicgen.spreadsheet import DIGITS, write_frame

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Digits after the point of tokens in CSV.
_DECIMALS = 2


class Inferred(NamedTuple):
    """What is written about documents.

    Args:
        ids: of the documents.
        blocks: the rows of some documents, with what was inferred: arrays of shape (n_documents of
            these rows, n_topics), by the name that their columns begin with. All documents, in
            order, and at least one block.
        n_tokens: known tokens of each document.
        unknown_share: of the tokens of each document.
        labels: of the documents; None to write none.
        metadata: of the documents; None to write none.
    """

    ids: Sequence[str]
    blocks: "Iterable[tuple[slice, dict[str, np.ndarray]]]"
    n_tokens: "np.ndarray"
    unknown_share: "np.ndarray"
    labels: Sequence[str] | None = None
    metadata: "pd.DataFrame | None" = None

    def tables(self, *, in_digits: bool = False) -> "Iterator[pd.DataFrame]":
        """Yield tables with a row per document, the columns of each topic next to each other.

        Args:
            in_digits: whether to round numbers to as many digits as people read.
        """
        for rows, arrays in self.blocks:
            yield self._table(rows, arrays, in_digits=in_digits)

    def _table(
        self, rows: slice, arrays: "dict[str, np.ndarray]", *, in_digits: bool
    ) -> "pd.DataFrame":
        import pandas as pd

        unknown = self.unknown_share[rows]
        if in_digits:
            arrays = {name: _rounded(name, values) for name, values in arrays.items()}
            unknown = _rounded("unknown_share", unknown)
        n_topics = next(iter(arrays.values())).shape[1]
        columns: dict[str, Any] = {"id": list(self.ids[rows])}
        for topic in range(n_topics):
            for name, values in arrays.items():
                columns[_column(name, topic)] = values[:, topic]
        columns |= {"n_tokens": self.n_tokens[rows], "unknown_share": unknown}
        if self.labels is not None:
            columns["label"] = list(self.labels[rows])
        metadata = self.metadata
        if metadata is not None:
            metadata = metadata.iloc[rows].reset_index(drop=True)
        return beside(pd.DataFrame(columns), metadata)


def write_proportions(inferred: Inferred, output: str | None) -> None:
    """Write a file, whole or not at all, or CSV to standard output."""
    if output is None:
        print_csv(lambda stream: _write_lines(inferred, stream))
        return
    with whole_file(output) as draft:
        writer_for(output)(inferred, draft)


def _column(name: str, topic: int) -> str:
    """Return the name of a topic's column.

    Example:
        >>> _column("topic", 3), _column("tokens_low", 3)
        ('topic_3', 'tokens_3_low')
    """
    quantity, *end = name.split("_")
    return "_".join([quantity, str(topic), *end])


def _rounded(name: str, values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    from topicgen.arrays import significant

    return np.round(values, _DECIMALS) if name.startswith("tokens") else significant(values, DIGITS)


def _write_csv(inferred: Inferred, path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        _write_lines(inferred, stream)


def _write_lines(inferred: Inferred, stream: TextIO) -> None:
    if inferred.metadata is not None:
        inferred = inferred._replace(metadata=_with_dates_as_text(inferred.metadata))
    for number, table in enumerate(inferred.tables(in_digits=True)):
        write_frame(table, stream, header=number == 0)


def _with_dates_as_text(metadata: "pd.DataFrame") -> "pd.DataFrame":
    """Return metadata with dates as pandas writes them: all times of a column in one form.

    In blocks, those without a time of day would be written otherwise than the others.
    """
    import pandas as pd

    metadata = metadata.copy(deep=False)
    for place, (_, column) in enumerate(metadata.items()):
        if pd.api.types.is_datetime64_any_dtype(column):
            lines = column.to_csv(header=False, date_format=None).splitlines()
            written = [line.partition(",")[2] for line in lines]  # after the index
            metadata.isetitem(place, pd.Series(written, column.index, dtype=object))
    return metadata


def _write_parquet(inferred: Inferred, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = inferred.tables()
    first = next(tables)
    # A column of which the first rows are missing has the type of those that follow.
    names = list(first.columns)
    schema = pa.Schema.from_pandas(first, preserve_index=False)
    if inferred.metadata is not None:
        whole = pa.Schema.from_pandas(inferred.metadata, preserve_index=False)
        before = len(names) - len(whole)
        for place, field in enumerate(whole, before):
            schema = schema.set(place, field.with_name(names[place]))
    with pq.ParquetWriter(path, schema) as writer:
        for table in chain([first], tables):
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))


def _write_npz(inferred: Inferred, path: Path) -> None:
    import numpy as np

    with tempfile.TemporaryDirectory(dir=path.parent) as waiting, Archive(path) as archive:
        parts: dict[str, tuple[Path, int]] = {}
        for _, arrays in inferred.blocks:
            for name, values in arrays.items():
                part, _ = parts.setdefault(name, (Path(waiting, name), values.shape[1]))
                with part.open("ab") as file:
                    file.write(np.ascontiguousarray(values, dtype=np.float64).tobytes())
        archive.add_texts("ids", inferred.ids)
        archive.add("n_tokens", inferred.n_tokens)
        archive.add("unknown_share", inferred.unknown_share)
        for name, (part, n_topics) in parts.items():
            shape = (len(inferred.ids), n_topics)
            archive.add_file(name.replace("topic", "doc_topic"), part, np.dtype(float), shape)
        if inferred.labels is not None:
            archive.add_texts("labels", inferred.labels)
        for name, column in () if inferred.metadata is None else inferred.metadata.items():
            archive.add(f"metadata_{name}", _plain_array(column))


def _plain_array(column: "pd.Series") -> "np.ndarray":
    """Return a column as an array without pickled objects; missing numbers are NaN, texts ""."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) and not column.hasnans:
        return column.to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float if column.hasnans else None)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    if pd.api.types.is_datetime64_dtype(column):
        return column.to_numpy()
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=str)


_Writer = Callable[[Inferred, Path], None]
_WRITERS: dict[str, _Writer] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".npz": _write_npz,
}


def writer_for(output: str) -> _Writer:
    """Return what writes a file with this ending.

    Raises:
        InputError: at another ending.
    """
    suffix = Path(output).suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            f"the output file must end in one of {', '.join(_WRITERS)}, got {quoted(output)}; "
            "rename the file"
        )
    return _WRITERS[suffix]
