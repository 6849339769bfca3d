r"""Fitting gamma rates to documents: expectation maximisation with joint posterior draws.

Given the cost :math:`u_d`, a document's tokens of topic k are negative binomial with the mean
:math:`u_d m_k` and the dispersion :math:`r_k`: a regression with :math:`u_d` as its exposure. Each
round draws tokens and costs by a Gibbs sweep, and moves both parameters to raise the likelihood of
what was drawn (stochastic expectation maximisation; Celeux and Diebolt, 1985). The values of the
later rounds are averaged. The expectations are exact apart from the noise of the draws; those of a
factorised posterior would be biased, for example towards too few tokens of bursty topics.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from topicgen.models.gibbs import GibbsSampler, State
from topicgen.models.rates import GammaRates

# With a multinomial, a topic that fills a document has a share of nearly 1 however far its rate
# exceeds the others, so the excess cannot be known. This is the standard deviation of the normal
# distribution that holds log r / m near its mean over topics.
_SPREAD = 1.0

# Dispersions below this all mean the same: the topic is hardly anywhere.
_LEAST = 1e-3

# The words give at least this share of the information that the tokens' topics would give about a
# dispersion.
_LEAST_KNOWN = 0.1

_ASCENTS, _NEWTON_STEPS = 2, 4


def ascend(
    rates: GammaRates, tokens: Tensor, cost: Tensor, *, scale_is_free: bool, fit_shape: bool = True
) -> GammaRates:
    r"""Return rates under which the tokens are more likely.

    The shape moves by the augmentation of Zhou and Carin (2015), with :math:`c = r / m`:

    .. math::
        r \leftarrow \frac{\sum_d r (\psi(n_d + r) - \psi(r))}{\sum_d \log(1 + u_d / c)}, \qquad
        c \leftarrow D r \Big/ \sum_d \frac{r + n_d}{c + u_d} .

    Args:
        rates: the rates so far, in double precision.
        tokens: :math:`n`, of each topic, shape (n_documents, n_topics).
        cost: :math:`u`, shape (n_documents, 1).
        scale_is_free: whether only the ratios of the means are known, as with a multinomial. The
            sum of the means then stays as it is.
        fit_shape: whether the shapes are fitted too.
    """
    shape, log_c = rates.shape, rates.inverse_scale.log()
    n = len(tokens)
    # Topics are absent from most documents, which add nothing to the numerator.
    topics = tokens.nonzero()[:, 1]
    present = tokens[tokens > 0]
    for _ in range(_ASCENTS):
        if fit_shape:
            each = shape[topics]
            terms = each * (torch.digamma(present + each) - torch.digamma(each))
            seatings = torch.zeros_like(shape).index_add(0, topics, terms)
            shape = (seatings / torch.log1p(cost / log_c.exp()).sum(0)).clamp_min(_LEAST)
        expected = ((shape + tokens) / (log_c.exp() + cost)).sum(0)
        if scale_is_free:
            log_c = near_each_other(n * shape, expected, log_c)
        else:
            log_c = (n * shape / expected).log()
    mean = shape / log_c.exp()
    if scale_is_free:
        mean = mean * rates.mean.sum() / mean.sum()
    return GammaRates(shape, mean)


def near_each_other(shape: Tensor, expected: Tensor, log_c: Tensor) -> Tensor:
    r"""Maximise :math:`r \log c - c \bar\lambda - (\log c - \mu)^2 / 2 \sigma^2` (Newton)."""
    centre, precision = log_c.mean(), _SPREAD**-2
    for _ in range(_NEWTON_STEPS):
        curved = expected * log_c.exp()
        gradient = shape - curved - precision * (log_c - centre)
        log_c = log_c + (gradient / (curved + precision)).clamp(-1, 1)
    return log_c


class RateFit:
    """Rates fitted to the draws of a sampler, and their average over the later rounds.

    Args:
        sampler: of the documents that the rates are fitted to; it draws with the current rates.
        fit_shape: whether the shapes are fitted too, not only the means.
    """

    def __init__(self, sampler: GibbsSampler, *, fit_shape: bool = True) -> None:
        rates = sampler.law
        if not isinstance(rates, GammaRates):
            raise TypeError(f"expected a sampler with gamma rates, got {type(rates).__name__}")
        self.sampler = sampler
        self.fit_shape = fit_shape
        self._rates = rates.to(torch.float64)
        self._log_sum: tuple[Tensor, Tensor] = (rates.shape.new_zeros(()).double(),) * 2
        self._n_kept = 0

    def round(self, *, keep: bool) -> State:
        """Draw once, move the rates, and return what was drawn.

        Args:
            keep: whether this round counts in the average.
        """
        state = self.sampler.sweep()
        self._rates = ascend(
            self._rates,
            state.own.double(),
            state.cost.double(),
            scale_is_free=self.sampler.scale_is_free,
            fit_shape=self.fit_shape,
        )
        self.sampler.law = self._rates.to(state.log_rates.dtype)
        if keep:
            shape, mean = self._log_sum
            self._log_sum = shape + self._rates.shape.log(), mean + self._rates.mean.log()
            self._n_kept += 1
        return state

    @property
    def rates(self) -> GammaRates:
        """The geometric means over the rounds that were kept, in double precision."""
        if not self._n_kept:
            return self._rates
        shape, mean = ((total / self._n_kept).exp() for total in self._log_sum)
        if self.sampler.scale_is_free:
            mean = mean * self._rates.mean.sum() / mean.sum()
        return GammaRates(shape, mean)

    def log_shape_error(self, states: Sequence[State]) -> Tensor:
        r"""Return the standard error of each log dispersion, shape (n_topics,).

        It comes from the information that the documents would give if the topics of their tokens
        were seen, minus the part that the draws leave open, for :math:`(\log r_k, \log c_k)` of
        each topic:

        .. math::
            I_\text{observed} = E[I_\text{complete}] - \operatorname{Var}[\text{score}] .

        Args:
            states: posterior draws of the documents, at least two.

        Source: Louis (1982).
        """
        r, c = self.rates.shape, self.rates.inverse_scale
        if self.sampler.scale_is_free and len(r) == 1:
            return torch.full_like(r, math.inf)  # its share is 1 whatever the dispersion
        prior = _SPREAD**-2 if self.sampler.scale_is_free else 0.0
        scores, complete = [], []
        for state in states:
            tokens, cost = state.own.double(), state.cost.double()
            of_shape = torch.digamma(tokens + r) - torch.digamma(r) + (c / (c + cost)).log()
            bend = torch.polygamma(1, tokens + r) - torch.polygamma(1, r)
            score = r * of_shape.sum(0)
            expected, used = c * (r + tokens) / (c + cost), cost / (c + cost)
            scores.append(torch.stack([score, (r - expected).sum(0)]))
            curvature = -score - r**2 * bend.sum(0), -r * used.sum(0), (expected * used).sum(0)
            complete.append(torch.stack(curvature))
        deviations = torch.stack(scores) - torch.stack(scores).mean(0)
        missing = torch.einsum("sik,sjk->ijk", deviations, deviations) / (len(states) - 1)
        shape, both, scale = torch.stack(complete).mean(0)
        observed = shape - missing[0, 0], both - missing[0, 1], scale + prior - missing[1, 1]
        left = observed[0] - observed[1] ** 2 / observed[2].clamp_min(1e-12)
        # From few draws, the missing information is a noisy estimate.
        least = _LEAST_KNOWN * (shape - both**2 / (scale + prior))
        return torch.maximum(left, least).clamp_min(1e-12).rsqrt()
