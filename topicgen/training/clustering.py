r"""Clusters of documents on a GPU: singular vectors, and k-means with several initialisations.

On a CPU, scikit-learn's functions are used instead.
"""

import math

import torch
from scipy.sparse import csr_matrix
from torch import Generator, Tensor

from topicgen.models import SparseCounts

# Extra directions and several passes make the leading vectors accurate.
_SPARE_DIRECTIONS, _PASSES = 10, 3
_MOST_STEPS = 30


def leading_vectors(
    matrix: csr_matrix, n_dimensions: int, device: torch.device, generator: Generator
) -> Tensor:
    r"""Return the leading left singular vectors times their singular values.

    The method is a randomised SVD (Halko, Martinsson and Tropp, 2011).

    Args:
        matrix: shape (n_rows, n_columns).
        n_dimensions: the number of vectors.
        device: where to compute.
        generator: where the randomness comes from, on the device.

    Returns:
        Shape (n_rows, n_dimensions), in single precision.
    """
    there, back = (
        SparseCounts.from_csr(part, device=device) for part in (matrix, csr_matrix(matrix.T))
    )
    n_directions = min(n_dimensions + _SPARE_DIRECTIONS, *matrix.shape)
    found = torch.randn(matrix.shape[1], n_directions, device=device, generator=generator)
    for _ in range(_PASSES):
        found = torch.linalg.qr(_times(there, found)).Q
        found = torch.linalg.qr(_times(back, found)).Q
    rows = torch.linalg.qr(_times(there, found)).Q
    projected = _times(back, rows).double()
    # Squaring loses precision only in the smallest singular values, which are not needed.
    values, vectors = torch.linalg.eigh(projected.T @ projected)
    leading = (
        vectors[:, -n_dimensions:].flip(-1) * values[-n_dimensions:].flip(-1).clamp_min(0).sqrt()
    )
    return rows @ leading.float()


def k_means(points: Tensor, n_clusters: int, n_starts: int, generator: Generator) -> Tensor:
    r"""Return the cluster of each point, shape (n_points,).

    The best of several runs of Lloyd's algorithm, each with k-means++ initialisation (Arthur and
    Vassilvitskii, 2007).

    Args:
        points: shape (n_points, n_dimensions).
        n_clusters: at most the number of points; clusters may be left empty.
        n_starts: the number of initialisations, which run at once.
        generator: where the randomness comes from, on the points' device.

    Example:
        >>> points = torch.tensor([[0.0], [0.1], [5.0], [5.1]])
        >>> labels = k_means(points, 2, 3, torch.Generator().manual_seed(0))
        >>> bool(labels[0] == labels[1] != labels[2] == labels[3])
        True
    """
    centres = _far_apart(points, n_clusters, n_starts, generator)
    labels = None
    for _ in range(_MOST_STEPS):
        new_labels, distances = _nearest(points, centres)
        if labels is not None and torch.equal(labels, new_labels):
            break
        labels = new_labels
        # A matrix product adds up the members in the same order every time.
        members = torch.nn.functional.one_hot(labels, n_clusters).to(points.dtype)
        sizes = members.sum(1).unsqueeze(-1)
        means = (members.transpose(1, 2) @ points) / sizes.clamp_min(1.0)
        centres = torch.where(sizes > 0, means, centres)
    labels, distances = _nearest(points, centres)
    return labels[distances.sum(-1).argmin()]


def _far_apart(points: Tensor, n_clusters: int, n_starts: int, generator: Generator) -> Tensor:
    """Return the first centres of each initialisation, shape (n_starts, n_clusters, n_dimensions).

    Candidates are drawn with probabilities proportional to the squared distance from the nearest
    centre so far; the best of them becomes a centre (greedy k-means++, as in scikit-learn).
    """
    n_points = len(points)
    n_candidates = 2 + int(math.log(n_clusters))
    starts = torch.arange(n_starts, device=points.device)
    first = torch.randint(n_points, (n_starts,), device=points.device, generator=generator)
    chosen = [points[first]]
    nearest = _squares(points, chosen[0].unsqueeze(1)).squeeze(-1)  # (starts, points)
    for _ in range(n_clusters - 1):
        at = torch.rand(n_starts, n_candidates, device=points.device, generator=generator)
        sums = nearest.double().cumsum(-1)
        drawn = torch.searchsorted(sums, at * sums[:, -1:]).clamp_max(n_points - 1)
        squares = _squares(points, points[drawn]).transpose(1, 2)  # (starts, candidates, points)
        squares = torch.minimum(squares, nearest.unsqueeze(1))
        best = squares.sum(-1).argmin(-1)
        nearest = squares[starts, best]
        chosen.append(points[drawn[starts, best]])
    return torch.stack(chosen, 1)


def _nearest(points: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Return each point's nearest centre in each initialisation, and its squared distance."""
    squares, labels = _squares(points, centres).min(-1)
    return labels, squares


def _squares(points: Tensor, centres: Tensor) -> Tensor:
    """Return squared distances, shape (n_starts, n_points, n_centres)."""
    products = points @ centres.transpose(1, 2)
    lengths = points.square().sum(-1).unsqueeze(-1) + centres.square().sum(-1).unsqueeze(1)
    return (lengths - 2 * products).clamp_min(0.0)


def _times(matrix: SparseCounts, vectors: Tensor) -> Tensor:
    return matrix.times_transposed(matrix.values, vectors.T)
