"""The tables of a comparison, as rows: one per model, pair of models, or pair of topics."""

import warnings
from collections.abc import Hashable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from topicgen import evaluation
from topicgen.comparison.readings import Reading
from topicgen.corpus.wording import quantity

Readings = Mapping[Hashable, Reading]
Row = dict[str, Any]


def score_rows(readings: Readings, seed: int) -> list[Row]:
    """Return the scores of each model.

    Top words that the documents lack are left out of the coherence, with a warning that counts
    them; a topic that keeps fewer than two of its words has no coherence.
    """
    rows = []
    for reading in readings.values():
        topics = reading.topics
        prediction = evaluation.perplexity(reading.log_likelihood, reading.n_tokens)
        npmi = _npmi(reading, seed)
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
    return rows


def _npmi(reading: Reading, seed: int) -> tuple[float, float, float]:
    """Return the mean NPMI of document co-occurrence and its 95% interval over topics."""
    n_words = len(reading.topics[0])
    if n_words < 2:
        return np.nan, np.nan, np.nan
    (score,) = evaluation.coherence_scores(
        reading.topics,
        reading.counts,
        "c_npmi",
        n_words,
        vocabulary=reading.vocabulary,
        absent="drop",
        random_state=seed,
    )
    return score.mean, score.low, score.high


def pair_rows(readings: Readings, n_resamples: int, seed: int) -> list[Row]:
    """Return how alike every two models are, and which predicts better.

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
        rows.append(row | test._asdict() | {"p_holm": np.nan})
    if apart:
        rest = f" and {quantity(len(apart) - 1, 'more pair')}" if len(apart) > 1 else ""
        warnings.warn(
            "expected models that count the same words in the same order, got others in "
            f"{apart[0]}{rest}; their perplexities are of different tokens and were not tested; "
            "fit the models with the same vocabulary",
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
