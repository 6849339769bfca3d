"""Moving what is written into its place, so that a program killed at any moment loses nothing.

One file, or one folder, is put into place by one move: a rename to a free name, or an exchange with
what was there. Where that cannot be, because several files belong together or the system has no
exchange, the moves are written down first, in the ``plan`` of the draft. The main file goes out of
the way first and comes last: so long as it is not in place, the moves can be taken back, and
``recover`` does so for a process that was killed.
"""

import json
import os
import stat
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from topicgen.errors import InputError
from topicgen.files.destination import already_exists
from topicgen.files.drafts import Draft
from topicgen.files.exchange import exchange, move_new
from topicgen.files.rescue import keep
from topicgen.plain import quoted


def check_free(draft: Draft, sidecars: Sequence[str], *, overwrite: bool, as_folder: bool) -> None:
    """Check, before anything is written, what ``put_into_place`` will check.

    Raises:
        InputError: where something exists that must not be replaced.
    """
    _check_same_kind(draft.place, as_folder=as_folder)
    for name in (draft.place.name, *sidecars):
        if not overwrite and os.path.lexists(_beside(draft, name)):
            raise already_exists(quoted(_beside(draft, name)))


def put_into_place(
    draft: Draft, sidecars: Sequence[str], check: Callable[[], None], *, overwrite: bool
) -> None:
    """Move the new files to their places, and remove those that they replace.

    Args:
        draft: with the new files.
        sidecars: names of files that belong to the one at the place.
        check: raises an error where what is at the place must not be replaced.
        overwrite: whether existing files may be replaced.

    Raises:
        InputError: where something exists that must not be replaced.
        OSError: where the system refuses. All is then as before.
    """
    written = sorted(file.name for file in draft.new.iterdir())
    for name in written:
        _check_same_kind(_beside(draft, name), as_folder=(draft.new / name).is_dir())
    taken = [name for name in {*written, *sidecars} if os.path.lexists(_beside(draft, name))]
    if taken and not overwrite:
        raise already_exists(quoted(_beside(draft, min(taken))))
    check()
    if written == [draft.place.name] and taken in ([], written):
        _put_one(draft, check, overwrite=overwrite)
    else:
        _put_several(draft, written, sorted(taken))


def recover(draft: Draft) -> None:
    """Finish or take back the moves of a process that was killed among them.

    Raises:
        OSError: where the system refuses.
    """
    plan = _read_plan(draft)
    if plan is not None and not _is_ours(draft.place, plan.get(draft.place.name)):
        _take_back(draft, plan)
    draft.plan.unlink(missing_ok=True)


def _put_one(draft: Draft, check: Callable[[], None], *, overwrite: bool) -> None:
    while True:
        try:
            move_new(draft.file, draft.place)
            return
        except FileExistsError:
            if not overwrite:
                raise already_exists(quoted(draft.place)) from None
        check()
        with suppress(FileNotFoundError):  # it has just gone
            if not draft.file.is_dir():
                os.replace(draft.file, draft.place)
                return
            if exchange(draft.file, draft.place):
                return
            _put_several(draft, [draft.place.name], [draft.place.name])
            return


def _put_several(draft: Draft, written: Sequence[str], taken: Sequence[str]) -> None:
    main = draft.place.name
    plan = {name: _identity(draft.new / name) for name in written}
    _write_plan(draft, plan)
    try:
        for name in sorted(taken, key=lambda name: name != main):
            os.rename(_beside(draft, name), draft.old / name)
        for name in sorted(written, key=lambda name: name == main):
            _move(draft.new / name, _beside(draft, name))
    except BaseException:  # even Ctrl-C between two moves must not lose the old files
        _take_back(draft, plan)
        draft.plan.unlink(missing_ok=True)
        raise
    draft.plan.unlink()


def _take_back(draft: Draft, plan: dict[str, list[int]]) -> None:
    """Bring the old files back, the main one last, and the new ones out of their way."""
    main = draft.place.name
    for name in sorted(plan, key=lambda name: name != main):
        place, new = _beside(draft, name), draft.new / name
        if _is_ours(place, plan[name]):
            if os.path.lexists(new):  # linked, see move_new
                os.unlink(place)
            else:
                os.rename(place, new)
    for old in sorted(draft.old.iterdir(), key=lambda file: file.name == main):
        place = _beside(draft, old.name)
        if _is_ours(place, _identity(old)):  # linked
            os.unlink(old)
            continue
        with suppress(FileExistsError):
            move_new(old, place)
    if any(draft.old.iterdir()):
        warnings.warn(
            f"another program has written {quoted(draft.place)}; what was there before is in "
            f"{quoted(keep(draft.old, draft.place))}",
            UserWarning,
            stacklevel=2,
        )


def _move(file: Path, place: Path) -> None:
    """Move a file to its place; explain where somebody has put something there just now."""
    try:
        move_new(file, place)
    except FileExistsError:
        raise already_exists(quoted(place)) from None


def _beside(draft: Draft, name: str) -> Path:
    return draft.place.with_name(name)


def _write_plan(draft: Draft, plan: dict[str, list[int]]) -> None:
    whole = draft.plan.with_suffix(".draft")
    whole.write_text(json.dumps(plan), "ascii")
    os.rename(whole, draft.plan)


def _read_plan(draft: Draft) -> dict[str, list[int]] | None:
    try:
        plan = json.loads(draft.plan.read_text("ascii"))
    except FileNotFoundError:
        return None
    except ValueError:  # damaged
        return {}
    return plan if isinstance(plan, dict) else {}


def _identity(path: Path) -> list[int]:
    """Return what tells a file from another of the same name, and what no move changes."""
    found = os.lstat(path)
    return [found.st_ino, 0 if stat.S_ISDIR(found.st_mode) else found.st_mtime_ns]


def _is_ours(path: Path, identity: list[int] | None) -> bool:
    try:
        return _identity(path) == identity
    except FileNotFoundError:
        return False


def _check_same_kind(place: Path, *, as_folder: bool) -> None:
    if os.path.lexists(place) and place.is_dir() != as_folder:
        wanted, found = ("a folder", "a file") if as_folder else ("a file", "a folder")
        raise InputError(
            f"cannot write {wanted} to {quoted(place)}, which is {found}; choose another path"
        )
