"""How well the model does, in words: scores and diagnostics, each with what it means."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topicgen import evaluation
from topicgen.errors import InputError
from topicgen.topic_model import scoring
from topicgen.topic_model.word_measures import leading_words, ranking, top_columns

if TYPE_CHECKING:
    from topicgen.reporting.source import Source
    from topicgen.topic_model import TopicModel

_MOST_SCORED = 500
_MOST_FOR_COHERENCE = 50_000
_WORDS = 10

GOOD, LOOK, PLAIN = "good", "look", "plain"


class Check(NamedTuple):
    """One finding.

    Args:
        name: what was looked at.
        value: what was found, in a few words.
        meaning: what it says, in a sentence or two.
        state: GOOD, LOOK (worth a look) or PLAIN (no judgement).
    """

    name: str
    value: str
    meaning: str
    state: str = PLAIN


def coherence_of_topics(model: "TopicModel", source: "Source") -> list[float | None]:
    """Return the NPMI of each topic's ten top words, in the documents of the report.

    It is None where a word does not occur in them, or a topic has a single word.
    """
    fitted, counts = model.fitted_, source.counts
    if counts.shape[0] > _MOST_FOR_COHERENCE:
        counts = counts[_some_rows(counts.shape[0], _MOST_FOR_COHERENCE)]
    n_words = min(_WORDS, fitted.n_words)
    top = np.stack([top_columns(of_topic, n_words) for of_topic in ranking(fitted)])
    occurs = np.asarray((counts > 0).sum(0)).ravel() > 0
    usable = [k for k in range(len(top)) if n_words > 1 and occurs[top[k]].all()]
    values: list[float | None] = [None] * len(top)
    if usable:
        names = [str(column) for column in range(fitted.n_words)]
        topics = [[names[column] for column in top[k]] for k in usable]
        found = evaluation.coherence(topics, counts, "c_npmi", True, vocabulary=names)
        for k, value in zip(usable, found, strict=True):
            values[k] = float(value)
    return values


def checks(
    model: "TopicModel", source: "Source", coherence: list[float | None], is_fit: bool
) -> list[Check]:
    """Return what an analyst should know of the quality of a model.

    Args:
        model: the model.
        source: the documents of the report.
        coherence: of each topic, or None.
        is_fit: whether these are the documents that the model was fitted to.
    """
    return [
        *_prediction(model, source, is_fit),
        *_coherence(coherence),
        *_diversity(model),
        *_training(model),
        *_documents(source),
    ]


def _prediction(model: "TopicModel", source: "Source", is_fit: bool) -> list[Check]:
    rows, whose = _to_score(model, source, is_fit)
    counts = source.counts[rows]
    if not (np.asarray(counts.sum(1)).ravel() > 1).any():
        return []
    try:
        table = scoring.perplexity_table(
            model.fitted_,
            model.hierarchy_,
            counts,
            ["document_completion"],
            refinement=int(model.refinement),
            known=source.known(model, rows),
        )
    except (InputError, ValueError):  # counts that are not whole
        return []
    row = table.iloc[0]
    ratio = row.unigram / row.perplexity
    interval = ""
    if np.isfinite(row.low) and np.isfinite(row.high):
        interval = f" (95% interval: {row.low:,.0f} to {row.high:,.0f})"
    return [
        Check(
            "Prediction of hidden words",
            f"perplexity {row.perplexity:,.0f}{interval}",
            f"In {whose}, half of the words were hidden and predicted from the other half. The "
            f"model was as uncertain as when guessing among {row.perplexity:,.0f} equally likely "
            f"words. Overall word frequencies alone, without topics, give {row.unigram:,.0f}. "
            f"Lower is better.",
            GOOD if ratio > 1 else LOOK,
        )
    ]


def _to_score(model: "TopicModel", source: "Source", is_fit: bool) -> tuple[np.ndarray, str]:
    """Return the documents whose words are predicted, and what they are."""
    n_documents = source.counts.shape[0]
    held_out = model.fitted_.validation_indices
    if is_fit and len(held_out):
        return held_out, f"the {len(held_out):,} documents held out from training"
    rows = _some_rows(n_documents, _MOST_SCORED)
    which = "documents that the model was fitted to" if is_fit else "documents of this report"
    return rows, f"{len(rows):,} {which}"


def _some_rows(n_documents: int, most: int) -> np.ndarray:
    """Return at most so many rows at random, always the same ones, in ascending order."""
    return np.sort(np.random.default_rng(0).permutation(n_documents)[:most])


def _coherence(values: list[float | None]) -> list[Check]:
    known = [value for value in values if value is not None]
    if not known:
        return []
    least, weakest = min((value, k) for k, value in enumerate(values) if value is not None)
    return [
        Check(
            "Coherence of the topics",
            f"mean NPMI {np.mean(known):.2f}",
            "Whether the ten top words of a topic occur in the same documents: 0 is what "
            "chance would give, and 1 is the maximum. The mean is over topics"
            + (
                f"; the least coherent one is topic {weakest} ({least:.2f})."
                if len(known) > 1
                else "."
            ),
        )
    ]


def _diversity(model: "TopicModel") -> list[Check]:
    fitted = model.fitted_
    if fitted.n_topics < 2:
        return []
    n = min(25, fitted.n_words)
    diversity = evaluation.topic_diversity(leading_words(fitted, n))
    return [
        Check(
            "Diversity of the topics",
            f"{diversity:.0%}",
            f"The share of distinct words among the {n} top words of each topic. A low "
            "value means that several topics repeat the same words.",
        )
    ]


def _training(model: "TopicModel") -> list[Check]:
    found = model.diagnostics_
    checks = []
    if found.active_topics is not None:
        share = found.active_share or 0.0
        checks.append(
            Check(
                "Topics in use",
                f"{found.active_topics:,} of {found.n_topics:,}",
                "A topic is in use if its amount differs between documents.",
                GOOD if share >= 0.9 else LOOK,
            )
        )
    checks.append(
        Check(
            "Information about topics in a document",
            f"{found.kl:.1f} nats per document",
            "How far reading a document moves the estimate of its topics away from the average "
            "document. Near 0, all documents would get the same topics.",
        )
    )
    checks.append(
        Check(
            "Training with relaxed counts",
            f"{found.relaxation_gap:.3f} nats per token",
            "Training replaces whole counts by relaxed ones. This is how much better relaxed "
            "counts explain the words; above .15, fit again with a lower temperature.",
            GOOD if found.relaxation_gap <= 0.15 else LOOK,
        )
    )
    checks.append(
        Check(
            "Counts cut off",
            f"{found.clamped:.1%}",
            "The share of counts at the largest count that training allows; above 1%, fit again "
            "with a larger truncation.",
            GOOD if found.clamped <= 0.01 else LOOK,
        )
    )
    if found.elbo is not None and found.elbo_without_depth is not None:
        gain = found.elbo - found.elbo_without_depth
        checks.append(
            Check(
                "Groups of topics",
                f"{gain:+.2f} nats per document",
                "How much the layers above the topics improve the model (its evidence bound). "
                + (
                    "They improve it."
                    if gain > 0
                    else "They do not, so use the tree only to sort the topics."
                ),
                GOOD if gain > 0 else LOOK,
            )
        )
    return checks


def _documents(source: "Source") -> list[Check]:
    n_tokens = np.asarray(source.counts.sum(1)).ravel()
    n_empty = int((n_tokens == 0).sum())
    checks = []
    if source.n_terms is not None and source.n_terms.sum():
        share = 1 - n_tokens.sum() / source.n_terms.sum()
        checks.append(
            Check(
                "Words outside the vocabulary",
                f"{share:.0%}",
                "The share of the words of these documents, apart from stop words, that is not in "
                "the model's vocabulary. These words play no part in the results.",
                LOOK if share > 0.5 else PLAIN,
            )
        )
    if n_empty:
        checks.append(
            Check(
                "Documents without known words",
                f"{n_empty:,}",
                "Nothing is known about their topics.",
                LOOK if n_empty > 0.05 * len(n_tokens) else PLAIN,
            )
        )
    return checks
