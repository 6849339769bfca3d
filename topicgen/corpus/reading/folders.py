"""A folder tree of text files: each file is a document, each subfolder a label."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from topicgen.corpus.document import Document
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import AUTO, Decoder, decode_name, find_binary, warn_of_latin1
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.splits import split_of
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

# Not text, or tables, of which a file is not a document; any other suffix, or none, may be text.
# fmt: off
SKIPPED_SUFFIXES = frozenset(
    [
        ".7z", ".avi", ".bin", ".bmp", ".csv", ".db", ".dll", ".doc", ".docx", ".epub",
        ".exe", ".gif", ".ico", ".jar", ".jpeg", ".jpg", ".jsonl", ".mkv", ".mov", ".mp3",
        ".mp4", ".ndjson", ".npy", ".npz", ".o", ".odp", ".ods", ".odt", ".ogg", ".parquet",
        ".pdf", ".pkl", ".png", ".ppt", ".pptx", ".pyc", ".rar", ".so", ".sqlite", ".svg",
        ".tar", ".tgz", ".tif", ".tiff", ".tsv", ".wav", ".webm", ".webp", ".woff",
        ".woff2", ".xls", ".xlsx", ".zip",
    ]
)
# fmt: on


def read_folder(
    folder: str | os.PathLike[str], encoding: str = AUTO, meter: Meter | None = None
) -> Iterator[Document]:
    """Yield a document for each text file below a folder.

    The order is sorted, a folder's own files before its subfolders. The id is the path relative
    to the folder, the label the first-level subfolder, or the second where all of the first level
    are splits, such as train and test. Hidden files and folders are passed over;
    files that are not text are skipped and counted in one warning.

    Args:
        folder: the path of the folder.
        encoding: as ``Decoder`` takes it, for each file by itself.
        meter: counts the bytes read.

    Raises:
        InputError: where something cannot be read, or no file is text.
    """
    name = streams.display_name(folder)
    n_documents = n_bytes = n_files = 0
    skipped = []
    has_splits = _has_splits(folder)
    for path in _visible_files(folder):
        relative = path.relative_to(folder)
        suffix = streams.format_suffix(path)
        if suffix in SKIPPED_SUFFIXES:
            skipped.append(f"{str(relative)!r} ({suffix})")
            continue
        decoder = Decoder(streams.display_name(path), encoding)
        content = _read_content(path, meter)
        if problem := find_binary(content, wide=decoder.is_wide):
            skipped.append(f"{str(relative)!r} ({problem[0]})")
            continue
        n_documents += 1
        folders = relative.parts[int(has_splits) : -1]
        yield Document(
            text=decoder.decode(content),
            id=_decode_path(relative),
            label=_decode_path(folders[0]) if folders else None,
        )
        n_bytes += decoder.n_bytes
        n_files += decoder.n_bytes > 0
    others = ""
    if skipped:
        others = f"{quantity(len(skipped), 'file')} of another kind, first {skipped[0]}"
    if n_documents == 0:
        raise InputError(
            f"expected text files in the folder {name}, got {others or 'none'}; name a folder of "
            "text files, or a single file"
        )
    warn_of_latin1(n_bytes, quantity(n_files, "file"), name)
    if skipped:
        warnings.warn(
            f"expected text files in the folder {name}, skipped {others}",
            UserWarning,
            stacklevel=2,
        )


def folder_bytes(folder: str | os.PathLike[str]) -> int:
    """Return the size of the files that ``read_folder`` will read.

    Raises:
        InputError: where a folder cannot be read.
    """
    return sum(
        path.stat().st_size
        for path in _visible_files(folder)
        if streams.format_suffix(path) not in SKIPPED_SUFFIXES
    )


def _has_splits(folder: str | os.PathLike[str]) -> bool:
    """Return whether the subfolders are splits of a collection, such as train and test."""
    with streams.explained(folder), os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and entry.name[0] != "."]
    return bool(names) and all(split_of(f"{name}/") for name in names)


def _visible_files(folder: str | os.PathLike[str]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            # A pipe or a dangling link is no document, and opening a pipe could wait for ever.
            if not name.startswith(".") and path.is_file():
                yield path


def _read_content(path: Path, meter: Meter | None) -> bytes:
    chunks, n_bytes = [], 0
    with streams.open_stream(path, meter) as stream:
        for chunk in streams.read_chunks(stream):
            chunks.append(chunk)
            n_bytes += len(chunk)
            if n_bytes > streams.MAX_DOCUMENT_BYTES:
                break
    content = b"".join(chunks)
    if n_bytes > streams.MAX_DOCUMENT_BYTES and not find_binary(content):
        raise streams.too_long(streams.display_name(path))
    return content


def _decode_path(path: str | Path) -> str:
    return decode_name(os.fsencode(Path(path).as_posix()))


def _refuse(error: OSError) -> NoReturn:
    raise streams.unreadable(repr(error.filename), error) from None
