"""What a form of a corpus on disk is: how it is known, read and written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from topicgen.corpus.corpus import Corpus


class Format(NamedTuple):
    """A form in which corpora lie on disk.

    Args:
        name: what the user calls it.
        description: what it is, in one line.
        read: a path to its corpus; raises InputError.
        write: writes a corpus as a file, with its sidecar files, or into an empty folder. It need
            neither care for what exists nor tidy up: ``write_corpus`` does.
        recognise: whether a path is of this form, by its name or by what a folder holds.
        mark: the file, or a pattern for it, that tells a folder which would be written at a path;
            None where a file would be written there.
        sidecars: the files beside a path that may belong to the file there.
    """

    name: str
    description: str
    read: Callable[[Path], Corpus]
    write: Callable[[Corpus, Path], None]
    recognise: Callable[[Path], bool]
    mark: Callable[[Path], str | None] = lambda _: None
    sidecars: Callable[[Path], Sequence[Path]] = lambda _: ()
