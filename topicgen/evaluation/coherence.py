"""Topic coherence: whether a topic's top words occur together in texts."""

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown
from topicgen.evaluation.checks import check_choice, check_topics
from topicgen.evaluation.coherence_vectors import Vectors, word_vectors
from topicgen.evaluation.reference import Window, are_counts, joint_probabilities
from topicgen.vocabulary import Words

Floats = NDArray[np.float64]

# Keeps the logarithm of a pair that never occurs together finite; gensim's value.
EPSILON = 1e-12
# The widest window whose places can be computed in 64 bits.
_WIDEST = 2**62


def _log_conditional(joint: Floats) -> float:
    """Mean log p(w_i | w_j) over the pairs with w_j ranked above w_i."""
    log_conditional = np.log((joint + EPSILON) / np.diag(joint))
    return float(log_conditional[np.tril_indices_from(joint, -1)].mean())


def _pmi(joint: Floats) -> Floats:
    p = np.diag(joint)
    return np.log((joint + EPSILON) / np.outer(p, p))


def _npmi(joint: Floats) -> Floats:
    return _pmi(joint) / -np.log(joint + EPSILON)


def _mean_pmi(joint: Floats) -> float:
    return float(_pmi(joint)[np.tril_indices_from(joint, -1)].mean())


def _mean_npmi(joint: Floats) -> float:
    return float(_npmi(joint)[np.tril_indices_from(joint, -1)].mean())


def _mean_cosine(vectors: Floats) -> float:
    """Mean cosine between each word's vector and the sum of all of them; 0 where a sum is 0."""
    topic = vectors.sum(axis=0)
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(topic)
    return float((vectors @ topic / np.where(norms > 0, norms, 1)).mean())


def _mean_cosine_of_npmi(joint: Floats) -> float:
    return _mean_cosine(_npmi(joint))


class Measure(NamedTuple):
    """A coherence measure: the window it was published with, and a topic's value.

    The value is of the topic's joint probabilities; without a window, of its word vectors.
    """

    window: Window | None
    value: Callable[[Floats], float]


MEASURES = {
    "u_mass": Measure("document", _log_conditional),
    "c_uci": Measure(10, _mean_pmi),
    "c_npmi": Measure(10, _mean_npmi),
    "c_v": Measure(110, _mean_cosine_of_npmi),
    "c_w2v": Measure(None, _mean_cosine),
}


@overload
def coherence(
    topics: Iterable[Sequence[str]],
    texts: Any,
    measure: str = ...,
    per_topic: Literal[False] = ...,
    *,
    window: Window | None = ...,
    top_n: int | None = ...,
    vocabulary: Words | None = ...,
    vectors: Vectors | None = ...,
) -> float: ...
@overload
def coherence(
    topics: Iterable[Sequence[str]],
    texts: Any,
    measure: str = ...,
    per_topic: bool = ...,
    *,
    window: Window | None = ...,
    top_n: int | None = ...,
    vocabulary: Words | None = ...,
    vectors: Vectors | None = ...,
) -> Any: ...
def coherence(
    topics: Iterable[Sequence[str]],
    texts: Any,
    measure: str = "c_npmi",
    per_topic: bool = False,
    *,
    window: Window | None = None,
    top_n: int | None = None,
    vocabulary: Words | None = None,
    vectors: Vectors | None = None,
) -> float | Floats:
    """Mean over topics of how strongly a topic's words attract each other in texts.

    With p(.) the share of virtual documents that hold a word or a pair, e = 1e-12, pairs of a
    topic's words w_i, w_j (w_j ranked above w_i), v(i) a word's vector, and

        npmi(i, j) = log((p(i, j) + e) / (p(i) p(j))) / -log(p(i, j) + e)

    ========  ============  ======================================================
    measure   window        a topic's value
    ========  ============  ======================================================
    u_mass    the document  mean of log((p(i, j) + e) / p(j)), at most 0
    c_uci     10 tokens     mean of log((p(i, j) + e) / (p(i) p(j)))
    c_npmi    10 tokens     mean of npmi(i, j), from -1 to 1
    c_v       110 tokens    mean cosine of the vectors npmi(i, .) and sum_i npmi(i, .)
    c_w2v     none          mean cosine of the vectors v(i) and sum_i v(i)
    ========  ============  ======================================================

    All five equal gensim 4.4's ``CoherenceModel`` on the same token lists or vectors, its
    conventions included: a pair that never occurs together has npmi -1 + log(p(i) p(j)) / log(e),
    which is -0.67 for two words of probability 0.01; a pair present in *every* virtual document, as
    in a single short one, has npmi -1; in a sliding window a word counts until its earliest copy in
    the window leaves, even if another remains; a document shorter than the window is one virtual
    document, and so is an empty one. Where all vectors cancel, c_w2v is 0. No value is NaN.

    Counts keep no order of words, so on a ``Corpus`` or a count matrix the virtual document is the
    whole document: ``coherence(topics, corpus)`` is the NPMI of document co-occurrence, the same
    as ``window="document"`` on the token lists.

    Texts are read once, in blocks of 2**17 tokens, so they may be larger than memory: an iterator,
    or a ``Corpus`` mapped from disk. Several measures, or numbers of words, take one pass in
    :func:`coherence_scores`.

    Args:
        topics: each a list of words, the most probable first.
        texts: lists of tokens, a :class:`~topicgen.Corpus`, or counts (documents, vocabulary);
            c_w2v does not read them, and takes None.
        measure: "u_mass", "c_uci", "c_npmi", "c_v" or "c_w2v".
        per_topic: return each topic's value instead of their mean.
        window: tokens in the sliding window, or "document"; by default as in the table for token
            lists and "document" for counts. u_mass takes one too; gensim ignores it there.
        top_n: words used of each topic; by default all that are given.
        vocabulary: the word of each column, or a mapping between words and columns such as a
            vectorizer's ``vocabulary_``, where texts are a matrix of counts.
        vectors: each word's vector (dimensions,), for c_w2v: a dictionary, gensim's
            ``KeyedVectors``, or whatever has ``word in vectors`` and ``vectors[word]``.

    Returns:
        The mean over topics in nats (c_npmi, c_v and c_w2v have no unit), or with ``per_topic`` an
        array (topics,).

    Raises:
        InputError: a topic with fewer than two words, a repeated word, or a word that the texts do
            not contain (it names the first), and so wherever all texts are empty; texts that are
            not token lists; a vocabulary that does not fit the counts; a window on counts; a word
            whose vector is missing, zero, not finite or of another length than the first.

    Source: Roeder, Both and Hinneburg (2015); u_mass: Mimno et al. (2011); c_uci: Newman et al.
    (2010); c_npmi: Bouma (2009), Aletras and Stevenson (2013); in documents: Lau et al. (2014);
    c_w2v: gensim's own.

    Example:
        >>> texts = [["cat", "purrs"], ["cat", "purrs"], ["stocks", "fell"], ["stocks", "cat"]]
        >>> coherence([["cat", "purrs"], ["cat", "fell"]], texts, per_topic=True).round(3)
        array([ 0.415, -0.939])
    """
    lists = check_topics(topics, top_n, min_words=2)
    matrices = topic_matrices(lists, texts, [measure], window, vocabulary, vectors)
    values = topic_values(measure, matrices[measure])
    return values if per_topic else float(values.mean())


def topic_values(measure: str, matrices: Iterable[Floats], top_n: int | None = None) -> Floats:
    """Return each topic's value (topics,) of its first ``top_n`` words that the texts contain.

    A topic that keeps fewer than two words has NaN.
    """
    value, joint = MEASURES[measure].value, MEASURES[measure].window is not None
    values = []
    for matrix in matrices:
        first = matrix[:top_n, :top_n] if joint else matrix[:top_n]
        if joint and not first.diagonal().all():
            there = first.diagonal() > 0
            first = first[there][:, there]
        values.append(value(first) if len(first) > 1 else np.nan)
    return np.array(values)


def topic_matrices(
    topics: list[list[str]],
    texts: Any,
    measures: Sequence[str],
    window: Window | None,
    vocabulary: Words | None,
    vectors: Vectors | None,
    absent: str = "raise",
) -> dict[str, list[Floats]]:
    """Return the matrices that each measure reads, one per topic, from one pass of the texts."""
    for measure in measures:
        check_choice(measure, "measure", MEASURES, usual="c_npmi")
    named = window is None or (isinstance(window, str) and window == "document")
    if not named and not (isinstance(window, Integral) and 1 <= window <= _WIDEST):
        raise InputError(
            f"expected window to be a number of tokens >= 1 or 'document', got {shown(window)}; "
            "leave it out for the measure's published window"
        )
    if window is None and are_counts(texts, vocabulary):
        window = "document"
    windows = {
        measure: published if window is None else window
        for measure in measures
        if (published := MEASURES[measure].window) is not None
    }
    matrices = {}
    if windows:
        joint = joint_probabilities(topics, texts, windows.values(), vocabulary, absent)
        matrices = {measure: joint[size] for measure, size in windows.items()}
    for measure in set(measures) - windows.keys():
        matrices[measure] = word_vectors(topics, vectors)
    return matrices
