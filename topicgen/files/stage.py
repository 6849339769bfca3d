"""The hidden folder next to a destination, where files wait to be moved into place."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from topicgen.errors import InputError
from topicgen.files.destination import already_exists, quoted

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_BUSY = -1


class Stage:
    """The hidden folder next to a destination: the new files, and those that they replace.

    Args:
        path: the absolute path of the destination.
        follow: whether a symbolic link there is followed rather than replaced.
    """

    def __init__(self, path: Path, *, follow: bool) -> None:
        # On the same file system, so that files are moved into place without copying.
        self._place = Path(os.path.realpath(path)) if follow else path
        self.root = self._place.with_name(f".{self._place.name}.partial")
        self._new, self._old = self.root / "new", self.root / "old"
        self.draft = self._new / path.name

    def open(self) -> None:
        """Create the folders, after cleaning up what a killed program left behind."""
        if _holds_any(self._new) and self._old.is_dir():
            for kept in list(self._old.iterdir()):
                _remove(self._beside(kept.name))
                kept.rename(self._beside(kept.name))
        for leftover in list(self.root.iterdir()):
            _remove(leftover)
        self._new.mkdir()
        self._old.mkdir()

    def commit(self, sidecars: Sequence[str], overwrite: bool) -> None:
        """Move the new files into place, and the old ones out of the way."""
        _follow_umask(self._new)
        written = {
            file: self._place if file == self.draft else self._beside(file.name)
            for file in sorted(self._new.iterdir())
        }
        for file, place in written.items():
            _check_same_kind(file, place)
        places = {*written.values(), *map(self._beside, sidecars)}
        taken = sorted(place for place in places if os.path.lexists(place))
        if taken and not overwrite:
            raise already_exists(quoted(taken[0]))
        is_one_file = list(written) == [self.draft] and not self.draft.is_dir()
        if is_one_file and taken in ([], [self._place]):
            os.replace(self.draft, self._place)  # at every moment the file exists
        else:
            self._swap(written, taken)

    def close(self) -> None:
        """Remove the folders, unless they hold the only copy of files that were not restored."""
        if not (_holds_any(self._new) and _holds_any(self._old)):
            shutil.rmtree(self.root, ignore_errors=True)

    def _swap(self, written: dict[Path, Path], taken: list[Path]) -> None:
        try:
            for place in taken:
                os.rename(place, self._old / place.name)
            for file, place in written.items():
                os.rename(file, place)
        except BaseException:  # even Ctrl-C between two renames must not lose the old files
            for file, place in written.items():
                if not os.path.lexists(file):
                    os.rename(place, file)
            for kept in list(self._old.iterdir()):
                os.rename(kept, self._beside(kept.name))
            raise
        for kept in list(self._old.iterdir()):
            _remove(kept)

    def _beside(self, name: str) -> Path:
        return self._place.with_name(name)


@contextmanager
def staged(path: Path, *, follow: bool) -> Iterator[Stage]:
    """Hold the locked stage of a destination; the system unlocks it if the program is killed."""
    stage = Stage(path, follow=follow)
    stage.root.mkdir(exist_ok=fcntl is not None)
    handle = None if fcntl is None else _locked(stage.root)
    if handle == _BUSY:
        raise InputError(
            f"cannot write {quoted(path)} while another program is writing it (in "
            f"{quoted(stage.root)}); wait for that to finish, or choose another path"
        )
    try:
        stage.open()
        yield stage
    finally:
        stage.close()
        if handle is not None:
            os.close(handle)


def _locked(folder: Path) -> int:
    """Return a file descriptor that holds a lock on the folder, or _BUSY."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # its program has just finished
        return _BUSY
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = folder.exists() and os.path.samestat(os.fstat(handle), folder.stat())
    except BlockingIOError:
        is_there = False
    except OSError:  # a file system without locks
        is_there = True
    if is_there:
        return handle
    os.close(handle)
    return _BUSY


def _check_same_kind(file: Path, place: Path) -> None:
    if os.path.lexists(place) and place.is_dir() != file.is_dir():
        wanted, found = ("a folder", "a file") if file.is_dir() else ("a file", "a folder")
        raise InputError(
            f"cannot write {wanted} to {quoted(place)}, which is {found}; choose another path"
        )


def _follow_umask(folder: Path) -> None:
    """Give the files the mode that the umask allows; some libraries write files only we can read.

    The mode is taken from the folder, because Python can read the umask only by changing it for all
    threads.
    """
    mode = stat.S_IMODE(folder.stat().st_mode) & 0o666
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and stat.S_IMODE(file.stat().st_mode) != mode:
            file.chmod(mode)


def _holds_any(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
