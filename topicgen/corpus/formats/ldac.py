"""LDA-C, David Blei's format: lines of ``N id:count id:count ...``, ids from 0.

N is the number of different words in the document. The vocabulary is a sidecar file. Ids and labels
have no place in the format and go to FILE.ids and FILE.labels.
"""

from pathlib import Path

import numpy as np

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text import pairs
from topicgen.corpus.formats.text.lines import open_text, read_blocks
from topicgen.corpus.formats.text.numerals import parse_count
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.errors import InputError


def read(path: Path) -> Corpus:
    """Read LDA-C, with the vocabulary in FILE.vocab, NAME.vocab, NAME.tokens or vocab.txt.

    Raises:
        InputError: where a line is malformed, an id has no word, or a file is missing.
    """
    file = vocabularies.find_vocabulary(path, f"{sidecar.stem(path)}.tokens")
    vocabulary = vocabularies.read_vocabulary(file)
    n_words = len(vocabulary.words)
    name = streams.display_name(path)
    blocks = []
    with streams.open_file(path) as stream:
        for first, block in read_blocks(stream, name):
            rows = pairs.parse_rows(block, first_id=0, n_words=n_words)
            if rows is None or not np.array_equal(rows.heads, rows.lengths):
                rows = _walk(block, name, first, n_words)
            blocks.append(rows)
    if not blocks:
        raise InputError(
            f"expected one document per line, got an empty file {name}; fetch it again"
        )
    counts = pairs.as_counts(blocks, n_words)
    return sidecar.as_corpus(counts, vocabulary.words, path)


def write(corpus: Corpus, path: Path) -> None:
    """Write LDA-C, with FILE.vocab and, where needed, FILE.ids and FILE.labels.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    rows = pairs.format_rows(counts_to_write(corpus), first_id=0)
    with open_text(path) as stream:
        stream.writelines(f"{row.count(':')} {row}".rstrip() + "\n" for row in rows)
    vocabularies.write_vocabulary(corpus, sidecar.path_of(path, sidecar.VOCABULARY))
    sidecar.write_ids(corpus, path)
    sidecar.write_labels(corpus, path)


def recognise(path: Path) -> bool:
    """Recognise LDA-C by its suffix."""
    return streams.format_suffix(path) in (".ldac", ".lda-c")


def _walk(block: bytes, name: str, first: int, n_words: int) -> pairs.Rows:
    heads, found = [], []
    for number, line in enumerate(block.split(b"\n")[:-1], start=first):
        where = f"{name}, line {number}"
        fields = line.decode("utf-8", "backslashreplace").split()
        if not fields:
            raise InputError(
                f"expected 'N id:count ...', got a blank line in {where}; remove it, or write 0 "
                "for an empty document"
            )
        head = parse_count(fields[0], where)
        if head != len(fields) - 1:
            raise InputError(
                f"expected {head} id:count pairs, as the line's first number says, got "
                f"{len(fields) - 1} in {where}; correct the line"
            )
        heads.append(head)
        found.append(pairs.parse_pairs(fields[1:], 0, n_words, where))
    return pairs.as_rows(heads, found)


FORMAT = Format(
    name="ldac",
    description="LDA-C: lines 'N id:count ...', ids from 0; .ldac, .lda-c",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
