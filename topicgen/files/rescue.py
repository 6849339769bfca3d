"""What cannot be put into its place is kept elsewhere, rather than lost."""

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

from topicgen.errors import InputError
from topicgen.files.drafts import cut_name
from topicgen.files.exchange import move_new
from topicgen.plain import quoted

# Characters of a path, at most: whoever looks for what is kept needs all of it.
_LONGEST_PATH = 4096


class KeptError(InputError):
    """What was written could not be put into its place, and is kept somewhere else.

    Args:
        error: why.
        path: where it is.
    """

    def __init__(self, error: InputError, path: str | os.PathLike[str]) -> None:
        super().__init__(f"{error}; what was written is kept in {quoted(path, _LONGEST_PATH)}")
        self.path = Path(path)


def keep(folder: Path, place: Path) -> Path:
    """Move a folder of a draft to a new name next to its place, or else among temporary files.

    Raises:
        OSError: where neither is possible.

    Example:
        >>> with tempfile.TemporaryDirectory() as home:
        ...     Path(home, "new").mkdir()
        ...     keep(Path(home, "new"), Path(home, "news.csv")).name
        'news.csv.kept'
    """
    name = f"{cut_name(place.name)}.kept"
    try:
        for number in count(1):
            target = place.with_name(name if number == 1 else f"{name}-{number}")
            try:
                move_new(folder, target)
            except FileExistsError:
                continue
            return target
    except OSError:
        pass
    target = Path(tempfile.mkdtemp(prefix="topicgen-"), name)
    shutil.move(folder, target)
    return target
