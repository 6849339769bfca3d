"""Reading vectors of words from a file: the text format of GloVe and word2vec, or .npz."""

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

import click

from topicgen.errors import InputError, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import numpy as np

word_vectors_option = click.option(
    "--word-vectors",
    metavar="FILE",
    help="Vectors of words, through which rare words learn their topics from similar words: a text "
    "file in the format of GloVe and word2vec, with a word and its numbers on each line, or an "
    ".npz file with the arrays words and vectors.",
)

_FORMS = (
    "a text file with a word and its numbers on each line, as in GloVe and word2vec, or an "
    ".npz file with the arrays words and vectors"
)
_LONGEST_LINE = 2**20
# What numpy may read for the two arrays.
_MEMBERS = ("words", "words.npy", "vectors", "vectors.npy")
# Vectors of a language, unpacked.
_FREE_BYTES = 2**32


def check_word_vectors(path: str) -> None:
    """Check that a file can be read, before the documents are, which may take long.

    Raises:
        InputError: where there is no such file.
    """
    from topicgen.corpus.reading.streams import check_is_file

    check_is_file(path)


def read_word_vectors(path: str, vocabulary: Sequence[str]) -> "dict[str, np.ndarray]":
    """Return the vectors of the words of a vocabulary, as they are or in lower case.

    Args:
        path: of the file; a text file may be compressed.
        vocabulary: the words.

    Raises:
        InputError: where the file cannot be read, is in another form, or a vector is damaged.
    """
    wanted = {name for word in vocabulary for name in (word, word.lower())}
    if path.lower().endswith(".npz"):
        return _from_npz(path, wanted)
    from topicgen.corpus.reading.streams import open_file

    with open_file(path) as stream:
        return dict(_from_lines(stream, path, wanted))


def _from_lines(
    stream: BinaryIO, path: str, wanted: set[str]
) -> "Iterator[tuple[str, np.ndarray]]":
    """Yield the wanted words of a text file, one line at a time."""
    import numpy as np

    n_numbers = 0
    for number in itertools.count(1):
        line = stream.readline(_LONGEST_LINE)
        if not line:
            break
        fields = line.decode("utf-8", "replace").split()
        is_header = number == 1 and len(fields) == 2 and all(map(str.isdecimal, fields))
        if is_header or not fields:
            continue
        n_numbers = n_numbers or len(fields) - 1
        # A few "words" of large files have spaces.
        word = " ".join(fields[: len(fields) - n_numbers])
        if not n_numbers or not word:
            raise InputError(
                f"expected a word and {n_numbers or 'its'} numbers in line {number:,} of "
                f"{quoted(path)}, got {shown(' '.join(fields))}; pass {_FORMS}"
            )
        if word not in wanted:
            continue
        try:
            yield word, np.array(fields[-n_numbers:], dtype=np.float32)
        except ValueError:
            raise InputError(
                f"expected {n_numbers} numbers after {quoted(word)} in line {number:,} of "
                f"{quoted(path)}, got {shown(' '.join(fields[1:]))}; pass {_FORMS}"
            ) from None
    if not n_numbers:
        raise InputError(f"found no word vectors in {quoted(path)}; pass {_FORMS}")


def _from_npz(path: str, wanted: set[str]) -> "dict[str, np.ndarray]":
    import zipfile
    from pathlib import Path

    import numpy as np

    from topicgen.corpus.reading.array_headers import check_arrays
    from topicgen.corpus.reading.damage import refused_if_damaged
    from topicgen.corpus.reading.limits import check_expansion
    from topicgen.corpus.reading.streams import check_is_file
    from topicgen.files import stores

    copy = Path(stores.fetched(path))
    size = check_is_file(copy)
    with refused_if_damaged("word vectors", quoted(path), f"pass {_FORMS}"):
        with zipfile.ZipFile(copy) as members:
            listed = members.infolist()
            unpacked = sum(member.file_size for member in listed)
            check_expansion(unpacked, size, quoted(path), free=_FREE_BYTES)
            check_arrays(members, [one for one in listed if one.filename in _MEMBERS])
        with np.load(copy, allow_pickle=False) as arrays:
            words, vectors = arrays["words"], arrays["vectors"]
    if words.dtype.kind != "U" or vectors.dtype.kind not in "fiu":
        raise InputError(
            f"expected words of type str and vectors of numbers in {quoted(path)}, got arrays of "
            f"{words.dtype} and {vectors.dtype}; pass {_FORMS}"
        )
    if words.ndim != 1 or vectors.ndim != 2 or len(words) != len(vectors):
        raise InputError(
            f"expected as many words as vectors in {quoted(path)}, got shapes {words.shape} and "
            f"{vectors.shape}; pass {_FORMS}"
        )
    return {
        word: vector
        for word, vector in zip(map(str, words), vectors, strict=True)
        if word in wanted
    }
