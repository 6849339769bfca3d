r"""From what the encoder found to a law of each count."""

import torch
from torch import Tensor

from topicgen.distributions import Finite
from topicgen.models.support import bin_widths


def poisson_posterior(rate: Tensor, atoms: Tensor) -> Finite:
    r"""Return Poisson laws on the atoms.

    .. math:: q(c) \propto \lambda^c \, b_c / c! ,

    with :math:`b_c` counts nearest to the atom c. It stands for every prior that mixes Poisson laws
    (negative binomial, geometric): given its rate, such a count is Poisson.

    Args:
        rate: :math:`\lambda`, shape (n_documents, n_topics), above 0.
        atoms: shape (n,).
    """
    base = bin_widths(atoms).log() - torch.lgamma(atoms + 1)
    return Finite(torch.addcmul(base, rate.log().unsqueeze(-1), atoms), atoms, validate_args=False)


def binomial_posterior(mean: Tensor, atoms: Tensor) -> Finite:
    r"""Return binomial laws of these means on the atoms, whose last is the greatest count.

    .. math:: q(c) \propto \binom{n}{c} \, b_c \Bigl(\frac{m}{n - m}\Bigr)^c .
    """
    n = atoms[-1]
    choose = torch.lgamma(n + 1) - torch.lgamma(atoms + 1) - torch.lgamma(n - atoms + 1)
    logit = (mean / n).clamp(1e-6, 1 - 1e-6).logit()
    logits = torch.addcmul(bin_widths(atoms).log() + choose, logit.unsqueeze(-1), atoms)
    return Finite(logits, atoms, validate_args=False)


def conditional_posterior(
    evidence: Tensor, price: Tensor, prior: Finite, smoothing: Tensor
) -> Finite:
    r"""Return the exact conditional of coordinate ascent, a free mass on every atom.

    .. math:: q_k(c) \propto p_k(c) \, (c + s_k)^{n_k} e^{-\pi c}

    (the update of Blei, Ng and Jordan, 2003, for counts), whatever the law of the prior.

    Args:
        evidence: :math:`n`, the expected tokens of each topic, shape (n_documents, n_topics).
        price: :math:`\pi`, what a unit more costs in log-likelihood, shape (n_documents, 1): of a
            multinomial the tokens over the expected sum of counts and smoothing.
        prior: :math:`p`, batch shape (n_topics,).
        smoothing: :math:`s`, shape (n_topics,).
    """
    log_smoothed = (prior.atoms + smoothing.unsqueeze(-1)).log()
    logits = torch.addcmul(prior.logits, evidence.unsqueeze(-1), log_smoothed)
    logits = logits - price.unsqueeze(-1) * prior.atoms
    return Finite(logits, prior.atoms, validate_args=False)
