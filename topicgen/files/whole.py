"""Writing a folder, a file, or files that belong together: completely or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from topicgen.files.destination import cannot_write, quoted
from topicgen.files.stage import staged


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty folder that replaces ``path`` when the block ends without error.

    Raises:
        InputError: where another program is writing the same path, or the system refuses to write.
            Then, and after any other error or Ctrl-C, ``path`` is left unchanged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with whole_folder(Path(home, "news")) as draft:
        ...         _ = (draft / "words").write_text("bank")
        ...     os.listdir(home), Path(home, "news", "words").read_text()
        (['news'], 'bank')
    """
    with whole_file(path) as draft:
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
        overwrite: whether existing files may be replaced.

    Raises:
        InputError: where another program is writing the same path, a file exists that must not be
            replaced, or the system refuses to write. Then, and after any other error or Ctrl-C, the
            existing files are left unchanged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with whole_file(Path(home, "news.txt")) as draft:
        ...         _ = draft.write_text("Rates rose.")
        ...         _ = draft.with_name("news.txt.labels").write_text("money")
        ...     sorted(os.listdir(home))
        ['news.txt', 'news.txt.labels']
    """
    try:
        with staged(_absolute(path), follow=not sidecars) as stage:
            yield stage.draft
            stage.commit(sidecars, overwrite)
    except OSError as error:
        raise cannot_write(quoted(path), error) from error


def _absolute(path: str | os.PathLike[str]) -> Path:
    """Return a path from the root; a link is followed only on the way to its last part."""
    whole = Path(path).absolute()
    if whole.name == "..":
        return Path(os.path.realpath(whole))
    return Path(os.path.realpath(whole.parent), whole.name)
