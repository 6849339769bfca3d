"""Sources in parts that can be read on their own, in any order, and put together again in order.

A part is a file, a span of a large one, or some files of a folder. What has to be known of all
sources stays with ``Parts``: which files were met before, what is left out, what begins the ids,
and what warnings are about a whole folder.
"""

import heapq
import os
import stat
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from topicgen.corpus.document import Document, with_ids_after
from topicgen.corpus.reading import spans, streams
from topicgen.corpus.reading.any_table import read_any_table
from topicgen.corpus.reading.encodings import AUTO, MIXED
from topicgen.corpus.reading.finding import Search, check_folder
from topicgen.corpus.reading.folders import FoundInFolder, read_files
from topicgen.corpus.reading.readers import (
    Options,
    before_ids,
    kind_of_source,
    listing,
    no_text,
    read_text,
    reading_options,
)
from topicgen.corpus.reading.records import Record
from topicgen.corpus.reading.sources import Source, expand
from topicgen.corpus.reading.spans import Look, Span
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.reading.tables import JSON_LINES, JsonLines, RowsFound
from topicgen.corpus.splits import check_split, no_such_split, split_of
from topicgen.errors import InputError

# Small files are read together, so that a task is worth its start.
_BYTES_A_SHARD = 2**24
_FILES_A_SHARD = 4096

# Looks at the spans of a file, all at the same time.
LookAt = Callable[[str, list[Span]], list[Look]]


class Part(NamedTuple):
    """What is read on its own.

    Args:
        kind: "text", "table" or "folder".
        path: of the source.
        before: what its ids begin with.
        files: of a folder, the files to read.
        first: of a folder, how many files of folders come before these.
        span: of a text or of JSON Lines, the lines to read; None for all.
        first_row: of JSON Lines, the first of the file.
        whole: where several parts are read of a folder or table, its number among these.
        is_last: whether no part of it comes after this.
    """

    kind: str
    path: str
    before: str
    files: tuple[str, ...] = ()
    first: int = 0
    span: Span | None = None
    first_row: Record | None = None
    whole: int = 0
    is_last: bool = False


Shard = tuple[Part, ...]


class Read(NamedTuple):
    """What is known of a part once it is read.

    Args:
        ids: of the documents, without what they begin with.
        labels: of the documents.
        metadata: of the documents.
        n_with_text: how many documents are not blank.
        splits: how many documents each split has.
        n_bytes: how many bytes were read.
        found: what the files of a folder were found to be.
        rows: what was found in lines of JSON.
        binary: of a folder, the files that are not text, by their numbers among those of the part.
    """

    ids: list[str]
    labels: list[str | None]
    metadata: list[Mapping[str, Any] | None]
    n_with_text: int
    splits: Counter[str]
    n_bytes: int
    found: FoundInFolder
    rows: RowsFound | None
    binary: list[int]


class PartReader:
    """Reads a part, on any machine.

    Args:
        part: what to read.
        options: how; without the table of metadata.
        split: the only one to read, if any.
    """

    def __init__(self, part: Part, options: Options, split: str | None = None) -> None:
        self._part = part
        self._options = options
        self._split = split
        self._names: list[Document] = []
        self._n_with_text = self._n_bytes = 0
        self._splits: Counter[str] = Counter()
        self._found = FoundInFolder()
        self._json: JsonLines | None = None
        self._search = _NotingSearch()

    def documents(self) -> Iterator[Document]:
        """Yield the documents.

        Raises:
            InputError: where something cannot be read.
        """
        for document in self._read(Meter(self._add_bytes)):
            if self._split is not None:
                split = split_of(self._part.before + document.id)
                if split is not None:
                    self._splits[split] += 1
                if split != self._split:
                    continue
            self._n_with_text += bool(document.text.strip())
            self._names.append(document._replace(text=""))
            yield document

    def result(self) -> Read:
        """Return what is known of the part, once its documents have been read."""
        numbers = {path: number for number, path in enumerate(self._part.files)}
        return Read(
            [document.id for document in self._names],
            [document.label for document in self._names],
            [document.metadata for document in self._names],
            self._n_with_text,
            self._splits,
            self._n_bytes,
            self._found,
            None if self._json is None else self._json.rows.found(),
            [numbers[path] for _, _, path in self._search.noted],
        )

    def _read(self, meter: Meter) -> Iterator[Document]:
        part, (columns, encoding, layout, keep, _) = self._part, self._options
        if part.first_row is not None and part.span is not None:
            self._json = JsonLines(part.path, columns, keep, part.first_row)
            yield from self._json.read(part.span, meter)
        elif part.kind == "table":
            yield from read_any_table(part.path, columns, encoding, meter, layout, keep)
        elif part.kind == "folder":
            yield from read_files(part.path, part.files, self._found, self._search, encoding, meter)
        else:
            yield from read_text(part.path, encoding, meter, part.span)
        meter.flush()

    def _add_bytes(self, n_bytes: int) -> None:
        self._n_bytes += n_bytes


class Parts:
    """Cuts sources into parts, and puts together what is known of them: see ``read_documents``.

    Args:
        *sources: as ``read_documents`` takes them, but files and folders only.
        split: the only one to read, if any.
        span_bytes: about how many bytes of a large text file are read on their own.
        **reading: the other options of ``read_documents``.

    Attributes:
        task_options: the options for ``PartReader``.
        split: by its name.

    Raises:
        InputError: where a source does not exist, or cannot be read by several machines.
    """

    def __init__(
        self,
        *sources: Source,
        split: str | None = None,
        span_bytes: int = spans.SPAN_BYTES,
        **reading: Any,
    ) -> None:
        options = reading_options(**reading)
        self.task_options = options._replace(metadata=None)
        self.split = None if split is None else check_split(split)
        self._options = options
        self._span_bytes = span_bytes
        self._search = _NotingSearch()
        self._paths = expand(*sources, search=self._search)
        for path in self._paths:
            _check_is_shared(path)
        self._wholes: list[_Folder | JsonLines] = []
        self._binary: list[tuple[int, str, str]] = []  # as ``noted``
        self._n_with_text = self._n_documents = 0
        self._splits: Counter[str] = Counter()

    def shards(self, look_at: LookAt) -> Iterator[Shard]:
        """Yield parts in order, those that are read together in one tuple.

        Args:
            look_at: looks at spans.

        Raises:
            InputError: where a source cannot be read, or is not what the options are for.
        """
        waiting: list[Part] = []
        n_bytes = 0
        for path in self._paths:
            if not (is_folder := os.path.isdir(path)) and not self._search.is_new(path):
                continue
            kind = kind_of_source(path, self._options)
            part = Part(kind, path, before_ids(path) if len(self._paths) > 1 else "")
            size = 0 if is_folder else os.stat(path).st_size
            is_cut = size > self._span_bytes and self._may_have_spans(part)
            if waiting and (is_folder or is_cut or n_bytes + size > _BYTES_A_SHARD):
                yield tuple(waiting)
                waiting, n_bytes = [], 0
            if is_folder:
                yield from self._parts_of_folder(part)
            elif is_cut:
                yield from self._spans(part, size, look_at)
            else:
                waiting.append(part)
                n_bytes += size
        if waiting:
            yield tuple(waiting)

    def take(
        self, shard: Shard, reads: Iterable[Read], warned: Iterable[str]
    ) -> Iterator[Document]:
        """Yield the documents of the next shard, without their texts.

        Args:
            shard: of ``shards``, in this order.
            reads: what is known of each of its parts.
            warned: the warnings while they were read.

        Raises:
            InputError: where a folder has no text, or the table of metadata has no row for a
                document.
        """
        for part, read in zip(shard, reads, strict=True):
            yield from self._named(part, read)
            self._n_with_text += read.n_with_text
            self._n_documents += len(read.ids)
            self._splits.update(read.splits)
            if part.kind == "folder":
                self._take_folder(part, read)
            elif read.rows is not None:
                self._take_rows(part, read.rows)
        for message in warned:
            warnings.warn(message, UserWarning, stacklevel=2)

    def finish(self) -> None:
        """Say what was left out.

        Raises:
            InputError: where there is no document, or none with text.
        """
        self._search_until(len(self._search.noted)).warn()
        if self._options.metadata is not None:
            self._options.metadata.warn()
        if self.split is not None and not self._splits[self.split]:
            raise no_such_split(self.split, self._splits, listing(self._paths))
        if not self._n_with_text:
            raise no_text(self._n_documents, self._paths)

    def _may_have_spans(self, part: Part) -> bool:
        is_json = streams.format_suffix(part.path) in JSON_LINES
        is_lines = part.kind == "text" or (part.kind == "table" and is_json)
        is_plain = self._options.encoding in (AUTO, MIXED)
        return is_lines and is_plain and not streams.is_compressed(part.path)

    def _spans(self, part: Part, size: int, look_at: LookAt) -> Iterator[Shard]:
        cut = spans.cut(size, self._span_bytes)
        looks = look_at(part.path, cut)
        lines = spans.numbered(cut, looks)
        if not all(look.is_plain for look in looks) or len(lines) < 2:
            yield (part,)
            return
        if part.kind == "table":
            first = JsonLines.first_of(part.path)
            if first is None:
                yield (part,)
                return
            part = part._replace(first_row=first, whole=len(self._wholes))
            columns, _, _, keep, _ = self._options
            self._wholes.append(JsonLines(part.path, columns, keep, first))
        for span in lines:
            yield (part._replace(span=span, is_last=span == lines[-1]),)

    def _parts_of_folder(self, part: Part) -> Iterator[Shard]:
        check_folder(part.path)
        folder = _Folder(FoundInFolder())
        part = part._replace(whole=len(self._wholes))
        self._wholes.append(folder)
        n_repeated = self._search.n_repeated
        before = None
        for files in _groups(self._search.count(self._search.walk(part.path))):
            if before is not None:
                yield (before,)
            before = part._replace(files=files, first=self._search.n_found - len(files))
        folder.n_noted = len(self._search.noted)
        folder.has_repeated = self._search.n_repeated > n_repeated
        yield ((before or part)._replace(is_last=True),)

    def _named(self, part: Part, read: Read) -> Iterator[Document]:
        documents: Iterator[Document] = (
            Document("", id, label).with_metadata(metadata)
            for id, label, metadata in zip(read.ids, read.labels, read.metadata, strict=True)
        )
        if self._options.metadata is not None:
            documents = self._options.metadata.join(documents, part.before)
        return with_ids_after(part.before, documents)

    def _take_folder(self, part: Part, read: Read) -> None:
        folder = self._wholes[part.whole]
        assert isinstance(folder, _Folder)
        folder.found.add(read.found)
        self._binary += [
            (part.first + number, "binary file", part.files[number]) for number in read.binary
        ]
        if part.is_last:
            search = self._search_until(folder.n_noted)
            folder.found.finish(part.path, search, has_repeated=folder.has_repeated)

    def _take_rows(self, part: Part, found: RowsFound) -> None:
        table = self._wholes[part.whole]
        assert isinstance(table, JsonLines)
        if part.span is not None and not part.span.start:
            table.begin()
        table.rows.add(found)
        if part.is_last:
            table.rows.finish()

    def _search_until(self, n_noted: int) -> Search:
        """Return a search that left out what was met so far, in the order of the sources."""
        search = Search()
        # What is noted before a file is found comes before what the file is.
        found = [(place, 0, what, path) for place, what, path in self._search.noted[:n_noted]]
        read = [(place, 1, what, path) for place, what, path in self._binary]
        for _, _, what, path in heapq.merge(found, read, key=itemgetter(0, 1)):
            search.leave_out(what, path)
        return search


class _Folder:
    """What is known of a folder among the sources."""

    def __init__(self, found: FoundInFolder) -> None:
        self.found = found
        self.n_noted = 0
        self.has_repeated = False


class _NotingSearch(Search):
    """A search that notes what is left out, and after how many files that were found."""

    def __init__(self) -> None:
        super().__init__()
        self.n_found = 0
        self.noted: list[tuple[int, str, str]] = []

    def leave_out(self, what: str, path: str) -> None:
        super().leave_out(what, path)
        self.noted.append((self.n_found, what, path))

    def count(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the files that are found."""
        for path in paths:
            self.n_found += 1
            yield path


def _groups(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield files in groups that are worth a task."""
    group: list[str] = []
    n_bytes = 0
    for path in paths:
        group.append(path)
        with streams.explained(path):
            n_bytes += os.stat(path).st_size
        if n_bytes >= _BYTES_A_SHARD or len(group) == _FILES_A_SHARD:
            yield tuple(group)
            group, n_bytes = [], 0
    if group:
        yield tuple(group)


def _check_is_shared(path: str) -> None:
    """Refuse what only this process can read."""
    if path != streams.STANDARD_INPUT:
        with streams.explained(path):
            mode = os.stat(path).st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return
    raise InputError(
        f"expected a file or folder that all machines can read, got {streams.display_name(path)}; "
        "write the texts to a file, or leave --engine ray out"
    )
