"""The files that ``topicgen transform`` writes: what was inferred about documents."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.cli.messages import print_csv
from topicgen.corpus.metadata.frames import beside
from topicgen.errors import InputError
from topicgen.files import whole_file
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
        arrays: what was inferred, each of shape (n_documents, n_topics), by the name that its
            columns begin with.
        n_tokens: known tokens of each document.
        unknown_share: of the tokens of each document.
        labels: of the documents; None to write none.
        metadata: of the documents; None to write none.
    """

    ids: Sequence[str]
    arrays: "dict[str, np.ndarray]"
    n_tokens: "np.ndarray"
    unknown_share: "np.ndarray"
    labels: Sequence[str] | None = None
    metadata: "pd.DataFrame | None" = None

    def table(self, *, in_digits: bool = False) -> "pd.DataFrame":
        """Return a row per document, with the columns of each topic next to each other.

        Args:
            in_digits: whether to round numbers to as many digits as people read.
        """
        import pandas as pd

        arrays, unknown = self.arrays, self.unknown_share
        if in_digits:
            arrays = {name: _rounded(name, values) for name, values in arrays.items()}
            unknown = _rounded("unknown_share", unknown)
        n_topics = next(iter(arrays.values())).shape[1]
        columns: dict[str, Any] = {"id": list(self.ids)}
        for topic in range(n_topics):
            for name, values in arrays.items():
                columns[_column(name, topic)] = values[:, topic]
        columns |= {"n_tokens": self.n_tokens, "unknown_share": unknown}
        if self.labels is not None:
            columns["label"] = list(self.labels)
        return beside(pd.DataFrame(columns), self.metadata)


def write_proportions(inferred: Inferred, output: str | None) -> None:
    """Write a file, whole or not at all, or CSV to standard output."""
    if output is None:
        print_csv(lambda file: _write_csv(inferred, file))
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


def _write_csv(inferred: Inferred, file: Any) -> None:
    write_frame(inferred.table(in_digits=True), file)


def _write_parquet(inferred: Inferred, path: Path) -> None:
    inferred.table().to_parquet(path, index=False, engine="pyarrow")


def _write_npz(inferred: Inferred, path: Path) -> None:
    import numpy as np

    arrays: dict[str, Any] = {
        "ids": np.array(inferred.ids, dtype=str),
        "n_tokens": inferred.n_tokens,
        "unknown_share": inferred.unknown_share,
    }
    for name, values in inferred.arrays.items():
        arrays[name.replace("topic", "doc_topic")] = values
    if inferred.labels is not None:
        arrays["labels"] = np.array([label or "" for label in inferred.labels], dtype=str)
    for name, column in () if inferred.metadata is None else inferred.metadata.items():
        arrays[f"metadata_{name}"] = _plain_array(column)
    with open(path, "wb") as stream:
        np.savez(stream, **arrays)


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
            f"the output file must end in {', '.join(_WRITERS)}, got {output!r}; rename the file"
        )
    return _WRITERS[suffix]
