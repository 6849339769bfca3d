"""A folder tree of text files: each file is a document, each subfolder a label."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator

from topicgen.corpus.document import Document
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import (
    BinaryDataError,
    Decoder,
    decode_name,
    warn_of_guesses,
    warn_of_wide,
)
from topicgen.corpus.reading.encodings import AUTO
from topicgen.corpus.reading.finding import Search, check_folder
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.splits import split_of
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError


def read_folder(
    folder: str | os.PathLike[str],
    encoding: str = AUTO,
    meter: Meter | None = None,
    search: Search | None = None,
) -> Iterator[Document]:
    """Yield a document for each text file below a folder.

    The order is sorted, a folder's own files before its subfolders, and what links lead to last.
    The id is the path relative to the folder, the label the first-level subfolder, or the second
    where all of the first level are splits, such as train and test. ``Search`` says which files are
    no documents.

    Args:
        folder: the path of the folder.
        encoding: as ``Decoder`` takes it, for each file by itself.
        meter: counts the bytes read.
        search: knows the files that were read already, and counts those that are left out; without
            it, one warning counts these.

    Raises:
        InputError: where something cannot be read, or no file is text.
    """
    own = Search() if search is None else search
    check_folder(os.fspath(folder))
    n_repeated = own.n_repeated
    found = FoundInFolder()
    yield from read_files(folder, own.walk(os.fspath(folder)), found, own, encoding, meter)
    found.finish(folder, own, has_repeated=own.n_repeated > n_repeated)
    if search is None:
        own.warn()


class FoundInFolder:
    """What the files of a folder are found to be while they are read.

    Attributes:
        n_documents: how many are text.
        n_bytes: how many bytes of them were read in an encoding that is a guess.
        n_files: how many files these bytes are in.
        n_wide: how many files are UTF-16 or UTF-32 without a byte order mark, by the encoding.
    """

    def __init__(self) -> None:
        self.n_documents = self.n_bytes = self.n_files = 0
        self.n_wide: Counter[str] = Counter()

    def add(self, other: "FoundInFolder") -> None:
        """Add what other files of the folder were found to be."""
        self.n_documents += other.n_documents
        self.n_bytes += other.n_bytes
        self.n_files += other.n_files
        self.n_wide.update(other.n_wide)

    def finish(self, folder: str | os.PathLike[str], search: Search, *, has_repeated: bool) -> None:
        """Say how the files were read.

        Args:
            folder: the path of the folder.
            search: knows what was left out.
            has_repeated: whether files of the folder were read before.

        Raises:
            InputError: where no file was text.
        """
        name = streams.display_name(folder)
        if self.n_documents == 0 and not has_repeated:
            raise InputError(
                f"expected text files in the folder {name}, got {search.summary() or 'none'}"
                + (search.advice() or "; name a folder of text files, or a single file")
            )
        warn_of_guesses(self.n_bytes, quantity(self.n_files, "file"), name)
        for wide, number in self.n_wide.items():
            warn_of_wide(wide, f"{quantity(number, 'file')} of {name}")


def read_files(
    folder: str | os.PathLike[str],
    paths: Iterable[str],
    found: FoundInFolder,
    search: Search,
    encoding: str = AUTO,
    meter: Meter | None = None,
) -> Iterator[Document]:
    """Yield the documents that some files of a folder are.

    Args:
        folder: the path of the folder.
        paths: of the files, below it.
        found: takes what they are found to be.
        search: counts the files that are left out because they are not text.
        encoding: as ``Decoder`` takes it, for each file by itself.
        meter: counts the bytes read.

    Raises:
        InputError: where a file cannot be read.
    """
    has_splits = _has_splits(folder)
    root = os.path.join(os.fspath(folder), "")
    for path in paths:
        decoder = Decoder(streams.display_name(path), encoding)
        try:
            text = decoder.decode(_read_content(path, meter))
        except BinaryDataError:
            search.leave_out("binary file", path)
            continue
        found.n_documents += 1
        id_ = decode_name(os.fsencode(path[len(root) :])).replace(os.sep, "/")
        folders = id_.split("/")[int(has_splits) : -1]
        yield Document(text, id_, folders[0] if folders else None)
        found.n_bytes += decoder.n_bytes
        found.n_files += decoder.n_bytes > 0
        if decoder.wide:
            found.n_wide[decoder.wide] += 1


def folder_bytes(folder: str | os.PathLike[str], search: Search | None = None) -> int:
    """Return the size of the files that ``read_folder`` will read.

    Raises:
        InputError: where a folder cannot be read.
    """
    own = Search() if search is None else search
    return sum(os.stat(path).st_size for path in own.walk(os.fspath(folder)))


def _has_splits(folder: str | os.PathLike[str]) -> bool:
    """Return whether the subfolders are splits of a collection, such as train and test."""
    with streams.explained(folder), os.scandir(folder) as entries:
        # Not entry.is_dir(), which fails where a link leads to itself.
        folders = [entry.name for entry in entries if os.path.isdir(entry.path)]
    names = [name for name in folders if name[0] != "."]
    return bool(names) and all(split_of(f"{name}/") for name in names)


def _read_content(path: str, meter: Meter | None) -> bytes:
    chunks, n_bytes = [], 0
    with streams.open_stream(path, meter) as stream:
        for chunk in streams.read_chunks(stream):
            chunks.append(chunk)
            n_bytes += len(chunk)
            if n_bytes > streams.MAX_DOCUMENT_BYTES:
                break
    content = b"".join(chunks)
    if n_bytes > streams.MAX_DOCUMENT_BYTES and b"\0" not in content:
        raise streams.too_long(streams.display_name(path))
    return content
