"""Matrix Market: the counts as a coordinate matrix of documents by words.

The vocabulary is a sidecar file. Ids and labels have no place in the format and go to FILE.ids and
FILE.labels. Comments of the header are lost. Each entry of a ``pattern`` counts 1; of a
``symmetric`` matrix, the file holds one half.
"""

from pathlib import Path

from scipy.sparse import csr_matrix

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.headers import Header
from topicgen.corpus.formats.text.lines import open_text
from topicgen.corpus.formats.text.triplets import Layout, read_triplets, write_triplets
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.errors import InputError
from topicgen.plain import quoted

_BANNER = "%%MatrixMarket matrix coordinate {} general"
# The fields of an entry, of each kind of numbers.
_N_FIELDS = {"integer": 3, "unsigned-integer": 3, "real": 3, "double": 3, "pattern": 2}


def read(path: Path) -> Corpus:
    """Read Matrix Market, with the vocabulary in FILE.vocab, NAME.vocab or vocab.txt.

    Raises:
        InputError: where a line is malformed, the header disagrees with the entries or with the
            vocabulary, or a file is missing.
    """
    vocabulary = vocabularies.read_vocabulary(vocabularies.find_vocabulary(path))
    counts = read_matrix(path)
    vocabulary.check_width(counts.shape, path)
    return sidecar.as_corpus(counts, vocabulary.words, path)


def write(corpus: Corpus, path: Path) -> None:
    """Write Matrix Market, with FILE.vocab and, where needed, FILE.ids, FILE.labels.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    write_matrix(counts_to_write(corpus), path)
    vocabularies.write_vocabulary(corpus, sidecar.path_of(path, sidecar.VOCABULARY))
    sidecar.write_ids(corpus, path)
    sidecar.write_labels(corpus, path)


def read_matrix(path: Path) -> csr_matrix:
    """Return the counts in a Matrix Market file.

    Raises:
        InputError: where it is of another kind, malformed, or its header disagrees with its
            entries.
    """
    return read_triplets(path, _read_header)


def write_matrix(counts: csr_matrix, path: Path, field: str = "integer") -> None:
    """Write counts as a Matrix Market file."""
    with open_text(path) as stream:
        stream.write(f"{_BANNER.format(field)}\n")
        stream.write(f"{counts.shape[0]} {counts.shape[1]} {counts.nnz}\n")
        write_triplets(stream, counts)


def recognise(path: Path) -> bool:
    """Recognise Matrix Market by its suffix."""
    return streams.format_suffix(path) == ".mtx"


def _read_header(header: Header) -> Layout:
    banner = header.next_line()
    kind, field, symmetry = [*banner.lower().rsplit(None, 2), "", "", ""][:3]
    is_known = " ".join(kind.split()) == "%%matrixmarket matrix coordinate" and field in _N_FIELDS
    # scipy's mmwrite finds out by itself that a matrix is symmetric.
    if not is_known or symmetry not in ("general", "symmetric"):
        raise InputError(
            f"expected {_BANNER.format('integer')!r} (or real, pattern, symmetric), got "
            f"{quoted(banner)} in {header.where}; save the counts as a sparse matrix of integers"
        )
    line = header.next_line()
    while line.startswith("%") or not line:
        line = header.next_line()
    n_documents, n_words, n_entries = header.numbers(line, "documents words entries")
    return Layout((n_documents, n_words), n_entries, _N_FIELDS[field], symmetry == "symmetric")


FORMAT = Format(
    name="mtx",
    description="Matrix Market: a coordinate matrix of documents by words; .mtx",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=sidecar.all_paths,
)
