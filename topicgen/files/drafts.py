"""The hidden folder next to a destination, where what is written waits to be moved into place.

It has a random name, so that it is never somebody else's folder or link::

    .news-model.k3v7q2xd.topicgen/
        owner   who writes, see locks.py
        new/    what is written
        old/    what was there, while it is replaced by more than one move
        plan    which moves these are, see swap.py
"""

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from topicgen.errors import InputError
from topicgen.files.locks import Owner, alone_in, is_alive, own, read_owner
from topicgen.plain import quoted

SUFFIX = ".topicgen"
# Short enough for every file system, with characters of four bytes.
_NAME_CHARACTERS = 24
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_RANDOM_CHARACTERS = 8
_TRIES = 100


class Draft:
    """A draft folder that this process owns, or that it found.

    Args:
        root: the folder.
        place: where its content is to go.
    """

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place
        self.new, self.old = root / "new", root / "old"
        self.owner, self.plan = root / "owner", root / "plan"
        self.file = self.new / place.name
        self._handle: int | None = None

    @classmethod
    def create(cls, place: Path, busy: "set[Path]") -> "tuple[Draft, list[Draft]]":
        """Return a new draft, and those for the same place that dead processes have left.

        Args:
            place: where the content is to go.
            busy: the drafts of this process, which must not be opened: that would unlock them.

        Raises:
            InputError: where another program is writing to the same place.
            OSError: where the system refuses.
        """
        with alone_in(place.parent):
            left = _left(place, busy)
            for _ in range(_TRIES):
                draft = cls(_random_name(place), place)
                try:
                    draft.root.mkdir()
                    draft._handle = own(draft.owner, place.name)
                    draft.clear()
                except (FileExistsError, FileNotFoundError):
                    # The name is taken; or, without locks, another program cleaned up just now.
                    if not place.parent.is_dir():
                        raise
                except BaseException:
                    draft.remove()
                    raise
                else:
                    return draft, left
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(draft.root))

    def clear(self) -> None:
        """Make the folders for new and old files, and empty them."""
        for folder in (self.new, self.old):
            remove_tree(folder)
            # Something that tidies up may have removed all of it in days of training.
            folder.mkdir(parents=True)

    def remove(self) -> None:
        """Remove the folder, as far as the system allows; the owner file comes last."""
        with suppress(OSError):
            for entry in os.scandir(self.root):
                if entry.name != self.owner.name:
                    remove_tree(Path(entry.path))
            self.owner.unlink(missing_ok=True)
            self.root.rmdir()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def has_drafts(place: Path) -> bool:
    """Return whether there may be drafts of a place."""
    return bool(_drafts_near(place))


def cut_name(name: str) -> str:
    """Return the beginning of a name, so that it may be made longer.

    >>> cut_name("news-model"), len(cut_name("n" * 255))
    ('news-model', 24)
    """
    return name[:_NAME_CHARACTERS]


def remove_tree(path: Path) -> None:
    """Remove a file, a link or a folder with all that it holds; there may be none."""
    try:
        is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return
    if is_folder:
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _random_name(place: Path) -> Path:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return place.with_name(f".{cut_name(place.name)}.{random}{SUFFIX}")


def _drafts_near(place: Path) -> list[Draft]:
    """Return the drafts in the folder of a place that may be its own, by their names."""
    before, length = f".{cut_name(place.name)}.", len(_random_name(place).name)
    try:
        with os.scandir(place.parent) as entries:
            return [
                Draft(place.with_name(entry.name), place)
                for entry in entries
                if len(entry.name) == length
                and entry.name.startswith(before)
                and entry.name.endswith(SUFFIX)
                and entry.is_dir(follow_symlinks=False)
            ]
    except PermissionError:  # a folder that may be written to but not listed
        return []


def _left(place: Path, busy: set[Path]) -> list[Draft]:
    """Return the drafts for a place whose processes are dead.

    Raises:
        InputError: where a process is alive.
    """
    left = []
    for draft in _drafts_near(place):
        if draft.root in busy:
            continue
        owner = _owner(draft)
        if owner is None or owner.place != place.name:
            continue
        if is_alive(draft.owner, owner):
            raise busy_with(place, f"another program is writing it (process {owner.process})")
        left.append(draft)
    return left


def _owner(draft: Draft) -> Owner | None:
    """Return the owner of a draft; what was just begun when its process was killed is removed."""
    try:
        owner = read_owner(draft.owner)
        if owner is None and draft.owner.stat().st_size == 0:
            draft.owner.unlink()
    except FileNotFoundError:
        owner = None
    except OSError:
        return None
    if owner is None:
        with suppress(OSError):
            draft.root.rmdir()  # unless somebody keeps something in it
    return owner


def busy_with(place: Path, who: str) -> InputError:
    """Return the error for a place that somebody else is writing to."""
    return InputError(
        f"cannot write {quoted(place)} while {who}; wait for that to finish, or choose another path"
    )
