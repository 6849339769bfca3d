"""Elements of AnnData's on-disk specification: strings, categories and data frames in HDF5.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.corpus.formats.hdf5_strings import check_references
from topicgen.corpus.reading.limits import check_expansion
from topicgen.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def mark(element: Any, encoding: str, version: str) -> None:
    """Say what an element is."""
    element.attrs["encoding-type"] = encoding
    element.attrs["encoding-version"] = version


def new_group(parent: Any, name: str, encoding: str, version: str) -> Any:
    """Return a new group that says what it is."""
    group = parent.create_group(name)
    mark(group, encoding, version)
    return group


def require(file: Any, name: str, *keys: str) -> None:
    """Make sure that a file has some elements.

    Raises:
        InputError: where one is missing.
    """
    for key in keys:
        if key not in file:
            raise InputError(
                f"expected {', '.join(keys)} as in AnnData's .h5ad, got {name} without {key}; "
                "save it with AnnData.write_h5ad"
            )


def read_index(frame: Any, name: str) -> list[str]:
    """Return the index of a data frame as strings.

    Raises:
        InputError: where it has none, as before AnnData 0.7.
    """
    key = getattr(frame, "attrs", {}).get("_index", "_index")
    if not hasattr(frame, "keys") or key not in frame:
        raise InputError(
            f"expected a data frame with an index at {frame.name}, got none in {name}; save it "
            "again with AnnData 0.8 or later"
        )
    return read_strings(frame[key])


def read_strings(element: Any) -> list[str]:
    """Return the values of an array, nullable array or categorical as strings, "" where none is."""
    return ["" if value is None else str(value) for value in read_values(element)]


def read_array(element: Any) -> Any:
    """Return the values of an array, as numpy has them, or strings as objects.

    Raises:
        ValueError: where they are kept in other files, or are more than their bytes explain.
    """
    if element.is_virtual or element.external:
        raise ValueError(f"{element.name} is kept in other files")
    check_expansion(element.nbytes, element.id.get_storage_size(), element.name)
    check_references(element, Path(element.file.filename))
    return element.asstr()[:] if element.dtype.kind in "OS" else element[:]


def read_values(element: Any) -> list[Any]:
    """Return the values of an array, nullable array or categorical, None where one is missing.

    Raises:
        ValueError: as ``read_array``, and where a category does not exist.
    """
    if not hasattr(element, "keys"):
        return list(read_array(element).tolist())
    if "codes" in element:
        categories = [*read_values(element["categories"]), None]  # -1 is none, and the last
        codes = read_array(element["codes"])
        if codes.size and (codes.min() < -1 or codes.max() >= len(categories) - 1):
            raise ValueError(f"{element.name} has codes without a category")
        return [categories[code] for code in codes.tolist()]
    mask = read_array(element["mask"]).tolist()
    return [
        None if absent else value
        for value, absent in zip(read_values(element["values"]), mask, strict=True)
    ]


def read_columns(frame: Any, leave_out: str) -> dict[str, Any]:
    """Return the columns of a data frame but for one, by name; other kinds are left out, too."""
    columns = {}
    for name in map(str, frame.attrs.get("column-order", ())):
        if name != leave_out and name in frame:
            # Of what others keep there, some is no column of values.
            with suppress(KeyError, ValueError, TypeError, AttributeError, IndexError):
                columns[name] = _typed(read_values(frame[name]))
    return columns


def write_frame(
    parent: Any, name: str, index: Sequence[str], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Write a data frame.

    Args:
        parent: where to.
        name: of the frame.
        index: of the frame.
        columns: lists of strings, or columns of pandas.
    """
    from h5py import string_dtype

    frame = new_group(parent, name, "dataframe", "0.2.0")
    frame.attrs["_index"] = "_index"
    frame.attrs.create("column-order", data=list(columns), dtype=string_dtype())
    for column, values in {"_index": index, **columns}.items():
        _write_column(frame, column, values)


def _typed(values: list[Any]) -> Any:
    """Return values with integers and booleans in pandas' nullable types where some are missing."""
    kinds = {type(value) for value in values} - {type(None)}
    if None in values and kinds in ({int}, {bool}):
        import pandas as pd

        return pd.array(values, dtype="Int64" if kinds == {int} else "boolean")
    return values


def _write_column(frame: Any, name: str, values: Any) -> None:
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    if not hasattr(values, "isna"):
        _write_strings(frame, name, values)
    elif kind == "f":
        numbers = values.to_numpy(float, na_value=np.nan)
        mark(frame.create_dataset(name, data=numbers), "array", "0.2.0")
    elif kind in "biu" and isinstance(values.dtype, np.dtype):
        mark(frame.create_dataset(name, data=values.to_numpy()), "array", "0.2.0")
    elif kind in "biu":
        _write_nullable(frame, name, values)
    else:
        _write_categories(frame, name, values)


def _write_strings(frame: Any, name: str, values: Sequence[str]) -> None:
    from h5py import string_dtype

    data = np.array(list(values), dtype=object)
    mark(frame.create_dataset(name, data=data, dtype=string_dtype()), "string-array", "0.2.0")


def _write_categories(frame: Any, name: str, values: "pd.Series") -> None:
    """Write strings, dates and the like, any of them missing."""
    present = values.notna().to_numpy()
    texts = [str(value) for value in values.astype(object)[present]]
    categories = sorted(set(texts))
    code = {text: number for number, text in enumerate(categories)}
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[present] = [code[text] for text in texts]
    group = new_group(frame, name, "categorical", "0.2.0")
    group.attrs["ordered"] = False
    mark(group.create_dataset("codes", data=codes), "array", "0.2.0")
    _write_strings(group, "categories", categories)


def _write_nullable(frame: Any, name: str, values: "pd.Series") -> None:
    """Write integers or booleans, any of them missing."""
    is_boolean = values.dtype.kind == "b"
    group = new_group(frame, name, f"nullable-{'boolean' if is_boolean else 'integer'}", "0.1.0")
    present = values.to_numpy(bool if is_boolean else np.int64, na_value=0)
    mark(group.create_dataset("values", data=present), "array", "0.2.0")
    mark(group.create_dataset("mask", data=values.isna().to_numpy()), "array", "0.2.0")
