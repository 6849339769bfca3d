"""OCTIS: a folder with corpus.tsv, lines of ``text TAB partition TAB label``, and vocabulary.txt.

The table is read as pandas reads it for OCTIS: fields may be quoted, there is no header, and blank
lines are no documents. The partition (train, val or test) is the first part of a document's id:
``train/1``. Other ids have no place in the format and go to corpus.tsv.ids. The order of the words
in a text is lost: counts do not hold it. Several labels of a document are kept as one text. OCTIS
itself fails on a document without words.
"""

from collections.abc import Iterator
from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.lines import check_one_line, open_text
from topicgen.corpus.formats.text.rows import read_rows, write_row
from topicgen.corpus.formats.text.texts import as_texts, count_words
from topicgen.corpus.reading import streams
from topicgen.corpus.splits import SPLITS, split_named, split_of
from topicgen.errors import InputError
from topicgen.plain import quoted

TABLE, VOCABULARY = "corpus.tsv", "vocabulary.txt"


def read(path: Path) -> Corpus:
    """Read OCTIS's folder, by its path or that of its table.

    Words that vocabulary.txt lacks are left out, with a warning; without it, all words are counted.

    Raises:
        InputError: where a line has more than three fields, its partition is not a known one, or a
            file is missing or not UTF-8.
    """
    folder = path if path.is_dir() else path.parent
    table = folder / TABLE
    name = streams.display_name(table)
    vocabulary = None
    if (folder / VOCABULARY).is_file():
        vocabulary = vocabularies.read_vocabulary(folder / VOCABULARY).words
    ids: list[str] = []
    labels: list[str] = []

    def texts() -> Iterator[str]:
        has_partitions = False
        for line, (text, *others) in read_rows(table):
            where = f"{name}, line {line}"
            has_partitions = bool(others) if not ids else has_partitions
            ids.append(str(len(ids) + 1))
            if others or has_partitions:
                ids[-1] = f"{_partition(others, where)}/{ids[-1]}"
            labels.append(others[1] if len(others) > 1 else "")
            yield text

    counts, words = count_words(texts(), vocabulary, name)
    if not ids:
        raise InputError(
            f"expected one document per line, got an empty file {name}; fetch it again"
        )
    return Corpus(
        counts=counts,
        vocabulary=words,
        ids=sidecar.read_values(sidecar.path_of(table, sidecar.IDS), len(ids), table) or ids,
        labels=labels if any(labels) else None,
    )


def write(corpus: Corpus, path: Path) -> None:
    """Write OCTIS's folder, with corpus.tsv.ids where the ids are not partitions with numbers.

    Raises:
        InputError: where a count is not whole, a word has a blank in it, or a label has a line
            end.
    """
    partitions = [split_of(id_) or SPLITS[0] for id_ in corpus.ids]
    labels = corpus.labels or [""] * len(corpus)
    check_one_line(labels, "labels")
    with open_text(path / TABLE) as stream:
        for text, partition, label in zip(as_texts(corpus), partitions, labels, strict=True):
            fields = [text, partition] if corpus.labels is None else [text, partition, label]
            write_row(stream, fields)
    vocabularies.write_vocabulary(corpus, path / VOCABULARY)
    implied = [f"{partition}/{number}" for number, partition in enumerate(partitions, start=1)]
    sidecar.write_ids(corpus, path / TABLE, implied)


def recognise(path: Path) -> bool:
    """Recognise OCTIS's folder by its table, and the table by its name next to its vocabulary."""
    if path.is_dir():
        return (path / TABLE).is_file()
    return path.name == TABLE and path.is_file() and path.with_name(VOCABULARY).is_file()


def _partition(others: list[str], where: str) -> str:
    """Return the partition of a document, the first field after its text.

    Raises:
        InputError: where it is no known one, or is followed by more than a label.
    """
    if (split := split_named(others[0] if others else "")) is None:
        got = quoted(others[0]) if others else "none"
        raise InputError(
            f"expected the partition {', '.join(SPLITS[:-1])} or {SPLITS[-1]} after the first tab, "
            f"got {got} in {where}; write text, partition and label, "
            "without header and index (in pandas, header=False, index=False)"
        )
    if len(others) > 2:
        raise InputError(
            f"expected text, partition and label separated by tabs, got {len(others) + 1} fields "
            f"in {where}; remove the other tabs"
        )
    return split


FORMAT = Format(
    name="octis",
    description="OCTIS: a folder with corpus.tsv and vocabulary.txt",
    read=read,
    write=write,
    recognise=recognise,
    mark=lambda _: TABLE,
)
