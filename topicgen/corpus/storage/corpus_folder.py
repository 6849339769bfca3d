"""A corpus as a folder: compressed rows in numpy's format, and what belongs to them.

``corpus.json`` describes it, with the recipe of the words, and the SHA-256 of every file;
``vocabulary.json`` holds the words; ``indptr.npy``, ``indices.npy`` and ``data.npy`` the counts, by
rows; ``ids`` and ``labels`` the strings of the documents, end to end, and ``*.ends.npy`` where each
ends; ``metadata.arrow``, where there are any, what else is known of each document.

A folder is data, and it is checked before it is believed: every file against its SHA-256 and, as a
stranger can compute checksums too, for what it holds. What grows with the words of the documents,
the counts and the metadata, is checked on first use; all else when the folder is opened. A file is
read through for this once in a process, unless it changes.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.metadata.frames import read_frame, write_frame
from topicgen.corpus.metadata.metadata_rows import MetadataRows
from topicgen.corpus.missing import as_label
from topicgen.corpus.storage.arrays import ArrayWriter
from topicgen.corpus.storage.checks import check_entries, check_rising, check_strings, mapped
from topicgen.corpus.storage.strings import Strings, StringWriter
from topicgen.errors import InputError
from topicgen.files import hold, whole_folder
from topicgen.files.json_file import read_json
from topicgen.files.sealed import Sealed, check_is_folder, write_sealed
from topicgen.plain import quoted
from topicgen.vocabulary import MOST_BYTES_OF_WORDS, as_words

if TYPE_CHECKING:
    import pandas as pd

# 2 holds the checksum of corpus.json itself.
FORMAT_VERSION = 2
_READABLE = (1, FORMAT_VERSION)
DESCRIPTION, VOCABULARY = "corpus.json", "vocabulary.json"
_COUNTS = ("indptr", "indices", "data")
_IDS, _LABELS, _METADATA = "ids", "labels", "metadata.arrow"
_GREATEST_INT32 = 2**31 - 1
_CHUNK = 2**24
_REMEDY = "build it again"
# A file that changed later than this may change again without another time of change.
_SETTLED = 2.0

# Files that have been read through and found sound in this process.
_SOUND: set[tuple[Any, ...]] = set()


def is_corpus(folder: str | os.PathLike[str]) -> bool:
    """Return whether a folder holds a corpus."""
    return os.path.isfile(os.path.join(folder, DESCRIPTION))  # False where names are too long


class CorpusWriter:
    """Writes a corpus into an empty folder, some documents at a time.

    Names and metadata may come before the counts or after; ``finish`` makes a corpus of it all.

    Args:
        folder: where to write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._n_labelled = 0
        self._ids = StringWriter(folder / _IDS)
        self._labels = StringWriter(folder / _LABELS)
        self._rows = MetadataRows(folder / "metadata.waiting")
        self._kinds: dict[str, str] = {}
        self._indptr = ArrayWriter(folder / "indptr.npy", np.int64)
        self._indices = ArrayWriter(folder / "indices.npy", np.int32)
        self._data = ArrayWriter(folder / "data.npy", np.int32)
        self._indptr.append(np.zeros(1))

    def add_name(
        self, id: str, label: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Append a document's id, its label, and what else is known of it."""
        self._ids.append(id)
        if label is None:
            self._labels.append("")
        else:
            label = as_label(label)
            self._labels.append(label or "")
            self._n_labelled += bool(label)
        self._rows.append(metadata)

    def add_metadata(self, metadata: "pd.DataFrame") -> None:
        """Write the metadata of all documents at once.

        Raises:
            InputError: where a column holds values of several types.
        """
        self._kinds = write_frame(metadata, self.folder / _METADATA)

    def add_counts(self, counts: csr_matrix) -> None:
        """Append the documents' counts, their indices sorted."""
        data = counts.data
        for bad in data[(data > _GREATEST_INT32) | (data != np.floor(data))][:1]:
            raise InputError(
                f"expected whole counts up to {_GREATEST_INT32:,}, got {bad}; round or divide them"
            )
        start = self._indices.length
        self._indptr.append(start + counts.indptr[1:].astype(np.int64))
        self._indices.append(counts.indices)
        self._data.append(counts.data)

    def finish(
        self,
        vocabulary: list[str],
        recipe: dict[str, Any] | None = None,
        found: dict[str, int] | None = None,
    ) -> None:
        """Write the vocabulary and the description of the corpus.

        Args:
            vocabulary: the word of each column.
            recipe: of the vectorizer that counted the words, if any.
            found: what was found in the texts and left out.
        """
        shape = (self._indptr.length - 1, len(vocabulary))
        n_entries = self._indices.length
        self.close()
        if n_entries > _GREATEST_INT32:
            self._widen_indices()
        if not self._n_labelled:
            for path in (self.folder / _LABELS, self.folder / f"{_LABELS}.ends.npy"):
                path.unlink()
        kinds = self._rows.write(self.folder / _METADATA) or self._kinds
        _write_json(self.folder / VOCABULARY, vocabulary)
        files = sorted(path.name for path in self.folder.iterdir() if path.is_file())
        description = {
            "format_version": FORMAT_VERSION,
            "shape": shape,
            "entries": n_entries,
            "found": found,
            "recipe": recipe,
            "metadata": kinds,
        }
        write_sealed(self.folder, DESCRIPTION, description, files)

    def __enter__(self) -> "CorpusWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the files that are open."""
        for file in (self._ids, self._labels, self._indptr, self._indices, self._data):
            file.close()

    def _widen_indices(self) -> None:
        # scipy wants the starts and the indices of a matrix to be of one type.
        path = self.folder / "indices.npy"
        narrow = np.load(path, mmap_mode="r")
        with ArrayWriter(path.with_suffix(".wide"), np.int64) as writer:
            for start in range(0, len(narrow), _CHUNK):
                writer.append(narrow[start : start + _CHUNK])
        path.with_suffix(".wide").replace(path)


@contextmanager
def new_corpus(
    folder: str | os.PathLike[str], *, overwrite: bool = False
) -> Iterator[CorpusWriter]:
    """Yield the writer of a corpus folder, which is written whole or not at all.

    Raises:
        InputError: where the folder exists and is not to be replaced, cannot be written, or is
            being written by another program.
    """
    with (
        hold_corpus_folder(folder, overwrite=overwrite) as path,
        whole_folder(path) as draft,
        CorpusWriter(draft) as writer,
    ):
        yield writer


def hold_corpus_folder(
    folder: str | os.PathLike[str], *, overwrite: bool = False
) -> AbstractContextManager[str | os.PathLike[str]]:
    """Hold the path where a corpus may be written, see ``topicgen.files.hold``.

    Raises:
        InputError: where the folder exists and is not to be replaced, is not a corpus, cannot be
            written, or is being written by another program.
    """
    return hold(folder, "corpus", mark=DESCRIPTION, overwrite=overwrite)


class StoredCorpus:
    """The parts of a corpus in a folder; arrays are mapped into memory rather than read.

    Args:
        folder: that of a ``CorpusWriter``.

    Attributes:
        description: of ``corpus.json``.
        vocabulary: the word of each column.
        shape: (n_documents, n_words).
        ids: of the documents.
        labels: of the documents, "" for one without; None where there are none.
        has_metadata: whether more is known of the documents.

    Raises:
        InputError: where a file is missing, damaged, or of a newer version.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        none = (
            f"is not a corpus folder (it holds no {DESCRIPTION}); build one with 'topicgen corpus "
            "build'"
        )
        check_is_folder(self._folder, none)
        if not os.path.lexists(self._folder / DESCRIPTION):
            raise InputError(f"{quoted(self._folder)} {none}")
        self._sealed = Sealed(self._folder, DESCRIPTION, what="corpus", remedy=_REMEDY)
        self.description = self._sealed.description
        self._check_description()
        self._check(VOCABULARY)
        words = read_json(
            self._folder / VOCABULARY, list, remedy=_REMEDY, most_bytes=MOST_BYTES_OF_WORDS
        )
        try:
            self.vocabulary = as_words(words)
        except InputError as error:
            raise self._damaged(f"{VOCABULARY}: {str(error).partition(';')[0]}") from None
        with self._explained():
            self._parts = {name: self._mapped(name) for name in _COUNTS}
            self.ids = self._strings(_IDS)
            has_labels = self._sealed.lists(_LABELS)
            self.labels = self._strings(_LABELS) if has_labels else None
            self.has_metadata = bool(self.description.get("metadata"))
            self._check_lengths()
            self._check("indptr.npy", self._check_starts)

    def counts(self) -> csr_matrix:
        """Return the counts, CSR of shape (n_documents, n_words), on arrays mapped from disk.

        Raises:
            InputError: where the counts have changed, or cannot be those of a corpus.
        """
        indptr, indices, data = (self._parts[name] for name in _COUNTS)
        with self._explained():
            self._check("data.npy")
            self._check("indices.npy", lambda: check_entries(indptr, indices, data, self.shape[1]))
        # Only the starts of the rows are copied: scipy wants them in the type of the indices.
        parts = data, indices, indptr.astype(indices.dtype)
        counts = csr_matrix(parts, shape=self.shape)
        # To find it out would read the whole file once more.
        counts.has_sorted_indices = counts.has_canonical_format = True
        return counts

    def metadata(self) -> "pd.DataFrame":
        """Return the metadata of the documents, a row for each.

        Raises:
            InputError: where the file is missing or damaged.
        """
        self._check(_METADATA)
        try:
            metadata = read_frame(self._folder / _METADATA)
        except (OSError, ValueError, LookupError, TypeError, ArithmeticError) as error:
            problem = " ".join(str(error).split())[:200]  # Arrow's errors are of these kinds
            raise self._damaged(f"{_METADATA}: {problem}") from None
        if len(metadata) != self.shape[0]:
            raise self._damaged("its files differ in length")
        if list(metadata.columns) != list(self.description["metadata"]):
            raise self._damaged(f"{_METADATA} has other columns than {DESCRIPTION} says")
        return metadata

    def verify(self) -> None:
        """Raise an InputError where a file has changed since it was written; all are read again."""
        _SOUND.clear()
        self.counts()
        if self.has_metadata:
            self.metadata()
        for name in self.description["sha256"]:
            if name != DESCRIPTION:
                self._check(name)  # not once more for what was just found sound

    def _check_description(self) -> None:
        version = self.description.get("format_version")
        if type(version) is not int or version not in _READABLE:
            raise InputError(
                f"expected format_version {FORMAT_VERSION}, got {quoted(version)} in "
                f"{quoted(self._folder / DESCRIPTION)}; build the corpus again, or use the "
                "version of topicgen that wrote it"
            )
        if version == FORMAT_VERSION:
            self._sealed.check_own()
        shape, entries = self.description.get("shape"), self.description.get("entries")
        if not isinstance(shape, list) or len(shape) != 2 or not _are_numbers([*shape, entries]):
            raise self._damaged(f"shape {quoted(shape)} with {quoted(entries)} entries")
        self.shape: tuple[int, int] = (shape[0], shape[1])
        found, recipe = self.description.get("found"), self.description.get("recipe")
        # Folders of the first format may say nothing of metadata.
        metadata = self.description.get("metadata", {} if version == 1 else None)
        if found is not None and not (isinstance(found, dict) and _are_numbers(found.values())):
            raise self._damaged(f"found is {quoted(found)}")
        if not isinstance(metadata, dict) or not all(
            isinstance(kind, str) for kind in metadata.values()
        ):
            raise self._damaged(f"metadata is {quoted(metadata)}")
        if not isinstance(recipe, dict | None):
            raise self._damaged(f"recipe is {quoted(recipe)}")
        required = [VOCABULARY, *(f"{name}.npy" for name in _COUNTS), *_files_of(_IDS)]
        if self._sealed.lists(_LABELS):
            required += _files_of(_LABELS)
        self._sealed.check_listed([*required, *([_METADATA] if metadata else [])])

    def _check_lengths(self) -> None:
        n_documents, n_words = self.shape
        lengths = {len(names) for names in (self.ids, self.labels) if names is not None}
        if lengths != {n_documents} or n_words != len(self.vocabulary):
            raise self._damaged("its files differ in length")
        indptr, indices, data = (self._parts[name] for name in _COUNTS)
        if len(indptr) != n_documents + 1 or not len(indices) == len(data):
            raise ValueError("the counts differ in length")
        if len(data) != self.description["entries"]:
            raise ValueError("the counts differ in length")

    def _check_starts(self) -> None:
        indptr = self._parts["indptr"]
        if indptr[0] != 0:
            raise ValueError(f"indptr starts at {indptr[0]}")
        check_rising("indptr", indptr, 0, len(self._parts["indices"]))

    def _mapped(self, name: str) -> np.ndarray:
        types = {"indptr": (np.int64,), "indices": (np.int32, np.int64), "data": (np.int32,)}
        return mapped(self._folder / f"{name}.npy", types[name])

    def _strings(self, name: str) -> Strings:
        path = self._folder / name
        ends = mapped(self._folder / f"{name}.ends.npy", (np.int64,))
        self._check(f"{name}.ends.npy")
        self._check(name, lambda: check_strings(path, ends))
        return Strings(path)

    def _check(self, name: str, structure: Callable[[], None] = lambda: None) -> None:
        """Check a file by its SHA-256, and by its structure, once unless it changes."""
        path = self._folder / name
        try:
            state = path.lstat()
        except OSError as error:
            raise self._damaged(f"{name}: {error.strerror or error}") from None
        times = state.st_mtime_ns, state.st_ctime_ns
        # The structure of one file hangs on others, which the description names by their digests.
        key = (
            os.path.abspath(path), state.st_dev, state.st_ino, state.st_size, *times,
            self._sealed.own_digest,
        )  # fmt: skip
        if key in _SOUND:
            return
        self._sealed.check_file(name)
        with self._explained():
            structure()
        if abs(time.time() - max(times) / 1e9) > _SETTLED:
            _SOUND.add(key)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            if str(self._folder) in str(error):
                raise
            raise self._damaged(str(error).partition(";")[0]) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(" ".join(str(error).split())[:200]) from None

    def _damaged(self, problem: str) -> InputError:
        return self._sealed.damaged(problem)


def _are_numbers(values: Any) -> bool:
    return all(type(value) is int and value >= 0 for value in values)


def _files_of(name: str) -> list[str]:
    return [name, f"{name}.ends.npy"]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")
