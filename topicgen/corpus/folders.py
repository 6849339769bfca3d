"""A folder tree of text files: a document a file, a label a subfolder."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from topicgen.corpus import streams
from topicgen.corpus.decoding import Decoder, decode_name, find_binary
from topicgen.corpus.document import Document
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
        ".woff2", ".xls", ".xlsx", ".zip", ".zst",
    ]
)
# fmt: on


def read_folder(folder: str | os.PathLike[str]) -> Iterator[Document]:
    """Yield a document for each text file below a folder.

    The order is sorted, a folder's own files before its subfolders. The id is the path relative
    to the folder, the label the first-level subfolder. Hidden files and folders are passed over;
    files that are not text are skipped and counted in one warning.

    Raises:
        InputError: where something cannot be read, or no file is text.
    """
    name = streams.display_name(folder)
    decoder = Decoder(name, unit="file")
    n_documents = 0
    skipped = []
    for path in _visible_files(folder):
        relative = path.relative_to(folder)
        suffix = streams.format_suffix(path)
        if suffix in SKIPPED_SUFFIXES:
            skipped.append(f"{str(relative)!r} ({suffix})")
            continue
        content = _read_content(path)
        if problem := find_binary(content):
            skipped.append(f"{str(relative)!r} ({problem[0]})")
            continue
        n_documents += 1
        yield Document(
            text=decoder.decode(content, streams.display_name(path)),
            id=_decode_path(relative),
            label=_decode_path(relative.parts[0]) if len(relative.parts) > 1 else None,
        )
    others = ""
    if skipped:
        others = f"{quantity(len(skipped), 'file')} of another kind, first {skipped[0]}"
    if n_documents == 0:
        raise InputError(
            f"expected text files in the folder {name}, got {others or 'none'}; give a folder of "
            "text files, or the path of a single file"
        )
    decoder.warn()
    if skipped:
        warnings.warn(
            f"expected text files in the folder {name}, skipped {others}",
            UserWarning,
            stacklevel=2,
        )


def _visible_files(folder: str | os.PathLike[str]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            # A pipe or a dangling link is no document, and opening a pipe could wait for ever.
            if not name.startswith(".") and path.is_file():
                yield path


def _read_content(path: Path) -> bytes:
    with streams.open_stream(path) as stream:
        content = stream.read(streams.MAX_DOCUMENT_BYTES + 1)
    if len(content) > streams.MAX_DOCUMENT_BYTES and not find_binary(content):
        raise streams.too_long(streams.display_name(path))
    return content


def _decode_path(path: str | Path) -> str:
    return decode_name(os.fsencode(Path(path).as_posix()))


def _refuse(error: OSError) -> NoReturn:
    raise streams.unreadable(repr(error.filename), error) from None
