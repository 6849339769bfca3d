"""The tables of settings: one row per setting, or pair of settings, averaged over seeds."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen import evaluation
from topicgen.comparison.coherence import Coherences, npmi_columns, npmi_fits
from topicgen.comparison.readings import Reading
from topicgen.comparison.seeds import Fits, estimate, fits_of_ratios
from topicgen.comparison.tables import correct

Readings = Mapping[Hashable, Reading]
Settings = Mapping[str, Sequence[Hashable]]
Row = dict[str, Any]


def setting_rows(settings: Settings, readings: Readings, npmi: Coherences) -> list[Row]:
    """Return the scores of each setting's models: means with intervals, and their stability.

    Where the models of a setting score different tokens, its perplexity is NaN.
    """
    rows = []
    for names in settings.values():
        rate, coherence = _rates(names, readings), npmi_fits(names, npmi, _n_documents(readings))
        mean, low, high, _ = estimate(rate)
        npmi_mean, npmi_low, npmi_high, _ = estimate(coherence)
        rows.append(
            {
                "models": list(names),
                "perplexity": float(np.exp(-mean)),
                "perplexity_low": float(np.exp(-high)),
                "perplexity_high": float(np.exp(-low)),
                "perplexity_sd": _sd(np.exp(-rate.scores)),
                "npmi": npmi_mean,
                "npmi_low": npmi_low,
                "npmi_high": npmi_high,
                "npmi_sd": _sd(coherence.scores),
                "stability": _stability(names, readings),
            }
        )
    return rows


def setting_pair_rows(settings: Settings, readings: Readings, npmi: Coherences) -> list[Row]:
    """Return the differences between every two settings; NaN unless both have several fits."""
    rows: list[Row] = []
    n_documents = _n_documents(readings)
    for (name, names), (other_name, others) in combinations(settings.items(), 2):
        difference, low, high, p_value = np.nan, np.nan, np.nan, np.nan
        if readings[names[0]].same_tokens(readings[others[0]]):
            difference, low, high, p_value = estimate(
                _rates(names, readings), _rates(others, readings)
            )
        row = {"setting": name, "other": other_name, "difference": difference}
        row |= {"low": low, "high": high, "p_value": p_value, "p_holm": np.nan}
        coherence = np.nan, np.nan, np.nan
        if npmi[names[0]].top_n == npmi[others[0]].top_n:
            coherence = estimate(
                npmi_fits(names, npmi, n_documents), npmi_fits(others, npmi, n_documents)
            )[:3]
        rows.append(row | npmi_columns(*coherence))
    correct(rows)
    return rows


def _rates(names: Sequence[Hashable], readings: Readings) -> Fits:
    """Return the log-likelihood per token of each model, NaN where their tokens differ."""
    first = readings[names[0]]
    fits = fits_of_ratios(
        np.stack([readings[name].log_likelihood for name in names]), first.n_tokens
    )
    if all(first.same_tokens(readings[name]) for name in names[1:]):
        return fits
    return Fits(np.full(len(names), np.nan), np.full((len(names), 1), np.nan), 1)


def _stability(names: Sequence[Hashable], readings: Readings) -> float:
    if len(names) < 2:
        return np.nan
    return evaluation.stability([readings[name].topics for name in names])


def _n_documents(readings: Readings) -> int:
    return int(next(iter(readings.values())).counts.shape[0])


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else np.nan
