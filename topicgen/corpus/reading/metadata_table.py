"""A table of metadata for documents that are files or lines, joined by their ids."""

import os
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import ALL, Keep
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.any_table import TABLE_SUFFIXES, read_any_table
from topicgen.corpus.reading.dialects import AS_IT_LOOKS, Layout
from topicgen.corpus.reading.encodings import AUTO
from topicgen.corpus.reading.tables import DEFAULT_ID_COLUMN, Columns
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.plain import quoted


class MetadataTable:
    """The rows of a table, held in memory, by the ids of the documents that they belong to.

    A document of a folder has its path below the folder as its id; its row may lack the suffix.

    Args:
        source: the table.
        id_column: the column of the ids; by default "id".
        keep: the columns to keep; by default all others.
        encoding: as ``Decoder`` takes it.
        layout: how the fields of CSV and TSV are delimited.

    Raises:
        InputError: where the table cannot be read, or an id comes twice or is missing.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        id_column: str | None = None,
        keep: Keep = None,
        encoding: str = AUTO,
        layout: Layout = AS_IT_LOOKS,
    ) -> None:
        self._name = streams.display_name(source)
        self._id_column = id_column or DEFAULT_ID_COLUMN
        self._rows: dict[str, Mapping[str, Any] | None] = {}
        # Of each row that was not used yet; those that were, with their documents.
        self._unused: dict[str, None] = {}
        self._used: dict[str, str] = {}
        for row in self._read(source, keep or ALL, encoding, layout):
            id = _key(row.text.strip())
            if not id or id in self._rows:
                raise InputError(
                    f"expected a distinct id in each row of {self._name}, got "
                    f"{f'{quoted(id)} twice' if id else 'none'} in the column "
                    f"{quoted(self._id_column)}; correct it, or name another column with "
                    "--id-column"
                )
            self._rows[id] = row.metadata
            self._unused[id] = None

    def join(self, documents: Iterable[Document], before: str = "") -> Iterator[Document]:
        """Yield documents with their rows as metadata.

        Args:
            documents: those of one source.
            before: what their ids begin with where there are several sources; a row may lack it.

        Raises:
            InputError: at a document without a row, or with that of another one.
        """
        for document in documents:
            own, below = _key(before + document.id), _key(document.id)
            tried = (own, os.path.splitext(own)[0], below, os.path.splitext(below)[0])
            id = next((id for id in tried if id in self._rows), None)
            if id is None:
                raise InputError(
                    f"expected a row for each document in {self._name}, got none with "
                    f"{quoted(before + document.id)} in the column {quoted(self._id_column)}; add "
                    "it, or name the column of the ids with --id-column"
                )
            if (other := self._used.setdefault(id, before + document.id)) != before + document.id:
                raise InputError(
                    f"expected a row for each document in {self._name}, got one with {quoted(id)} "
                    f"in the column {quoted(self._id_column)} for {quoted(other)} and "
                    f"{quoted(before + document.id)}; write these ids in full"
                )
            self._unused.pop(id, None)
            yield document.with_metadata(self._rows[id])

    def warn(self) -> None:
        """Warn if there are rows that belong to no document."""
        if self._unused:
            first, n_unused = next(iter(self._unused)), len(self._unused)
            warnings.warn(
                f"{n_unused:,} of {quantity(len(self._rows), 'row')} of {self._name} "
                f"{'belongs' if n_unused == 1 else 'belong'} to no document, first {quoted(first)}",
                UserWarning,
                stacklevel=2,
            )

    def _read(
        self, source: str | os.PathLike[str], keep: Keep, encoding: str, layout: Layout
    ) -> Iterator[Document]:
        columns = Columns(text=self._id_column, id=self._id_column)
        if streams.format_suffix(source) not in TABLE_SUFFIXES:
            raise InputError(
                f"expected a table ({', '.join(TABLE_SUFFIXES)}) of metadata, got {self._name}; "
                "name a table"
            )
        return read_any_table(source, columns, encoding, layout=layout, keep=keep)


def _key(id: str) -> str:
    """Return what an id is compared by: paths are written in several ways."""
    return unicodedata.normalize("NFC", id).replace("\\", "/").removeprefix("./")
