"""The exponential-arrival-time estimator for Poisson distributions and their Gamma mixtures."""

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, Geometric, NegativeBinomial, Poisson

from topicgen.distributions import Truncated, truncation_point
from topicgen.distributions.row_generator import drawn_rows, wanted_rows
from topicgen.gradients.estimator import PathwiseEstimator, check_number
from topicgen.plain import quoted

# How far beyond time 1, in temperatures, an arrival still counts.
_WINDOW = {"cubic": 1.0, "sigmoid": 12.0}


class ExponentialArrivals(PathwiseEstimator):
    r"""Soft counts of the arrivals of a Poisson process before time 1 ("EAT").

    .. math:: z = \sum_i I\Bigl(\frac{1 - t_i}{\tau}\Bigr), \qquad
        t_i = \frac{E_1 + \dots + E_i}{\lambda}, \quad E_j \sim \text{Exp}(1)

    With I a step, z is Poisson. The indicator is its soft form: the logistic function, or the cubic
    :math:`3u^2 - 2u^3` of :math:`u = (1 + x) / 2` clipped to [0, 1], with which the mean of z is
    exactly the rate while :math:`\tau \le 1` (Ibrahim et al., 2026). A negative binomial or
    geometric distribution is taken as Poisson with a Gamma rate. Truncation is not applied: z is
    of the base distribution.

    Args:
        temperature: :math:`\tau`, above 0.
        indicator: "cubic" or "sigmoid".
        n_samples: as in ``GradientEstimator``.

    Raises:
        TypeError: where the distribution is none of these.
    """

    def __init__(
        self, temperature: float = 0.1, *, indicator: str = "cubic", n_samples: int = 1
    ) -> None:
        super().__init__(n_samples)
        if not isinstance(indicator, str) or indicator not in _WINDOW:
            raise ValueError(f"expected indicator 'cubic' or 'sigmoid', got {quoted(indicator)}")
        check_number("temperature", temperature)
        self.temperature = temperature
        self.indicator = indicator

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return soft counts."""
        rate = _rate(law, n_samples, generator)
        window = 1 + _WINDOW[self.indicator] * self.temperature
        with torch.no_grad():
            largest = rate.max() * window if rate.numel() else rate.new_zeros(())
            wanted = wanted_rows(generator)
            if wanted is not None:  # so many are drawn for the documents of all processes
                largest = wanted.greatest(largest)
            n_arrivals = 1 + truncation_point(Poisson(largest), 1e-6, limit=2**20)
        # -log of a uniform draw: torch's own exponential draws cost several times as much.
        like = rate.detach().expand(n_arrivals, *rate.shape)
        gaps = drawn_rows(Tensor.uniform_, like, generator, dim=2)
        gaps = gaps.clamp_(min=torch.finfo(rate.dtype).tiny).log_().neg_()
        earliness = (1 - gaps.cumsum(0) / rate) / self.temperature
        if self.indicator == "sigmoid":
            return earliness.sigmoid().sum(0)
        u = ((1 + earliness) / 2).clamp(0, 1)
        return (u.square() * (3 - 2 * u)).sum(0)


def _rate(law: Distribution, n_samples: int, generator: Generator | None) -> Tensor:
    r"""Return the Poisson rate of each sample, shape (n_samples, \*batch)."""
    base = law.base if isinstance(law, Truncated) else law
    shape = n_samples, *base.batch_shape
    if isinstance(base, Poisson):
        rate = base.rate.expand(shape)
    elif isinstance(base, NegativeBinomial):
        size = base.total_count.expand(shape)
        rate = torch._standard_gamma(size, generator) * base.logits.exp()
    elif isinstance(base, Geometric):
        rate = torch._standard_gamma(torch.ones_like(base.probs).expand(shape), generator)
        rate = rate / base.logits.exp()
    else:
        raise TypeError(
            "ExponentialArrivals needs a Poisson, geometric or negative binomial distribution, "
            f"truncated or not, got {law}; use another estimator, such as GenGS"
        )
    # No arrival before time 1 at so small a rate, and a finite gradient.
    return rate.clamp(min=1e-12)
