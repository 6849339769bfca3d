"""A sparse matrix of scipy's, documents by words, in a .npz file.

The vocabulary is a sidecar file. Ids and labels have no place in the format and go to FILE.ids and
FILE.labels. Arrays of Python objects, which could run code, are refused.
"""

import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from scipy.sparse import csr_matrix, load_npz, save_npz

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.whole_counts import counts_to_write, in_file, whole_counts
from topicgen.corpus.reading import streams
from topicgen.errors import InputError


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
    with streams.open_stream(path) as stream:
        matrix = _load(stream, streams.display_name(path))
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
    try:
        matrix = load_npz(stream)  # which allows no pickle
        if hasattr(matrix, "check_format"):
            # An index out of range would crash the program later on.
            matrix.check_format(full_check=True)
    except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise _other_kind(name, error) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise _other_kind(name, error) from None
    return matrix


def _other_kind(name: str, error: Exception) -> InputError:
    return InputError(
        f"expected a sparse matrix that scipy.sparse.save_npz wrote, got {name}, damaged or of "
        f"another kind ({' '.join(str(error).split())}); save the counts again"
    )


FORMAT = Format(
    name="npz",
    description="scipy's sparse matrix, documents by words; .npz",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
