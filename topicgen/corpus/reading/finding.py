"""Which files of several sources are documents: each once, and what is left out is counted."""

import os
import stat
import warnings
from collections.abc import Iterator
from typing import NoReturn

from topicgen.corpus.reading import kinds, streams
from topicgen.corpus.reading.any_table import TABLE_SUFFIXES
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted


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
        self._addresses: set[str] = set()
        self._left_out: dict[str, tuple[int, str]] = {}

    def leave_out(self, what: str, path: str) -> None:
        """Count a file or a folder that is not read; ``what`` is a noun in the singular."""
        number, first = self._left_out.get(what, (0, path))
        self._left_out[what] = (number + 1, first)

    def summary(self) -> str:
        """Return what was left out, in words; "" for nothing."""
        return ", ".join(
            f"{quantity(number, what)} "
            f"({'first ' if number > 1 else ''}{quoted(stores.named(first))})"
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
        if suffixes & {*TABLE_SUFFIXES}:
            advice.append("pass tables by their names or by a pattern")
        if suffixes - {*TABLE_SUFFIXES}:
            advice.append("convert other documents to text")
        return "".join(f"; {line}" for line in advice)

    def is_new(self, path: str) -> bool:
        """Return whether a file, under whatever name, is met for the first time.

        Raises:
            InputError: where the path does not exist.
        """
        if stores.is_address(path):
            is_new = path not in self._addresses
            self._addresses.add(path)
            return is_new
        with streams.explained(path):
            return self._is_new_file(path, os.stat(path))

    def may_be_read(self, path: str, name: str) -> bool:
        """Return whether a file that was found, not named, may be text; count it otherwise.

        >>> search = Search()
        >>> search.may_be_read("news/a.txt", "a.txt"), search.may_be_read("news/a.pdf", "a.pdf")
        (True, False)
        """
        if kinds.is_of_system(name):
            return False
        suffix = streams.format_suffix(name)
        if name.startswith("."):
            self.leave_out("hidden file", path)
        elif kinds.is_backup(name):
            self.leave_out("backup", path)
        elif suffix in kinds.BY_SUFFIX:
            self.leave_out(f"{suffix} file", path)
        elif kinds.is_part_of_corpus(name):
            self.leave_out("corpus file", path)
        else:
            return True
        return False

    def is_left_out(self, folder: str) -> bool:
        """Return whether a folder that was found is a corpus or a model; count it if so."""
        own = kinds.own_folder(entry.name for entry in entries_of(folder or "."))
        if own is not None:
            self.leave_out(f"{own} folder", folder)
        return own is not None

    def walk(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder that may be documents, sorted, its own before the others.

        What links lead to comes last and only if it was not met under its own name, so that loops
        end.

        Raises:
            InputError: where a folder cannot be read.
        """
        links: list[os.DirEntry[str]] = []
        yield from self._walk(folder, links)
        for link in links:  # which grows while it is gone over
            if is_folder(link):
                yield from self._walk(link.path, links, is_link=True)
            elif self._is_document(link):
                yield link.path

    def _walk(
        self, root: str, links: list["os.DirEntry[str]"], *, is_link: bool = False
    ) -> Iterator[str]:
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            entries = entries_of(folder)
            if not self._is_new(os.stat(folder)):
                self._repeat("folder", folder)
                continue
            own = kinds.own_folder(entry.name for entry in entries)
            if own is not None and (is_link or folder != root):
                self.leave_out(f"{own} folder", folder)
                continue
            files, folders, linked = _sort(entries)
            yield from (entry.path for entry in files if self._is_document(entry))
            waiting += [entry.path for entry in reversed(folders) if self._is_open(entry)]
            links += [entry for entry in linked if not is_folder(entry) or self._is_open(entry)]

    def _is_document(self, entry: "os.DirEntry[str]") -> bool:
        if not self.may_be_read(entry.path, entry.name):
            return False
        # In a folder, a table is no document; it has many.
        if (suffix := streams.format_suffix(entry.name)) in TABLE_SUFFIXES:
            self.leave_out(f"{suffix} file", entry.path)
            return False
        try:
            status = entry.stat()
        except OSError as error:
            if not entry.is_symlink():
                _refuse(error)
            self.leave_out("broken link", entry.path)
            return False
        if not stat.S_ISREG(status.st_mode):
            # Opening a pipe could wait for ever.
            self.leave_out("special file", entry.path)
            return False
        return self._is_new_file(entry.path, status)

    def _is_new_file(self, path: str, status: os.stat_result) -> bool:
        # A pipe has no content that could be read twice.
        if not stat.S_ISREG(status.st_mode) or self._is_new(status):
            return True
        self._repeat("file", path)
        return False

    def _repeat(self, what: str, path: str) -> None:
        self.n_repeated += 1
        self.leave_out(f"repeated {what}", path)

    def _is_open(self, folder: "os.DirEntry[str]") -> bool:
        if kinds.is_of_system(folder.name):
            return False
        if folder.name.startswith("."):
            self.leave_out("hidden folder", folder.path)
            return False
        return True

    def _is_new(self, status: os.stat_result) -> bool:
        # One number takes less memory than a pair.
        identity = status.st_dev << 64 | status.st_ino
        if status.st_ino and identity in self._seen:  # some file systems number no files
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
            "read it with Corpus.open or read_corpus, or pass it as the only INPUT"
        )
    if own == "model":
        raise InputError(
            f"expected a folder of texts, got the model folder {streams.display_name(folder)}; "
            "pass the texts"
        )


def entries_of(folder: str) -> list["os.DirEntry[str]"]:
    """Return what a folder holds, sorted.

    Raises:
        InputError: where it cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        _refuse(error)


def _sort(
    entries: list["os.DirEntry[str]"],
) -> tuple[list["os.DirEntry[str]"], list["os.DirEntry[str]"], list["os.DirEntry[str]"]]:
    """Return the files, the folders and the links, those to files before those to folders."""
    files, folders, links = [], [], []
    for entry in entries:
        if entry.is_symlink():
            links.append(entry)
        elif entry.is_dir():
            folders.append(entry)
        else:
            files.append(entry)
    return files, folders, sorted(links, key=is_folder)


def is_folder(entry: "os.DirEntry[str]") -> bool:
    """Return whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _refuse(error: OSError) -> NoReturn:
    raise streams.unreadable(quoted(error.filename), error) from None
