"""What a file is, by its name or by its first bytes, and what to do with one that is not text."""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from topicgen.corpus.reading import streams


class Kind(NamedTuple):
    """A kind of file that is not text: what it is, and what to do with it."""

    what: str
    remedy: str


_PANDOC = "convert it to text first, for example with 'pandoc -t plain'"
_OFFICE = "convert it to text first, for example with 'libreoffice --headless --convert-to txt'"

# fmt: off
_SUFFIXES: dict[Kind, str] = {
    Kind("a PDF file", "extract its text first, for example with 'pdftotext'"): ".pdf .ps .djvu",
    Kind("a text document with formatting", _PANDOC): ".docx .odt .rtf .epub",
    Kind("an office document", _OFFICE): ".doc .ppt .pptx .odp .pages .key .mobi .azw3",
    Kind("a web page", _PANDOC): ".html .htm .xhtml .mhtml",
    Kind("XML", "extract its text first"): ".xml .svg",
    Kind("a spreadsheet", "save it as CSV first"): ".xls .xlsx .xlsm .ods .numbers",
    Kind("a data file", "save it as CSV or Parquet first"):
        ".rds .rdata .rda .dta .sav .sas7bdat .feather .arrow .pkl .pickle .npy .db .sqlite",
    Kind("an archive", "unpack it, and pass its folder"):
        ".zip .tar .tgz .tbz .tbz2 .txz .7z .rar .jar",
    Kind("compressed data", "decompress it, or compress it as .gz, .bz2, .xz or .zst"):
        ".br .lz .lz4 .lzma .lzo .sz .z",
    Kind("an image", "extract its text first"):
        ".bmp .gif .heic .ico .jpeg .jpg .png .psd .tif .tiff .webp",
    Kind("audio or video", "transcribe it first"):
        ".avi .flac .m4a .mkv .mov .mp3 .mp4 .ogg .wav .webm",
    Kind("a program or a font", "pass a text file"):
        ".bin .class .dll .exe .o .pyc .so .ttf .woff .woff2",
    Kind("a corpus of counts", "read it with topicgen.corpus.formats.read_corpus"):
        ".ldac .lda-c .mtx .mm .svmlight .libsvm .feat .h5ad .npz",
}
# fmt: on

# Files that are not text, by their suffixes; any other suffix, or none, may be text.
BY_SUFFIX = {suffix: kind for kind, names in _SUFFIXES.items() for suffix in names.split()}

# What editors, patches, downloads and people leave beside a file.
_BACKUP_SUFFIXES = (
    *("~", ".bak", ".swp", ".swo", ".orig", ".rej", ".old", ".save", ".tmp"),
    *(".part", ".crdownload"),
)

# What topicgen and others write beside counts: text, but not documents.
_SIDECAR_SUFFIXES = (".vocab", ".ids", ".labels", ".mallet.txt", ".dict.txt")
_UCI = re.compile(r"(docword|vocab)\..*\.txt(\.\w+)?")

_UNPACK = "unpack it or save it as text"
_END_IN = "end its name in "

# The first bytes of formats that people mistake for text, and what to do with each.
_SIGNATURES = {
    b"\x1f\x8b": Kind("gzip data", _END_IN + ".gz"),
    b"BZh91AY&SY": Kind("bzip2 data", _END_IN + ".bz2"),
    b"\xfd7zXZ\x00": Kind("xz data", _END_IN + ".xz"),
    b"\x28\xb5\x2f\xfd": Kind("Zstandard data", _END_IN + ".zst"),
    b"PAR1": Kind("a Parquet file", _END_IN + ".parquet"),
    b"PK\x03\x04": Kind("a zip archive or an office document", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": Kind("a RAR archive", _UNPACK),
    b"%PDF-": Kind("a PDF file", "extract its text first"),
    b"%!PS-Adobe": Kind("a PostScript file", "extract its text first"),
    b"{\\rtf": Kind("an RTF document", "save it as text"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Kind("an office document", "save it as text"),
    b"\x89PNG\r\n": Kind("an image", "extract its text first"),
    b"\x89PNG\n": Kind("an image", "extract its text first"),
    b"\xff\xd8\xff": Kind("an image", "extract its text first"),
    b"SQLite format 3\0": Kind("a database", "save it as CSV or Parquet first"),
    b"\x7fELF": Kind("a program", "pass a text file"),
}

_FIRST_BYTES = frozenset(signature[:1] for signature in _SIGNATURES)

# Left behind by systems, in folders that people did not put them in: passed over without a word.
# fmt: off
_OF_SYSTEMS = frozenset(
    [".ds_store", ".fseventsd", ".spotlight-v100", ".trashes", "icon\r", "__macosx",
     "desktop.ini", "ehthumbs.db", "thumbs.db", "$recycle.bin", "system volume information",
     "lost+found", "@eadir", "__pycache__"]
)
# fmt: on


def by_signature(data: bytes) -> Kind | None:
    """Return the kind of a file that is not text by its first bytes, or None.

    >>> by_signature(b"%PDF-1.7").what, by_signature(b"plain words")
    ('a PDF file', None)
    """
    if data[:1] not in _FIRST_BYTES:
        return None
    return next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), None)


def remedy_for(kind: Kind, name: str) -> str:
    r"""Return what to do with a source of a kind that its first bytes show.

    Args:
        kind: of ``by_signature``.
        name: the source, as messages name it.

    >>> gzip = by_signature(b"\x1f\x8b")
    >>> remedy_for(gzip, "'news.txt'"), remedy_for(gzip, "'news.txt.gz.gz'")
    ('end its name in .gz', 'it is compressed twice: decompress it')
    >>> remedy_for(gzip, "standard input")
    'save it in a file whose name ends in .gz'
    """
    suffix = kind.remedy.removeprefix(_END_IN)
    if suffix == kind.remedy:
        return kind.remedy
    if name == streams.display_name(streams.STANDARD_INPUT):
        return f"save it in a file whose name ends in {suffix}"
    if streams.is_compressed(name.strip("'\"")):
        twice = streams.is_compressed(f"file{suffix}")
        return "it is compressed twice: decompress it" if twice else "decompress it"
    return kind.remedy


def by_suffix(path: str | os.PathLike[str]) -> Kind | None:
    """Return the kind of a file that is not text by its name, or None.

    >>> by_suffix("news.PDF").what, by_suffix("news.txt")
    ('a PDF file', None)
    """
    return BY_SUFFIX.get(streams.format_suffix(path))


def is_of_system(name: str) -> bool:
    """Return whether a system, or topicgen, leaves files or folders of this name behind.

    >>> is_of_system("Thumbs.db"), is_of_system("._a.txt"), is_of_system("a.txt")
    (True, True, False)
    """
    return (
        name.lower() in _OF_SYSTEMS
        or name.startswith("._")
        or name.endswith(":Zone.Identifier")
        or (name.startswith(".") and name.endswith((".partial", ".topicgen")))  # files/drafts.py
    )


def is_part_of_corpus(name: str) -> bool:
    """Return whether a text file belongs to a corpus of counts, by its name.

    >>> is_part_of_corpus("news.ldac.vocab"), is_part_of_corpus("docword.news.txt")
    (True, True)
    """
    return name.lower().endswith(_SIDECAR_SUFFIXES) or _UCI.fullmatch(name) is not None


def is_backup(name: str) -> bool:
    """Return whether an editor or an office program makes files of this name beside the real ones.

    >>> [is_backup(name) for name in ("a.txt~", "#a.txt#", "a.txt.bak", "~$a.docx", "a.txt")]
    [True, True, True, True, False]
    """
    return (
        name.lower().endswith(_BACKUP_SUFFIXES)
        or name.startswith("~$")
        or (len(name) > 2 and name.startswith("#") and name.endswith("#"))
    )


def own_folder(names: Iterable[str]) -> str | None:
    """Return what a folder with these files is to topicgen: a "corpus", a "model", or None.

    >>> own_folder(["corpus.json", "indptr.npy", "ids"]), own_folder(["a.txt"])
    ('corpus', None)
    """
    names = set(names)
    corpora = (
        {"corpus.json", "indptr.npy"},
        {"corpus.tsv", "vocabulary.txt"},  # of OCTIS
        {"train_bow.npz", "vocab.txt"},  # of TopMost
    )
    if any(corpus <= names for corpus in corpora):
        return "corpus"
    return "model" if {"config.json", "weights.safetensors"} <= names else None
