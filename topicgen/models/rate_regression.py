r"""Gamma rates that depend on covariates, and the joint posterior of their coefficients.

The shapes of the rates are log-linear in a document's covariates,

.. math::
    \log r_{dk} = \log r_k + x_d \cdot h_k, \qquad
    \lambda_{dk} \sim \operatorname{Gamma}(r_{dk}, \text{scale } m_k / r_k),

and so are the expected tokens, :math:`m_k e^{x_d \cdot h_k}` (random intercepts are added to
:math:`x_d \cdot h_k`). First everything is fitted, as without covariates (``RateFit``). Then a
Gibbs sampler draws everything that the documents leave open: which topic each token comes from, the
rates, the coefficients and the topics themselves. Its draws of the tokens per topic are multiple
imputations (Rubin, 1987) of what cannot be observed: any regression of them on the covariates can
be averaged over the draws.
"""

import torch
from torch import Generator, Tensor

from topicgen.models.count_regression import (
    DocumentCovariates,
    Information,
    LogLinear,
    update_log_linear,
)
from topicgen.models.gibbs import GibbsSampler, State
from topicgen.models.rate_fit import near_each_other
from topicgen.models.rates import GammaRates

# With so many documents a single step reaches the mode: the last draw was next to it.
_MANY = 5_000

# A topic absent from some documents has a shape of 0 there, and one that is equally frequent in all
# an infinite one. Beyond these logarithms the counts are the same.
_LOWEST, _HIGHEST = -30.0, 30.0


class RateRegression:
    """The rates of documents with covariates, and a sampler of everything that they depend on.

    Args:
        sampler: of the documents; its ``law`` must be gamma rates, the same for all documents.
        covariates: of the documents.
        function: the coefficients that the regression starts from; they are updated in place.
        generator: where the randomness comes from; None for torch's global stream.

    Raises:
        TypeError: where the rates of the sampler are not gamma.
    """

    def __init__(
        self,
        sampler: GibbsSampler,
        covariates: DocumentCovariates,
        function: LogLinear,
        *,
        generator: Generator | None = None,
    ) -> None:
        rates = sampler.law
        if not isinstance(rates, GammaRates):
            raise TypeError(f"expected a sampler with gamma rates, got {type(rates).__name__}")
        self.sampler = sampler
        self.covariates = covariates.to(rates.shape.device, torch.float64)
        self.function = function
        self._generator = generator
        self._log_shape = rates.shape.double().log()
        self._log_c = rates.inverse_scale.double().log()
        self._mean_sum = rates.mean.double().sum()
        self._set_law()

    @property
    def rates(self) -> GammaRates:
        """The rates of a document with all covariates at their means."""
        shape = self._log_shape.exp()
        mean = shape / self._log_c.exp()
        if self.sampler.scale_is_free:
            mean = mean * self._mean_sum / mean.sum()
        return GammaRates(shape, mean)

    def fit(self) -> State:
        """Sweep once, and move the coefficients and the scales to more likely values."""
        state = self.sampler.sweep()
        tokens, cost = state.own.double(), state.cost.double()
        seated = _Seatings(tokens, torch.log1p(cost / self._log_c.exp()))
        self._log_shape = update_log_linear(
            self.function,
            self._log_shape,
            self.covariates,
            seated.expected,
        )
        shape = self._shapes()
        expected = ((shape + tokens) / (self._log_c.exp() + cost)).sum(0)
        if self.sampler.scale_is_free:
            self._log_c = near_each_other(shape.sum(0), expected, self._log_c)
        else:
            self._log_c = (shape.sum(0) / expected).log()
        self._set_law()
        return state

    def draw(self) -> State:
        """Sweep once, and draw the coefficients and their variances too; the scales stay."""
        tokens, own, cost = self.sampler.draw_tokens()
        seated = _Seatings(own.double(), torch.log1p(cost.double() / self._log_c.exp()))
        self._log_shape = update_log_linear(
            self.function,
            self._log_shape,
            self.covariates,
            seated.drawn(self._shapes(), self._generator),
            n_steps=1 if len(tokens) > _MANY else 2,
            is_drawn=True,
            generator=self._generator,
        )
        self._set_law()
        return self.sampler.draw_rates(tokens, own, cost)

    def _shapes(self) -> Tensor:
        return _shape(self._log_shape + self.function(self.covariates))

    def _set_law(self) -> None:
        shape = self._shapes()
        self.sampler.law = GammaRates(shape, shape / self._log_c.exp()).to(torch.float32)


class _Seatings:
    r"""How many of a topic's tokens open a table in the restaurant of each document.

    Before the tokens are known, the number of tables is Poisson with mean :math:`r_{dk} \ell_{dk}`,
    where :math:`\ell = \log(1 + u / c)`, and given the tables, the tokens do not depend on the
    shape (Zhou and Carin, 2015). So the tables, which are drawn or expected given the tokens, turn
    the regression of shapes into a Poisson regression.

    Args:
        tokens: of each topic, shape (n_documents, n_topics).
        exposure: :math:`\ell`, likewise.
    """

    def __init__(self, tokens: Tensor, exposure: Tensor) -> None:
        self.tokens, self.exposure = tokens, exposure
        # Topics are absent from most documents.
        self.places = tokens.nonzero(as_tuple=True)
        self.present = tokens[self.places]

    def expected(self, log_shape: Tensor) -> Information:
        """Return what the expected tables under these shapes say of them."""
        shape = _shape(log_shape)
        mean = shape * self.exposure
        each = shape[self.places]
        tables = each * (torch.digamma(self.present + each) - torch.digamma(each))
        return Information((-mean).index_put(self.places, tables, accumulate=True), mean)

    def drawn(self, shape: Tensor, generator: Generator | None) -> "_Seated":
        """Draw the tables, and return what they say of the shapes."""
        n = self.present.long()
        token = torch.arange(int(n.sum()), device=n.device)
        place = torch.arange(len(n), device=n.device).repeat_interleave(n)
        before = (token - (n.cumsum(0) - n)[place]).to(shape)
        each = shape[self.places][place]
        uniform = torch.empty_like(each).uniform_(generator=generator)
        opens = (uniform * (each + before) < each).to(shape)
        tables = torch.zeros_like(self.present).index_add_(0, place, opens)
        return _Seated(
            torch.zeros_like(self.exposure).index_put(self.places, tables), self.exposure
        )


class _Seated:
    """What known numbers of tables say of the shapes."""

    def __init__(self, tables: Tensor, exposure: Tensor) -> None:
        self.tables, self.exposure = tables, exposure

    def __call__(self, log_shape: Tensor) -> Information:
        mean = _shape(log_shape) * self.exposure
        return Information(self.tables - mean, mean)


def _shape(log_shape: Tensor) -> Tensor:
    return log_shape.clamp(_LOWEST, _HIGHEST).exp()
