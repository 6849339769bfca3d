"""All corpus formats, and the functions that read, write and recognise them."""

import os
from dataclasses import replace
from pathlib import Path

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
from topicgen.errors import InputError
from topicgen.files import check_destination, whole_file, whole_folder

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
    path = Path(source)
    return next((name for name, form in FORMATS.items() if form.recognise(path)), None)


def read_corpus(source: str | os.PathLike[str], format: str | None = None) -> Corpus:
    r"""Read a corpus in any of the formats.

    Args:
        source: a file or a folder; text files may be compressed (.gz, .bz2, .xz).
        format: the name of its format, a key of FORMATS; by default it is recognised.

    Raises:
        InputError: where the format is not known, or the source is missing or malformed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "news.ldac")
        ...     _ = path.write_text("2 0:1 1:3\n0\n")
        ...     _ = path.with_name("vocab.txt").write_text("bank\nrate\n")
        ...     read_corpus(path)
        Corpus(2 documents, 2 words, 4 tokens, 1 empty)
    """
    path = Path(source)
    if format is None:
        format = recognise(path)
        if format is None and not path.exists():
            raise InputError(f"{streams.display_name(path)} does not exist; check the path")
    corpus = _named(format, path).read(path)
    return corpus if corpus.source else replace(corpus, source=os.fspath(source))


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

    Raises:
        InputError: where the format is not known, has no place for a part of the corpus, or the
            destination exists or cannot be written.
    """
    path = Path(destination)
    form = destination_format(path, format, overwrite=overwrite)
    sidecars = [file.name for file in form.sidecars(path)]
    with (
        whole_file(path, sidecars=sidecars, overwrite=overwrite)
        if form.mark(path) is None
        else whole_folder(path)
    ) as draft:
        form.write(corpus, draft)


def destination_format(
    destination: str | os.PathLike[str], format: str | None = None, *, overwrite: bool = False
) -> Format:
    """Return the format in which a corpus would be written; nothing is written yet.

    Raises:
        InputError: where the format is not known, or the destination exists or cannot be written.
    """
    path = Path(destination)
    form = _named(recognise(path) if format is None else format, path)
    check_destination(path, f"{form.name} corpus", mark=form.mark(path), overwrite=overwrite)
    for sidecar in form.sidecars(path):
        check_destination(sidecar, "file", overwrite=overwrite)
    return form


def _named(name: str | None, path: Path) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    got = f"{name!r}" if name else f"{streams.display_name(path)}, whose name does not tell it"
    raise InputError(f"expected a format among {', '.join(FORMATS)}, got {got}; name one of these")
