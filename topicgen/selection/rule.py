r"""The rule: as many topics as predict better than fewer and are found again by other seeds.

With :math:`g_K` by how much K topics predict worse than the best number, :math:`e_K` its standard
error, and :math:`S_K` their stability,

.. math::
    K_\text{enough} = \min \{K : g_K \le e_K\}, \qquad
    \hat K = \max \{K \le K_\text{enough} : S_K \ge 1/2\}.

Where no number is that stable, or one seed leaves the stability unknown, quality decides among the
same numbers. The choice is conclusive where prediction and stability agree.

All functions take the table of a :class:`topicgen.Selection`, a row for each number of topics in
ascending order.

Source: Breiman, Friedman, Olshen and Stone (1984), section 3.4.3 (one standard error); Greene,
O'Callaghan and Cunningham (2014) (stability); the two together were chosen in
scripts/study_selection.py.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Half of the highest value: below, less of a topic's top words is found again than is not.
STABLE = 0.5


def n_enough(table: "pd.DataFrame") -> int:
    """Return the smallest number that predicts within one standard error of the best.

    Example:
        >>> import pandas as pd
        >>> n_enough(pd.DataFrame({"n_components": [5, 9], "gap": [0.2, 0], "gap_error": [0.3, 0]}))
        5
    """
    enough = table["gap"] <= table["gap_error"]
    return int(table.loc[enough, "n_components"].iloc[0])


def recommended(table: "pd.DataFrame") -> int:
    """Return the largest stable number up to ``n_enough``, or the one of the highest quality.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"n_components": [5, 10, 20], "gap": [0.4, 0.2, 0]})
        >>> table = table.assign(gap_error=[0.1, 0.1, 0], quality=[0.3, 0.2, 0.1])
        >>> recommended(table.assign(stability=[0.9, 0.6, 0.4]))
        10
        >>> recommended(table.assign(stability=[0.4, 0.3, 0.4]))
        5
    """
    candidates = table[table["n_components"] <= n_enough(table)]
    stable = candidates[candidates["stability"] >= STABLE]
    if len(stable):
        return int(stable["n_components"].iloc[-1])
    return int(candidates.loc[candidates["quality"].idxmax(), "n_components"])


def is_conclusive(table: "pd.DataFrame") -> bool:
    """Return whether prediction and stability agree on a number inside the grid.

    They agree where the number that is enough for prediction is stable. At an end of the grid,
    numbers that were not tried could be better (but nothing is below one topic).

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"n_components": [5, 10, 20], "gap": [0.4, 0, 0], "gap_error": 0})
        >>> is_conclusive(table.assign(stability=[0.9, 0.6, 0.4]))
        True
        >>> is_conclusive(table.assign(stability=[0.9, 0.4, 0.4]))
        False
    """
    sizes, enough = table["n_components"], n_enough(table)
    stable = table.loc[sizes == enough, "stability"].iloc[0] >= STABLE
    inside = (sizes.iloc[0] < enough or enough == 1) and enough < sizes.iloc[-1]
    return bool(stable and inside)
