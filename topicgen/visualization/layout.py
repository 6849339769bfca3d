"""Where topics stand on a map: similar topics close to each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown

# Coordinates this close to the largest one, relative to it, count as equally large.
_TIE = 1e-6
# Eigenvalues below this part of a squared distance of 1 are rounding errors.
_NEGLIGIBLE = 1e-12


def topic_distances(components: Any) -> NDArray[np.float64]:
    r"""Return the Jensen-Shannon distances between topics.

    .. math::
        d_{kl} = \sqrt{H\left(\tfrac{\beta_k + \beta_l}{2}\right)
            - \tfrac{H(\beta_k) + H(\beta_l)}{2}}

    with the entropy H in bits: 0 for topics with the same words, 1 for topics without a common
    word.

    Args:
        components: the word distribution of each topic, shape (n_topics, n_words), as in
            ``TopicModel.components_``; rows are divided by their sums.

    Returns:
        Shape (n_topics, n_topics), symmetric, with zeros on the diagonal.

    Raises:
        InputError: where components are not a matrix of finite numbers from 0, or a row is all
            zeros.

    Source: Endres and Schindelin (2003), who show that it is a metric.

    Example:
        >>> topic_distances([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]])
        array([[0., 0., 1.],
               [0., 0., 1.],
               [1., 1., 0.]])
    """
    beta = _checked(components)
    entropy = _entropy(beta)
    squared = np.zeros((len(beta), len(beta)))
    for k in range(len(beta) - 1):
        rest = slice(k + 1, None)
        mixed = _entropy((beta[k] + beta[rest]) / 2)
        squared[k, rest] = squared[rest, k] = mixed - (entropy[k] + entropy[rest]) / 2
    return np.sqrt(np.where(squared > _NEGLIGIBLE, squared, 0.0))


def topic_positions(components: Any) -> NDArray[np.float64]:
    r"""Return positions of topics in a plane that show their distances as well as a plane can.

    Classical multidimensional scaling of the Jensen-Shannon distances d: the coordinates are
    :math:`\sqrt{\lambda_i} v_i`, with the two largest eigenvalues :math:`\lambda_i` of
    :math:`-\tfrac12 J d^2 J` and their eigenvectors :math:`v_i`, where J subtracts the mean. The
    same topics always get the same positions: along each axis, the topic farthest from the centre
    (the first one, if several are) has a positive coordinate.

    Args:
        components: as in ``topic_distances``.

    Returns:
        Shape (n_topics, 2), centred at 0; the first axis explains most. A direction in which the
        topics do not differ is 0 throughout.

    Raises:
        InputError: as ``topic_distances``.

    Source: Chuang, Manning and Heer (2012); Sievert and Shirley (2014), who take the square of
    this distance for a distance. Its own square root is Euclidean, so that no eigenvalue is
    negative.

    Example:
        >>> topic_positions([[1, 0], [0, 1]]).tolist()
        [[0.5, 0.0], [-0.5, 0.0]]
    """
    return classical_scaling(topic_distances(components))


def classical_scaling(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions in a plane that show distances; see :func:`topic_positions`.

    Args:
        distances: Euclidean distances, shape (n, n).

    Source: Torgerson (1952).
    """
    values, vectors = np.linalg.eigh(_centred(distances))
    positions = np.zeros((len(distances), 2))
    for axis, (value, vector) in enumerate(zip(values[:-3:-1], vectors.T[:-3:-1], strict=True)):
        if value > _NEGLIGIBLE:
            positions[:, axis] = np.sqrt(value) * vector * _sign(vector)
    return positions


def explained_share(distances: NDArray[np.float64], positions: NDArray[np.float64]) -> float:
    """Return which part of the squared distances the positions show, from 0 to 1.

    Example:
        >>> apart = 1 - np.eye(4)  # the corners of a tetrahedron: a plane shows 2 of 3 dimensions
        >>> round(explained_share(apart, classical_scaling(apart)), 3)
        0.667
    """
    total = float(np.trace(_centred(distances)))
    return float((positions**2).sum() / total) if total > _NEGLIGIBLE else 1.0


def _centred(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = distances**2
    centred = squared - squared.mean(0)
    centred = (centred - centred.mean(1, keepdims=True)) / -2
    symmetric: NDArray[np.float64] = (centred + centred.T) / 2
    return symmetric


def _checked(components: Any) -> NDArray[np.float64]:
    try:
        beta = np.asarray(components, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        beta = np.empty(0)
    if beta.ndim != 2 or not beta.size:
        raise InputError(
            "components must be a matrix of numbers with a row for each topic and a column for "
            f"each word, got {shown(components)}; pass model.components_"
        )
    sums = beta.sum(1)
    wrong = ~(np.isfinite(beta) & (beta >= 0)).all(1) | ~(sums > 0)
    if wrong.any():
        raise InputError(
            "each row of components must be probabilities: finite numbers from 0, not all 0; row "
            f"{wrong.argmax()} is not; pass model.components_"
        )
    return beta / sums[:, None]


def _entropy(distributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of each row, in bits."""
    logs = np.log2(distributions, out=np.zeros_like(distributions), where=distributions > 0)
    entropy: NDArray[np.float64] = -np.einsum("kw,kw->k", distributions, logs)
    return entropy


def _sign(vector: NDArray[np.float64]) -> float:
    """Return the sign of the largest entry, which makes the direction of an axis definite."""
    size = np.abs(vector)
    return float(np.sign(vector[np.argmax(size >= (1 - _TIE) * size.max())]))
