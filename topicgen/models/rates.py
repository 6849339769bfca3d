r"""Rates: how many tokens of each topic a document is expected to have.

A rate :math:`\lambda_{dk}` is the expected number of a document's tokens from a topic. A negative
binomial count is a Poisson count with a gamma rate, so gamma rates make the tokens negative
binomial; with any other distribution, the rates lie on its atoms. Both kinds have an exact
conditional given the tokens, which is all that a Gibbs sampler needs.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.models.posteriors import conditional_posterior


class RateLaw(Protocol):
    """The distribution of the rates of all topics, independent of each other."""

    def draw(self, n_documents: int, *, generator: Generator | None = None) -> Tensor:
        """Return log rates before any word is read, shape (n_documents, n_topics)."""
        ...

    def given(self, tokens: Tensor, cost: Tensor, *, generator: Generator | None = None) -> Tensor:
        r"""Draw :math:`p(\lambda) \prod_k \lambda_k^{n_k} e^{-u \lambda_k}`, and return the log.

        Args:
            tokens: :math:`n`, of each topic, shape (n_documents, n_topics).
            cost: :math:`u`, how much a unit of rate lowers log p(x), shape (n_documents, 1).
            generator: where the randomness comes from; None for torch's global stream.

        Returns:
            Shape (n_documents, n_topics).
        """
        ...

    def rescaled(self, log_rates: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw each document's sum of rates anew, given their proportions; or change nothing."""
        ...


@dataclass(frozen=True, eq=False)
class GammaRates:
    r"""Gamma rates, the continuous side of negative binomial counts.

    .. math::
        \lambda_k \sim \operatorname{Gamma}(r_k, \text{mean } m_k), \qquad
        n_k \mid \lambda_k \sim \operatorname{Poisson}(\lambda_k)
        \;\Rightarrow\; n_k \sim \operatorname{NB}(\text{mean } m_k, \text{dispersion } r_k).

    Args:
        shape: :math:`r`, shape (n_topics,), above 0; or (n_documents, n_topics), where documents
            have different ones.
        mean: :math:`m`, in tokens, likewise.

    Example:
        >>> rates = GammaRates(torch.tensor([4.0]), torch.tensor([2.0]))
        >>> draws = rates.draw(10_000, generator=torch.Generator().manual_seed(0)).exp()
        >>> round(float(draws.mean()), 1), round(float(draws.var()), 1)
        (2.0, 1.0)
    """

    shape: Tensor
    mean: Tensor

    @property
    def inverse_scale(self) -> Tensor:
        """The second parameter of the gamma distributions, of the shape of the mean."""
        return self.shape / self.mean

    def to(self, dtype: torch.dtype) -> "GammaRates":
        """Return the rates in another precision."""
        return GammaRates(self.shape.to(dtype), self.mean.to(dtype))

    def between(self, other: "GammaRates", share: float) -> "GammaRates":
        """Return the geometric mean of these rates and others, weighted by the others' share.

        Example:
            >>> one, four = (GammaRates(*[torch.tensor([value])] * 2) for value in (1.0, 4.0))
            >>> one.between(four, 0.5).mean
            tensor([2.])
        """
        other = other.to(self.shape.dtype)
        return GammaRates(
            torch.lerp(self.shape.log(), other.shape.log(), share).exp(),
            torch.lerp(self.mean.log(), other.mean.log(), share).exp(),
        )

    def draw(self, n_documents: int, *, generator: Generator | None = None) -> Tensor:
        """Return log rates before any word is read, shape (n_documents, n_topics)."""
        shape = self.shape.expand(n_documents, -1)
        return log_gamma_draw(shape, generator=generator) - self.inverse_scale.log()

    def given(self, tokens: Tensor, cost: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw the rates given the tokens, which are gamma again; see ``RateLaw``."""
        draw = log_gamma_draw(self.shape + tokens, generator=generator)
        return draw - (self.inverse_scale + cost).log()

    def rescaled(self, log_rates: Tensor, *, generator: Generator | None = None) -> Tensor:
        r"""Draw the sum :math:`\Lambda` anew: given the proportions, it is gamma too.

        .. math::
            \Lambda \mid \theta \sim
            \operatorname{Gamma}(\textstyle\sum_k r_k, \sum_k \theta_k r_k / m_k) .
        """
        log_share = log_rates.log_softmax(-1)
        if self.shape.dim() == 1:
            rate = log_share.exp() @ self.inverse_scale.unsqueeze(-1)
        else:
            rate = (log_share.exp() * self.inverse_scale).sum(-1, keepdim=True)
        total = self.shape.sum(-1, keepdim=True).expand(len(log_rates), 1)
        return log_share + log_gamma_draw(total, generator=generator) - rate.log()

    def tilted(self, tilt: Tensor) -> "GammaRates":
        r"""Return the rates of documents: shapes :math:`r_k e^{t_{dk}}`, and the same scales.

        So a topic becomes more frequent more than it becomes longer where it occurs; with all
        scales alike, proportions are those of a Dirichlet-multinomial regression (Mimno and
        McCallum, 2008).

        Args:
            tilt: :math:`t`, shape (n_documents, n_topics).
        """
        factor = tilt.to(self.shape).exp()
        return GammaRates(self.shape * factor, self.mean * factor)


@dataclass(frozen=True, eq=False)
class AtomRates:
    r"""Rates on the atoms of any distribution of counts.

    .. math:: \lambda_k = a (z_k + s_k), \qquad z_k \sim p_k,

    with the conditional :math:`p(z_k \mid n_k, u) \propto p_k(z_k) (z_k + s_k)^{n_k} e^{-u a z_k}`.

    Args:
        law: :math:`p`, batch shape (n_topics,).
        smoothing: :math:`s`, shape (n_topics,), above 0.
        unit: :math:`a`, the tokens per unit of the count.

    Example:
        >>> law = Finite(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([0.0, 1.0]))
        >>> rates = AtomRates(law, torch.tensor([0.1]), torch.tensor(10.0))
        >>> rates.given(torch.tensor([[9.0]]), torch.tensor([[1.0]])).exp().round()
        tensor([[11.]])
    """

    law: Finite
    smoothing: Tensor
    unit: Tensor

    def to(self, dtype: torch.dtype) -> "AtomRates":
        """Return the rates in another precision."""
        law = Finite(self.law.logits.to(dtype), self.law.atoms.to(dtype), validate_args=False)
        return AtomRates(law, self.smoothing.to(dtype), self.unit.to(dtype))

    def draw(self, n_documents: int, *, generator: Generator | None = None) -> Tensor:
        """Return log rates before any word is read, shape (n_documents, n_topics)."""
        sample_shape = (n_documents,) if self.law.logits.dim() == 2 else ()
        return self._log_rates(self.law.sample(sample_shape, generator=generator))

    def given(self, tokens: Tensor, cost: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Draw the rates given the tokens, each on its atoms; see ``RateLaw``."""
        counts = conditional_posterior(tokens, self.unit * cost, self.law, self.smoothing)
        return self._log_rates(counts.sample(generator=generator))

    def rescaled(self, log_rates: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Return the rates as they are: their sum cannot move without leaving the atoms."""
        return log_rates

    def _log_rates(self, counts: Tensor) -> Tensor:
        return (self.unit * (counts + self.smoothing)).log()


def log_gamma_draw(shape: Tensor, *, generator: Generator | None = None) -> Tensor:
    r"""Return the log of a standard gamma variable, finite however small its shape.

    .. math:: \log G(a) = \log G(a + 1) - E / a, \qquad E \sim \operatorname{Exponential}(1)

    With a shape of .003 the median is about e^-300, which is 0 in single precision.

    Args:
        shape: :math:`a`, of any shape, above 0.
        generator: where the randomness comes from; None for torch's global stream.

    Source: Marsaglia and Tsang (2000), section 6.
    """
    uniform = torch.empty_like(shape, memory_format=torch.contiguous_format)
    # -E, in a quarter of the time that exponential_ takes.
    negative = uniform.uniform_(generator=generator).neg_().log1p_()
    return negative.div_(shape).add_(torch._standard_gamma(shape + 1, generator).log_())
