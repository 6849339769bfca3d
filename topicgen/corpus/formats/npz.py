"""A sparse matrix of scipy's, documents by words, in a .npz file.

The vocabulary is a sidecar file. Ids and labels have no place in the format and go to FILE.ids and
FILE.labels. Arrays of Python objects, which could run code, are refused.
"""

import io
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from scipy.sparse import csr_matrix, load_npz, save_npz

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.whole_counts import counts_to_write, in_file, whole_counts
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.array_headers import check_arrays
from topicgen.corpus.reading.damage import refused_if_damaged
from topicgen.corpus.reading.limits import check_documents, check_expansion

# What the arrays may have together, however well they are compressed.
_FREE_BYTES = 2**25


def read(path: Path) -> Corpus:
    """Read a sparse .npz, with the vocabulary in FILE.vocab, NAME.vocab or vocab.txt.

    Raises:
        InputError: where the file is damaged or of another kind, a count is invalid, a file is
            missing, or the vocabulary is not as long as the matrix is wide.
    """
    vocabulary = vocabularies.read_vocabulary(vocabularies.find_vocabulary(path))
    counts = read_matrix(path, vocabulary.words)
    vocabulary.check_width(counts.shape, path)
    return sidecar.as_corpus(counts, vocabulary.words, path)


def write(corpus: Corpus, path: Path) -> None:
    """Write a sparse .npz, with FILE.vocab and, where needed, FILE.ids, FILE.labels.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    write_matrix(counts_to_write(corpus), path)
    vocabularies.write_vocabulary(corpus, sidecar.path_of(path, sidecar.VOCABULARY))
    sidecar.write_ids(corpus, path)
    sidecar.write_labels(corpus, path)


def read_matrix(path: Path, vocabulary: list[str]) -> csr_matrix:
    """Return the counts in a sparse .npz.

    Args:
        path: the file.
        vocabulary: the words, to name one in an error.

    Raises:
        InputError: where the file is damaged or of another kind, or a count is invalid.
    """
    name = streams.display_name(path)
    with (
        streams.open_file(path) as stream,
        refused_if_damaged(
            "a sparse matrix that scipy.sparse.save_npz wrote", name, "save the counts again"
        ),
    ):
        matrix = _load(stream, name)
    return whole_counts(matrix, vocabulary, in_file(path))


def write_matrix(counts: csr_matrix, path: Path) -> None:
    """Write counts as a sparse .npz."""
    # By a stream: to a path that does not end so, numpy adds .npz.
    with path.open("wb") as stream:
        save_npz(stream, csr_matrix(counts))


def recognise(path: Path) -> bool:
    """Recognise .npz by its suffix."""
    return path.suffix.lower() == ".npz"


def _load(stream: BinaryIO, name: str) -> Any:
    # Of a file that is compressed a second time, the archive's parts are to be had in memory only.
    archive = stream if stream.seekable() else io.BytesIO(stream.read())
    size = archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive) as members:
        _check_members(members, name)
    archive.seek(0)
    matrix = load_npz(archive)  # which allows no pickle
    check_documents(matrix.shape[0], size, name)
    if hasattr(matrix, "check_format"):
        # An index out of range would crash the program later on.
        matrix.check_format(full_check=True)
    return matrix


def _check_members(members: zipfile.ZipFile, name: str) -> None:
    """Make sure that arrays are as large as their headers say, before memory is taken for them."""
    listed = members.infolist()
    unpacked = sum(member.file_size for member in listed)
    packed = sum(member.compress_size for member in listed)
    check_expansion(unpacked, packed, name, free=_FREE_BYTES)
    check_arrays(members, listed)


FORMAT = Format(
    name="npz",
    description="scipy's sparse matrix, documents by words; .npz",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
