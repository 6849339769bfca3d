"""The exact posterior of each count, the others at their expectations."""

import torch
from torch import Tensor

from topicgen.distributions import Finite


def conditional_posterior(
    evidence: Tensor, price: Tensor, prior: Finite, smoothing: Tensor
) -> Finite:
    r"""Return the exact conditional of coordinate ascent, a free mass on every atom.

    .. math:: q_k(c) \propto p_k(c) \, (c + s_k)^{n_k} e^{-\pi c}

    (the update of Blei, Ng and Jordan, 2003, for counts), for any prior.

    Args:
        evidence: :math:`n`, the expected tokens of each topic, shape (n_documents, n_topics).
        price: :math:`\pi`, what one more unit costs in log-likelihood, shape (n_documents, 1); for
            a multinomial, the tokens over the expected sum of counts and smoothing.
        prior: :math:`p`, batch shape (n_topics,) or (n_documents, n_topics).
        smoothing: :math:`s`, shape (n_topics,).
    """
    log_smoothed = (prior.atoms + smoothing.unsqueeze(-1)).log()
    logits = torch.addcmul(prior.logits, evidence.unsqueeze(-1), log_smoothed)
    logits = logits - price.unsqueeze(-1) * prior.atoms
    return Finite(logits, prior.atoms, validate_args=False)
