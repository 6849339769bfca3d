"""Count distributions on the atoms of a latent variable, by family and mean."""

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
        raise ValueError(
            "a negative binomial distribution needs its dispersion, and got None; pass a tensor"
        )
    base = torch.lgamma(atoms + dispersion.unsqueeze(-1)) - torch.lgamma(atoms + 1)
    return base, (mean / (mean + dispersion)).log()


_FAMILIES: dict[str, _PowerSeries] = {
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
    "geometric": _geometric,
    "binomial": _binomial,
}


def count_law(family: str, mean: Tensor, atoms: Tensor, dispersion: Tensor | None = None) -> Finite:
    r"""Return the distributions of a family with these means, as power series on the atoms.

    .. math:: q(c) \propto w_c \, b(c) \, e^{c \, \eta(m)}, \qquad
        \text{Poisson: } b = 1/c!, \; \eta = \log m ,

    where :math:`w_c` counts are nearest to the atom c. The formula needs the atoms alone, where
    ``support.binned`` sums the masses of all counts: it is for a distribution per document.

    Args:
        family: a name in ``PRIORS``.
        mean: :math:`m`, shape (..., n_topics), above 0.
        atoms: :math:`c`, shape (n,); the last one is the greatest count of a binomial.
        dispersion: the shape parameter of negative binomials, shape (n_topics,), above 0.

    Raises:
        ValueError: if the family is "negative_binomial" and there is no dispersion.

    Example:
        >>> law = count_law("poisson", torch.tensor([1.0]), torch.arange(3.0))
        >>> law.probs
        tensor([[0.4000, 0.4000, 0.2000]])
    """
    base, natural = _FAMILIES[family](mean, atoms, dispersion)
    logits = torch.addcmul(bin_widths(atoms).log() + base, natural.unsqueeze(-1), atoms)
    return Finite(logits, atoms, validate_args=False)
