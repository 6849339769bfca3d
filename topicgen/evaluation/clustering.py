"""Clusters against known labels; a document's cluster is its topic of largest proportion."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topicgen.errors import InputError
from topicgen.evaluation.checks import check_labels


def purity(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Share of documents with the most common label of their cluster, sum_c max_l n_lc / n.

    Args:
        labels: (documents,), the known class of each: numbers, strings or categories.
        clusters: (documents,), the cluster of each, such as ``doc_topic.argmax(axis=1)``.

    Returns:
        From 0 (excluded) to 1. It grows with the number of clusters: compare only at the same one.

    Raises:
        InputError: lengths that differ, no documents, or a missing value; it names the first.

    Source: Manning, Raghavan and Schuetze (2008), section 16.3.

    Example:
        >>> purity(["a", "a", "b", "b", "b"], [0, 0, 0, 1, 1])
        0.8
    """
    from sklearn.metrics.cluster import contingency_matrix

    known, found = _check_assignments(labels, clusters)
    return float(contingency_matrix(known, found).max(axis=0).sum() / known.size)


def normalized_mutual_information(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Mutual information over the mean of the entropies, 2 I(L; C) / (H(L) + H(C)).

    Args:
        labels: (documents,), the known class of each: numbers, strings or categories.
        clusters: (documents,), the cluster of each.

    Returns:
        From 0 (independent) to 1 (the same partition); without unit, whatever the logarithm's base.

    Raises:
        InputError: as :func:`purity`.

    Source: Manning, Raghavan and Schuetze (2008), section 16.3.

    Example:
        >>> round(normalized_mutual_information(["a", "a", "b", "b"], [7, 7, 3, 3]), 12)
        1.0
    """
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(*_check_assignments(labels, clusters)))


def adjusted_rand_index(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Share of pairs of documents that both put together or both apart, corrected for chance.

    (R - E R) / (1 - E R), with R the share of such pairs and E R its mean over partitions of the
    same sizes.

    Args:
        labels: (documents,), the known class of each: numbers, strings or categories.
        clusters: (documents,), the cluster of each.

    Returns:
        1 for the same partition, 0 on average for a random one, at least -0.5.

    Raises:
        InputError: as :func:`purity`.

    Source: Hubert and Arabie (1985).

    Example:
        >>> adjusted_rand_index(["a", "a", "b", "b"], [7, 7, 3, 3])
        1.0
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(*_check_assignments(labels, clusters)))


def _check_assignments(
    labels: ArrayLike, clusters: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    (known, _), (found, _) = check_labels(labels, "labels"), check_labels(clusters, "clusters")
    if known.shape != found.shape or known.size == 0:
        raise InputError(
            f"expected labels and clusters of one shape (documents,), got {known.shape} and "
            f"{found.shape}; pass one of each per document"
        )
    return known, found
