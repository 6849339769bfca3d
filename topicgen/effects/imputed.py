"""What a fit with covariates keeps for the analysis of effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.covariates import Covariates, Design
from topicgen.effects.draws import TokenDraws
from topicgen.effects.per_class import check_values, read_classes
from topicgen.errors import InputError, did_you_mean, shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Imputed:
    """Draws of the tokens per topic in the documents of a fit, with their covariates.

    Args:
        draws: of the documents with words; of a random 100,000 where there are more.
        design: how the formula turns metadata into covariates.
        covariates: of the documents of the draws.
        rows: the rows of these documents among all documents of the fit, shape (n_documents,).
        n_rows: the number of documents of the fit.
        metadata: those of all documents of the fit; None in a model loaded from a folder.
    """

    draws: TokenDraws
    design: Design
    covariates: Covariates
    rows: NDArray[np.int64]
    n_rows: int
    metadata: "pd.DataFrame | None" = None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays for ``from_arrays``; the metadata are left out."""
        counts = self.draws.counts
        n_topics = np.array([counts.shape[1]])
        smallest = np.uint8 if n_topics[0] <= 2**8 else np.uint32
        arrays = {
            "tokens": counts.data,
            "topics": counts.indices.astype(smallest),
            "starts": counts.indptr.astype(np.int64),
            "n_topics": n_topics,
            "lengths": self.draws.lengths,
            "matrix": self.covariates.matrix,
            "rows": self.rows,
            "n_rows": np.array([self.n_rows]),
        }
        for number, group in enumerate(self.covariates.groups):
            arrays[f"group{number}"] = group
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], design: Design) -> "Imputed":
        """Return the value that ``to_arrays`` described, without metadata.

        Raises:
            KeyError, ValueError: where an array is missing, or the shapes do not match.
        """
        for name, values in arrays.items():
            is_plain = values.ndim == (2 if name == "matrix" else 1)
            if not is_plain or not np.isfinite(values).all():
                raise ValueError(f"{name} of shape {values.shape}, or not finite")
        shape = len(arrays["starts"]) - 1, int(arrays["n_topics"][0])
        parts = arrays["tokens"], arrays["topics"].astype(np.int32), arrays["starts"]
        counts = csr_matrix(parts, shape)
        counts.check_format()
        lengths, matrix = arrays["lengths"], arrays["matrix"]
        groups = tuple(arrays[f"group{number}"] for number in range(len(design.groupings)))
        n = len(lengths)
        if not n or shape[0] % n or matrix.shape != (n, len(design.columns)):
            raise ValueError(f"{shape[0]} rows of draws for {n} documents")
        if any(len(values) != n for values in (*groups, arrays["rows"])):
            raise ValueError(f"groups of another length than {n} documents")
        draws, covariates = TokenDraws(counts, lengths), Covariates(matrix, groups)
        return cls(draws, design, covariates, arrays["rows"], int(arrays["n_rows"][0]))

    def clusters(self, cluster: Any) -> NDArray[np.int64] | None:
        """Return the number of each document's cluster, shape (n_documents,), or None without them.

        Args:
            cluster: the name of a column of the metadata, or a value for each document of the fit;
                by default the first random intercept of the formula, if it has one.

        Raises:
            InputError: where there is no such column, a value is missing, or all are the same.
        """
        numbers = self._clusters(cluster)
        if numbers is not None and len(np.unique(numbers)) < 2:
            raise InputError(
                "expected cluster to sort the documents into two or more groups, got one value for "
                "all of them; choose another column, or leave cluster out"
            )
        return numbers

    def _clusters(self, cluster: Any) -> NDArray[np.int64] | None:
        groupings = [grouping.name for grouping in self.design.groupings]
        if cluster is None and not groupings:
            return None
        if cluster is None or (isinstance(cluster, str) and cluster in groupings):
            return self.covariates.groups[groupings.index(cluster) if cluster else 0]
        if not isinstance(cluster, str):
            return self._numbered(cluster)
        if self.metadata is None:
            raise InputError(
                f"the column {shown(cluster)} is not stored in the model folder; pass its values "
                f"for the {self.n_rows:,} documents of the fit, or name it as a "
                "grouping in the formula of the fit, (1 | column)"
            )
        if cluster not in self.metadata:
            raise InputError(
                f"expected cluster to be a column of the metadata "
                f"({', '.join(map(repr, self.metadata.columns))}), got {shown(cluster)}; "
                + did_you_mean(cluster, map(str, self.metadata.columns), "name one of these")
            )
        return self._numbered(self.metadata[cluster])

    def _numbered(self, values: Any) -> NDArray[np.int64]:
        import pandas as pd

        values = pd.Series(list(check_values(values, self.n_rows, "cluster"))).iloc[self.rows]
        if values.isna().any():
            raise InputError(
                f"expected cluster to have a value for each document, got {values.isna().sum():,} "
                "missing; give documents on their own a value of their own"
            )
        return read_classes(values, "cluster").of_documents
