"""Checkpoints: a folder with the state of a training, from which it can continue.

The folder holds the latest two checkpoints, each in a file ``NUMBER-DIGEST.safetensors`` whose
name has the first half of its SHA-256. A file is written under another name, and renamed when it is
complete. So whenever the process ends, a complete checkpoint stays; and one that has been damaged
since is not mistaken for a sound one.
"""

import json
import os
import re
import secrets
import shutil
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from topicgen.errors import InputError
from topicgen.files.destination import cannot_write
from topicgen.files.digests import sha256
from topicgen.files.durable import write_file_through, write_names_through
from topicgen.plain import quoted
from topicgen.training.progress import Snapshot

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_FILE = re.compile(r"[0-9]{8}-[0-9a-f]{32}\.safetensors")
_DRAFT, _FACTS = ".draft-", "topicgen"
_N_KEPT = 2


class Loaded(NamedTuple):
    """What a checkpoint holds.

    Args:
        file: the checkpoint.
        owner: of which run it is.
        snapshot: the state of the training.
    """

    file: Path
    owner: dict[str, Any]
    snapshot: Snapshot


class Checkpoint:
    """The latest checkpoints of one run, in a folder that no other process uses meanwhile.

    Args:
        folder: an existing folder.
        owner: says of which run the checkpoints are; ready for JSON.
        loaded: the latest checkpoint, or None.

    Attributes:
        snapshot: the state to go on from, or None.
        owner_before: the owner of that.
    """

    def __init__(self, folder: Path, owner: Mapping[str, Any], loaded: Loaded | None) -> None:
        self.folder = folder
        self.owner = dict(owner)
        self.snapshot = None if loaded is None else loaded.snapshot
        self.owner_before = {} if loaded is None else loaded.owner
        self._good = [] if loaded is None else [loaded.file]

    def write(self, snapshot: Snapshot) -> None:
        """Write a checkpoint; if that fails, warn, and keep the earlier checkpoints."""
        try:
            self._write(snapshot)
        except (OSError, SafetensorError) as error:
            kept = "the previous one is kept" if self._good else "there is no earlier one"
            warnings.warn(
                f"cannot write a checkpoint to {quoted(self.folder)}: {_reason(error)}; "
                f"{kept}, and the training continues; check the free space and the permissions",
                stacklevel=2,
            )

    def _write(self, snapshot: Snapshot) -> None:
        facts = json.dumps({"owner": self.owner, "facts": snapshot.facts})
        # In a folder of its own: safetensors writes other files next to its own, and a process that
        # is killed leaves them behind.
        draft = self.folder / f"{_DRAFT}{secrets.token_hex(8)}"
        draft.mkdir()
        try:
            whole = draft / "state"
            save_file(dict(snapshot.arrays), whole, metadata={_FACTS: facts})
            whole.chmod(stat.S_IMODE(draft.stat().st_mode) & 0o666)  # what the umask allows
            write_file_through(whole)
            name = f"{_next_number(self.folder):08d}-{sha256(whole)[:32]}.safetensors"
            file = whole.replace(self.folder / name)
        finally:
            _remove_draft(draft)
        write_names_through(self.folder)
        self._good = [*self._good, file][-_N_KEPT:]
        for old in set(checkpoint_files(self.folder)).difference(self._good):
            old.unlink(missing_ok=True)


@contextmanager
def opened(folder: str | os.PathLike[str], owner: Mapping[str, Any]) -> Iterator[Checkpoint]:
    """Hold the folder of a run's checkpoints, created if there is none, and read the latest.

    A folder in which nothing was written is removed again.

    Raises:
        InputError: where another process uses the folder, it holds other files, it cannot be
            written to, or the checkpoints in it are damaged.
    """
    path = Path(folder)
    check_checkpoint_folder(path)
    try:
        path.mkdir(exist_ok=True)
        handle = _locked(path)
    except OSError as error:
        raise InputError(
            f"cannot write checkpoints to {quoted(path)}: {_reason(error)}; choose another folder"
        ) from error
    try:
        for draft in path.glob(f"{_DRAFT}*"):
            _remove_draft(draft)
        for old in checkpoint_files(path)[_N_KEPT:]:
            old.unlink(missing_ok=True)
        yield Checkpoint(path, owner, _latest(path))
    finally:
        _remove_if_empty(path)
        if handle is not None:
            os.close(handle)


def check_checkpoint_folder(folder: str | os.PathLike[str]) -> None:
    """Check that checkpoints can be written to a folder.

    Raises:
        InputError: where it is something else, or the folder that it should be in does not exist.
    """
    path = Path(folder)
    if not os.fspath(folder):
        raise InputError("the path of the checkpoints is empty; pass the path of a folder")
    try:
        path.is_dir()
    except OSError as error:  # such as a name that is too long
        raise cannot_write(quoted(path), error) from error
    if os.path.lexists(path) and not path.is_dir():
        raise InputError(f"{quoted(path)} is not a folder; choose another path for the checkpoints")
    if not path.is_dir() and not path.absolute().parent.is_dir():
        raise InputError(
            f"cannot write checkpoints to {quoted(path)}: the folder "
            f"{quoted(path.absolute().parent)} does not exist; create it, or choose another path"
        )
    for file in path.iterdir() if path.is_dir() else ():
        if not _FILE.fullmatch(file.name) and not file.name.startswith("."):  # as of NFS
            raise InputError(
                f"{quoted(path)} holds {quoted(file.name)}, which is not a checkpoint; choose an "
                "empty folder or a new path for the checkpoints"
            )


def checkpoint_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the checkpoints in a folder, the latest first; none where there is no folder."""
    path = Path(folder)
    found = path.iterdir() if path.is_dir() else ()
    return sorted((file for file in found if _FILE.fullmatch(file.name)), reverse=True)


def remove_checkpoints(folder: str | os.PathLike[str]) -> None:
    """Remove the checkpoints in a folder, and the folder if nothing else is in it."""
    for file in checkpoint_files(folder):
        file.unlink(missing_ok=True)
    _remove_if_empty(Path(folder))


def _remove_draft(draft: Path) -> None:
    """Remove a folder with drafts; a link in its place is removed, and never followed."""
    if draft.is_symlink() or not draft.is_dir():
        draft.unlink(missing_ok=True)
    else:
        shutil.rmtree(draft, ignore_errors=True)


def _next_number(folder: Path) -> int:
    latest = checkpoint_files(folder)[:1]
    return 1 + max((int(file.name[:8]) for file in latest), default=0)


def _latest(folder: Path) -> Loaded | None:
    """Return the latest checkpoint that is not damaged; None where there are no checkpoints."""
    files = checkpoint_files(folder)
    for file in files:
        loaded = _read(file)
        if loaded is None:
            continue
        if file != files[0]:
            warnings.warn(
                f"the checkpoint {quoted(files[0].name)} in {quoted(folder)} is damaged; "
                f"continuing from the previous one, {quoted(file.name)}",
                stacklevel=4,
            )
        return loaded
    if files:
        raise InputError(
            f"all checkpoints in {quoted(folder)} are damaged; remove the folder, and start from "
            "the beginning"
        )
    return None


def _read(file: Path) -> Loaded | None:
    """Return what a checkpoint holds, or None where it is damaged."""
    try:
        if file.name != f"{file.name[:8]}-{sha256(file)[:32]}.safetensors":
            return None
        with safe_open(file, framework="pt") as opened_file:
            content = json.loads(opened_file.metadata()[_FACTS])
        snapshot = Snapshot(load_file(file), content["facts"])
        return Loaded(file, content["owner"], snapshot)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError):
        return None


def _locked(folder: Path) -> int | None:
    """Return a descriptor that holds a lock on the folder, which the system drops at its end."""
    if fcntl is None:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = folder.is_dir() and os.path.samestat(os.fstat(handle), folder.stat())
    except BlockingIOError:
        is_ours = False
    except OSError:  # a file system without locks
        is_ours = True
    if is_ours:
        return handle
    os.close(handle)
    raise InputError(
        f"another process is writing checkpoints to {quoted(folder)}; wait for it to finish, or "
        "choose another folder"
    )


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # where something is in it
        folder.rmdir()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())
