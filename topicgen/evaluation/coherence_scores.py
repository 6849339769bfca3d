"""Several coherences at once, each with an interval over the topics."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError
from topicgen.evaluation.checks import (
    check_choice,
    check_fraction,
    check_topics,
    check_whole,
    is_iterable,
)
from topicgen.evaluation.coherence import topic_matrices, topic_values
from topicgen.evaluation.coherence_vectors import Vectors
from topicgen.evaluation.reference import Window
from topicgen.randomness import RandomSource, numpy_generator
from topicgen.vocabulary import Words

# All draws are held at once; more would change no digit that anybody reads.
_MOST_RESAMPLES = 1_000_000


class CoherenceScore(NamedTuple):
    """A measure's mean over topics of their first ``top_n`` words, and its bootstrap interval.

    ``per_topic`` has each topic's value (topics,).
    """

    measure: str
    top_n: int
    mean: float
    low: float
    high: float
    per_topic: NDArray[np.float64]


def coherence_scores(
    topics: Iterable[Sequence[str]],
    texts: Any,
    measures: str | Sequence[str] = ("c_npmi", "c_v"),
    top_n: int | Sequence[int] = 10,
    *,
    window: Window | None = None,
    vocabulary: Words | None = None,
    vectors: Vectors | None = None,
    absent: str = "raise",
    confidence: float = 0.95,
    n_resamples: int = 2_000,
    random_state: RandomSource = 0,
) -> list[CoherenceScore]:
    """Return coherences by several measures of several numbers of words, from one pass of texts.

    The values are those of :func:`coherence`, which defines the measures. ``low`` and ``high``
    bound the mean by the percentile bootstrap over topics: the (1 - confidence) / 2 and
    (1 + confidence) / 2 quantiles of the means of K topics drawn from the K with replacement. They
    show how much the mean depends on which topics were found, not how exactly the texts measure it,
    nor how another fit of the model would differ. All scores share the draws. With a single topic
    both are NaN.

    Args:
        topics: each a list of words, the most probable first, as many as the largest ``top_n``.
        texts: lists of tokens, a :class:`~topicgen.Corpus`, or counts (documents, vocabulary); an
            iterator is read once, for all measures; None where c_w2v is the only one.
        measures: one or several of "u_mass", "c_uci", "c_npmi", "c_v" and "c_w2v".
        top_n: one or several numbers of words used of each topic.
        window: tokens in the sliding window of every measure, or "document"; by default each
            measure's own for token lists and "document" for counts.
        vocabulary: the word of each column, or a mapping between words and columns such as a
            vectorizer's ``vocabulary_``, where texts are a matrix of counts.
        vectors: each word's vector, for c_w2v.
        absent: "raise" an error at a word that the texts do not contain, or "drop" it, with a
            warning that counts these words: a topic's value is then of its other words. A topic
            that keeps fewer than two has NaN, and is left out of the mean and its interval.
        confidence: the share of bootstrap means between ``low`` and ``high``.
        n_resamples: how often topics are drawn, at most a million times.
        random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

    Returns:
        A score for each measure and each ``top_n``, in the order asked for;
        ``pandas.DataFrame(scores)`` is a table of them.

    Raises:
        InputError: as :func:`coherence`; a topic with fewer than ``top_n`` words; a confidence that
            is not between 0 and 1; no resamples; another option out of range.

    Source: the bootstrap interval: Efron (1979); the measures: see :func:`coherence`.

    Example:
        >>> texts = [["cat", "purrs"], ["cat", "purrs"], ["stocks", "fell"], ["stocks", "cat"]]
        >>> topics = [["cat", "purrs"], ["cat", "fell"]]
        >>> for score in coherence_scores(topics, texts, ["c_npmi", "u_mass"], top_n=2):
        ...     print(score.measure, *np.round([score.mean, score.low, score.high], 2))
        c_npmi -0.26 -0.94 0.42
        u_mass -13.87 -27.34 -0.41
    """
    measures, sizes = _several(measures), _several(top_n)
    if not measures or not sizes:
        name = "top_n" if measures else "measures"
        raise InputError(f"expected one or more of {name}, got none; omit it for the default")
    check_choice(absent, "absent", ("raise", "drop"), usual="raise")
    check_fraction(confidence, "confidence", usual=0.95)
    check_whole(n_resamples, "n_resamples", most=_MOST_RESAMPLES)
    for size in sizes:
        check_whole(size, "top_n", least=2)
    lists = check_topics(topics, max(sizes), min_words=2)
    matrices = topic_matrices(lists, texts, measures, window, vocabulary, vectors, absent)
    asked = [(measure, n) for measure in measures for n in sizes]
    random = numpy_generator(random_state)
    times = random.multinomial(len(lists), np.full(len(lists), 1 / len(lists)), size=n_resamples)
    scores = []
    for measure, n in asked:
        values = topic_values(measure, matrices[measure], n)
        known = ~np.isnan(values)
        mean = float(values[known].mean()) if known.any() else np.nan
        low, high = _interval(values[known], times[:, known], confidence)
        scores.append(CoherenceScore(measure, int(n), mean, low, high, values))
    return scores


def _several(values: Any) -> list[Any]:
    return list(values) if is_iterable(values) and not isinstance(values, str) else [values]


def _interval(
    values: NDArray[np.float64], times: NDArray[np.int64], confidence: float
) -> tuple[float, float]:
    """Return the percentile interval of the mean of values (topics,).

    ``times`` is how often each resample draws each topic, (resamples, topics).
    """
    if values.size < 2:
        return np.nan, np.nan
    drawn = times.sum(axis=1)
    means = (times @ values)[drawn > 0] / drawn[drawn > 0]
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
