"""What is known of documents besides their words."""

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
        covariates, embeddings = self.covariates, self.embeddings
        if covariates is not None:
            covariates = covariates.select(rows)
        if embeddings is not None:
            embeddings = embeddings[rows.to(embeddings.device)]
        return Known(covariates, embeddings)

    def part(self, rows: slice, like: Tensor) -> "Known":
        """Return consecutive documents, on the device and in the precision of a tensor."""
        covariates, embeddings = self.covariates, self.embeddings
        if covariates is not None:
            covariates = covariates.part(rows, like)
        if embeddings is not None:
            embeddings = embeddings[rows].to(like)
        return Known(covariates, embeddings)

    def to(self, device: torch.device | str, dtype: torch.dtype) -> "Known":
        """Return the same on a device, in a precision."""
        covariates, embeddings = self.covariates, self.embeddings
        if covariates is not None:
            covariates = covariates.to(device, dtype)
        if embeddings is not None:
            embeddings = embeddings.to(device, dtype)
        return Known(covariates, embeddings)
