"""What is known of documents besides their words."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from topicgen.models.count_regression import DocumentCovariates


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of some documents besides their words; rows are documents.

    Args:
        covariates: what their prior depends on, where the model has a ``prevalence``.
        embeddings: vectors that an encoder may read, shape (n_documents, n_dimensions).

    Example:
        >>> known = Known(embeddings=torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]))
        >>> known.select(torch.tensor([2, 0])).embeddings
        tensor([[3., 3.],
                [1., 0.]])
    """

    covariates: DocumentCovariates | None = None
    embeddings: Tensor | None = None

    def select(self, rows: Tensor) -> "Known":
        """Return what is known of the documents in these rows, in this order."""
        return self._each(
            lambda covariates: covariates.select(rows),
            lambda embeddings: embeddings[rows.to(embeddings.device)],
        )

    def part(self, rows: slice, like: Tensor) -> "Known":
        """Return consecutive documents, on the device and in the precision of a tensor."""
        return self._each(
            lambda covariates: covariates.part(rows, like),
            lambda embeddings: embeddings[rows].to(like),
        )

    def to(self, device: torch.device | str, dtype: torch.dtype) -> "Known":
        """Return the same on a device, in a precision."""
        return self._each(
            lambda covariates: covariates.to(device, dtype),
            lambda embeddings: embeddings.to(device, dtype),
        )

    def _each(
        self,
        of_covariates: Callable[[DocumentCovariates], DocumentCovariates],
        of_embeddings: Callable[[Tensor], Tensor],
    ) -> "Known":
        """Return what two functions make of what is known; what is not known stays None."""
        return Known(
            None if self.covariates is None else of_covariates(self.covariates),
            None if self.embeddings is None else of_embeddings(self.embeddings),
        )
