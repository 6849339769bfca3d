"""What the relaxation does to mean and variance, by quadrature instead of by sampling."""

import math

import torch
from torch import Tensor

from topicgen.distributions.gengs import GeneralizedGumbelSoftmax
from topicgen.plain import quoted


def relaxed_moments(law: GeneralizedGumbelSoftmax) -> tuple[Tensor, Tensor]:
    r"""Return mean and variance of the distribution's relaxed samples, exact up to quadrature.

    A relaxed sample is the ratio :math:`z = \sum_j c_j a_j / \sum_j a_j` of independent
    :math:`a_j = (\pi_j / E_j)^{1/\tau}`, :math:`E_j \sim \text{Exp}(1)`. With
    :math:`1/x = \int_0^\infty e^{-tx} dt` its moments become one integral of products over the
    atoms:

    .. math::
        E[z] = \int_0^\infty \sum_j c_j E\bigl[a_j e^{-t a_j}\bigr]
        \prod_{i \ne j} E\bigl[e^{-t a_i}\bigr] \, dt ,

    and likewise :math:`E[z^2]` with :math:`1/x^2 = \int t e^{-tx} dt`. All integrals are taken by
    the trapezoidal rule on logarithmic scales, which for such integrands is exact to 1e-9. Both
    moments carry gradients.

    Args:
        law: the relaxed distribution, batch shape (\*batch), event shape (\*event). Costs
            O(batch x n / temperature^2).

    Returns:
        Mean and variance, each of shape (\*batch, \*event). Those of the unrelaxed distribution are
        ``law.mean`` and ``law.variance``.

    Example:
        >>> from topicgen.distributions import Truncated
        >>> law = Truncated(torch.distributions.Poisson(torch.tensor(5.0)), upper=15)
        >>> relaxed_moments(GeneralizedGumbelSoftmax(law, temperature=1.0))  # of 5.00 and 5.00
        (tensor(5.1449), tensor(1.3902))
    """
    if not isinstance(law, GeneralizedGumbelSoftmax):
        raise TypeError(
            f"law must be a GeneralizedGumbelSoftmax, got {quoted(law)}; pass "
            "GeneralizedGumbelSoftmax(law, temperature)"
        )
    temperature = float(law.temperature)
    atoms = law.atoms.double().reshape(len(law.atoms), -1)
    rows = law.logits.double().reshape(-1, len(atoms))
    moments = [_moments_of(row, atoms, temperature) for row in rows]
    if not moments:
        return _like(law, rows.new_empty(0)), _like(law, rows.new_empty(0))
    means, variances = zip(*moments, strict=True)
    return _like(law, torch.stack(means)), _like(law, torch.stack(variances))


def _like(law: GeneralizedGumbelSoftmax, moments: Tensor) -> Tensor:
    return moments.reshape(law.batch_shape + law.event_shape).to(law.logits)


def _moments_of(log_probs: Tensor, atoms: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    # The integrands are analytic in a strip about the axis, of half-width pi/2 min(temperature, 1):
    # at this step the rule's error is of the order exp(-pi^2 / 0.3).
    step = 0.3 * min(temperature, 1.0)
    # log t = u / temperature, and E = exp(y); beyond the ends lies less than 1e-11.
    n_u = math.ceil((29.5 + 4 * temperature + 26 * max(0.0, temperature - 1)) / step)
    n_y = math.ceil(29.5 / step)
    y = -26 + step * torch.arange(n_y).to(log_probs)
    weights = (y - y.exp()).exp().flip(0) * step
    # t a is a function of u - y: as many exponentials as there are differences.
    u_first = -26 * max(1.0, temperature)
    difference = u_first - y[-1] + step * torch.arange(n_u + n_y - 1).to(log_probs)

    def expectations(log_prob: Tensor) -> Tensor:
        r"""Return :math:`E[(ta)^m e^{-ta}]` for m = 0, 1, 2, shape (3, n_u)."""
        # Far beyond, the exponential is 0 long since, and must not become 0 times infinity.
        ta = ((difference + log_prob) / temperature).clamp(max=300.0).exp()
        mass = (-ta).exp()
        return torch.stack([mass, mass * ta, mass * ta * ta]).unfold(1, n_y, 1) @ weights

    phi = torch.stack([expectations(log_prob) for log_prob in log_probs], -1)
    ratio, square = phi[1] / phi[0], phi[2] / phi[0]
    product = phi[0].log().sum(-1).exp() * (step / temperature)
    mean = product @ (ratio @ atoms)
    # Centred first: the variance is small beside the square of the mean.
    centred = atoms - mean
    own = (square - ratio.square()) @ centred.square()
    variance = product @ ((ratio @ centred).square() + own)
    return mean, variance
