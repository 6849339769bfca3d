"""SVMlight and LIBSVM: lines of ``label id:count id:count ...``, ids from 1, comments with #.

The vocabulary is a sidecar file. Labels that are numbers are in the lines; others are
numbered there, for tools that want numbers, and kept in FILE.labels. Ids are in FILE.ids. A label 0
in every line means that there are none.
"""

from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text import pairs
from topicgen.corpus.formats.text.labels import are_numbers, as_numbers
from topicgen.corpus.formats.text.lines import decode, open_text, read_blocks
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.errors import InputError

NO_LABEL = "0"


def read(path: Path) -> Corpus:
    """Read SVMlight, with the vocabulary in FILE.vocab, NAME.vocab, vocab.new or vocab.txt.

    Each line of the vocabulary is a word, or each is a word and its total, which is left out.

    Raises:
        InputError: where a line is malformed, an id has no word, or a file is missing.
    """
    file = vocabularies.find_vocabulary(path, "vocab.new")
    # What is written here has no totals; others' files may.
    ours = file == sidecar.path_of(path, sidecar.VOCABULARY)
    vocabulary = vocabularies.read_vocabulary(file, totals=not ours)
    n_words = len(vocabulary.words)
    name = streams.display_name(path)
    labels: list[str] = []
    blocks = []
    with streams.open_stream(path) as stream:
        for first, block in read_blocks(stream, name):
            found = _split(block, name, first)
            # The label gives way to a number, so that the lines are LDA-C's.
            bodies = b"".join(b"0 " + body + b"\n" for _, _, body in found)
            rows = pairs.parse_rows(bodies, first_id=1, n_words=n_words)
            blocks.append(_walk(found, name, n_words) if rows is None else rows)
            labels += [label for _, label, _ in found]
    if not labels:
        raise InputError(
            f"expected 'label id:count ...' on each line, got no document in {name}; fetch it again"
        )
    given = sidecar.read_labels(path, len(labels))
    if given is None and set(labels) != {NO_LABEL}:
        given = labels
    return Corpus(
        counts=pairs.as_counts(blocks, n_words),
        vocabulary=vocabulary.words,
        ids=sidecar.read_ids(path, len(labels)),
        labels=given,
    )


def write(corpus: Corpus, path: Path) -> None:
    """Write SVMlight, with FILE.vocab and, where needed, FILE.ids and FILE.labels.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    rows = pairs.format_rows(counts_to_write(corpus), first_id=1)
    labels = list(corpus.labels or [NO_LABEL] * len(corpus))
    if corpus.labels is not None and (not are_numbers(labels) or set(labels) == {NO_LABEL}):
        labels = as_numbers(labels)
        sidecar.write_labels(corpus, path)
    with open_text(path) as stream:
        stream.writelines(
            f"{label} {row}".rstrip() + "\n" for label, row in zip(labels, rows, strict=True)
        )
    vocabularies.write_vocabulary(corpus, sidecar.path_of(path, sidecar.VOCABULARY))
    sidecar.write_ids(corpus, path)


def recognise(path: Path) -> bool:
    """Recognise SVMlight by its suffix."""
    return streams.format_suffix(path) in (".svmlight", ".libsvm", ".feat")


def _split(block: bytes, name: str, first: int) -> list[tuple[int, str, bytes]]:
    """Return the number, the label and the pairs of each line that has any."""
    found = []
    for number, line in enumerate(block.split(b"\n")[:-1], start=first):
        fields = line.partition(b"#")[0].split(None, 1)
        if not fields:
            continue
        where = f"{name}, line {number}"
        label = decode(fields[0], where)
        if ":" in label:
            raise InputError(
                f"expected a label before the pairs, got {label!r} in {where}; write 0 where "
                "there is no label"
            )
        found.append((number, label, fields[1] if len(fields) > 1 else b""))
    return found


def _walk(found: list[tuple[int, str, bytes]], name: str, n_words: int) -> pairs.Rows:
    rows = [
        pairs.parse_pairs(
            body.decode("utf-8", "backslashreplace").split(), 1, n_words, f"{name}, line {number}"
        )
        for number, _, body in found
    ]
    return pairs.as_rows([0] * len(rows), rows)


FORMAT = Format(
    name="svmlight",
    description="SVMlight, LIBSVM: lines 'label id:count ...', ids from 1; .svmlight, .libsvm, "
    ".feat",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
