"""Writing a folder, a file, or files that belong together: whole or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from topicgen.files.destination import cannot_write, quoted
from topicgen.files.stage import staged


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty folder that takes the place of ``path`` when the block ends without error.

    Raises:
        InputError: where another program is writing the same path, or the system refuses to write.
            What was there stays as it was, as it does after any other error or Ctrl-C.

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

    Files that are written beside the draft take their places beside ``path``, either all or
    nothing. A symbolic link at ``path`` is followed, unless sidecar files, which lie beside the
    link, are named: then it is replaced, and what it points to is left alone.

    Args:
        path: the destination.
        sidecars: names of files beside ``path`` that belong to it: they are removed where the
            block does not write them again.
        overwrite: whether what is there may be replaced.

    Raises:
        InputError: where another program is writing the same path, something is there that must
            not be replaced, or the system refuses to write. What was there stays as it was, as it
            does after any other error or Ctrl-C.

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
