"""A corpus as a folder: compressed rows in numpy's format, and what belongs to them.

``corpus.json`` describes it, with the recipe of the words, and the SHA-256 of every file;
``vocabulary.json`` holds the words; ``indptr.npy``, ``indices.npy`` and ``data.npy`` the counts, by
rows; ``ids`` and ``labels`` the strings of the documents, end to end, and ``*.ends.npy`` where each
ends; ``metadata.arrow``, where there are any, what else is known of each document.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.metadata.frames import read_frame, write_frame
from topicgen.corpus.metadata.metadata_rows import MetadataRows
from topicgen.corpus.missing import as_label
from topicgen.corpus.storage.arrays import ArrayWriter
from topicgen.corpus.storage.strings import Strings, StringWriter
from topicgen.errors import InputError
from topicgen.files import hold, whole_folder
from topicgen.plain import quoted
from topicgen.vocabulary import as_words

if TYPE_CHECKING:
    import pandas as pd

FORMAT_VERSION = 1
DESCRIPTION, VOCABULARY = "corpus.json", "vocabulary.json"
_COUNTS = ("indptr", "indices", "data")
_IDS, _LABELS, _METADATA = "ids", "labels", "metadata.arrow"
_GREATEST_INT32 = 2**31 - 1
_CHUNK = 2**24


def is_corpus(folder: str | os.PathLike[str]) -> bool:
    """Return whether a folder holds a corpus."""
    return Path(folder, DESCRIPTION).is_file()


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
        files = sorted(path for path in self.folder.iterdir() if path.is_file())
        _write_json(
            self.folder / DESCRIPTION,
            {
                "format_version": FORMAT_VERSION,
                "shape": shape,
                "entries": n_entries,
                "found": found,
                "recipe": recipe,
                "metadata": kinds,
                "sha256": {path.name: _sha256(path) for path in files},
            },
            indent=2,
        )

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
        counts: CSR of shape (n_documents, n_words).
        ids: of the documents.
        labels: of the documents, "" for one without; None where there are none.
        has_metadata: whether more is known of the documents.

    Raises:
        InputError: where a file is missing, damaged, or of a newer version.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        if not is_corpus(folder):
            raise InputError(
                f"{quoted(self._folder)} is not a corpus folder (it holds no {DESCRIPTION}); build "
                "one with 'topicgen corpus build'"
            )
        self.description = self._read_json(DESCRIPTION, dict)
        version = self.description.get("format_version")
        if version != FORMAT_VERSION:
            raise InputError(
                f"expected format_version {FORMAT_VERSION}, got {quoted(version)} in "
                f"{quoted(self._folder / DESCRIPTION)}; build the corpus again, or use the "
                "version of topicgen that wrote it"
            )
        words = self._read_json(VOCABULARY, list)
        try:
            self.vocabulary = as_words(words)
        except InputError as error:
            raise self._damaged(f"{VOCABULARY}: {error}") from None
        try:
            self.counts = self._counts()
            self.ids = Strings(self._folder / _IDS)
            has_labels = (self._folder / _LABELS).is_file()
            self.labels = Strings(self._folder / _LABELS) if has_labels else None
            self.has_metadata = bool(self.description.get("metadata"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(str(error)) from None
        lengths = {len(names) for names in (self.ids, self.labels) if names is not None}
        if lengths != {self.counts.shape[0]} or self.counts.shape[1] != len(self.vocabulary):
            raise self._damaged("its files differ in length")

    def metadata(self) -> "pd.DataFrame":
        """Return the metadata of the documents, a row for each.

        Raises:
            InputError: where the file is missing or damaged.
        """
        try:
            metadata = read_frame(self._folder / _METADATA)
        except (OSError, ValueError) as error:  # as Arrow's errors are
            raise self._damaged(f"{_METADATA}: {error}") from None
        if len(metadata) != self.counts.shape[0]:
            raise self._damaged("its files differ in length")
        return metadata

    def verify(self) -> None:
        """Raise an InputError where a file has changed since it was written."""
        for name, expected in self.description["sha256"].items():
            if not (self._folder / name).is_file() or _sha256(self._folder / name) != expected:
                raise self._damaged(f"{name} has changed since it was written")

    def _counts(self) -> csr_matrix:
        parts = [np.load(self._folder / f"{name}.npy", mmap_mode="r") for name in _COUNTS]
        indptr, indices, data = parts
        shape = tuple(self.description["shape"])
        if len(indptr) != shape[0] + 1 or not len(indices) == len(data) == indptr[-1]:
            raise ValueError("the counts differ in length")
        # Only the starts of the rows are copied: scipy wants them in the type of the indices.
        counts = csr_matrix((data, indices, indptr.astype(indices.dtype)), shape=shape)
        # Known of what the writer was given; to find it out would read the whole file.
        counts.has_sorted_indices = counts.has_canonical_format = True
        return counts

    def _read_json(self, name: str, kind: type) -> Any:
        try:
            value = json.loads((self._folder / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise self._damaged(f"{name}: {error}") from None
        if not isinstance(value, kind):
            raise self._damaged(f"{name} holds {type(value).__name__}")
        return value

    def _damaged(self, problem: str) -> InputError:
        return InputError(
            f"the corpus folder {quoted(self._folder)} is damaged ({problem}); build it again"
        )


def _write_json(path: Path, value: Any, indent: int | None = None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
