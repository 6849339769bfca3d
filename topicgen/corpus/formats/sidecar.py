"""Sidecar files: what has no place in the file of the counts, in files named after it."""

from pathlib import Path

from scipy.sparse import csr_matrix

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.text.lines import check_one_line, read_lines, write_lines
from topicgen.corpus.reading import streams
from topicgen.errors import InputError

VOCABULARY, IDS, LABELS = ".vocab", ".ids", ".labels"


def path_of(path: Path, suffix: str) -> Path:
    """Return the path of a sidecar file.

    >>> path_of(Path("news.ldac.gz"), IDS).name
    'news.ldac.ids'
    """
    return path.with_name(own_name(path) + suffix)


def all_paths(path: Path) -> list[Path]:
    """Return the paths of all sidecar files that a file may have.

    >>> [file.name for file in all_paths(Path("news.ldac"))]
    ['news.ldac.vocab', 'news.ldac.ids', 'news.ldac.labels']
    """
    return [path_of(path, suffix) for suffix in (VOCABULARY, IDS, LABELS)]


def own_name(path: Path) -> str:
    """Return the name of a file without the suffix of its compression.

    >>> own_name(Path("news.ldac.gz"))
    'news.ldac'
    """
    return _uncompressed(path).name


def stem(path: Path) -> str:
    """Return the name of a file without its suffix and that of its compression.

    >>> stem(Path("news.ldac.gz"))
    'news'
    """
    return _uncompressed(path).stem


def as_corpus(counts: csr_matrix, words: list[str], path: Path) -> Corpus:
    """Return counts as a corpus, with the ids and the labels of their sidecar files.

    Raises:
        InputError: where these cannot be read or are not as many as the documents.
    """
    n_documents = counts.shape[0]
    ids, labels = read_ids(path, n_documents), read_labels(path, n_documents)
    return Corpus(counts, words, ids, labels)


def read_ids(path: Path, n_documents: int) -> list[str]:
    """Return the ids of a file's sidecar, or the numbers of the documents, from 1.

    Raises:
        InputError: where they cannot be read or are not as many as the documents.
    """
    ids = read_values(path_of(path, IDS), n_documents, path)
    return numbered(n_documents) if ids is None else ids


def read_labels(path: Path, n_documents: int) -> list[str] | None:
    """Return the labels of a file's sidecar, or None.

    Raises:
        InputError: where they cannot be read or are not as many as the documents.
    """
    return read_values(path_of(path, LABELS), n_documents, path)


def read_values(file: Path, n_documents: int, path: Path) -> list[str] | None:
    """Return a file's lines, one for each document of ``path``, or None where there is no file.

    Raises:
        InputError: where they cannot be read or are not as many as the documents.
    """
    if not file.is_file():
        return None
    values = read_lines(file)
    if len(values) != n_documents:
        raise InputError(
            f"expected {n_documents} lines, one for each document of "
            f"{streams.display_name(path)}, got {len(values)} in {streams.display_name(file)}; "
            "remove the file, or write it again"
        )
    return values


def write_ids(corpus: Corpus, path: Path, implied: list[str] | None = None) -> None:
    """Write the ids to a sidecar file, unless they are the implied ones.

    Args:
        corpus: the corpus.
        path: the file.
        implied: the ids that a reader takes from the file itself; by default the numbers of the
            documents.

    Raises:
        InputError: where an id cannot stand on a line.
    """
    if list(corpus.ids) != (numbered(len(corpus)) if implied is None else implied):
        check_one_line(corpus.ids, "ids")
        write_lines(path_of(path, IDS), corpus.ids)


def write_labels(corpus: Corpus, path: Path) -> None:
    """Write the labels, if there are any, to a sidecar file.

    Raises:
        InputError: where a label cannot stand on a line.
    """
    if corpus.labels is not None:
        check_one_line(corpus.labels, "labels")
        write_lines(path_of(path, LABELS), corpus.labels)


def numbered(n_documents: int) -> list[str]:
    """Return the ids of documents that have no others.

    >>> numbered(3)
    ['1', '2', '3']
    """
    return [str(number) for number in range(1, n_documents + 1)]


def _uncompressed(path: Path) -> Path:
    return path.with_suffix("") if streams.is_compressed(path) else path
