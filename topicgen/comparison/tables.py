"""The tables of a comparison, as rows: one per model, pair of models, setting, or topic."""

import warnings
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from topicgen import evaluation
from topicgen.comparison.readings import Reading
from topicgen.comparison.seeds import Fits, estimate, fits_of_halves, fits_of_ratios
from topicgen.corpus.wording import quantity
from topicgen.evaluation import CoherenceScore
from topicgen.evaluation.coherence_scores import half_sample_df

Readings = Mapping[Hashable, Reading]
Coherences = Mapping[Hashable, CoherenceScore]
Settings = Mapping[str, Sequence[Hashable]]
Row = dict[str, Any]


def coherences(readings: Readings, seed: int) -> dict[Hashable, CoherenceScore]:
    """Return the NPMI of each model's topics in the documents, all with the same halves of them.

    Top words that the documents lack are left out of the coherence, with a warning that counts
    them; a topic that keeps fewer than two of its words has no coherence.
    """
    return {name: _npmi(reading, seed) for name, reading in readings.items()}


def score_rows(readings: Readings, npmi: Coherences, n_resamples: int, seed: int) -> list[Row]:
    """Return the scores of each model."""
    rows = []
    for name, reading in readings.items():
        topics = reading.topics
        scored = reading.log_likelihood, reading.n_tokens
        low, high = evaluation.perplexity_interval(
            *scored, n_resamples=n_resamples, random_state=seed
        )
        rows.append(
            {
                "n_topics": len(topics),
                "n_tokens": int(reading.n_tokens.sum()),
                "perplexity": evaluation.perplexity(*scored).corpus,
                "perplexity_low": low,
                "perplexity_high": high,
                "npmi": npmi[name].mean,
                "npmi_low": npmi[name].low,
                "npmi_high": npmi[name].high,
                "topic_diversity": evaluation.topic_diversity(topics),
                "inverted_rbo": evaluation.inverted_rbo(topics) if len(topics) > 1 else np.nan,
                "exclusivity": evaluation.exclusivity(reading.model.components_, len(topics[0])),
            }
        )
    return rows


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


def pair_rows(readings: Readings, npmi: Coherences, n_resamples: int, seed: int) -> list[Row]:
    """Return how alike every two models are, which predicts better, and which is more coherent.

    Models that score different tokens are not tested against each other, with a warning.
    """
    rows: list[Row] = []
    apart = []
    for (name, one), (other_name, other) in combinations(readings.items(), 2):
        similarity = evaluation.match_topics(one.topics, other.topics).similarity.mean()
        test = evaluation.PairedTest(np.nan, np.nan, np.nan, np.nan)
        if one.same_tokens(other):
            test = evaluation.paired_test(
                one.log_likelihood,
                other.log_likelihood,
                one.n_tokens,
                n_resamples=n_resamples,
                random_state=seed,
            )
        else:
            apart.append(f"{name!r} and {other_name!r}")
        row = {"model": name, "other": other_name, "similarity": float(similarity)}
        rows.append(
            row
            | test._asdict()
            | {"p_holm": np.nan}
            | _npmi_difference(npmi[name], npmi[other_name], one.counts.shape[0])
        )
    if apart:
        rest = f" and {quantity(len(apart) - 1, 'more pair')}" if len(apart) > 1 else ""
        warnings.warn(
            "expected models that count the same words in the same order, got others in "
            f"{apart[0]}{rest}; their perplexities are of different tokens and were not tested; "
            "fit the models with the same vocabulary",
            UserWarning,
            stacklevel=3,
        )
    _correct(rows)
    return rows


def _npmi_difference(one: CoherenceScore, other: CoherenceScore, n_documents: int) -> Row:
    """Return the difference of two coherences in the same documents, with its 95% interval."""
    n_words = {one.top_n, other.top_n}
    difference = one.mean - other.mean if len(n_words) == 1 else np.nan
    halves = one.halves - other.halves if len(n_words) == 1 else np.full(1, np.nan)
    known = halves[~np.isnan(halves)]
    error = known.std() if known.size > 1 and n_documents > 1 else np.nan
    margin = stats.t.ppf(0.975, half_sample_df(n_documents)) * error
    return _npmi_row(difference, difference - margin, difference + margin)


def _npmi_row(difference: float, low: float, high: float) -> Row:
    return {
        "npmi_difference": float(difference),
        "npmi_difference_low": float(low),
        "npmi_difference_high": float(high),
    }


def _correct(rows: list[Row]) -> None:
    """Fill in ``p_holm`` of the rows that have a ``p_value``."""
    tested = [row for row in rows if not np.isnan(row["p_value"])]
    corrected = evaluation.holm([row["p_value"] for row in tested])
    for row, p in zip(tested, corrected, strict=True):
        row["p_holm"] = float(p)


def setting_rows(settings: Settings, readings: Readings, npmi: Coherences) -> list[Row]:
    """Return the mean scores of each setting's models, with intervals over documents and seeds.

    Where models of a setting score different tokens, its perplexity is NaN.
    """
    rows = []
    for names in settings.values():
        rate, coherence = _rates(names, readings), _npmi_fits(names, readings, npmi)
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
            }
        )
    return rows


def setting_pair_rows(settings: Settings, readings: Readings, npmi: Coherences) -> list[Row]:
    """Return the differences of every two settings, NaN unless both were fitted several times."""
    rows: list[Row] = []
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
                _npmi_fits(names, readings, npmi), _npmi_fits(others, readings, npmi)
            )[:3]
        rows.append(row | _npmi_row(*coherence))
    _correct(rows)
    return rows


def _rates(names: Sequence[Hashable], readings: Readings) -> Fits:
    """Return the log-likelihood per token of each model, NaN where they score other tokens."""
    first = readings[names[0]]
    fits = fits_of_ratios(
        np.stack([readings[name].log_likelihood for name in names]), first.n_tokens
    )
    if all(first.same_tokens(readings[name]) for name in names[1:]):
        return fits
    return Fits(np.full(len(names), np.nan), np.full((len(names), 1), np.nan), 1)


def _npmi_fits(names: Sequence[Hashable], readings: Readings, npmi: Coherences) -> Fits:
    scores = np.array([npmi[name].mean for name in names])
    halves = np.stack([npmi[name].halves for name in names])
    return fits_of_halves(scores, halves, half_sample_df(readings[names[0]].counts.shape[0]))


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else np.nan


def match_rows(readings: Readings) -> list[Row]:
    """Return the topics of the first model, each with its match in each other model."""
    rows = []
    (name, first), *others = readings.items()
    for other_name, other in others:
        matching = evaluation.match_topics(first.topics, other.topics)
        for pair, similarity in zip(matching.pairs.tolist(), matching.similarity, strict=True):
            rows.append(
                {
                    "model": name,
                    "topic": pair[0],
                    "other": other_name,
                    "other_topic": pair[1],
                    "similarity": float(similarity),
                    "words": first.topics[pair[0]],
                    "other_words": other.topics[pair[1]],
                }
            )
    return rows
