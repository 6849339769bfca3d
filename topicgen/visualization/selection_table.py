"""The scores of several numbers of topics as a plain-text table."""

from typing import TYPE_CHECKING

import numpy as np

from topicgen.rows import aligned
from topicgen.visualization.cells import fixed

if TYPE_CHECKING:
    import pandas as pd

_HEADER = (
    "topics",
    "perplexity",
    "s.e.",
    "above best",
    "coherence",
    "diversity",
    "quality",
    "stability",
)


def selection_table(table: "pd.DataFrame", n_components: int, width: int | None = None) -> str:
    """Return one line per number of topics, with a star at the recommended one.

    Args:
        table: the table of a :class:`topicgen.Selection`. ``above best`` is by how much the
            perplexity exceeds the lowest one, with its standard error; coherence and diversity have
            their standard deviations over seeds.
        n_components: the recommended number.
        width: of the window that the table fits, in columns; None for no limit.
    """
    rows = [list(_HEADER)]
    for row in table.itertuples():
        above, error = np.expm1(row.gap), np.exp(row.gap) * row.gap_error
        rows.append(
            [
                f"{'*' if row.n_components == n_components else ' '}{row.n_components:>7}",
                fixed(row.perplexity, 1),
                fixed(row.perplexity_error, 1),
                f"{above:.1%} ±{error:.1%}",
                _spread(row.coherence, row.coherence_sd),
                _spread(row.diversity, row.diversity_sd),
                fixed(row.quality, 3),
                fixed(row.stability, 3),
            ]
        )
    return aligned(rows, width=width)


def _spread(mean: float, sd: float) -> str:
    return fixed(mean, 3) + ("" if np.isnan(sd) else f" ±{sd:.3f}")
