r"""MALLET's lines ``id label text``, one per document, as its ``import-file`` takes them.

(What MALLET makes of it, named .mallet, is Java's own format and cannot be read elsewhere.) The
label "-" stands for no label. Where an id or a label has blanks, all of them are in FILE.ids or
FILE.labels. The vocabulary, whose order and unused words have no place in the format, is in
FILE.vocab. The order of the words in a text is lost: counts do not hold it.

With FILE.vocab, as written here, words are what blanks separate. Without it, texts are raw, and
words are those of MALLET (since 2.0.8) by default: lower case, three or more characters, letters
and punctuation inside of letters, ``\p{L}[\p{L}\p{P}]+\p{L}`` in Java.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.labels import are_words
from topicgen.corpus.formats.text.lines import iterate_lines, open_text
from topicgen.corpus.formats.text.texts import as_texts, count_words
from topicgen.corpus.reading import streams
from topicgen.errors import InputError
from topicgen.plain import quoted

NO_LABEL = "-"
# What Java takes for a blank.
_BLANKS = " \t\n\v\f\r"
_FIELDS = re.compile(f"[{_BLANKS}]+")


def read(path: Path) -> Corpus:
    """Read MALLET's lines; without FILE.vocab, all words of MALLET's are counted.

    Words that FILE.vocab lacks are left out, with a warning.

    Raises:
        InputError: where a line has neither id nor label, or a file is missing or not UTF-8.
    """
    name = streams.display_name(path)
    file = sidecar.path_of(path, sidecar.VOCABULARY)
    vocabulary = vocabularies.read_vocabulary(file).words if file.is_file() else None
    ids: list[str] = []
    labels: list[str] = []

    def texts() -> Iterator[str]:
        for number, line in enumerate(iterate_lines(path), start=1):
            fields = _FIELDS.split(line.strip(_BLANKS), 2)
            if len(fields) < 2:
                raise InputError(
                    f"expected 'id label text', got {quoted(line)} in {name}, line {number}; write "
                    f"an id and a label, {NO_LABEL!r} where there is no label"
                )
            ids.append(fields[0])
            labels.append("" if fields[1] == NO_LABEL else fields[1])
            text = fields[2] if len(fields) > 2 else ""
            yield " ".join(tokens(text)) if vocabulary is None else text

    counts, words = count_words(texts(), vocabulary, name)
    if not ids:
        raise InputError(
            f"expected one document per line, got an empty file {name}; fetch it again"
        )
    given_ids = sidecar.read_values(sidecar.path_of(path, sidecar.IDS), len(ids), path)
    given_labels = sidecar.read_labels(path, len(ids))
    return Corpus(
        counts=counts,
        vocabulary=words,
        ids=given_ids or ids,
        labels=given_labels or (labels if any(labels) else None),
    )


def write(corpus: Corpus, path: Path) -> None:
    """Write MALLET's lines, with FILE.vocab and, where they have blanks, FILE.ids and FILE.labels.

    Raises:
        InputError: where a count is not whole, a word has a blank in it, or an id or a label a
            line end.
    """
    ids = list(corpus.ids) if are_words(corpus.ids) else sidecar.numbered(len(corpus))
    labels = [NO_LABEL] * len(corpus)
    if corpus.labels is not None:
        shown = [label or NO_LABEL for label in corpus.labels]
        if are_words(shown) and NO_LABEL not in corpus.labels and any(corpus.labels):
            labels = shown
        else:
            sidecar.write_labels(corpus, path)
    with open_text(path) as stream:
        for id_, label, text in zip(ids, labels, as_texts(corpus), strict=True):
            stream.write(f"{id_} {label} {text}".rstrip() + "\n")
    vocabularies.write_vocabulary(corpus, sidecar.path_of(path, sidecar.VOCABULARY))
    sidecar.write_ids(corpus, path, ids)


def recognise(path: Path) -> bool:
    """Recognise MALLET's lines by the end of their name, .mallet.txt."""
    return sidecar.own_name(path).lower().endswith(".mallet.txt")


def tokens(text: str) -> list[str]:
    """Return the words of a raw text, as MALLET's import-file finds them by default.

    >>> tokens("The bank, the Bank. It's covid-19; to R&D")
    ['the', 'bank', 'the', 'bank', "it's", 'covid', 'r&d']
    """
    text = text.lower()
    kinds = text.translate(_KINDS)
    return [text[match.start() : match.end()] for match in _WORD.finditer(kinds)]


class _Kinds(dict[int, str]):
    """A letter for each character: L for letters, P for punctuation, a blank for others."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))[0]
        self[code] = kind if kind in "LP" else " "
        return self[code]


_KINDS, _WORD = _Kinds(), re.compile("L[LP]+L")


FORMAT = Format(
    name="mallet",
    description="MALLET's import-file: lines 'id label text'; .mallet.txt",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
