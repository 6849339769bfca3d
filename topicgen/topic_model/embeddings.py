"""Embeddings of documents from the user's own sentence encoder, checked and standardised."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown
from topicgen.mapped import give_back

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.floating[Any]]

# Rows read at once: the array may be on disk.
_ROWS = 8_192

# A deviation below this share of the largest is rounding: the dimension is constant.
_CONSTANT = 1e-6

# So many deviations from the mean say no more than more would, and single precision holds their
# squares.
_FARTHEST = 1e6

_REMEDY = "pass an array of shape (n_documents, n_dimensions), such as a sentence encoder returns"


@dataclass(frozen=True, eq=False)
class Embedding:
    """How a model standardises the embeddings that its encoder reads.

    A few dimensions of many sentence encoders are far larger than all others, and say little
    (Timkey and van Schijndel, 2021): each dimension gets mean 0 and standard deviation 1 over the
    documents of the fit.

    Args:
        center: the mean of each dimension, shape (n_dimensions,).
        scale: the standard deviation of each dimension, likewise; where it is constant its size,
            at least 1.

    Example:
        >>> vectors = np.array([[1.0, 5.0], [3.0, 5.0]])
        >>> Embedding.of(vectors, np.arange(2)).standardized(vectors)
        tensor([[-1.,  0.],
                [ 1.,  0.]])
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]

    @property
    def n_dimensions(self) -> int:
        """The number of dimensions."""
        return len(self.center)

    @classmethod
    def of(cls, vectors: Vectors, rows: NDArray[np.int64]) -> "Embedding":
        """Return the means and deviations of the documents in these rows."""
        n, total = len(rows), np.zeros(vectors.shape[1])
        for block in _blocks(vectors, rows):
            total += block.sum(0)
        center, squares = total / n, np.zeros_like(total)
        for block in _blocks(vectors, rows):
            squares += np.square(block - center).sum(0)
        scale = np.sqrt(squares / n)
        # Of a constant dimension only rounding is left, which its size must not make a signal of.
        size = np.abs(center)
        largest = scale[scale > _CONSTANT * size].max(initial=0.0)
        is_constant = scale <= _CONSTANT * np.maximum(size, largest)
        return cls(center, np.where(is_constant, np.maximum(size, 1.0), scale))

    def standardized(
        self, vectors: Vectors, rows: NDArray[np.int64] | None = None
    ) -> "torch.Tensor":
        """Return standardised embeddings in single precision, by default of all rows.

        Embeddings on disk are read block by block.
        """
        import torch

        rows = np.arange(len(vectors)) if rows is None else rows
        found = np.empty((len(rows), self.n_dimensions), dtype=np.float32)
        start = 0
        for block in _blocks(vectors, rows):
            standard = (block - self.center) / self.scale
            found[start : start + len(block)] = np.clip(standard, -_FARTHEST, _FARTHEST)
            start += len(block)
        return torch.from_numpy(found)

    def to_arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return the arrays for ``from_arrays``."""
        return {"center": self.center, "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Embedding":
        """Return what ``to_arrays`` described.

        Raises:
            KeyError, ValueError: where an array is missing, or is not of means or deviations.
        """
        center, scale = arrays["center"], arrays["scale"]
        for name, values in (("center", center), ("scale", scale)):
            if values.dtype != np.float64 or values.ndim != 1 or not np.isfinite(values).all():
                raise ValueError(f"embedding.{name} of {values.dtype} and shape {values.shape}")
        if not len(center) or len(center) != len(scale) or (scale <= 0).any():
            raise ValueError(f"{len(center)} means and {len(scale)} deviations of embeddings")
        return cls(center, scale)


def read_embeddings(
    embeddings: Any, n_documents: int, texts: Callable[[], list[str]], n_dimensions: int | None
) -> Vectors:
    """Return embeddings as an array of shape (n_documents, n_dimensions), checked.

    Args:
        embeddings: what the user passed: an array, or a function from texts to one.
        n_documents: how many rows it has to have.
        texts: returns the texts, for such a function.
        n_dimensions: those of the model; None at a fit.

    Raises:
        InputError: where embeddings have another type or shape, or a number is not finite.
    """
    if callable(embeddings) and not hasattr(embeddings, "shape"):
        embeddings, of_function = embeddings(texts()), " from the function"
    else:
        of_function = ""
    vectors = _as_array(embeddings, of_function)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise InputError(
            f"expected embeddings of shape (n_documents, n_dimensions), got an array of shape "
            f"{vectors.shape}{of_function}; pass one row for each document"
        )
    if len(vectors) != n_documents:
        raise InputError(
            f"expected embeddings with a row for each of the {n_documents:,} documents, got "
            f"{len(vectors):,} rows{of_function}; pass both in the same order"
        )
    if n_dimensions is not None and vectors.shape[1] != n_dimensions:
        raise InputError(
            f"the model was fitted with embeddings of {n_dimensions:,} dimensions, got "
            f"{vectors.shape[1]:,}{of_function}; use the same sentence encoder"
        )
    _check_finite(vectors)
    return vectors


def _as_array(embeddings: Any, of_function: str) -> Vectors:
    """Return embeddings as an array of floating-point numbers; it may be mapped from a file."""
    from scipy.sparse import issparse  # a model is read without it

    if issparse(embeddings):
        raise InputError(
            f"expected embeddings as a dense array, got a {type(embeddings).__name__}"
            f"{of_function}; pass its toarray(), or pass counts as the documents"
        )
    if isinstance(embeddings, str | bytes | Mapping) or embeddings is None:
        raise InputError(f"expected embeddings, got {shown(embeddings)}{of_function}; {_REMEDY}")
    if np.ma.is_masked(embeddings):
        raise InputError(f"expected embeddings, got an array with masked numbers; {_REMEDY}")
    if hasattr(embeddings, "detach"):  # a tensor, which may be on a GPU and need gradients
        embeddings = embeddings.detach().cpu()
        if embeddings.is_floating_point():  # numpy has no bfloat16
            embeddings = embeddings.float()
    try:
        array = np.asarray(embeddings)
        if array.dtype == object and array.ndim == 1:  # a column of vectors, as data frames have it
            array = np.asarray(list(array))
        if array.dtype.kind not in "fiuO":
            raise TypeError(f"they are of type {array.dtype}")
        return array if array.dtype.kind == "f" else array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"expected embeddings, got a {type(embeddings).__name__}{of_function} that cannot be "
            f"read as an array of numbers ({' '.join(str(error).split())}); {_REMEDY}"
        ) from error


def _check_finite(vectors: Vectors) -> None:
    start = 0
    for block in _blocks(vectors, np.arange(len(vectors))):
        # The encoder reads them in single precision.
        is_finite = np.abs(block) <= np.finfo(np.float32).max
        if not is_finite.all():
            row, column = map(int, np.argwhere(~is_finite)[0])
            raise InputError(
                f"expected embeddings of finite numbers, got {block[row, column]:g} in row "
                f"{start + row:,}, column {column:,}, counted from 0; embed this document again, "
                "or leave it out"
            )
        start += len(block)


def _blocks(vectors: Vectors, rows: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
    """Yield the vectors in these rows, some thousands at a time, in double precision."""
    for start in range(0, len(rows), _ROWS):
        yield np.asarray(vectors[rows[start : start + _ROWS]], dtype=np.float64)
        give_back(vectors)
