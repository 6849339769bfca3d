"""The paths that match a pattern: unlike with ``glob``, each once, and cyclic links end."""

import glob
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from topicgen.corpus.reading.finding import entries_of, is_folder

_ANY_DEPTH = "**"


def matches(pattern: str) -> list[str]:
    """Return the paths of files and folders that match a pattern, sorted.

    As for ``glob``, "**" stands for any folders below, or for none, and names that begin with a dot
    are matched only by a dot.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "a", "b").mkdir(parents=True)
    ...     Path(folder, "a", "b", "c.txt").touch()
    ...     [os.path.relpath(path, folder) for path in matches(f"{folder}/**/**/*.txt")]
    ['a/b/c.txt']

    Raises:
        InputError: where a folder below cannot be read.
    """
    parts = os.path.normpath(pattern).split(os.sep)
    if _ANY_DEPTH not in parts:
        return sorted(glob.glob(pattern))
    depth = parts.index(_ANY_DEPTH)
    head, tail = os.sep.join([*parts[:depth], ""]), parts[depth:]
    shows_hidden = any(part.startswith(".") for part in tail)
    found = set()
    for base in glob.glob(head) if head else [""]:
        if head and _match([], tail):
            found.add(base)
        found.update(
            base + path for path in _below(base, shows_hidden) if _match(path.split(os.sep), tail)
        )
    return sorted(found)


def _below(base: str, shows_hidden: bool) -> Iterator[str]:
    """Yield the paths below a folder, relative to it; each folder is entered once, links last."""
    seen: set[tuple[int, int]] = set()
    waiting, links = [base or os.curdir], list[str]()
    start = len(os.path.join(waiting[0], ""))
    while waiting or links:
        folder = waiting.pop() if waiting else links.pop(0)
        status = os.stat(folder)
        if (identity := (status.st_dev, status.st_ino)) in seen:
            continue
        seen.add(identity)
        for entry in entries_of(folder):
            if shows_hidden or not entry.name.startswith("."):
                yield entry.path[start:]
                if is_folder(entry):
                    (links if entry.is_symlink() else waiting).append(entry.path)


def _match(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Return whether the parts of a path match those of a pattern."""
    if not pattern:
        return not parts
    if pattern[0] == _ANY_DEPTH:
        below = bool(parts) and not parts[0].startswith(".") and _match(parts[1:], pattern)
        return below or _match(parts, pattern[1:])
    return (
        bool(parts)
        and (not parts[0].startswith(".") or pattern[0].startswith("."))
        and fnmatchcase(parts[0], pattern[0])
        and _match(parts[1:], pattern[1:])
    )
