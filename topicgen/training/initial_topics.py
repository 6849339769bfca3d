"""Where the topics start: at clusters of documents."""

import threading
import warnings
from functools import cache

import numpy as np
import torch
from scipy.sparse import csr_matrix
from threadpoolctl import ThreadpoolController
from torch.nn import functional

from topicgen.models import LatentCountModel
from topicgen.training.clustering import k_means, leading_vectors
from topicgen.training.collection import Collection
from topicgen.training.computing import generator

MOST_DOCUMENTS = 20_000
_MOST_DIMENSIONS = 50
# A single start of k-means loses one of twenty planted topics for good in every second case; the
# best of ten starts never did. With many clusters a start takes longer, and fewer are affordable.
_MOST_STARTS, _CLUSTERS_IN_ALL = 10, 500
# A GPU runs them all at once. With fifty planted topics, forty starts found all, or all but one.
_MOST_STARTS_OF_A_GPU, _CLUSTERS_IN_ALL_OF_A_GPU = 50, 2500
_MOST_OF_A_WORD = 3  # a document that repeats a word fifty times must not be a topic by itself
_FEWEST_DOCUMENTS_PER_CLUSTER = 5
_BACKGROUND = 0.05  # the share of the whole collection's words in a cluster's

# Warning filters, and the threads of BLAS that k-means limits, are those of the whole process.
_clustering = threading.Lock()


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries with threads; found once, as it takes as long as a small fit does."""
    return ThreadpoolController()


def cluster_topics(
    counts: csr_matrix,
    n_topics: int,
    random: np.random.Generator,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    r"""Return the log ratio of each cluster's word frequencies to those of all documents.

    The clusters are those of k-means on the leading singular vectors of the tf-idf matrix (latent
    semantic analysis). Topics that start there reach a better optimum than random ones: on 20
    Newsgroups 1-2% lower perplexity, and .03 more coherence.

    Args:
        counts: shape (n_documents, n_words).
        n_topics: how many clusters to look for; with fewer than five documents per cluster, fewer.
        random: seeds the clustering.
        device: where to compute the clusters.

    Returns:
        Shape (n_clusters, n_words). There are at most ``n_topics`` rows: fewer if documents are
        alike, and no rows if there are too few documents.

    Example:
        >>> counts = csr_matrix(np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 10, axis=0))
        >>> cluster_topics(counts, 2, np.random.default_rng(0)).shape
        (2, 4)
    """
    if n_topics == 1:
        return np.zeros((1, counts.shape[1]))  # the cluster of all documents
    occupied = np.flatnonzero(np.diff(counts.indptr))
    sample = csr_matrix(counts[occupied], dtype=np.float64)
    n_clusters = min(n_topics, len(occupied) // _FEWEST_DOCUMENTS_PER_CLUSTER)
    if n_clusters < 2 or min(sample.shape) < 3:
        return np.zeros((0, counts.shape[1]))
    seed = int(random.integers(2**31 - 1))
    labels = cluster_documents(sample, n_clusters, seed, device)
    which = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))))
    words = (which @ clipped(sample)).toarray()
    return log_ratios(words[words.sum(1) > 0], sample)


def cluster_documents(
    counts: csr_matrix, n_clusters: int, seed: int, device: torch.device | str = "cpu"
) -> np.ndarray:
    """Return the cluster of each document, shape (n_documents,); clusters may be left empty.

    Args:
        counts: at least two documents with words, and three words.
        n_clusters: at least 2.
        seed: of k-means.
        device: where to compute.
    """
    return _clusters(_weighted(counts), n_clusters, seed, torch.device(device))


def clipped(counts: csr_matrix) -> csr_matrix:
    """Return the counts, those above three as three."""
    result: csr_matrix = counts.copy()
    np.minimum(result.data, _MOST_OF_A_WORD, out=result.data)
    return result


def log_ratios(words: np.ndarray, counts: csr_matrix) -> np.ndarray:
    """Return the log ratio of each row's word frequencies to those of all documents.

    Args:
        words: the words of each cluster, shape (n_clusters, n_words).
        counts: those of all documents.
    """
    frequency = np.asarray(counts.sum(0)).ravel() + 0.5
    frequency /= frequency.sum()
    background = _BACKGROUND * words.sum() / len(words)
    total = words.sum(1, keepdims=True) + background
    return np.log((words + background * frequency) / total) - np.log(frequency)


def start_at_clusters(
    model: LatentCountModel, collection: Collection, random: np.random.Generator
) -> None:
    """Move a new model's random topics to clusters of the documents, as far as there are clusters.

    With more than 20,000 documents, the clusters are those of a random 20,000.
    """
    sample = collection.sample(MOST_DOCUMENTS, random)
    clusters = torch.from_numpy(
        cluster_topics(sample, len(model.topic_logits), random, collection.device)
    )
    with torch.no_grad():
        # A little noise, so that no two topics start the same.
        model.topic_logits[: len(clusters)].mul_(0.1).add_(clusters)


def smoothed_frequency(word_totals: np.ndarray) -> torch.Tensor:
    """Return each word's count plus a half: a word that is new later must not be impossible."""
    return torch.from_numpy(word_totals.astype(np.float32) + 0.5)


def _clusters(weighted: csr_matrix, n_clusters: int, seed: int, device: torch.device) -> np.ndarray:
    """Return the cluster of each document, by k-means on unit vectors of its leading directions."""
    n_dimensions = min(n_clusters, _MOST_DIMENSIONS, min(weighted.shape) - 1)
    if device.type != "cpu":
        n_starts = max(1, min(_MOST_STARTS_OF_A_GPU, _CLUSTERS_IN_ALL_OF_A_GPU // n_clusters))
        random = generator(seed, device)
        vectors = leading_vectors(weighted, n_dimensions, device, random)
        points = functional.normalize(vectors, dim=-1)
        return k_means(points, n_clusters, n_starts, random).cpu().numpy()
    # Loaded here, as a model that has been fitted does without.
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.preprocessing import normalize
    from sklearn.utils.extmath import randomized_svd

    n_starts = max(1, min(_MOST_STARTS, _CLUSTERS_IN_ALL // n_clusters))
    left, values, _ = randomized_svd(weighted, n_dimensions, n_iter=3, random_state=seed)
    points = normalize(left * values).astype(np.float32)
    kmeans = KMeans(n_clusters, n_init=n_starts, max_iter=30, random_state=seed)
    # Several threads of k-means add their sums in whichever order they finish: a seed would not
    # always give the same clusters. They would also stall beside another busy program.
    with (
        _clustering,
        _libraries().limit(limits=1, user_api="openmp"),
        warnings.catch_warnings(),
    ):
        # Documents that are alike leave clusters empty, which are dropped.
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels: np.ndarray = kmeans.fit_predict(points)
    return labels


def _weighted(counts: csr_matrix) -> csr_matrix:
    """Return a row of unit length for each document, its words weighted by how rare they are."""
    from sklearn.preprocessing import normalize

    document_frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    # scikit-learn's TfidfTransformer adds 1 to this, so that words of all documents count too:
    # topics that start there are less coherent (NPMI .305 for .315 on 20 Newsgroups, three seeds).
    inverse = np.log(counts.shape[0] / np.maximum(document_frequency, 1))
    weighted = counts.copy()
    weighted.data = np.log1p(counts.data) * inverse[counts.indices]
    unit: csr_matrix = normalize(weighted)
    return unit
