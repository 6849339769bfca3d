"""Scores of a fitted model, each with its full name. Slow to import: it needs scikit-learn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.plain import wrap
from topicgen.rows import aligned
from topicgen.visualization.cells import interval, perplexity_digits

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.topic_model import Diagnostics

# How many top words of each topic coherence and diversity use.
TOP_N = 10

# The methods of TopicModel.perplexity, with the names shown to readers.
METHODS = {
    "document_completion": "document completion",
    "document_completion_in_sequence": "document completion in sequence",
    "elbo": "ELBO",
    "iwae": "IWAE",
    "ais": "AIS",
}
# The measures of evaluation.coherence, with the key for programs and the name for readers: first in
# whole documents of counts, then in texts.
COHERENCES = {
    "c_npmi": ("npmi", "coherence, NPMI of document co-occurrence"),
    "u_mass": ("u_mass", "coherence, UMass"),
}
REFERENCE_COHERENCES = {
    "c_npmi": ("reference_npmi", "coherence, NPMI in windows of the reference"),
    "c_v": ("reference_c_v", "coherence, C_V in windows of the reference"),
    "c_uci": ("reference_c_uci", "coherence, UCI in windows of the reference"),
    "u_mass": ("reference_u_mass", "coherence, UMass in the reference"),
}


class Score(NamedTuple):
    """A score: its key for programs, its name for readers, and its value and interval, if any."""

    key: str
    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


def perplexities(table: "pd.DataFrame") -> list[Score]:
    """Return the perplexities in a model's table, over all tokens and averaged over documents."""
    scores = []
    for row in table.itertuples():
        key, name = f"{row.method}_perplexity", f"perplexity, {METHODS[row.method]}"
        scores.append(Score(key, name, float(row.perplexity)))
        per_document = Score(
            f"{key}_per_document", f"{name}, average over documents", float(row.per_document)
        )
        scores.append(per_document)
    return scores


def perplexity_lines(table: "pd.DataFrame", width: int | None = None) -> str:
    """Return a model's perplexities as text, with 95% intervals and the unigram model's.

    Args:
        table: of ``TopicModel.get_perplexities``.
        width: of the window that the lines fit, in columns; None for no limit.
    """
    rows = [["", "perplexity", "95% interval", "unigram", "per document", "unigram"]]
    for row in table.itertuples():
        rows.append(
            [
                METHODS[row.method],
                f"{row.perplexity:.1f}",
                interval(row.low, row.high, perplexity_digits(row.low)),
                f"{row.unigram:.1f}",
                f"{row.per_document:.1f}",
                f"{row.per_document_unigram:.1f}",
            ]
        )
    return aligned(rows, left=[0], width=width, indent=2)


def coherences(
    topics: Sequence[Sequence[str]],
    texts: Any,
    named: Mapping[str, tuple[str, str]] = COHERENCES,
) -> list[Score]:
    """Return how well the top words of the topics go together, each with its 95% interval.

    Words that do not occur in the texts are left out, with a warning that counts them. Coherence
    needs two words: where no topic keeps as many, the scores have no value.

    Args:
        topics: the top words of each topic, equally many for all.
        texts: a corpus, or lists of tokens.
        named: the measures, each with its key and name.
    """
    n_words = len(topics[0])
    if n_words < 2:
        return [Score(key, name, None) for key, name in named.values()]
    found = evaluation.coherence_scores(topics, texts, list(named), n_words, absent="drop")
    return [
        Score(*named[score.measure], *map(_known, (score.mean, score.low, score.high)))
        for score in found
    ]


def reference_coherences(topics: Sequence[Sequence[str]], reference: Any) -> list[Score]:
    """Return how well the top words of the topics go together in a corpus, or in lists of tokens.

    In lists of tokens each measure slides a window of its own size; in a corpus all use whole
    documents.
    """
    if not isinstance(reference, Corpus):
        return coherences(topics, reference, REFERENCE_COHERENCES)
    named = {measure: REFERENCE_COHERENCES[measure] for measure in COHERENCES}
    named["c_npmi"] = (named["c_npmi"][0], "coherence, NPMI in documents of the reference")
    return coherences(topics, reference, named)


def diversity(topics: Sequence[Sequence[str]]) -> Score:
    """Return how different the top words of the topics are."""
    return Score("topic_diversity", "topic diversity", evaluation.topic_diversity(topics))


def differences(topics: Sequence[Sequence[str]], topic_word: np.ndarray) -> list[Score]:
    """Return how different the topics and their top words are."""
    inverted_rbo = evaluation.inverted_rbo(topics) if len(topics) > 1 else None
    return [
        diversity(topics),
        Score("inverted_rbo", "inverted rank-biased overlap", inverted_rbo),
        Score(
            "exclusivity", "exclusivity (FREX)", evaluation.exclusivity(topic_word, len(topics[0]))
        ),
    ]


def clusterings(doc_topic: np.ndarray, labels: Sequence[str]) -> list[Score]:
    """Return how well each document's top topic, and all its topics, predict its known label."""
    top = doc_topic.argmax(axis=1)
    try:
        accuracy = evaluation.classification_accuracy(doc_topic, labels)
    except InputError:  # too few labels, or too few documents of a label
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
    """Return the diagnostics of the training."""
    return [
        Score(
            "relaxation_gap",
            "relaxation gap, nats per token",
            diagnostics.relaxation_gap,
        ),
        Score("active_topics", "share of topics in use", diagnostics.active_share),
        Score("kl", "divergence from the prior, nats per document", diagnostics.kl),
        Score("clamped", "share of counts cut off by the truncation", diagnostics.clamped),
        Score("temperature", "final temperature", diagnostics.temperature),
    ]


def as_record(scores: Iterable[Score]) -> dict[str, float | None]:
    """Return the scores by key, ready for JSON."""
    return {score.key: score.value for score in scores}


def as_intervals(scores: Iterable[Score]) -> dict[str, tuple[float | None, float | None]]:
    """Return the 95% intervals of the scores that have one, by key, ready for JSON."""
    return {score.key: (score.low, score.high) for score in scores if score.low is not None}


def score_lines(scores: Iterable[Score], width: int | None = None) -> str:
    """Return the scores as text, one line per score.

    Args:
        scores: to show.
        width: of the window that the lines fit, in columns; None for no limit.

    >>> scores = [Score("npmi", "NPMI", 0.25, 0.2, 0.3), Score("n", "nothing", None)]
    >>> print(score_lines(scores))
      NPMI                                              0.250  (0.200 to 0.300)
      nothing                                               -
    >>> print(score_lines(scores, width=20))
      NPMI 0.250
        (0.200 to 0.300)
      nothing -
    """
    lines = []
    for _, name, value, low, high in scores:
        known = "" if low is None else f"  ({_rounded(low)} to {_rounded(high)})"
        lines.append(f"{name:<46} {_rounded(value):>8}{known}")
    if width is None or max(map(len, lines)) + 2 <= width:
        return "\n".join(f"  {line}" for line in lines)
    parts = [wrap(" ".join(line.split()), max(width - 4, 1)) for line in lines]
    return "\n".join(
        f"  {first}" + "".join(f"\n    {rest}" for rest in others) for first, *others in parts
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _rounded(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
