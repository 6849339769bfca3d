"""Word vectors of topics, from any mapping of words to vectors."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topicgen.arrays import as_array
from topicgen.errors import InputError
from topicgen.plain import quoted


class Vectors(Protocol):
    """A mapping from words to vectors: a dictionary, gensim's ``KeyedVectors`` or the like."""

    def __contains__(self, word: Any, /) -> bool: ...

    def __getitem__(self, word: Any, /) -> Any: ...


def word_vectors(
    topics: Sequence[Sequence[str]], vectors: Vectors | None
) -> list[NDArray[np.float64]]:
    """Return the vectors (words, dimensions) of each topic's words.

    Raises:
        InputError: no vectors, or what does not map words to them; a word whose vector is missing,
            not a list of numbers, zero, not finite, or of another length than the first word's. It
            names the first such word.

    Example:
        >>> word_vectors([["cat", "dog"]], {"cat": [1, 0], "dog": [3, 4], "eel": [0, 1]})
        [array([[1., 0.],
               [3., 4.]])]
    """
    if vectors is None:
        raise InputError(
            "expected vectors for c_w2v, got none; pass vectors=, a mapping from words to vectors"
        )
    matrices: list[NDArray[np.float64]] = []
    size = None
    for k, topic in enumerate(topics):
        rows = []
        for i, word in enumerate(topic):
            found = _look_up(vectors, word)
            if found is None:
                raise InputError(
                    f"expected a vector for each word, got none for {quoted(word)} at "
                    f"topics[{k}][{i}]; leave it out or pass vectors that hold it"
                )
            vector = as_array(found, f"the vector of {quoted(word)}", "a list of finite numbers")
            size = vector.size if size is None else size
            if vector.shape != (size,) or not np.isfinite(vector).all() or not vector.any():
                raise InputError(
                    f"expected a vector of {size} finite numbers, not all zero, got shape "
                    f"{vector.shape}, starting {vector.ravel()[:3].tolist()}, for {quoted(word)} "
                    f"at topics[{k}][{i}]; correct it or leave the word out"
                )
            rows.append(vector.astype(np.float64))
        matrices.append(np.stack(rows))
    return matrices


def _look_up(vectors: Vectors, word: str) -> Any:
    """Return the vector of a word, or None where there is none."""
    try:
        if word in vectors:
            return vectors[word]
    except (TypeError, IndexError, ValueError, RuntimeError):
        raise InputError(
            f"expected vectors that map words to lists of numbers, got {type(vectors).__name__}; "
            "pass a dictionary or gensim's KeyedVectors"
        ) from None
    return None
