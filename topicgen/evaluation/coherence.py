"""Topic coherence: whether a topic's top words occur together in texts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from topicgen.errors import InputError
from topicgen.evaluation._checks import check_topics
from topicgen.evaluation.occurrences import Occurrences, in_counts, in_windows

Window = int | Literal["document"]
Floats = NDArray[np.float64]

# Keeps the logarithm of a pair that never occurs together finite; gensim's value.
EPSILON = 1e-12


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


def _mean_cosine(joint: Floats) -> float:
    """Mean cosine between each word's vector of NPMIs and the sum of all of them."""
    vectors = _npmi(joint)
    topic = vectors.sum(axis=0)
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(topic)
    return float((vectors @ topic / np.maximum(norms, EPSILON)).mean())


class Measure(NamedTuple):
    """A coherence measure: the window it was published with and its value from a topic's joint."""

    window: Window
    value: Callable[[Floats], float]


MEASURES = {
    "u_mass": Measure("document", _log_conditional),
    "c_uci": Measure(10, _mean_pmi),
    "c_npmi": Measure(10, _mean_npmi),
    "c_v": Measure(110, _mean_cosine),
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
    vocabulary: Sequence[str] | None = ...,
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
    vocabulary: Sequence[str] | None = ...,
) -> Any: ...
def coherence(
    topics: Iterable[Sequence[str]],
    texts: Any,
    measure: str = "c_npmi",
    per_topic: bool = False,
    *,
    window: Window | None = None,
    top_n: int | None = None,
    vocabulary: Sequence[str] | None = None,
) -> float | Floats:
    """Mean over topics of how strongly a topic's words attract each other in texts.

    With p(.) the share of virtual documents that hold a word or a pair, e = 1e-12, pairs of a
    topic's words w_i, w_j (w_j ranked above w_i), and

        npmi(i, j) = log((p(i, j) + e) / (p(i) p(j))) / -log(p(i, j) + e)

    ========  ============  ======================================================
    measure   window        a topic's value
    ========  ============  ======================================================
    u_mass    the document  mean of log((p(i, j) + e) / p(j)), at most 0
    c_uci     10 tokens     mean of log((p(i, j) + e) / (p(i) p(j)))
    c_npmi    10 tokens     mean of npmi(i, j), from -1 to 1
    c_v       110 tokens    mean cosine of the vectors npmi(i, .) and sum_i npmi(i, .)
    ========  ============  ======================================================

    All four equal gensim 4.4's ``CoherenceModel`` on the same token lists, its conventions
    included: a pair that never occurs together has npmi -1 + log(p(i) p(j)) / log(e), which is
    -0.67 for two words of probability 0.01; a pair present in *every* virtual document has npmi -1;
    in a sliding window a word counts until its earliest copy in the window leaves, though another
    may remain; a document shorter than the window is one virtual document, and so is an empty one.

    Counts keep no order of words, so on a ``Corpus`` or a count matrix the virtual document is the
    whole document: ``coherence(topics, corpus)`` is the NPMI of document co-occurrence, the same
    as ``window="document"`` on the token lists.

    Args:
        topics: each a list of words, the most probable first.
        texts: lists of tokens, a :class:`~topicgen.Corpus`, or counts (documents, vocabulary).
        measure: "u_mass", "c_uci", "c_npmi" or "c_v".
        per_topic: return each topic's value instead of their mean.
        window: tokens in the sliding window, or "document"; by default as in the table for token
            lists and "document" for counts. u_mass takes one too, where gensim ignores it.
        top_n: words used of each topic; by default all that are given.
        vocabulary: the word of each column, where texts are a matrix of counts.

    Returns:
        The mean over topics, or with ``per_topic`` an array (topics,).

    Raises:
        InputError: a topic with fewer than two words, a repeated word, or a word that the texts do
            not contain (it names the first); texts that are not token lists; a window on counts.

    Source: Roeder, Both and Hinneburg (2015); u_mass: Mimno et al. (2011); c_uci: Newman et al.
    (2010); c_npmi: Bouma (2009), Aletras and Stevenson (2013); in documents: Lau et al. (2014).

    Example:
        >>> texts = [["cat", "purrs"], ["cat", "purrs"], ["stocks", "fell"], ["stocks", "cat"]]
        >>> coherence([["cat", "purrs"], ["cat", "fell"]], texts, per_topic=True).round(3)
        array([ 0.415, -0.939])
    """
    if measure not in MEASURES:
        raise InputError(
            f"expected measure to be one of {', '.join(MEASURES)}, got {measure!r}; choose one"
        )
    lists = check_topics(topics, top_n, min_words=2)
    words = list(dict.fromkeys(word for topic in lists for word in topic))
    seen = _occurrences(texts, words, window, MEASURES[measure].window, vocabulary)
    for k, topic in enumerate(lists):
        for i, word in enumerate(topic):
            if word not in seen:
                raise InputError(
                    f"expected topics of words that the texts contain, got {word!r} at topics[{k}]"
                    f"[{i}], which none of them does; leave it out or pass texts that contain it"
                )
    values = np.array([MEASURES[measure].value(seen.joint_probability(topic)) for topic in lists])
    return values if per_topic else float(values.mean())


def _occurrences(
    texts: Any,
    words: list[str],
    window: Window | None,
    published: Window,
    vocabulary: Sequence[str] | None,
) -> Occurrences:
    """Read texts of any accepted form, in windows of the size asked for."""
    if not (
        window in (None, "document") or (isinstance(window, (int, np.integer)) and window >= 1)
    ):
        raise InputError(
            f"expected window to be a number of tokens >= 1 or 'document', got {window!r}; "
            "leave it out for the measure's published window"
        )
    if hasattr(texts, "counts") and hasattr(texts, "vocabulary"):
        texts, vocabulary = texts.counts, texts.vocabulary
    if vocabulary is None and not issparse(texts):
        size = published if window is None else window
        return in_windows(texts, words, None if size == "document" else size)
    if vocabulary is None:
        raise InputError(
            "expected vocabulary beside a matrix of counts, got none; pass vocabulary=, the word "
            "of each column"
        )
    if window not in (None, "document"):
        raise InputError(
            f"expected window='document' on counts, which keep no order of words, got {window}; "
            "pass lists of tokens to slide a window over them"
        )
    return in_counts(texts, vocabulary, words)
