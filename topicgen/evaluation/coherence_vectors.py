"""Word vectors of topics, from whatever maps words to them."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError


class Vectors(Protocol):
    """What has vectors of words: a dictionary, gensim's ``KeyedVectors``, or another's own."""

    def __contains__(self, word: Any, /) -> bool: ...

    def __getitem__(self, word: Any, /) -> Any: ...


def word_vectors(
    topics: Sequence[Sequence[str]], vectors: Vectors | None
) -> list[NDArray[np.float64]]:
    """Return the vectors (words, dimensions) of each topic's words.

    Raises:
        InputError: no vectors; a word whose vector is missing, no list of numbers, zero, not finite
            or of another length than the first word's. It names the first such word.

    Example:
        >>> word_vectors([["cat", "dog"]], {"cat": [1, 0], "dog": [3, 4], "eel": [0, 1]})
        [array([[1., 0.],
               [3., 4.]])]
    """
    if vectors is None:
        raise InputError(
            "expected vectors for c_w2v, got none; pass vectors=, which maps each word to its own"
        )
    matrices: list[NDArray[np.float64]] = []
    size = None
    for k, topic in enumerate(topics):
        rows = []
        for i, word in enumerate(topic):
            if word not in vectors:
                raise InputError(
                    f"expected a vector for each word, got none for {word!r} at topics[{k}][{i}]; "
                    "leave it out or pass vectors that hold it"
                )
            vector = np.asarray(vectors[word])
            size = vector.size if size is None else size
            if (
                vector.shape != (size,)
                or vector.dtype.kind not in "biuf"
                or not np.isfinite(vector).all()
                or not vector.any()
            ):
                raise InputError(
                    f"expected a vector of {size} finite numbers, not all zero, got shape "
                    f"{vector.shape}, starting {vector.ravel()[:3].tolist()}, for {word!r} at "
                    f"topics[{k}][{i}]; mend it or leave the word out"
                )
            rows.append(vector.astype(np.float64))
        matrices.append(np.stack(rows))
    return matrices
