"""The coherence of several models' topics in the same documents, and their differences."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from scipy import stats

from topicgen import evaluation
from topicgen.comparison.readings import Reading
from topicgen.comparison.seeds import Fits, fits_of_halves
from topicgen.evaluation import CoherenceScore
from topicgen.evaluation.coherence_scores import half_sample_df

Coherences = Mapping[Hashable, CoherenceScore]


def coherences(readings: Mapping[Hashable, Reading], seed: int) -> dict[Hashable, CoherenceScore]:
    """Return the NPMI of each model's topics in the documents, with the same halves for all models.

    Top words that the documents lack are left out of the coherence, with a warning that counts
    them; a topic that keeps fewer than two of its words has no coherence.
    """
    return {name: _npmi(reading, seed) for name, reading in readings.items()}


def _npmi(reading: Reading, seed: int) -> CoherenceScore:
    n_words = len(reading.topics[0])
    if n_words < 2:
        none = np.full(1, np.nan)
        return CoherenceScore("c_npmi", n_words, np.nan, np.nan, np.nan, none, np.nan, none)
    (score,) = evaluation.coherence_scores(
        reading.topics,
        reading.counts,
        "c_npmi",
        n_words,
        vocabulary=reading.vocabulary,
        absent="drop",
        random_state=seed,
    )
    return score


def npmi_difference(
    one: CoherenceScore, other: CoherenceScore, n_documents: int
) -> dict[str, float]:
    """Return the difference of two coherences in the same documents, with its 95% interval."""
    n_words = {one.top_n, other.top_n}
    difference = one.mean - other.mean if len(n_words) == 1 else np.nan
    halves = one.halves - other.halves if len(n_words) == 1 else np.full(1, np.nan)
    known = halves[~np.isnan(halves)]
    error = known.std() if known.size > 1 and n_documents > 1 else np.nan
    margin = stats.t.ppf(0.975, half_sample_df(n_documents)) * error
    return npmi_columns(difference, difference - margin, difference + margin)


def npmi_columns(difference: float, low: float, high: float) -> dict[str, float]:
    """Return a difference of coherences and its interval, as columns of a table."""
    return {
        "npmi_difference": float(difference),
        "npmi_difference_low": float(low),
        "npmi_difference_high": float(high),
    }


def npmi_fits(names: Sequence[Hashable], npmi: Coherences, n_documents: int) -> Fits:
    """Return the coherences of a setting's models."""
    scores = np.array([npmi[name].mean for name in names])
    halves = np.stack([npmi[name].halves for name in names])
    return fits_of_halves(scores, halves, half_sample_df(n_documents))
