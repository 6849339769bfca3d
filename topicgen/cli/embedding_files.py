"""Reading embeddings from a numpy file, memory-mapped if possible, and checked beforehand."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import click

from topicgen.cli.input_rows import InputRows
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

if TYPE_CHECKING:
    import numpy as np

    from topicgen.topic_model import TopicModel

embeddings_option = click.option(
    "--embeddings",
    metavar="FILE",
    help="Embeddings of the documents from a sentence encoder: an .npy file, or an .npz file with "
    "one array, that has a row for each document of INPUT, in order.",
)

Found = TypeVar("Found")

_REMEDY = "write it with numpy.save(FILE, array)"
# This much is unpacked of any archive, however small it is.
_FREE_BYTES = 2**28


def embeddings_of_input(
    models: "Sequence[TopicModel]", path: str | None, rows: InputRows
) -> "np.ndarray | None":
    """Return the embeddings of documents that fitted models are applied to, or None.

    Args:
        models: one or more.
        path: of the file, or None.
        rows: which documents of INPUT they are.

    Raises:
        InputError: where a model needs embeddings and there are none, no model reads those there
            are, or the file cannot be used.
    """
    sizes = [model.fitted_.embedding.n_dimensions for model in models if model.fitted_.embedding]
    if path is not None and not sizes:
        raise InputError(
            "the model reads no embeddings, as it was fitted without, or with a network and then "
            "edited; leave --embeddings out"
        )
    if not sizes:
        return None
    if path is None:
        raise InputError(
            f"the model was fitted with embeddings of {sizes[0]:,} dimensions and needs those of "
            "INPUT; pass --embeddings FILE, from the same sentence encoder"
        )
    return read_embeddings_file(path, rows)


def read_embeddings_file(path: str, rows: InputRows) -> "np.ndarray":
    """Return the embeddings of the documents that are used.

    Args:
        path: of an ``.npy`` file, which is mapped, or an ``.npz`` file with one array.
        rows: which documents of INPUT these are.

    Raises:
        InputError: where the file cannot be read, is damaged, or has other rows than INPUT.
    """
    vectors = _with_file(path, lambda copy, size: _array(copy, size, path))
    if len(vectors) != rows.n_read:
        raise InputError(
            f"expected embeddings with a row for each of the {rows.n_read:,} documents of INPUT, "
            f"got {len(vectors):,} rows in {quoted(path)}; embed all of them in order, including "
            "those that are empty or that --split or --deduplicate leaves out"
        )
    numbers = rows.numbers
    return vectors if numbers is None else vectors[numbers]


def check_embeddings_file(path: str) -> None:
    """Check the header of a file before the documents are read, which may take long.

    Raises:
        InputError: where it cannot be read, or does not hold an array of numbers.
    """
    _with_file(path, lambda copy, size: _check(copy, size, path))


def _with_file(path: str, use: "Callable[[Path, int], Found]") -> "Found":
    """Return what a function makes of a local copy of a file and its size; explain its errors."""
    from topicgen.corpus.reading.damage import shortened
    from topicgen.corpus.reading.streams import check_is_file

    if Path(path).suffix.lower() not in (".npy", ".npz"):
        raise InputError(
            f"expected embeddings in an .npy or .npz file, got {quoted(path)}; {_REMEDY}"
        )
    copy = Path(stores.fetched(path))
    try:
        if not copy.exists():
            raise FileNotFoundError(2, "No such file or directory")
        return use(copy, check_is_file(copy))
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            f"cannot read the embeddings in {quoted(path)}: {error.strerror or error}; pass a file "
            "that numpy.save wrote"
        ) from error
    except Exception as error:  # of the tokenizer, the parser, the archive and others
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"the embeddings in {quoted(path)} are damaged ({shortened(reason)}); {_REMEDY}"
        ) from error


def _array(copy: Path, size: int, path: str) -> "np.ndarray":
    """Return the array of a file; that of an ``.npy`` file is memory-mapped."""
    import numpy as np

    _check(copy, size, path)
    if not _is_archive(copy):
        mapped: np.ndarray = np.load(copy, mmap_mode="r", allow_pickle=False)
        return mapped
    with np.load(copy, allow_pickle=False) as arrays:
        (found,) = arrays.values()
        return np.asarray(found)


def _is_archive(copy: Path) -> bool:
    return copy.suffix.lower() == ".npz"


def _check(copy: Path, size: int, path: str) -> None:
    from topicgen.corpus.reading.limits import check_expansion

    if not _is_archive(copy):
        with copy.open("rb") as file:
            _check_header(file, size, path)
        return
    with zipfile.ZipFile(copy) as members:
        listed = members.infolist()
        if len(listed) != 1:
            names = ", ".join(member.filename for member in listed[:5])
            raise InputError(
                f"expected one array, got {len(listed)} ({names}) in {quoted(path)}; write the "
                "embeddings alone with numpy.save"
            )
        (member,) = listed
        check_expansion(member.file_size, size, quoted(path), free=_FREE_BYTES)
        with members.open(member) as file:
            _check_header(file, member.file_size, path)


def _check_header(file: IO[bytes], n_bytes: int, path: str) -> None:
    """Make sure that an array is as large as its header says, before memory is taken for it.

    Raises:
        InputError, ValueError: where it is not, or holds Python objects.
    """
    from topicgen.corpus.reading.array_headers import read_array_header

    header = read_array_header(file)
    if header.dtype.hasobject:
        raise InputError(
            f"expected numbers, got Python objects in {quoted(path)}, which are not read; {_REMEDY}"
        )
    if len(header.shape) != 2 or header.dtype.kind not in "fiu":
        raise InputError(
            f"expected an array of numbers with a row for each document, got one of {header.dtype} "
            f"and shape {header.shape} in {quoted(path)}; {_REMEDY}"
        )
    rest = n_bytes - file.tell()
    if not header.is_filled_by(rest):
        raise ValueError(
            f"its shape is {header.shape}, which takes {header.n_bytes:,} bytes, but it has "
            f"{rest:,}"
        )
