"""From latent counts to topic proportions."""

import numpy as np
import torch
from torch import Tensor

from topicgen.distributions import Finite

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


def proportions(counts: Tensor, smoothing: Tensor) -> Tensor:
    r"""Return :math:`\theta_k = (z_k + s_k) / \sum_j (z_j + s_j)`, shape (..., n_topics).

    Args:
        counts: :math:`z`, shape (..., n_topics).
        smoothing: :math:`s`, shape (n_topics,), above 0.

    Example:
        >>> proportions(torch.tensor([[3.0, 0.0]]), torch.tensor([0.5, 0.5]))
        tensor([[0.8750, 0.1250]])
    """
    smoothed = counts + smoothing
    return smoothed / smoothed.sum(-1, keepdim=True)


def expected_proportions(law: Finite, smoothing: Tensor) -> Tensor:
    r"""Return :math:`E[\theta]` under independent counts, exact up to quadrature.

    With :math:`1/x = \int_0^\infty e^{-tx} dt`, the expectation of a ratio becomes one integral of
    products over the topics:

    .. math::
        E[\theta_k] = \int_0^\infty E\bigl[(z_k + s_k) e^{-t (z_k + s_k)}\bigr]
        \prod_{j \ne k} E\bigl[e^{-t (z_j + s_j)}\bigr] \, dt ,

    taken by 32 Gauss-Legendre nodes after :math:`t = u / ((1 - u) E[\sum_k z_k + s_k])`.

    Args:
        law: the counts, batch shape (n_documents, n_topics).
        smoothing: :math:`s`, shape (n_topics,), above 0.

    Returns:
        Shape (n_documents, n_topics), rows sum to 1.

    Example:
        >>> law = Finite(torch.tensor([[[0.5, 0.5], [0.5, 0.5]]]).log(), torch.tensor([0.0, 1.0]))
        >>> expected_proportions(law, torch.tensor([0.5, 0.5]))
        tensor([[0.5000, 0.5000]])
    """
    u = (torch.as_tensor(_NODES).to(smoothing) + 1) / 2
    scale = (law.mean + smoothing).sum(-1, keepdim=True)  # (documents, 1)
    t = u / (1 - u) / scale  # (documents, nodes)
    dt = torch.as_tensor(_WEIGHTS).to(smoothing) / 2 / (1 - u).square() / scale
    decay = torch.exp(-t.unsqueeze(1) * law.atoms.unsqueeze(-1))  # (documents, atoms, nodes)
    probs = law.probs
    # A count without mass at 0 can underflow far out, where the product has vanished anyhow.
    transform = (probs @ decay).clamp_min(torch.finfo(probs.dtype).tiny)
    weighted = probs @ (law.atoms.unsqueeze(-1) * decay)
    product = (transform.log().sum(1) - t * smoothing.sum()).exp()
    ratio = weighted / transform + smoothing.unsqueeze(-1)  # (documents, topics, nodes)
    # All counts 0: the proportions are known then, and the integrand, the slowest to fall, is left
    # out of the quadrature.
    nothing = (probs @ (law.atoms == 0).to(probs)).prod(-1, keepdim=True)
    slowest = nothing * (-t * smoothing.sum()).exp()
    rest = ratio * product.unsqueeze(1) - smoothing.unsqueeze(-1) * slowest.unsqueeze(1)
    expected = (rest * dt.unsqueeze(1)).sum(-1).clamp_min(0.0)
    total = expected.sum(-1, keepdim=True).clamp_min(torch.finfo(probs.dtype).tiny)
    return expected / total * (1 - nothing) + nothing * smoothing / smoothing.sum()
