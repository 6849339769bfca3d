"""What a corpus format is: how it is recognised, read and written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from topicgen.corpus.corpus import Corpus


class Format(NamedTuple):
    """A format of corpora on disk.

    Args:
        name: the name that users give.
        description: what it is, in one line.
        read: returns the corpus at a path; raises InputError.
        write: writes a corpus as a file, with its sidecar files, or into an empty folder. It need
            neither care for what exists nor tidy up: ``write_corpus`` does.
        recognise: whether a path is of this format, by its name or by what a folder holds.
        mark: the file, or a pattern for it, that marks a folder of this format at a path; None
            where a file would be written there.
        sidecars: the sidecar files that may belong to a file at a path.
        keeps_metadata: whether the metadata of the documents are written.
        takes_zero_based: whether the ids of words may count from 0 or from 1, which
            ``read`` then takes as ``zero_based``.
    """

    name: str
    description: str
    read: Callable[..., Corpus]
    write: Callable[[Corpus, Path], None]
    recognise: Callable[[Path], bool]
    mark: Callable[[Path], str | None] = lambda _: None
    sidecars: Callable[[Path], Sequence[Path]] = lambda _: ()
    keeps_metadata: bool = False
    takes_zero_based: bool = False
