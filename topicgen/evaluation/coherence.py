"""Topic coherence: whether a topic's top words occur together in texts."""

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, check_flag, shown
from topicgen.evaluation.checks import check_choice, check_topics
from topicgen.evaluation.coherence_vectors import Vectors, word_vectors
from topicgen.evaluation.reference import JointCounts, Window, are_counts, joint_counts
from topicgen.vocabulary import Words

Floats = NDArray[np.float64]

# Keeps the logarithm of a pair that never occurs together finite; gensim's value.
EPSILON = 1e-12
# The widest window whose places can be computed in 64 bits.
_WIDEST = 2**62


def _mean_known(values: Floats) -> Any:
    """Return the mean over the last axis of the values that are not NaN; NaN where all are."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=-1) / known.sum(axis=-1)


def _shares(joint: Floats) -> Floats:
    """Return each word's own share (..., words), NaN where the texts do not contain it."""
    share = np.diagonal(joint, axis1=-2, axis2=-1)
    return np.where(share > 0, share, np.nan)


def _mean_over_pairs(values: Floats) -> Any:
    """Return the mean over pairs of words, w_j ranked above w_i, of values (..., i, j)."""
    i, j = np.tril_indices(values.shape[-1], -1)
    return _mean_known(values[..., i, j])


def _log_conditional(joint: Floats) -> Any:
    """Mean log p(w_i | w_j) over the pairs with w_j ranked above w_i."""
    p = _shares(joint)
    # A word that the texts do not contain has no share, as either word of a pair.
    both = np.where(np.isnan(p[..., :, None]), np.nan, joint)
    return _mean_over_pairs(np.log((both + EPSILON) / p[..., None, :]))


def _pmi(joint: Floats) -> Floats:
    p = _shares(joint)
    return np.log((joint + EPSILON) / (p[..., :, None] * p[..., None, :]))


def _npmi(joint: Floats) -> Floats:
    return _pmi(joint) / -np.log(joint + EPSILON)


def _mean_pmi(joint: Floats) -> Any:
    return _mean_over_pairs(_pmi(joint))


def _mean_npmi(joint: Floats) -> Any:
    return _mean_over_pairs(_npmi(joint))


def _mean_cosine(vectors: Floats) -> Any:
    """Mean cosine between each word's vector and the sum of all of them; 0 where a sum is 0.

    Words whose vectors are NaN are left out; NaN where fewer than two words remain.
    """
    known = ~np.isnan(vectors).all(axis=-1)
    vectors = np.nan_to_num(vectors)
    topic = vectors.sum(axis=-2)
    norms = np.linalg.norm(vectors, axis=-1) * np.linalg.norm(topic, axis=-1)[..., None]
    cosine = (vectors @ topic[..., None])[..., 0] / np.where(norms > 0, norms, 1)
    enough = known.sum(axis=-1, keepdims=True) > 1
    return _mean_known(np.where(known & enough, cosine, np.nan))


def _mean_cosine_of_npmi(joint: Floats) -> Any:
    return _mean_cosine(_npmi(joint))


class Measure(NamedTuple):
    """A coherence measure: the window it was published with, and a topic's value.

    The value is computed from the topic's joint probabilities; without a window, from its word
    vectors. Axes before the last two are kept, and words that the texts lack are left out.
    """

    window: Window | None
    value: Callable[[Floats], Any]


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
    r"""Mean over topics of how strongly a topic's words attract each other in texts.

    With p(.) the share of virtual documents that hold a word or a pair, e = 1e-12, pairs of a
    topic's words w_i, w_j (w_j ranked above w_i), v(i) a word's vector, and

    .. math::
        \text{npmi}(i, j) = \log \frac{p(i, j) + e}{p(i) \, p(j)} \Big/ -\log(p(i, j) + e)

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
    check_flag("per_topic", per_topic)
    lists = check_topics(topics, top_n, min_words=2)
    matrices: list[Floats]
    if is_joint(measure):
        counted = measure_counts(lists, texts, [measure], window, vocabulary)
        matrices = counted[measure].probabilities()
    else:
        matrices = word_vectors(lists, vectors)
    values = topic_values(measure, matrices)
    return values if per_topic else float(values.mean())


def topic_values(measure: str, matrices: Iterable[Floats], top_n: int | None = None) -> Floats:
    """Return each topic's value (topics, ...) of its first ``top_n`` words that the texts contain.

    A topic that keeps fewer than two words has NaN.

    Args:
        measure: the name of a measure.
        matrices: for each topic, the joint probabilities (..., words, words) or the word vectors
            (words, dimensions).
        top_n: the number of top words; None for all.
    """
    value, joint = MEASURES[measure].value, is_joint(measure)
    return np.array([value(m[..., :top_n, :top_n] if joint else m[:top_n]) for m in matrices])


def is_joint(measure: str) -> bool:
    """Return whether a measure looks at words in texts, rather than at word vectors.

    Raises:
        InputError: an unknown measure.
    """
    check_choice(measure, "measure", MEASURES, usual="c_npmi")
    return MEASURES[measure].window is not None


def measure_counts(
    topics: list[list[str]],
    texts: Any,
    measures: Sequence[str],
    window: Window | None,
    vocabulary: Words | None,
    absent: str = "raise",
    n_groups: int = 1,
    random: np.random.Generator | None = None,
) -> dict[str, JointCounts]:
    """Return the counts that each measure of texts reads, from one pass of the texts."""
    named = window is None or (isinstance(window, str) and window == "document")
    if not named and not (isinstance(window, Integral) and 1 <= window <= _WIDEST):
        raise InputError(
            f"expected window to be a number of tokens >= 1 or 'document', got {shown(window)}; "
            "leave it out for the measure's published window"
        )
    if window is None and are_counts(texts, vocabulary):
        window = "document"
    windows: dict[str, Window] = {
        measure: published if window is None else window
        for measure in measures
        if (published := MEASURES[measure].window) is not None
    }
    counted = joint_counts(
        topics, texts, windows.values(), vocabulary, absent, n_groups=n_groups, random=random
    )
    return {measure: counted[size] for measure, size in windows.items()}
