"""Covariates of documents: from a formula and a data frame to a matrix with a row per document."""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names

if TYPE_CHECKING:
    from topicgen.covariates.design import Covariates, Design, Grouping
    from topicgen.covariates.formulas import formula_variables
    from topicgen.covariates.identifiable import check_identifiable
    from topicgen.covariates.matrices import is_matrix, matrix_frame

__all__ = [
    "Covariates",
    "Design",
    "Grouping",
    "check_identifiable",
    "formula_variables",
    "is_matrix",
    "matrix_frame",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Covariates": "topicgen.covariates.design",
        "Design": "topicgen.covariates.design",
        "Grouping": "topicgen.covariates.design",
        "check_identifiable": "topicgen.covariates.identifiable",
        "formula_variables": "topicgen.covariates.formulas",
        "is_matrix": "topicgen.covariates.matrices",
        "matrix_frame": "topicgen.covariates.matrices",
    },
)
