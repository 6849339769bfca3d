"""Covariates of documents: from metadata to the standardised tensors that the model takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates import Covariates, Design, check_identifiable
from topicgen.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from topicgen.models import DocumentCovariates, LogLinear

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prevalence:
    """How a fit turns metadata into covariates.

    Args:
        design: how the formula turns metadata into a matrix and groups.
        center: the means of the columns over the documents of the fit with words, (n_columns,).
        scale: the standard deviations of the columns, likewise.
    """

    design: Design
    center: Floats
    scale: Floats

    @classmethod
    def of(
        cls, prevalence: Any, metadata: "pd.DataFrame | None", rows: NDArray[np.int64], n: int
    ) -> "tuple[Prevalence, Covariates]":
        """Return the value for the documents of a fit, and their covariates.

        Args:
            prevalence: a formula, or a matrix in place of one.
            metadata: of the documents; None where they have none.
            rows: the rows of the documents with words.
            n: the number of documents.

        Raises:
            InputError: where the formula or the metadata cannot be used.
        """
        design, covariates = Design.of(prevalence, metadata, n)
        matrix = covariates.matrix[rows]
        if len(rows) < n and design.columns:
            try:
                check_identifiable(matrix, design.columns)
            except InputError as error:
                raise InputError(f"among the {len(rows):,} documents with words: {error}") from None
        return cls(design, matrix.mean(0), matrix.std(0)), covariates

    def function(self, n_topics: int) -> "LogLinear":
        """Return the log-linear function that a fit starts from: all coefficients are 0."""
        from topicgen.models import LogLinear

        terms = list(dict.fromkeys(self.design.terms))
        return LogLinear(
            [terms.index(term) for term in self.design.terms],
            [len(grouping.levels) for grouping in self.design.groupings],
            n_topics,
        )

    def standardized(
        self, covariates: Covariates, dtype: "torch.dtype", device: "torch.device | str" = "cpu"
    ) -> "DocumentCovariates":
        """Return covariates as the model takes them: columns with mean 0 and variance 1."""
        import torch

        from topicgen.models import DocumentCovariates

        matrix = torch.from_numpy((covariates.matrix - self.center) / self.scale)
        levels = np.zeros((len(matrix), 0), dtype=np.int64)
        if covariates.groups:
            levels = np.stack(covariates.groups, 1)
        return DocumentCovariates(matrix, torch.from_numpy(levels)).to(device, dtype)

    def read(self, metadata: Any, n_documents: int) -> "DocumentCovariates":
        """Return the covariates of new documents, in double precision.

        Raises:
            InputError: where a column or a value is missing, or the fit did not have a level.
        """
        import torch

        return self.standardized(self.design.read(metadata, n_documents), torch.float64)

    def is_known(self, metadata: "pd.DataFrame | None") -> bool:
        """Return whether metadata have all columns that the terms use; random intercepts aside."""
        needed = self.design.typical()
        return metadata is not None and all(name in metadata for name in needed)

    def check_weights(self, weights: Mapping[str, NDArray[Any]], n_topics: int) -> None:
        """Check that a model has a coefficient for each column and level.

        Raises:
            KeyError, ValueError: where it has others.
        """
        groupings = self.design.groupings
        expected = {f"intercepts{j}": len(group.levels) for j, group in enumerate(groupings)}
        expected["coefficients"] = len(self.design.columns)
        for name, n in expected.items():
            for part in ("prevalence", "rate_prevalence"):
                if (shape := weights[f"{part}.{name}"].shape) != (n, n_topics):
                    raise ValueError(f"{part}.{name} of shape {shape} for {n} rows")

    def to_config(self) -> dict[str, Any]:
        """Return a description for ``from_config``, ready for JSON."""
        return {
            "design": self.design.to_config(),
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Prevalence":
        """Return the value that ``to_config`` described.

        Raises:
            KeyError, TypeError, ValueError: where the description is incomplete or inconsistent.
        """
        design = Design.from_config(config["design"])
        center, scale = (np.array(config[name], dtype=np.float64) for name in ("center", "scale"))
        if not len(center) == len(scale) == len(design.columns):
            raise ValueError(f"{len(center)} means and {len(scale)} standard deviations")
        if not (np.isfinite(center).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError("means or standard deviations of covariates that are not finite")
        return cls(design, center, scale)
