"""Effects of covariates on topics: regressions of posterior draws, and tables of their results."""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names

if TYPE_CHECKING:
    from topicgen.effects.draws import TokenDraws
    from topicgen.effects.imputed import Imputed
    from topicgen.effects.quantities import KINDS, OF, Quantity
    from topicgen.effects.regression import Estimates, regress
    from topicgen.effects.tables import contrast_table, effect_table, prediction_table

__all__ = [
    "KINDS",
    "OF",
    "Estimates",
    "Imputed",
    "Quantity",
    "TokenDraws",
    "contrast_table",
    "effect_table",
    "prediction_table",
    "regress",
]

# A saved model is read without scipy.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "KINDS": "topicgen.effects.quantities",
        "OF": "topicgen.effects.quantities",
        "Estimates": "topicgen.effects.regression",
        "Imputed": "topicgen.effects.imputed",
        "Quantity": "topicgen.effects.quantities",
        "TokenDraws": "topicgen.effects.draws",
        "contrast_table": "topicgen.effects.tables",
        "effect_table": "topicgen.effects.tables",
        "prediction_table": "topicgen.effects.tables",
        "regress": "topicgen.effects.regression",
    },
)
