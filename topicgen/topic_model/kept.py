"""Documents that a model keeps, as word counts, so that it can be edited later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.arrays import in_few_bytes
from topicgen.covariates import Covariates

# Up to a few megabytes: enough to split a topic that fills a hundredth of the documents.
_MOST_DOCUMENTS, _MOST_ENTRIES = 10_000, 1_000_000


@dataclass(frozen=True, eq=False)
class KeptDocuments:
    """The word counts of some documents of a fit, held out from training or not.

    Args:
        counts: CSR of shape (n_documents, n_words), whole numbers or weights.
        is_held_out: which of them the model was not trained on, shape (n_documents,).
        rows: their rows among all documents of the fit, shape (n_documents,).
        covariates: of the documents; None in models without.
        groups: the number of each document's group, in models whose words differ between groups.
        embeddings: of the documents, standardised, in models whose encoder reads them, shape
            (n_documents, n_dimensions).

    Example:
        >>> counts = csr_matrix([[2, 0], [1, 3], [0, 1]])
        >>> is_held_out = np.array([True, False, True])
        >>> kept = KeptDocuments(counts, is_held_out, np.arange(3))
        >>> len(kept), len(kept.watched), kept.watched.what
        (3, 2, 'held-out documents')
    """

    counts: csr_matrix
    is_held_out: NDArray[np.bool_]
    rows: NDArray[np.int64]
    covariates: Covariates | None = None
    groups: NDArray[np.int64] | None = None
    embeddings: NDArray[np.float16 | np.float32] | None = None

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    @property
    def what(self) -> str:
        """What the documents are called."""
        return "held-out documents" if len(self) and self.is_held_out.all() else "documents"

    @property
    def watched(self) -> "KeptDocuments":
        """The documents that say how well a model predicts: those held out, or all without any."""
        return self.select(np.flatnonzero(self.is_held_out)) if self.is_held_out.any() else self

    def select(self, rows: NDArray[np.int64]) -> "KeptDocuments":
        """Return some of the documents."""
        covariates, groups = _part(self.covariates, self.groups, rows)
        return KeptDocuments(
            self.counts[rows],
            self.is_held_out[rows],
            self.rows[rows],
            covariates,
            groups,
            None if self.embeddings is None else self.embeddings[rows],
        )

    @classmethod
    def of(
        cls,
        counts: csr_matrix,
        rows: NDArray[np.int64],
        held_out: NDArray[np.int64],
        random: np.random.Generator,
        covariates: Covariates | None = None,
        groups: NDArray[np.int64] | None = None,
        embeddings: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None,
    ) -> "KeptDocuments":
        """Return the documents to keep: those held out, and a random sample of the others.

        Args:
            counts: of all documents of the fit.
            rows: those that the model was trained on.
            held_out: those held out.
            random: the source of the sample.
            covariates: of all documents, or None.
            groups: of all documents, or None.
            embeddings: returns the standardised embeddings of some documents, or None. They are
                kept in half precision, which is accurate enough.
        """
        order = np.concatenate([held_out, random.permutation(rows)])[:_MOST_DOCUMENTS]
        n_entries = np.cumsum(np.diff(counts.indptr)[order])
        order = np.sort(order[: max(1, int(np.searchsorted(n_entries, _MOST_ENTRIES, "right")))])
        is_held_out = np.isin(order, held_out)
        covariates, groups = _part(covariates, groups, order)
        vectors = None
        if embeddings is not None:
            most = np.finfo(np.float16).max
            vectors = embeddings(order).clip(-most, most).astype(np.float16)
        return cls(_small(counts[order]), is_held_out, order, covariates, groups, vectors)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays for ``from_arrays``."""
        few = self.counts.shape[1] <= 2**16
        arrays: dict[str, NDArray[Any]] = {
            "counts": self.counts.data,
            "words": self.counts.indices.astype(np.uint16 if few else np.int32),
            "starts": self.counts.indptr.astype(np.int64),
            "is_held_out": self.is_held_out,
            "rows": self.rows,
        }
        if self.covariates is not None:
            arrays["matrix"] = self.covariates.matrix
            for number, group in enumerate(self.covariates.groups):
                arrays[f"group{number}"] = group
        if self.groups is not None:
            arrays["groups"] = self.groups
        if self.embeddings is not None:
            arrays["embeddings"] = self.embeddings
        return arrays

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], n_words: int, n_dimensions: int | None = None
    ) -> "KeptDocuments":
        """Return what ``to_arrays`` described.

        Args:
            arrays: what ``to_arrays`` returned.
            n_words: the number of words of the model.
            n_dimensions: of the embeddings that its encoder reads; None where it reads none.

        Raises:
            KeyError, ValueError: where an array is missing, or the shapes do not match.
        """
        for name, values in arrays.items():
            _check_values(name, values, 2 if name in ("matrix", "embeddings") else 1)
        parts = arrays["counts"], arrays["words"].astype(np.int32), arrays["starts"]
        n = len(arrays["starts"]) - 1
        counts = csr_matrix(parts, (n, n_words))
        counts.check_format()
        covariates = None
        if "matrix" in arrays:
            n_groupings = sum(name[:5] == "group" and name[5:].isdigit() for name in arrays)
            groups = tuple(arrays[f"group{number}"] for number in range(n_groupings))
            covariates = Covariates(arrays["matrix"], groups)
        shape = None if "embeddings" not in arrays else arrays["embeddings"].shape
        # An edit can leave a model that reads none, and one before it that does.
        if n_dimensions is not None and shape != (n, n_dimensions):
            raise ValueError(f"embeddings of shape {shape} of {n} kept documents")
        found = cls(
            counts,
            arrays["is_held_out"],
            arrays["rows"],
            covariates,
            arrays.get("groups"),
            arrays.get("embeddings"),
        )
        of_each = ("embeddings", "group", "is_held_out", "matrix", "rows")
        lengths = {name: len(x) for name, x in arrays.items() if name.startswith(of_each)}
        if set(lengths.values()) - {n}:
            raise ValueError(f"{lengths} of {n} kept documents")
        return found


def _check_values(name: str, values: NDArray[Any], n_dimensions: int) -> None:
    if values.ndim != n_dimensions or values.dtype.kind not in "fiub":
        raise ValueError(f"{name} of {values.dtype} and shape {values.shape}")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite")
    if name in ("counts", "rows", "starts", "words") and (values < 0).any():
        raise ValueError(f"{name} is {values.min()}")


def _part(
    covariates: Covariates | None, groups: NDArray[np.int64] | None, rows: NDArray[np.int64]
) -> tuple[Covariates | None, NDArray[np.int64] | None]:
    """Return the covariates and groups of some documents."""
    if covariates is not None:
        covariates = covariates.select(rows)
    return covariates, None if groups is None else groups[rows]


def _small(counts: csr_matrix) -> csr_matrix:
    """Return a copy whose numbers take few bytes, where they are whole."""
    counts = csr_matrix(counts, copy=True)
    if np.equal(np.mod(counts.data, 1), 0).all() and counts.data.max(initial=0) < 2**32:
        counts.data = in_few_bytes(counts.data)
    return counts
