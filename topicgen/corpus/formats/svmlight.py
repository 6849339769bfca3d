"""SVMlight and LIBSVM: lines of ``label id:count id:count ...``, comments with #.

Ids count from 1, or from 0 where one of them is 0, as scikit-learn's ``load_svmlight_file`` decides
it, too. The vocabulary is a sidecar file. Labels that are numbers are in the lines; others are
numbered there, for tools that want numbers, and kept in FILE.labels. Ids of documents are in
FILE.ids. A label 0 in every line means that there are none. What is said of queries (``qid:7``) is
not read.

A folder with train.feat, test.feat and one vocabulary, as NVDM has it, is read as one corpus, the
train documents first; the split is the first part of a document's id: ``train/1``, ``test/1``.
"""

import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, vstack

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text import pairs
from topicgen.corpus.formats.text.labels import are_numbers, as_numbers
from topicgen.corpus.formats.text.lines import decode, open_text, read_blocks
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.corpus.splits import SPLITS
from topicgen.errors import InputError
from topicgen.plain import quoted

NO_LABEL = "0"
SUFFIXES = (".svmlight", ".libsvm", ".feat")
# Ids are looked at when all are known.
_GREATEST_ID = 2**31 - 2
_QUERY = re.compile(rb"qid:\S*\s*")


class _File(NamedTuple):
    """A file's documents: the line and the label of each, and the pairs, their ids as they are."""

    name: str
    lines: list[int]
    labels: list[str]
    rows: pairs.Rows

    def line_of(self, pair: int) -> int:
        """Return the line of a pair."""
        return self.lines[int(np.searchsorted(np.cumsum(self.rows.lengths), pair, side="right"))]


def read(path: Path, zero_based: bool | str = "auto") -> Corpus:
    """Read SVMlight, with the vocabulary in FILE.vocab, NAME.vocab, vocab.new or vocab.txt.

    Each line of the vocabulary is a word, or each is a word and its total, which is left out.

    Args:
        path: the file, or a folder with a file for each split.
        zero_based: whether the ids count from 0; "auto": where one of them is 0.

    Raises:
        InputError: where a line is malformed, an id has no word, or a file is missing.
    """
    splits = _split_files(path) if path.is_dir() else {"": path}
    if not splits:
        raise InputError(
            f"expected train.feat (or {SPLITS[0]}{SUFFIXES[0]}) in the folder "
            f"{streams.display_name(path)}, got none; name the file"
        )
    first = next(iter(splits.values()))
    file = vocabularies.find_vocabulary(first, "vocab.new")
    # What is written here has no totals, and ids from 1; others' files may have.
    ours = file == sidecar.path_of(first, sidecar.VOCABULARY)
    words = vocabularies.read_vocabulary(file, totals=not ours).words
    files = [_read_file(file, len(words)) for file in splits.values()]
    if zero_based == "auto":
        zero_based = _has_zero(files)
        if not (zero_based or ours):
            _warn_of_a_doubt(files, words)
    counts = [_counts(file, int(not zero_based), len(words)) for file in files]
    ids: list[str] = []
    labels: list[str] = []
    is_labelled = False
    for (split, path), found in zip(splits.items(), files, strict=True):
        n_documents = len(found.labels)
        implied = sidecar.read_ids(path, n_documents)
        ids += [f"{split}/{id_}" if split else id_ for id_ in implied]
        given = sidecar.read_labels(path, n_documents)
        is_labelled |= given is not None or set(found.labels) != {NO_LABEL}
        labels += found.labels if given is None else given
    return Corpus(
        counts=vstack(counts, format="csr"),
        vocabulary=words,
        ids=ids,
        labels=labels if is_labelled else None,
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
    """Recognise SVMlight by its suffix, and a folder by the train documents in it."""
    if path.is_dir():
        return SPLITS[0] in _split_files(path)
    return streams.format_suffix(path) in SUFFIXES


def _split_files(folder: Path) -> dict[str, Path]:
    """Return the file of each split in a folder."""
    files = ((split, folder / f"{split}{suffix}") for split in SPLITS for suffix in SUFFIXES)
    return {split: file for split, file in files if file.is_file()}


def _read_file(path: Path, n_words: int) -> _File:
    name = streams.display_name(path)
    lines: list[int] = []
    labels: list[str] = []
    blocks = []
    with streams.open_file(path) as stream:
        for first, block in read_blocks(stream, name):
            found = _split(block, name, first)
            # The label gives way to a number, so that the lines are LDA-C's.
            bodies = b"".join(b"0 " + body + b"\n" for _, _, body in found)
            rows = pairs.parse_rows(bodies, first_id=0, n_words=_GREATEST_ID)
            blocks.append(_walk(found, name, n_words) if rows is None else rows)
            lines += [line for line, _, _ in found]
            labels += [label for _, label, _ in found]
    if not labels:
        raise InputError(
            f"expected 'label id:count ...' on each line, got no document in {name}; fetch it again"
        )
    return _File(name, lines, labels, pairs.join(blocks))


def _has_zero(files: list[_File]) -> bool:
    return any(np.any(file.rows.columns == 0) for file in files)


def _warn_of_a_doubt(files: list[_File], words: list[str]) -> None:
    """Warn where the ids could count from 0 as well."""
    greatest = max(int(file.rows.columns.max(initial=0)) for file in files)
    if 0 < greatest < len(words):
        warnings.warn(
            f"assuming that the word ids in {files[0].name} start at 1, since no id is 0; the last "
            f"word, {quoted(words[-1])}, then never occurs. If they start at 0, pass --zero-based "
            "yes (zero_based=True in Python); if they start at 1, pass --zero-based no",
            UserWarning,
            stacklevel=2,
        )


def _counts(file: _File, first_id: int, n_words: int) -> csr_matrix:
    """Return the counts of a file, of which the first word has an id.

    Raises:
        InputError: where an id has no word.
    """
    columns = file.rows.columns - first_id
    bad = np.flatnonzero((columns < 0) | (columns >= n_words))
    if len(bad):
        id_ = int(file.rows.columns[bad[0]])
        advice = "use the vocabulary that the counts were made with"
        if id_ == 0:
            advice = "if ids start at 0, pass --zero-based yes (zero_based=True in Python)"
        elif first_id == 0 and id_ == n_words:
            zeros = np.flatnonzero(file.rows.columns == 0)
            where = f", as one in line {file.line_of(int(zeros[0]))} is 0" if len(zeros) else ""
            advice = f"ids start at 0{where}; {advice}"
        raise InputError(
            f"expected ids of the {n_words} words in the vocabulary, from {first_id} to "
            f"{n_words - 1 + first_id}, got '{id_}' in {file.name}, line "
            f"{file.line_of(int(bad[0]))}; {advice}"
        )
    return pairs.as_counts([file.rows._replace(columns=columns)], n_words)


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
                f"expected a label before the pairs, got {quoted(label)} in {where}; write 0 where "
                "there is no label"
            )
        found.append((number, label, _pairs(fields[1]) if len(fields) > 1 else b""))
    return found


def _pairs(body: bytes) -> bytes:
    query = _QUERY.match(body)
    return body[query.end() :] if query else body


def _walk(found: list[tuple[int, str, bytes]], name: str, n_words: int) -> pairs.Rows:
    rows = [
        pairs.parse_pairs(
            body.decode("utf-8", "backslashreplace").split(),
            0,
            _GREATEST_ID,
            f"{name}, line {number}",
            what=f"ids of the {n_words} words in the vocabulary, whole numbers",
        )
        for number, _, body in found
    ]
    return pairs.as_rows([0] * len(rows), rows)


FORMAT = Format(
    name="svmlight",
    description="SVMlight, LIBSVM: lines 'label id:count ...'; .svmlight, .libsvm, .feat",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
    takes_zero_based=True,
)
