"""The paths that sources name: files, folders, patterns and standard input."""

import glob
import os

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.finding import Search
from topicgen.corpus.reading.patterns import matches
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

Source = str | os.PathLike[str]


def expand(*sources: Source, search: Search | None = None) -> list[str]:
    """Return the paths that sources name, each once, each pattern replaced by its paths, sorted.

    Args:
        *sources: paths, patterns, or "-".
        search: counts what a pattern matches that is no document.

    Raises:
        InputError: where there is no source, one does not exist, or a pattern matches nothing.
    """
    search = Search() if search is None else search
    paths: list[str] = []
    for source in map(_path, sources):
        if stores.is_address(source):
            paths += _in_store(source, search)
        elif glob.has_magic(source) and not os.path.lexists(source):
            paths += _matches(source, search)
        else:
            paths.append(source)
    if not paths:
        raise InputError("expected a source of documents, got none; name a file or a folder")
    for path in paths:
        # Before anything is read: the third of three names may be misspelt.
        if path != streams.STANDARD_INPUT and not stores.is_address(path):
            with streams.explained(path):
                os.stat(path)
    return [*dict.fromkeys(paths)]


def _in_store(address: str, search: Search) -> list[str]:
    """Return the files in a store that an address or a pattern names; of a folder, a copy."""
    if not stores.has_magic(address):
        return [os.fspath(stores.fetched(address)) if stores.is_prefix(address) else address]
    found = stores.matching(address)
    taken = [path for path in found if search.may_be_read(path, path.rpartition("/")[2])]
    if not taken:
        raise _no_match(address, found, search)
    return taken


def _path(source: Source) -> str:
    try:
        return os.fsdecode(stores.local_path(source))  # a path may be bytes
    except TypeError:
        advice = "pass each path as an argument of its own"
        if not isinstance(source, (list, tuple)):
            advice = "pass a path; texts in memory go straight to fit"
        raise InputError(
            f"expected the path of a file or a folder, got {type(source).__name__}; {advice}"
        ) from None


def _matches(pattern: str, search: Search) -> list[str]:
    """Return what a pattern matches: folders, and files that may be documents or tables."""
    found = matches(pattern)
    files = [path for path in found if not os.path.isdir(path)]
    # With "**" the files of matching folders match themselves.
    folders = [] if files and "**" in pattern else [path for path in found if os.path.isdir(path)]
    parents = {os.path.dirname(path) for path in files}
    own = {path for path in (*parents, *folders) if search.is_left_out(path)}
    folders = [path for path in folders if path not in own]
    taken = [
        path
        for path in files
        if os.path.dirname(path) not in own and search.may_be_read(path, os.path.basename(path))
    ]
    if not taken and not folders:
        raise _no_match(pattern, found, search)
    return sorted(taken + folders)


def _no_match(pattern: str, found: list[str], search: Search) -> InputError:
    return InputError(
        f"no file matches the pattern {quoted(pattern)}"
        + (f" but {search.summary()}" if found else "")
        + "; check the pattern"
    )
