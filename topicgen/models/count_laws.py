"""The families of count laws on the atoms of a latent variable, by their means."""

from collections.abc import Callable

import torch
from torch import Tensor

from topicgen.distributions import Finite
from topicgen.models.support import bin_widths

_PowerSeries = Callable[[Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor]]


def _poisson(mean: Tensor, atoms: Tensor, dispersion: Tensor | None) -> tuple[Tensor, Tensor]:
    return -torch.lgamma(atoms + 1), mean.log()


def _geometric(mean: Tensor, atoms: Tensor, dispersion: Tensor | None) -> tuple[Tensor, Tensor]:
    return torch.zeros_like(atoms), (mean / (mean + 1)).log()


def _binomial(mean: Tensor, atoms: Tensor, dispersion: Tensor | None) -> tuple[Tensor, Tensor]:
    base = -torch.lgamma(atoms + 1) - torch.lgamma(atoms[-1] - atoms + 1)
    return base, (mean / atoms[-1]).clamp(1e-6, 1 - 1e-6).logit()


def _negative_binomial(
    mean: Tensor, atoms: Tensor, dispersion: Tensor | None
) -> tuple[Tensor, Tensor]:
    if dispersion is None:
        raise ValueError("expected the dispersion of a negative binomial law, got None; pass it")
    base = torch.lgamma(atoms + dispersion.unsqueeze(-1)) - torch.lgamma(atoms + 1)
    return base, (mean / (mean + dispersion)).log()


_FAMILIES: dict[str, _PowerSeries] = {
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
    "geometric": _geometric,
    "binomial": _binomial,
}


def count_law(family: str, mean: Tensor, atoms: Tensor, dispersion: Tensor | None = None) -> Finite:
    r"""Return laws of these means on the atoms, as the power series :math:`b(c) \, e^{c \eta(m)}`.

    .. math:: q(c) \propto w_c \, b(c) \, e^{c \, \eta(m)}, \qquad
        \text{Poisson: } b = 1/c!, \; \eta = \log m ,

    with :math:`w_c` counts nearest to the atom c. A formula on the atoms alone, where
    ``support.binned`` sums the masses of every count: for laws of each document's own.

    Args:
        family: a name in ``PRIORS``.
        mean: :math:`m`, shape (..., n_topics), above 0.
        atoms: :math:`c`, shape (n,); the last is the greatest count of a binomial law.
        dispersion: the shape of negative binomial laws, shape (n_topics,), above 0.

    Example:
        >>> law = count_law("poisson", torch.tensor([1.0]), torch.arange(3.0))
        >>> law.probs
        tensor([[0.4000, 0.4000, 0.2000]])
    """
    base, natural = _FAMILIES[family](mean, atoms, dispersion)
    logits = torch.addcmul(bin_widths(atoms).log() + base, natural.unsqueeze(-1), atoms)
    return Finite(logits, atoms, validate_args=False)
