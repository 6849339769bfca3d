"""The scores of several numbers of topics as a plain-text table."""

from typing import TYPE_CHECKING

import numpy as np

from topicgen.visualization.cells import fixed

if TYPE_CHECKING:
    import pandas as pd

_HEAD = (
    f"{'topics':>8}{'perplexity':>12}{'s.e.':>8}{'above best':>15}  {'coherence':>16}"
    f"{'diversity':>16}{'quality':>9}{'stability':>11}"
)


def selection_table(table: "pd.DataFrame", n_components: int) -> str:
    """Return one line per number of topics, a star at the recommended one, 100 characters wide.

    Args:
        table: the table of a :class:`topicgen.Selection`. ``above best`` is by how much the
            perplexity exceeds the lowest one, with its standard error; coherence and diversity have
            their standard deviations over seeds.
        n_components: the recommended number.
    """
    lines = [_HEAD]
    for row in table.itertuples():
        star = "*" if row.n_components == n_components else " "
        above, error = np.expm1(row.gap), np.exp(row.gap) * row.gap_error
        lines.append(
            f"{star}{row.n_components:>7}{row.perplexity:>12.1f}{row.perplexity_error:>8.1f}"
            f"{above:>8.1%}{f' ±{error:.1%}':<9}{_spread(row.coherence, row.coherence_sd)}"
            f"{_spread(row.diversity, row.diversity_sd)}{row.quality:>9.3f}"
            f"{fixed(row.stability, 3):>11}"
        )
    return "\n".join(lines)


def _spread(mean: float, sd: float) -> str:
    return f"{mean:>9.3f}" + ("       " if np.isnan(sd) else f" ±{sd:.3f}")
