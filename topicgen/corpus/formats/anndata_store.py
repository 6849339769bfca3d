"""Elements of AnnData's on-disk specification: strings, categories and data frames in HDF5.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from topicgen.errors import InputError


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
    if not hasattr(element, "keys"):
        values = element.asstr()[:] if element.dtype.kind in "OS" else element[:]
        return [str(value) for value in values.tolist()]
    if "codes" in element:
        categories = [*read_strings(element["categories"]), ""]  # -1 is none, and the last
        return [categories[code] for code in element["codes"][:].tolist()]
    mask = element["mask"][:].tolist()
    return [
        "" if absent else value
        for value, absent in zip(read_strings(element["values"]), mask, strict=True)
    ]


def write_frame(
    parent: Any, name: str, index: Sequence[str], columns: Mapping[str, Sequence[str]]
) -> None:
    """Write a data frame of strings."""
    from h5py import string_dtype

    frame = new_group(parent, name, "dataframe", "0.2.0")
    frame.attrs["_index"] = "_index"
    frame.attrs.create("column-order", data=list(columns), dtype=string_dtype())
    for column, values in {"_index": index, **columns}.items():
        data = np.array(list(values), dtype=object)
        element = frame.create_dataset(column, data=data, dtype=string_dtype())
        mark(element, "string-array", "0.2.0")
