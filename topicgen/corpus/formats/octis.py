"""OCTIS: a folder with corpus.tsv, lines of ``text TAB partition TAB label``, and vocabulary.txt.

The partition (train, val or test) is the first part of a document's id: ``train/1``. Other ids have
no place in the format and go to corpus.tsv.ids. The order of the
words in a text is lost: counts do not hold it. Several labels of a document are kept as one text.
OCTIS itself fails on a document without words.
"""

from collections.abc import Iterator
from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.lines import iterate_lines, open_text
from topicgen.corpus.formats.text.texts import as_texts, count_words
from topicgen.corpus.reading import streams
from topicgen.errors import InputError

TABLE, VOCABULARY = "corpus.tsv", "vocabulary.txt"
PARTITIONS = ("train", "val", "test")


def read(path: Path) -> Corpus:
    """Read OCTIS's folder; without vocabulary.txt, all words of the texts are counted.

    Words that vocabulary.txt lacks are left out, with a warning.

    Raises:
        InputError: where a line has more than three fields, or a file is missing or not UTF-8.
    """
    table = path / TABLE
    name = streams.display_name(table)
    vocabulary = None
    if (path / VOCABULARY).is_file():
        vocabulary = vocabularies.read_vocabulary(path / VOCABULARY).words
    ids: list[str] = []
    labels: list[str] = []

    def texts() -> Iterator[str]:
        for number, line in enumerate(iterate_lines(table), start=1):
            text, *others = line.split("\t")
            if len(others) > 2:
                raise InputError(
                    f"expected text, partition and label separated by tabs, got "
                    f"{len(others) + 1} fields in {name}, line {number}; remove the other tabs"
                )
            ids.append(f"{others[0]}/{number}" if others else str(number))
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
        InputError: where a count is not whole, a word has a blank in it, or a label a tab.
    """
    partitions = [_partition(id_) for id_ in corpus.ids]
    labels = corpus.labels or [""] * len(corpus)
    for index, label in enumerate(labels):
        if any(mark in label for mark in "\t\n\r"):
            raise InputError(
                f"expected labels without tabs and line ends, got {label!r} at index {index}; "
                "replace them with spaces"
            )
    with open_text(path / TABLE) as stream:
        for text, partition, label in zip(as_texts(corpus), partitions, labels, strict=True):
            fields = [text, partition] if corpus.labels is None else [text, partition, label]
            stream.write("\t".join(fields) + "\n")
    vocabularies.write_vocabulary(corpus, path / VOCABULARY)
    implied = [f"{partition}/{number}" for number, partition in enumerate(partitions, start=1)]
    sidecar.write_ids(corpus, path / TABLE, implied)


def recognise(path: Path) -> bool:
    """Recognise OCTIS's folder by its table."""
    return (path / TABLE).is_file()


def _partition(id_: str) -> str:
    first = id_.partition("/")[0]
    return first if first in PARTITIONS else PARTITIONS[0]


FORMAT = Format(
    name="octis",
    description="OCTIS: a folder with corpus.tsv and vocabulary.txt",
    read=read,
    write=write,
    recognise=recognise,
    mark=lambda _: TABLE,
)
