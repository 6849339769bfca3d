"""Scores of a fitted model, each named with what it is. Slow to import: it needs scikit-learn."""

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.diagnostics import Diagnostics

# How many words of a topic its coherence and its diversity look at.
TOP_N = 10

# The methods of TopicModel.perplexity, by their names for a reader.
METHODS = {
    "document_completion": "document completion",
    "elbo": "ELBO",
    "iwae": "IWAE",
    "ais": "AIS",
}
# Each with the measure of evaluation.coherence that it is.
COHERENCES = {
    "npmi": ("c_npmi", "coherence, NPMI of document co-occurrence"),
    "u_mass": ("u_mass", "coherence, UMass"),
}


class Score(NamedTuple):
    """A score: its name for a program, its name for a reader, and its value, if it has one."""

    key: str
    name: str
    value: float | None


def perplexities(table: "pd.DataFrame") -> list[Score]:
    """Return the perplexities of a model's table, over all tokens and averaged over documents."""
    scores = []
    for row in table.itertuples():
        key, name = f"{row.method}_perplexity", f"perplexity, {METHODS[row.method]}"
        scores.append(Score(key, name, float(row.perplexity)))
        per_document = Score(
            f"{key}_per_document", f"{name}, average over documents", float(row.per_document)
        )
        scores.append(per_document)
    return scores


def perplexity_lines(table: "pd.DataFrame") -> str:
    """Return a model's perplexities as text: each with its standard error and the unigram's."""
    lines = [f"{'':24}perplexity    s.e.   unigram   per document   unigram"]
    for row in table.itertuples():
        lines.append(
            f"  {METHODS[row.method]:<22}{row.perplexity:>10.1f}{row.standard_error:>8.1f}"
            f"{row.unigram:>10.1f}{row.per_document:>15.1f}{row.per_document_unigram:>10.1f}"
        )
    return "\n".join(lines)


def coherences(
    topics: Sequence[Sequence[str]], corpus: Corpus, keys: Iterable[str] = tuple(COHERENCES)
) -> list[Score]:
    """Return how well the top words of the topics go together in a corpus.

    Words that the corpus lacks are left out, with a warning that counts them. Where no topic keeps
    two words, which a coherence needs, the scores have no value.
    """
    occurring = np.flatnonzero(corpus.document_frequency())
    present = {corpus.vocabulary[column] for column in occurring}
    absent = [word for topic in topics for word in topic if word not in present]
    if absent:
        warnings.warn(
            f"expected documents with the top words of all topics, got none with "
            f"{quantity(len(absent), 'word')} of them, first {absent[0]!r}; the coherences are "
            "of the other words",
            UserWarning,
            stacklevel=2,
        )
    kept = [[word for word in topic if word in present] for topic in topics]
    kept = [topic for topic in kept if len(topic) > 1]
    scores = []
    for key in keys:
        measure, name = COHERENCES[key]
        value = evaluation.coherence(kept, corpus, measure) if kept else None
        scores.append(Score(key, name, value))
    return scores


def diversity(topics: Sequence[Sequence[str]]) -> Score:
    """Return how different the top words of the topics are."""
    return Score("topic_diversity", "topic diversity", evaluation.topic_diversity(topics))


def differences(topics: Sequence[Sequence[str]], topic_word: np.ndarray) -> list[Score]:
    """Return how different the topics are, and their words; one topic has none to differ from."""
    inverted_rbo = evaluation.inverted_rbo(topics) if len(topics) > 1 else None
    return [
        diversity(topics),
        Score("inverted_rbo", "inverted rank-biased overlap", inverted_rbo),
        Score(
            "exclusivity", "exclusivity (FREX)", evaluation.exclusivity(topic_word, len(topics[0]))
        ),
    ]


def clusterings(doc_topic: np.ndarray, labels: Sequence[str]) -> list[Score]:
    """Return how well the largest topic of each document, and all of them, tell its known label."""
    top = doc_topic.argmax(axis=1)
    try:
        accuracy = evaluation.classification_accuracy(doc_topic, labels)
    except InputError:  # too few labels, or documents of one
        accuracy = None
    return [
        Score("purity", "purity of the top topic", evaluation.purity(labels, top)),
        Score(
            "nmi",
            "normalised mutual information of the top topic",
            evaluation.normalized_mutual_information(labels, top),
        ),
        Score(
            "adjusted_rand_index",
            "adjusted Rand index of the top topic",
            evaluation.adjusted_rand_index(labels, top),
        ),
        Score(
            "classification_accuracy",
            "accuracy of a linear classifier, 5 folds",
            accuracy,
        ),
    ]


def training(diagnostics: "Diagnostics") -> list[Score]:
    """Return how the training went."""
    return [
        Score(
            "relaxation_gap",
            "gap of relaxed to hard samples, nats a token",
            diagnostics.relaxation_gap,
        ),
        Score("active_topics", "share of topics in use", diagnostics.active_share),
        Score("kl", "divergence from the prior, nats a document", diagnostics.kl),
        Score("clamped", "share of counts cut off at the greatest", diagnostics.clamped),
        Score("temperature", "temperature reached", diagnostics.temperature),
    ]


def as_record(scores: Iterable[Score]) -> dict[str, float | None]:
    """Return the scores by their names, ready for JSON."""
    return {score.key: score.value for score in scores}


def score_lines(scores: Iterable[Score]) -> str:
    """Return the scores as text, a line each.

    >>> print(score_lines([Score("npmi", "coherence, NPMI", 0.25), Score("n", "nothing", None)]))
      coherence, NPMI                                   0.250
      nothing                                               -
    """
    return "\n".join(f"  {name:<46} {_rounded(value):>8}" for _, name, value in scores)


def _rounded(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
