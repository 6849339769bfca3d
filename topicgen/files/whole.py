"""Writing a folder, a file, or files that belong together: completely or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from topicgen.files.destination import cannot_write, place_of
from topicgen.files.hold import held
from topicgen.files.stores import is_address, local_path, uploading
from topicgen.plain import quoted


@contextmanager
def whole_folder(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[Path]:
    """Yield an empty folder that replaces ``path`` when the block ends without error.

    Args:
        path: the destination.
        overwrite: whether an existing folder may be replaced, if ``hold`` allows it, too.

    Raises:
        InputError: where another program is writing the same path, something exists that must not
            be replaced, or the system refuses to write. Then, and after any other error or Ctrl-C,
            ``path`` is left unchanged; a folder that was complete is kept, and the error says
            where.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with whole_folder(Path(home, "news")) as draft:
        ...         _ = (draft / "words").write_text("bank")
        ...     os.listdir(home), Path(home, "news", "words").read_text()
        (['news'], 'bank')
    """
    with _whole(path, (), overwrite=overwrite, as_folder=True) as draft:
        draft.mkdir()
        yield draft


@contextmanager
def whole_file(
    path: str | os.PathLike[str], *, sidecars: Sequence[str] = (), overwrite: bool = True
) -> Iterator[Path]:
    """Yield a path to write to, which becomes ``path`` when the block ends without error.

    Files that the block writes next to the draft are moved next to ``path``, all of them or none. A
    symbolic link at ``path`` is followed, except where sidecar files are named, which belong next
    to the link itself: then the link is replaced, and its target is left alone.

    Args:
        path: the destination.
        sidecars: names of the files next to ``path`` that belong to it; those that the block does
            not write again are removed.
        overwrite: whether existing files may be replaced, if ``hold`` allows it, too.

    Raises:
        InputError: where another program is writing the same path, a file exists that must not be
            replaced, or the system refuses to write. Then, and after any other error or Ctrl-C, the
            existing files are left unchanged; files that were complete are kept, and the error says
            where.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with whole_file(Path(home, "news.txt")) as draft:
        ...         _ = draft.write_text("Rates rose.")
        ...         _ = draft.with_name("news.txt.labels").write_text("money")
        ...     sorted(os.listdir(home))
        ['news.txt', 'news.txt.labels']
    """
    with _whole(path, sidecars, overwrite=overwrite, as_folder=False) as draft:
        yield draft


@contextmanager
def _whole(
    path: str | os.PathLike[str], sidecars: Sequence[str], *, overwrite: bool, as_folder: bool
) -> Iterator[Path]:
    path = local_path(path)
    if is_address(path):
        with uploading(path, sidecars=sidecars, overwrite=overwrite) as draft:
            yield draft
        return
    try:
        place = place_of(path, follow=not sidecars)
        with (
            held(place, quoted(path)) as one,
            one.written(sidecars, overwrite=overwrite, as_folder=as_folder) as draft,
        ):
            yield draft
    except OSError as error:
        raise cannot_write(quoted(path), error) from error
