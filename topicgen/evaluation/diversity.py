"""Topic diversity: whether topics say different things, or the same thing many times."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from topicgen.errors import InputError
from topicgen.evaluation.checks import check_fraction, check_topics
from topicgen.evaluation.overlap import common_words


def topic_diversity(topics: Iterable[Sequence[str]], top_n: int | None = None) -> float:
    """Share of distinct words among the topics' top words.

    It is the number of distinct words over the number of all words.

    Args:
        topics: each a list of words, the most probable first.
        top_n: words used of each topic; by default all that are given.

    Returns:
        From 1 / topics (all alike) to 1 (no word in common).

    Raises:
        InputError: no topics, an empty topic or a repeated word; it names the first.

    Source: Dieng, Ruiz and Blei (2020), with ``top_n=25``.

    Example:
        >>> topic_diversity([["cat", "dog"], ["cat", "fish"]])
        0.75
    """
    lists = check_topics(topics, top_n)
    words = [word for topic in lists for word in topic]
    return len(set(words)) / len(words)


def topic_uniqueness(topics: Iterable[Sequence[str]], top_n: int | None = None) -> float:
    """Mean over topics and words of 1 / the number of topics that have the word among theirs.

    Args:
        topics: each a list of words, the most probable first.
        top_n: words used of each topic; by default all that are given.

    Returns:
        From 1 / topics (all alike) to 1 (no word in common).

    Raises:
        InputError: as :func:`topic_diversity`.

    Source: Nan, Ding, Nallapati and Xiang (2019).

    Example:
        >>> topic_uniqueness([["cat", "dog"], ["cat", "fish"]])  # (1/2 + 1 + 1/2 + 1) / 4
        0.75
    """
    lists = check_topics(topics, top_n)
    n_topics = Counter(word for topic in lists for word in topic)
    return float(np.mean([np.mean([1 / n_topics[word] for word in topic]) for topic in lists]))


def inverted_rbo(
    topics: Iterable[Sequence[str]], top_n: int | None = None, p: float = 0.9
) -> float:
    r"""One minus the mean rank-biased overlap of every two topics; words high in both weigh most.

    With A_d the share of words that the first d of one topic have in common with the first d of
    the other, for topics of n words,

    .. math::
        \text{RBO} = A_n p^n + \frac{1 - p}{p} \sum_{d=1}^{n} A_d p^d .

    Args:
        topics: two or more, each a list of words, the most probable first; all of one length.
        top_n: words used of each topic; by default all that are given.
        p: persistence, in (0, 1): the smaller, the more the first words weigh.

    Returns:
        From 0 (all alike, in one order) to 1 (no word in common).

    Raises:
        InputError: fewer than two topics, topics of several lengths, or ``p`` out of range.

    Source: Webber, Moffat and Zobel (2010), equation 30; inverted: Bianchi, Terragni and Hovy
    (2021).

    Example:
        >>> inverted_rbo([["cat", "dog"], ["cat", "fish"]], p=0.5)  # RBO = .5 * .25 + .5 + .125
        0.25
    """
    lists = check_topics(topics, top_n)
    check_fraction(p, "p", usual=0.9)
    if len(lists) < 2:
        raise InputError("expected two or more topics to compare, got 1; pass more topics")
    n = len(lists[0])
    other = next((k for k, topic in enumerate(lists) if len(topic) != n), None)
    if other is not None:
        raise InputError(
            f"expected topics of one length, got {n} words in topics[0] and {len(lists[other])} "
            f"in topics[{other}]; pass top_n={min(map(len, lists))}"
        )
    depths = np.arange(1, n + 1)
    weights = (1 - p) * p ** (depths - 1.0)
    weights[-1] += p**n
    overlap = np.stack([common / depths @ weights for common in common_words(lists, lists)])
    return float(1 - overlap[np.triu_indices_from(overlap, 1)].mean())
