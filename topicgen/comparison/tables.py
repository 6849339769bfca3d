"""The tables of a comparison, as rows: a row a model, a pair of models, a pair of topics."""

import warnings
from collections.abc import Hashable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from topicgen import evaluation
from topicgen.comparison.readings import Reading
from topicgen.corpus.wording import quantity

Readings = Mapping[Hashable, Reading]
Row = dict[str, Any]

# Resamples of topics behind the interval of a mean coherence.
_RESAMPLES = 999


def score_rows(readings: Readings, random_state: int) -> list[Row]:
    """Return the scores of each model.

    Top words that the documents lack are left out of the coherence, with a warning that counts
    them; a topic that keeps fewer than two of its words has none.
    """
    rows, absent = [], []
    for reading in readings.values():
        topics = reading.topics
        prediction = evaluation.perplexity(reading.log_likelihood, reading.n_tokens)
        present = {reading.vocabulary[column] for column in np.unique(reading.counts.indices)}
        absent += [word for topic in topics for word in topic if word not in present]
        kept = [[word for word in topic if word in present] for topic in topics]
        npmi = _npmi([topic for topic in kept if len(topic) > 1], reading, random_state)
        rows.append(
            {
                "n_topics": len(topics),
                "n_tokens": int(reading.n_tokens.sum()),
                "perplexity": prediction.corpus,
                "standard_error": prediction.standard_error,
                **dict(zip(("npmi", "npmi_low", "npmi_high"), npmi, strict=True)),
                "topic_diversity": evaluation.topic_diversity(topics),
                "inverted_rbo": evaluation.inverted_rbo(topics) if len(topics) > 1 else np.nan,
                "exclusivity": evaluation.exclusivity(reading.model.components_, len(topics[0])),
            }
        )
    if absent:
        warnings.warn(
            f"expected documents with the top words of all topics, got none with "
            f"{quantity(len(absent), 'word')} of them, first {absent[0]!r}; the coherences are "
            "of the other words",
            UserWarning,
            stacklevel=3,
        )
    return rows


def _npmi(topics: list[list[str]], reading: Reading, random_state: int) -> tuple[float, ...]:
    """Return the mean NPMI of document co-occurrence and its 95% interval over topics."""
    if not topics:
        return np.nan, np.nan, np.nan
    values = evaluation.coherence(
        topics, reading.counts, "c_npmi", per_topic=True, vocabulary=reading.vocabulary
    )
    if len(topics) == 1:
        return float(values[0]), np.nan, np.nan
    interval = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=_RESAMPLES, random_state=random_state
    ).confidence_interval
    return float(values.mean()), float(interval.low), float(interval.high)


def pair_rows(readings: Readings, n_resamples: int, random_state: int) -> list[Row]:
    """Return how alike every two models are, and which predicts better.

    Models that score other tokens are not tested against each other, with a warning that says so.
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
                random_state=random_state,
            )
        else:
            apart.append(f"{name!r} and {other_name!r}")
        row = {"model": name, "other": other_name, "similarity": float(similarity)}
        rows.append(row | test._asdict() | {"p_holm": np.nan})
    if apart:
        rest = f" and {quantity(len(apart) - 1, 'more pair')}" if len(apart) > 1 else ""
        warnings.warn(
            f"expected models that count the same words, got others in {apart[0]}{rest}; their "
            "perplexities are of different tokens, and not tested; fit them with one vocabulary",
            UserWarning,
            stacklevel=3,
        )
    tested = [row for row in rows if not np.isnan(row["p_value"])]
    corrected = evaluation.holm([row["p_value"] for row in tested])
    for row, p in zip(tested, corrected, strict=True):
        row["p_holm"] = float(p)
    return rows


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
