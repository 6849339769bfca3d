"""Scores of a fitted model, each named with what it is. Slow to import: it needs scikit-learn."""

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.corpus.wording import quantity

if TYPE_CHECKING:
    from topicgen.diagnostics import Diagnostics
    from topicgen.topic_model import TopicModel

# How many words of a topic its coherence and its diversity look at.
TOP_N = 10

# Each with what TopicModel.perplexity is asked for.
PERPLEXITIES: dict[str, tuple[str, dict[str, Any]]] = {
    "document_completion_perplexity": (
        "perplexity, document completion",
        {"method": "document_completion"},
    ),
    "elbo_perplexity": ("perplexity, ELBO", {"method": "elbo"}),
    "elbo_perplexity_per_document": (
        "perplexity, ELBO, average over documents",
        {"method": "elbo", "average": "document"},
    ),
    "iwae_perplexity": ("perplexity, IWAE", {"method": "iwae"}),
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


def perplexities(
    model: "TopicModel", counts: csr_matrix, keys: Iterable[str] = tuple(PERPLEXITIES)
) -> list[Score]:
    """Return how well the model predicts documents, over all their tokens if not said otherwise."""
    scores = []
    for key in keys:
        name, kind = PERPLEXITIES[key]
        scores.append(Score(key, name, float(model.perplexity(counts, **kind))))
    return scores


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


def clusterings(doc_topic: np.ndarray, labels: Sequence[str]) -> list[Score]:
    """Return how well the largest topic of each document tells its known label."""
    top = doc_topic.argmax(axis=1)
    return [
        Score("purity", "purity of the top topic", evaluation.purity(labels, top)),
        Score(
            "nmi",
            "normalised mutual information of the top topic",
            evaluation.normalized_mutual_information(labels, top),
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
