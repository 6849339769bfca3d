"""The tables of a comparison, as rows: one per model, pair of models, or pair of topics."""

import warnings
from collections.abc import Hashable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from topicgen import evaluation
from topicgen.comparison.coherence import Coherences, npmi_difference
from topicgen.comparison.readings import Reading
from topicgen.corpus.wording import quantity
from topicgen.plain import quoted

Readings = Mapping[Hashable, Reading]
Row = dict[str, Any]


def score_rows(readings: Readings, npmi: Coherences, n_resamples: int, seed: int) -> list[Row]:
    """Return the scores of each model."""
    rows = []
    for name, reading in readings.items():
        topics = reading.topics
        scored = reading.log_likelihood, reading.n_tokens
        prediction = evaluation.perplexity(*scored)
        low, high = evaluation.perplexity_interval(
            *scored, n_resamples=n_resamples, random_state=seed
        )
        rows.append(
            {
                "n_topics": len(topics),
                "n_tokens": int(reading.n_tokens.sum()),
                "perplexity": prediction.corpus,
                "standard_error": prediction.standard_error,
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
            apart.append(f"{quoted(name)} and {quoted(other_name)}")
        row = {"model": name, "other": other_name, "similarity": float(similarity)}
        rows.append(
            row
            | test._asdict()
            | {"p_holm": np.nan}
            | npmi_difference(npmi[name], npmi[other_name], one.counts.shape[0])
        )
    if apart:
        rest = f" and {quantity(len(apart) - 1, 'more pair')}" if len(apart) > 1 else ""
        warnings.warn(
            "models must count the same words in the same order to be tested, but "
            f"{apart[0]}{rest} do not; their perplexities are of different tokens; "
            "fit the models with the same vocabulary",
            UserWarning,
            stacklevel=3,
        )
    correct(rows)
    return rows


def correct(rows: list[Row]) -> None:
    """Fill in ``p_holm`` of the rows that have a ``p_value``."""
    tested = [row for row in rows if not np.isnan(row["p_value"])]
    corrected = evaluation.holm([row["p_value"] for row in tested])
    for row, p in zip(tested, corrected, strict=True):
        row["p_holm"] = float(p)


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
