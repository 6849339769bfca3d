"""Which files of several sources are documents: each once, and what is left out is counted."""

import os
import stat
import warnings
from collections.abc import Iterator
from typing import NoReturn

from topicgen.corpus.reading import kinds, streams
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

# In a folder, a table is no document; it has many.
TABLE_SUFFIXES = frozenset([".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"])


class Search:
    """Finds the files of sources, each once however often it is named, linked or matched.

    Attributes:
        n_repeated: how many files and folders were found again.

    Example:
        >>> search = Search()
        >>> search.leave_out(".pdf file", "news/a.pdf")
        >>> search.leave_out(".pdf file", "news/b.pdf")
        >>> search.summary()
        "2 .pdf files (first 'news/a.pdf')"
    """

    def __init__(self) -> None:
        self.n_repeated = 0
        self._seen: set[int] = set()
        self._left_out: dict[str, tuple[int, str]] = {}

    def leave_out(self, what: str, path: str) -> None:
        """Count a file or a folder that is not read; ``what`` is a noun in the singular."""
        number, first = self._left_out.get(what, (0, path))
        self._left_out[what] = (number + 1, first)

    def summary(self) -> str:
        """Return what was left out, in words; "" for nothing."""
        return ", ".join(
            f"{quantity(number, what)} ({'first ' if number > 1 else ''}{first!r})"
            for what, (number, first) in self._left_out.items()
        )

    def warn(self) -> None:
        """Say in one warning what was left out, if anything was."""
        if self._left_out:
            warnings.warn(f"left out {self.summary()}{self.advice()}", UserWarning, stacklevel=2)

    def advice(self) -> str:
        """Return what to do about what was left out, or "" where it is as it should be."""
        suffixes = {what.split()[0] for what in self._left_out if what.startswith(".")}
        advice = []
        if suffixes & TABLE_SUFFIXES:
            advice.append("pass tables by their names or by a pattern")
        if suffixes - TABLE_SUFFIXES - kinds.SIDECAR_SUFFIXES:
            advice.append("convert other documents to text")
        return "".join(f"; {line}" for line in advice)

    def is_new(self, path: str) -> bool:
        """Return whether a file, under whatever name, is met for the first time.

        Raises:
            InputError: where the path does not exist.
        """
        with streams.explained(path):
            status = os.stat(path)
        # A pipe has no content that could be read twice.
        if not stat.S_ISREG(status.st_mode) or self._is_new(status):
            return True
        self._repeat("file", path)
        return False

    def may_be_read(self, path: str, *, may_be_table: bool) -> bool:
        """Return whether a file that was found, not named, is text; count it otherwise."""
        name = os.path.basename(path)
        suffix = streams.format_suffix(path)
        if kinds.is_of_system(name):
            return False
        if name.startswith("."):
            self.leave_out("hidden file", path)
        elif kinds.is_backup(name):
            self.leave_out("backup", path)
        elif not os.path.isfile(path):
            # Opening a pipe could wait for ever.
            self.leave_out("broken link" if os.path.islink(path) else "special file", path)
        elif (suffix in TABLE_SUFFIXES and not may_be_table) or (
            suffix in kinds.BY_SUFFIX or suffix in kinds.SIDECAR_SUFFIXES
        ):
            self.leave_out(f"{suffix} file", path)
        else:
            return True
        return False

    def walk(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder that may be documents, sorted, its own before the others.

        What links lead to comes last and only if it was not met under its own name, so that loops
        end.

        Raises:
            InputError: where a folder cannot be read.
        """
        links: list[str] = []
        yield from self._walk(folder, links, is_source=True)
        for link in links:  # which grows while it is gone over
            if os.path.isdir(link):
                yield from self._walk(link, links, is_source=False)
            elif self._is_document(link):
                yield link

    def _walk(self, root: str, links: list[str], *, is_source: bool) -> Iterator[str]:
        for folder, folders, files in os.walk(root, onerror=_refuse):
            if not self._is_new(os.stat(folder)):
                self._repeat("folder", folder)
                folders.clear()
                continue
            own = kinds.own_folder(files)
            if own is not None and not (is_source and folder == root):
                self.leave_out(f"{own} folder", folder)
                folders.clear()
                continue
            folders[:] = [name for name in sorted(folders) if self._is_open(folder, name)]
            linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            folders[:] = [name for name in folders if name not in linked]
            for name in sorted(files):
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    links.append(path)
                elif self._is_document(path):
                    yield path
            links += [os.path.join(folder, name) for name in linked]

    def _is_document(self, path: str) -> bool:
        return self.may_be_read(path, may_be_table=False) and self.is_new(path)

    def _repeat(self, what: str, path: str) -> None:
        self.n_repeated += 1
        self.leave_out(f"repeated {what}", path)

    def _is_open(self, folder: str, name: str) -> bool:
        if kinds.is_of_system(name):
            return False
        if name.startswith("."):
            self.leave_out("hidden folder", os.path.join(folder, name))
            return False
        return True

    def _is_new(self, status: os.stat_result) -> bool:
        # One number takes less memory than a pair.
        identity = status.st_dev << 64 | status.st_ino
        if identity in self._seen:
            return False
        self._seen.add(identity)
        return True


def check_folder(folder: str) -> None:
    """Make sure that a folder is not one that topicgen wrote.

    Raises:
        InputError: where it is a corpus or a model folder, or cannot be read.
    """
    try:
        own = kinds.own_folder(os.listdir(folder))
    except OSError as error:
        _refuse(error)
    if own == "corpus":
        raise InputError(
            f"expected a folder of texts, got the corpus folder {streams.display_name(folder)}; "
            "open it with Corpus.open, or pass it as the only INPUT"
        )
    if own == "model":
        raise InputError(
            f"expected a folder of texts, got the model folder {streams.display_name(folder)}; "
            "pass the texts"
        )


def _refuse(error: OSError) -> NoReturn:
    raise streams.unreadable(repr(error.filename), error) from None
