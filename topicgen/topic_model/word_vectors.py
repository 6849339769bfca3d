"""Vectors of words, such as those of GloVe, as a basis that topics share."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown
from topicgen.plain import quoted

Floats = NDArray[np.float32]

# Below this share of known words, the vectors are probably of another language or another case.
_FEWEST_KNOWN = 0.2


def basis_of(word_vectors: Any, vocabulary: Sequence[str] | None, n_words: int) -> Floats:
    """Return the vectors of the words of a vocabulary, centred and of unit length.

    The mean vector says nothing about any single word; the rest is what distinguishes them.

    Args:
        word_vectors: a mapping from words to vectors (a dict, gensim's ``KeyedVectors``), or an
            array with a row for each word of the vocabulary.
        vocabulary: the words; None where the documents came as counts without words.
        n_words: how many there are.

    Returns:
        Shape (n_words, n_dimensions); rows of words without a vector, and zero rows, are 0.

    Raises:
        InputError: where they have another type or shape, a number is not finite, or no word has a
            vector.

    Example:
        >>> vectors = {"cats": [1.0, 0.0], "dogs": [0.0, 1.0]}
        >>> basis_of(vectors, ["cats", "dogs", "qua"], 3).round(2)
        array([[ 0.71, -0.71],
               [-0.71,  0.71],
               [ 0.  ,  0.  ]], dtype=float32)
    """
    is_mapping = hasattr(word_vectors, "__contains__") and hasattr(word_vectors, "__getitem__")
    is_sequence = isinstance(word_vectors, list | tuple | str | bytes)
    if is_mapping and not is_sequence and not hasattr(word_vectors, "shape"):
        vectors, is_known = _of_mapping(word_vectors, vocabulary)
    else:
        vectors = _of_array(word_vectors, n_words)
        is_known = np.asarray(vectors.any(1))
    # As single precision, in which topics read them, holds them.
    is_finite = np.abs(vectors) <= np.finfo(np.float32).max
    if not is_finite.all():
        row = int(np.flatnonzero(~is_finite.all(1))[0])
        word = f"column {row}" if vocabulary is None else quoted(vocabulary[row])
        raise InputError(
            f"expected word vectors of finite numbers, got {vectors[row].tolist()[:3]}... for "
            f"{word}; leave this word out"
        )
    if not vectors.any():
        raise InputError(
            "expected word vectors, got zeros for all words of the vocabulary; pass the vectors of "
            "a word embedding"
        )
    vectors[is_known] -= vectors[is_known].mean(0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


class Shown:
    """What is shown instead of a mapping, which may have a million vectors."""

    def __init__(self, word_vectors: Mapping[str, Any]) -> None:
        self._n_words = len(word_vectors)

    def __repr__(self) -> str:
        return f"<vectors of {self._n_words:,} words>"


def _of_mapping(
    word_vectors: Any, vocabulary: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if vocabulary is None:
        raise InputError(
            "a mapping of word vectors needs documents with words, but the counts came without "
            "words; pass an array with a row for each column of the counts"
        )
    found: dict[int, NDArray[np.float64]] = {}
    for column, word in enumerate(vocabulary):
        name = next((name for name in (word, word.lower()) if name in word_vectors), None)
        if name is not None:
            found[column] = _vector(word_vectors[name], word)
    if not found:
        raise InputError(
            f"none of the {len(vocabulary):,} words of the vocabulary, such as "
            f"{', '.join(map(quoted, vocabulary[:3]))}, has a word vector; pass vectors of the "
            "language of the documents"
        )
    if len(found) < _FEWEST_KNOWN * len(vocabulary):
        warnings.warn(
            f"only {len(found):,} of the {len(vocabulary):,} words of the vocabulary have word "
            "vectors; the others are learnt without vectors",
            UserWarning,
            stacklevel=2,
        )
    n_dimensions = len(next(iter(found.values())))
    vectors = np.zeros((len(vocabulary), n_dimensions))
    for column, vector in found.items():
        if len(vector) != n_dimensions:
            raise InputError(
                f"expected word vectors of equal length, got {n_dimensions} numbers for some words "
                f"and {len(vector)} for {quoted(vocabulary[column])}; leave this word out"
            )
        vectors[column] = vector
    is_known = np.zeros(len(vocabulary), dtype=bool)
    is_known[list(found)] = True
    return vectors, is_known


def _vector(value: Any, word: str) -> NDArray[np.float64]:
    vector = _numbers(value)
    if vector is None or vector.ndim != 1 or not len(vector):
        raise InputError(
            f"expected a vector of numbers for each word, got {shown(value)} for {quoted(word)}; "
            "leave this word out"
        )
    return vector


def _of_array(word_vectors: Any, n_words: int) -> NDArray[np.float64]:
    vectors = _numbers(word_vectors)
    if vectors is None or vectors.ndim != 2 or vectors.shape[0] != n_words:
        raise InputError(
            f"expected word_vectors as a mapping from words to vectors, or an array with a row for "
            f"each of the {n_words:,} words, got {shown(word_vectors)}; pass one of these"
        )
    return vectors


def _numbers(values: Any) -> NDArray[np.float64] | None:
    """Return a new array of numbers, or None where the values cannot be one."""
    if hasattr(values, "detach"):  # a tensor, which may be on a GPU and need gradients
        values = values.detach().cpu()
        values = values.double() if values.is_floating_point() else values
    try:
        array = np.asarray(values)
        # Not of text, nor of complex numbers, of which a part would be lost.
        return np.array(array, dtype=np.float64) if array.dtype.kind in "fiuO" else None
    except (TypeError, ValueError):
        return None
