"""Covariates of documents: a formula and a data frame as a matrix with a row per document."""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names

if TYPE_CHECKING:
    from topicgen.covariates.design import Covariates, Design, Grouping
    from topicgen.covariates.formulas import formula_variables

__all__ = ["Covariates", "Design", "Grouping", "formula_variables"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Covariates": "topicgen.covariates.design",
        "Design": "topicgen.covariates.design",
        "Grouping": "topicgen.covariates.design",
        "formula_variables": "topicgen.covariates.formulas",
    },
)
