r"""The rule: of the numbers of topics that predict best, choose the one that is most stable.

Let :math:`g_K` be how much worse K topics predict than the best number, :math:`e_K` its standard
error, and :math:`S_K` their stability. Then

.. math::
    \hat K = \arg\max \{S_K : g_K \le 2 e_K\} \quad \text{if } S_{\hat K} \ge 1/2.

Otherwise it is the largest smaller number that is stable, :math:`S_K \ge 1/2`. If no smaller number
is stable either, or there is one seed, so that the stability is unknown, it is the number of the
highest quality up to :math:`K_\text{enough}`, the smallest with :math:`g_K \le 2 e_K`.

All functions take the table of a :class:`topicgen.Selection`, a row for each number of topics in
ascending order.

Source: Breiman, Friedman, Olshen and Stone (1984), section 3.4.3 (a multiple of the standard
error); Greene, O'Callaghan and Cunningham (2014) (stability). Their combination was chosen with
scripts/study_selection.py.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Half of the highest value: below it, other seeds miss more of a topic's top words than they find.
STABLE = 0.5


def best_predicting(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows of the numbers that predict within two standard errors of the best.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"n_components": [5, 9, 12], "gap": [0.2, 0.1, 0]})
        >>> best_predicting(table.assign(gap_error=0.06))["n_components"].tolist()
        [9, 12]
    """
    return table[table["gap"] <= 2 * table["gap_error"]]


def n_enough(table: "pd.DataFrame") -> int:
    """Return the smallest number that predicts within two standard errors of the best."""
    return int(best_predicting(table)["n_components"].iloc[0])


def recommended(table: "pd.DataFrame") -> int:
    """Return the recommended number.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"n_components": [5, 10, 20], "gap": [0.4, 0.2, 0]})
        >>> table = table.assign(gap_error=[0.1, 0.1, 0], quality=[0.3, 0.2, 0.1])
        >>> recommended(table.assign(stability=[0.9, 0.6, 0.7]))
        20
        >>> recommended(table.assign(stability=[0.9, 0.4, 0.3]))
        5
    """
    best = best_predicting(table)
    if (best["stability"] >= STABLE).any():
        return int(best.loc[best["stability"].idxmax(), "n_components"])
    fewer = table[table["n_components"] <= n_enough(table)]
    stable = fewer[fewer["stability"] >= STABLE]
    if len(stable):
        return int(stable["n_components"].iloc[-1])
    return int(fewer.loc[fewer["quality"].idxmax(), "n_components"])


def is_conclusive(table: "pd.DataFrame") -> bool:
    """Return whether a number inside the grid predicts as well as the best and is stable.

    At an end of the grid, numbers that were not tried could be better (but nothing is below one
    topic).

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"n_components": [5, 10, 20], "gap": [0.4, 0, 0], "gap_error": 0})
        >>> table = table.assign(quality=0.2)
        >>> is_conclusive(table.assign(stability=[0.9, 0.6, 0.4]))
        True
        >>> is_conclusive(table.assign(stability=[0.9, 0.4, 0.4]))
        False
    """
    sizes, chosen = table["n_components"], recommended(table)
    best = best_predicting(table)
    agreed = best.loc[best["n_components"] == chosen, "stability"] >= STABLE
    inside = (sizes.iloc[0] < chosen or chosen == 1) and chosen < sizes.iloc[-1]
    return bool(agreed.any() and inside)
