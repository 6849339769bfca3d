"""Holding a destination: it is checked, and nobody else writes to it, before the work begins."""

import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from topicgen.errors import InputError
from topicgen.files.destination import Terms, cannot_write, place_of
from topicgen.files.drafts import Draft, busy_with, has_drafts
from topicgen.files.durable import write_names_through, write_through
from topicgen.files.rescue import KeptError, keep
from topicgen.files.stores import held_address, is_address, local_path
from topicgen.files.swap import check_free, put_into_place, recover
from topicgen.plain import quoted


@contextmanager
def hold(
    path: str | os.PathLike[str],
    kind: str,
    *,
    mark: str | None = None,
    overwrite: bool | None = False,
    sidecars: Sequence[str] = (),
) -> Iterator[str | os.PathLike[str]]:
    """Check a destination and keep all others from writing to it while the block runs.

    ``whole_file`` and ``whole_folder`` in the block, and in the same thread, write to it; what they
    may replace is decided here. What has appeared there in the meantime is never replaced unless
    ``overwrite`` allows it; then what is written is kept under another name, and an error says
    which. A destination that is held already by the same thread is held on, by both rules.

    A symbolic link stands for its target, even where that does not exist yet, unless there are
    sidecar files, which belong next to the link itself. An address in a store cannot be kept from
    others; see ``stores.held_address``.

    Args:
        path: the destination.
        kind: what will be written, as messages call it: "model", "corpus", "file".
        mark: the file, or a pattern for it, that identifies a folder of this kind; None where a
            file will be written.
        overwrite: whether something of this kind may be replaced; None where the caller never
            replaces anything, so that messages do not suggest it.
        sidecars: names of the files next to the path that will belong to it.

    Raises:
        InputError: where something exists that must not be replaced, the parent folder does not
            exist or cannot be written to, or another program is writing to the same place.

    Example:
        >>> import tempfile
        >>> from topicgen.files import whole_file
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with hold(Path(home, "news.txt"), "file") as path:
        ...         with whole_file(path) as draft:
        ...             _ = draft.write_text("Rates rose.")
        ...     os.listdir(home)
        ['news.txt']
    """
    path = local_path(path)
    if is_address(path):
        with held_address(path, kind, mark=mark, overwrite=overwrite, sidecars=sidecars):
            yield path
        return
    place = place_of(path, kind, follow=not sidecars)
    terms = Terms(path, kind, mark, overwrite)
    beside = {
        place.with_name(name): Terms(
            os.path.join(os.path.dirname(path), name), "file", None, overwrite
        )
        for name in sidecars
    }

    def check() -> None:
        terms.check(place)
        for sidecar, its_terms in beside.items():
            its_terms.check(sidecar)

    before = _HELD.get(place)
    # What is held already was free at the start; what has come since must not cost the result,
    # which is written in any case, and then either put into place or kept.
    is_held = before is not None and before.is_mine
    try:
        if not is_held:
            check()
    except InputError:
        if not _tidied(place, quoted(path)):
            raise
    with held(place, quoted(path)) as one:
        if not is_held:
            check()  # once more: what a killed program had moved is back in its place
        one.terms.append(terms)
        try:
            yield Path(path)
        finally:
            one.terms.remove(terms)


def restored(path: str | os.PathLike[str]) -> bool:
    """Return whether there is something at a path, after bringing back what was moved away.

    A program that is killed while it replaces several files leaves the main one out of place; the
    next to read it, or to write there, restores it.
    """
    with suppress(InputError, OSError):
        place = place_of(path, follow=False)
        if not os.path.lexists(place):
            _tidied(place, quoted(path))
    return os.path.exists(path)


def _tidied(place: Path, name: str) -> bool:
    """Return whether a killed program had left something of a place, which is now in order."""
    with suppress(InputError, OSError):
        if has_drafts(place):
            with held(place, name):
                return True
    return False


class Held:
    """A destination that this process holds.

    Args:
        draft: where to write.
        name: the destination, as messages show it.
    """

    def __init__(self, draft: Draft, name: str) -> None:
        self.draft, self.name = draft, name
        self.terms: list[Terms] = []
        self._is_written = False
        self._process, self._thread = os.getpid(), threading.get_ident()

    @property
    def is_mine(self) -> bool:
        """Whether this very thread holds it."""
        return self.is_of_this_process and self._thread == threading.get_ident()

    @property
    def is_of_this_process(self) -> bool:
        """Whether a thread of this process holds it, rather than the process that forked this."""
        return self._process == os.getpid()

    @contextmanager
    def written(
        self, sidecars: Sequence[str], *, overwrite: bool, as_folder: bool
    ) -> Iterator[Path]:
        """Yield where to write what is put into place when the block ends without error.

        Raises:
            InputError: where it is written already, or must not be replaced.
            OSError: where the system refuses.
        """
        if self._is_written:
            raise busy_with(self.draft.place, "this program is writing it already")
        if not self.terms:  # else it was checked before the work
            check_free(self.draft, sidecars, overwrite=overwrite, as_folder=as_folder)
        self._is_written = True
        try:
            self.draft.clear()
            yield self.draft.file
            self._commit(sidecars, overwrite and all(terms.overwrite for terms in self.terms))
        finally:
            self._is_written = False

    def _commit(self, sidecars: Sequence[str], overwrite: bool) -> None:
        _follow_umask(self.draft.new)
        try:
            write_through(self.draft.new)
            put_into_place(self.draft, sidecars, self._check, overwrite=overwrite)
        except (OSError, InputError) as error:
            try:
                kept = keep(self.draft.new, self.draft.place)
            except OSError:
                raise error from None
            first = error if isinstance(error, InputError) else cannot_write(self.name, error)
            raise KeptError(first, kept) from error
        write_names_through(self.draft.place.parent)

    def _check(self) -> None:
        for terms in self.terms:
            terms.check(self.draft.place)


_HELD: dict[Path, Held] = {}
_TAKING = threading.RLock()


@contextmanager
def held(place: Path, name: str) -> Iterator[Held]:
    """Hold a place, unless this thread does already; restore what a killed program left of it.

    Raises:
        InputError: where another program or thread is writing there, or the system refuses.
    """
    with _TAKING:
        before = _HELD.get(place)
        if before is not None and before.is_mine:
            one = before
        elif before is not None and before.is_of_this_process:
            raise busy_with(place, "another thread of this program is writing it")
        else:
            one = _HELD[place] = _taken(place, name)
    try:
        yield one
    finally:
        if one is not before and one.is_of_this_process:  # not one that was forked in the block
            one.draft.remove()
            _HELD.pop(place, None)


def _taken(place: Path, name: str) -> Held:
    mine = {one.draft.root for one in _HELD.values() if one.is_of_this_process}
    draft = None
    try:
        draft, left = Draft.create(place, mine)
        for leftover in left:
            recover(leftover)
            leftover.remove()
    except BaseException as error:
        if draft is not None:
            draft.remove()
        if isinstance(error, OSError):
            where = f"{name} in the folder {quoted(place.parent)}"
            raise cannot_write(where, error) from None
        raise
    return Held(draft, name)


def _follow_umask(folder: Path) -> None:
    """Give the files the mode that the umask allows; some libraries write files only we can read.

    The mode is taken from the folder, because Python can read the umask only by changing it for all
    threads.
    """
    mode = stat.S_IMODE(folder.stat().st_mode) & 0o666
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and stat.S_IMODE(file.stat().st_mode) != mode:
            file.chmod(mode)
