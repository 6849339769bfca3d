"""What covariates have to do with topics: expected shares along each, and ratios of rates."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.covariates.wording import typical_text, values_text
from topicgen.errors import InputError
from topicgen.plain import plain
from topicgen.reporting.plain_numbers import axis_of, labels_of, significant, triples

if TYPE_CHECKING:
    from topicgen.covariates import Design
    from topicgen.topic_model import TopicModel

LEVEL = 0.95
# Of a curve; of a factor, the levels that are drawn.
_N_POINTS, _MOST_LEVELS = 40, 40
_LEVEL = re.compile(r"\[T\.(.*?)\]")
# Tables of more terms are for ``topicgen effects``.
_MOST_TERMS = 40


def covariate_curves(model: "TopicModel", n_topics: int) -> list[dict[str, Any]]:
    """Return the expected share of each topic along each covariate, ready for a page.

    It is what ``predict_prevalence`` and ``topicgen effects --over`` return by default: the
    linear regression of shares, not the rates of which ``effect_ratios`` gives the ratios.
    """
    prevalence = model.fitted_.prevalence
    if prevalence is None or prevalence.design.formula is None:
        return []
    curves = []
    for variable in prevalence.design.fitted_variables:
        is_curve = not variable.levels and variable.kind != "boolean"
        grid = prevalence.design.grid(variable.name, _N_POINTS)[:_MOST_LEVELS]
        # As a band where the values lie close together; level by level otherwise.
        table = model.predict_prevalence(grid, level=LEVEL, simultaneous=is_curve)
        values = grid[variable.name]
        curves.append(
            {
                "name": plain(variable.name, 60),
                "curve": is_curve,
                "x": axis_of(values) if is_curve else list(range(len(values))),
                "labels": labels_of(values),
                "topics": triples(table, n_topics),
                "others": _others(prevalence.design, variable.name),
            }
        )
    return curves


def effect_ratios(model: "TopicModel") -> dict[str, Any] | None:
    """Return how many times as many tokens of each topic go with each term, ready for a page.

    Curves have no ratio, and are left out.
    """
    prevalence = model.fitted_.prevalence
    if prevalence is None or prevalence.design.formula is None:
        return None
    design = prevalence.design
    parts = {
        column
        for column, term in zip(design.columns, design.terms, strict=True)
        if term in design.curves
    }
    try:
        table = model.effects("log_rate", level=LEVEL)
    except InputError:  # random intercepts alone
        return None
    table = table[~table["term"].isin(parts)]
    terms = table["term"].unique().tolist()[:_MOST_TERMS]
    if not terms:
        return None
    with np.errstate(over="ignore"):
        table = table.assign(**{x: np.exp(table[x]) for x in ("estimate", "low", "high")})
    topics = [
        [
            [significant(value) for value in row]
            for row in rows.set_index("term").loc[terms, ["estimate", "low", "high"]].to_numpy()
        ]
        for _, rows in table.groupby("topic", sort=True)
    ]
    references = [
        values_text({name: level})
        for name, level in design.references.items()
        if any(f"{name}[T." in str(term) for term in terms)
    ]
    return {"terms": [_term(term) for term in terms], "topics": topics, "references": references}


def _term(name: str) -> str:
    """Return what a column of the design is called on a page.

    >>> _term("party[T.Lab]:year")
    'party = Lab × year'
    """
    return plain(_LEVEL.sub(r" = \1", name).replace(":", " \N{MULTIPLICATION SIGN} "), 80)


def _others(design: "Design", name: str) -> str:
    """Return at which values the other covariates are held, and why at these."""
    others = {key: value for key, value in design.typical().items() if key != name}
    return typical_text(others) if others else ""
