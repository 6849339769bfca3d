"""All corpus formats, and the functions that read, write and recognise them."""

import errno
import os
import stat
import warnings
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import (
    folder,
    gensim,
    h5ad,
    ldac,
    mallet,
    mtx,
    npz,
    octis,
    svmlight,
    topmost,
    uci,
)
from topicgen.corpus.formats.format import Format
from topicgen.corpus.reading import streams
from topicgen.corpus.splits import check_split
from topicgen.corpus.storage import DESCRIPTION
from topicgen.errors import InputError
from topicgen.files import hold, restored, stores, whole_file, whole_folder
from topicgen.plain import quoted

# The first that recognises a source reads it: TopMost's own .npz before any .npz.
FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (folder, ldac, uci, mtx, svmlight, octis, topmost, mallet, gensim, npz, h5ad)
}


def recognise(source: str | os.PathLike[str]) -> str | None:
    """Return the name of a path's format, by its name or by what a folder holds.

    >>> recognise("reuters.ldac.gz"), recognise("docword.nips.txt"), recognise("news.txt")
    ('ldac', 'uci', None)
    """
    return _recognised(stores.to_recognise(source))


def _recognised(path: Path) -> str | None:
    _check_length(path)
    return next((name for name, form in FORMATS.items() if form.recognise(path)), None)


def read_corpus(
    source: str | os.PathLike[str],
    format: str | None = None,
    *,
    split: str | None = None,
    zero_based: bool | str = "auto",
) -> Corpus:
    r"""Read a corpus in any of the formats.

    Args:
        source: a file or a folder; text files may be compressed (.gz, .bz2, .xz).
        format: the name of its format, a key of FORMATS; by default it is recognised.
        split: "train", "val" or "test", to read these documents only; see ``Corpus.splits``.
        zero_based: of SVMlight, whether the ids of words count from 0 (True) or from 1 (False);
            "auto" takes them to count from 0 where one of them is 0.

    Raises:
        InputError: where the format is not known, the source is missing or malformed, or no
            document is in the split.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "news.ldac")
        ...     _ = path.write_text("2 0:1 1:3\n0\n")
        ...     _ = path.with_name("vocab.txt").write_text("bank\nrate\n")
        ...     read_corpus(path)
        Corpus(2 documents, 2 words, 4 tokens, 1 empty)
    """
    if split is not None:
        check_split(split)
    path = stores.to_recognise(source)
    is_there = stores.is_address(source) or os.path.exists(path) or restored(path)
    if format is None:
        format = _recognised(path)
        if format is None and not is_there:
            raise InputError(f"{streams.display_name(path)} does not exist; check the path")
    with stores.naming(source, path):
        form = _named(format, path)
    options: dict[str, Any] = {}
    if form.takes_zero_based:
        options["zero_based"] = _check_zero_based(zero_based)
    elif zero_based != "auto":
        raise InputError(
            f"zero_based applies only to the format svmlight, got {quoted(zero_based)} for "
            f"{streams.display_name(path)} (format {form.name}); leave it out"
        )
    with stores.fetching(source, with_sidecars=True) as copy:
        path = Path(copy)
        before = _identity(path)
        corpus = form.read(path, **options)
    if before is not None and _identity(path) != before:
        raise InputError(
            f"{streams.display_name(path)} was replaced while it was read; read it again"
        )
    if not corpus.source or stores.is_address(source):
        corpus = replace(corpus, source=os.fspath(source))
    return corpus if split is None else corpus.of_split(split)


def write_corpus(
    corpus: Corpus,
    destination: str | os.PathLike[str],
    format: str | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write a corpus in any of the formats, whole or not at all.

    Args:
        corpus: what to write.
        destination: the file or folder; its name says the format, if ``format`` does not.
        format: the name of the format, a key of FORMATS.
        overwrite: whether to replace what is there, with its sidecar files; a folder is replaced
            as a whole.

    Metadata are kept by the formats "topicgen" and "h5ad" only; a warning says what is left out.

    Raises:
        InputError: where the format is not known, has no place for a part of the corpus, or the
            destination exists or cannot be written.
    """
    path = stores.to_recognise(destination)
    form = destination_format(destination, format)
    sidecars = _sidecar_names(form, path)
    with (
        hold_destination(destination, form.name, overwrite=overwrite),
        whole_file(destination, sidecars=sidecars)
        if form.mark(path) is None
        else whole_folder(destination) as draft,
    ):
        form.write(corpus, draft)
    if corpus.metadata is not None and not form.keeps_metadata:
        warnings.warn(
            f"the metadata ({', '.join(corpus.metadata.columns)}) cannot be stored in the format "
            f"{form.name} and are left out; transform's --keep writes them next to the topics",
            UserWarning,
            stacklevel=2,
        )


def destination_format(destination: str | os.PathLike[str], format: str | None = None) -> Format:
    """Return the format in which a corpus would be written.

    Raises:
        InputError: where the format is not known.
    """
    path = stores.to_recognise(destination)
    with stores.naming(destination, path):
        return _named(_recognised(path) if format is None else format, path)


def hold_destination(
    destination: str | os.PathLike[str], format: str | None = None, *, overwrite: bool = False
) -> AbstractContextManager[str | os.PathLike[str]]:
    """Hold the path where a corpus is to be written, see ``topicgen.files.hold``.

    Raises:
        InputError: where the format is not known, the destination exists or cannot be written, or
            another program is writing there.
    """
    path = stores.to_recognise(destination)
    form = destination_format(destination, format)
    return hold(
        destination,
        f"{form.name} corpus",
        mark=form.mark(path),
        overwrite=overwrite,
        sidecars=_sidecar_names(form, path) if form.mark(path) is None else (),
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file or folder from another in its place; None for none, or a stream."""
    try:
        found = path.stat()
    except OSError:
        return None
    is_kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return (found.st_dev, found.st_ino) if is_kept else None


def _check_length(path: Path) -> None:
    try:
        os.stat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InputError(f"the name {quoted(path)} is too long; correct the path") from None


def _sidecar_names(form: Format, path: Path) -> list[str]:
    if not path.name:  # "." or "/", which is refused as a file
        return []
    return [file.name for file in form.sidecars(path) if file.name != path.name]


def _named(name: str | None, path: Path) -> Format:
    if isinstance(name, str) and name in FORMATS:
        return FORMATS[name]
    known = ", ".join(FORMATS)
    if not isinstance(name, str | None) or name:
        raise InputError(f"expected a format among {known}, got {quoted(name)}; name one of these")
    if path.is_dir():
        raise InputError(
            f"{streams.display_name(path)} is not a corpus folder (it holds no {DESCRIPTION}, nor "
            "the files of another format); name its format, or count its texts with 'topicgen "
            "corpus build'"
        )
    raise InputError(
        f"expected a format among {known}, got {streams.display_name(path)}, whose name does not "
        "say which; name one of these, or count texts with 'topicgen corpus build'"
    )


def _check_zero_based(value: bool | str) -> bool | str:
    if value not in (True, False, "auto"):
        raise InputError(
            f"expected zero_based to be True, False or 'auto', got {quoted(value)}; pass one of "
            "these"
        )
    return value
