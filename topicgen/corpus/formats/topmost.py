"""TopMost: a folder with train_bow.npz, test_bow.npz and vocab.txt; train_labels.txt and so on.

Both splits are one corpus, the train documents first; the split is the first part of a document's
id: ``train/1``, ``test/1``. To read one split, name its file, as FOLDER/train_bow.npz. Other ids
have no place in the format and go to train_bow.npz.ids and test_bow.npz.ids. Texts and word
embeddings are neither read nor written.
"""

from pathlib import Path

import numpy as np
from scipy.sparse import vstack

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import npz, sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.lines import check_one_line, write_lines
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.corpus.splits import split_of
from topicgen.errors import InputError

SPLITS = ("train", "test")
VOCABULARY = "vocab.txt"


def read(path: Path) -> Corpus:
    """Read TopMost's folder, or one split of it.

    Raises:
        InputError: where a file is missing, damaged or not UTF-8, a count is invalid, or the
            numbers of words, documents and labels disagree.
    """
    folder, splits = path, [split for split in SPLITS if _bow(path, split).is_file()]
    if not path.is_dir():
        folder = path.parent
        splits = [split for split in SPLITS if path.name == _bow(folder, split).name]
    if not splits:
        raise InputError(
            f"expected a folder with {_bow(path, SPLITS[0]).name}, got "
            f"{streams.display_name(path)}, which has none; name the folder, or one of its "
            "*_bow.npz files"
        )
    vocabulary = vocabularies.read_vocabulary(folder / VOCABULARY)
    parts = []
    ids: list[str] = []
    labels: list[str] = []
    for split in splits:
        bow = _bow(folder, split)
        counts = npz.read_matrix(bow, vocabulary.words)
        n_documents = counts.shape[0]
        vocabulary.check_width(counts.shape, bow)
        parts.append(counts)
        implied = [f"{split}/{number}" for number in sidecar.numbered(n_documents)]
        ids += sidecar.read_values(sidecar.path_of(bow, sidecar.IDS), n_documents, bow) or implied
        given = sidecar.read_values(_labels(folder, split), n_documents, bow)
        labels += given or [""] * n_documents
    return Corpus(
        counts=vstack(parts, format="csr"),
        vocabulary=vocabulary.words,
        ids=ids,
        labels=labels if any(labels) else None,
    )


def write(corpus: Corpus, path: Path) -> None:
    """Write TopMost's folder, the documents of the split "test" apart.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    counts = counts_to_write(corpus)
    vocabularies.write_vocabulary(corpus, path / VOCABULARY)
    ids = list(corpus.ids)
    labels = None if corpus.labels is None else list(corpus.labels)
    is_test = np.array([split_of(id_) == "test" for id_ in ids], dtype=bool)
    for split, chosen in zip(SPLITS, (~is_test, is_test), strict=True):
        rows = np.flatnonzero(chosen).tolist()
        if split == "test" and len(rows) == 0:
            continue
        part = Corpus(
            counts=counts[rows],
            vocabulary=corpus.vocabulary,
            ids=[ids[row] for row in rows],
            labels=None if labels is None else [labels[row] for row in rows],
        )
        npz.write_matrix(part.counts, _bow(path, split))
        implied = [f"{split}/{number}" for number in sidecar.numbered(len(rows))]
        sidecar.write_ids(part, _bow(path, split), implied)
        if part.labels is not None:
            check_one_line(part.labels, "labels")
            write_lines(_labels(path, split), part.labels)


def recognise(path: Path) -> bool:
    """Recognise TopMost's folder by its train_bow.npz, and a split's file by its name in there."""
    folder = path if path.is_dir() else path.parent
    is_split = path in (_bow(folder, split) for split in SPLITS)
    return (
        (path == folder or is_split)
        and _bow(folder, "train").is_file()
        and (folder / VOCABULARY).is_file()
    )


def _bow(folder: Path, split: str) -> Path:
    return folder / f"{split}_bow.npz"


def _labels(folder: Path, split: str) -> Path:
    return folder / f"{split}_labels.txt"


FORMAT = Format(
    name="topmost",
    description="TopMost: a folder with train_bow.npz, test_bow.npz and vocab.txt",
    read=read,
    write=write,
    recognise=recognise,
    mark=lambda path: _bow(path, SPLITS[0]).name,
)
