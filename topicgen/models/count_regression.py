r"""Log-linear regressions of the counts of many topics on the same covariates.

.. math::
    \log \mu_{dk} = \log e_{dk} + a_k + x_d \cdot g_k + \sum_j u_{k, j(d)}

with an exposure :math:`e`, an intercept :math:`a` for each topic, coefficients :math:`g` of the
covariates, and random intercepts :math:`u` of the groups that a document belongs to. Coefficients
and random intercepts have normal distributions around 0. The coefficients of a term of the formula
share one variance over all topics, and so do the random intercepts of a grouping. These variances
are estimated (empirical Bayes), so the coefficients of a covariate that explains nothing shrink
towards 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from topicgen.prefixes import entries_under

# Rows x columns x columns that are worked on at once.
_PRODUCTS = 2**24

# A step changes no logarithm of a mean by more than about this much: a topic that is absent from a
# group would otherwise run away.
_LONGEST_STEP = 1.0

# The standard deviation of the intercepts around their mean over topics. It hardly matters, but for
# a topic that occurs nowhere: its intercept would go to minus infinity, and its draws anywhere.
_INTERCEPT_DEVIATION = 3.0

# A variance has a scaled inverse chi-squared prior, so that it can grow again after it was small:
# the standard deviation that it expects, worth so many coefficients.
_EXPECTED_DEVIATION, _PRIOR_WORTH = 0.2, 1.0

# Where a covariate separates topics perfectly, its coefficient would grow without bounds.
_MOST_VARIANCE = 4.0


@dataclass(frozen=True, eq=False)
class DocumentCovariates:
    """The covariates of documents, standardised.

    Args:
        matrix: the covariates, each with mean 0 and standard deviation 1 over the documents that
            the model was fitted to, shape (n_documents, n_columns).
        levels: the number of each document's group in each grouping, or -1 where it is not known,
            shape (n_documents, n_groupings).
    """

    matrix: Tensor
    levels: Tensor

    def __len__(self) -> int:
        return len(self.matrix)

    def select(self, rows: Tensor) -> "DocumentCovariates":
        """Return the documents in these rows, in this order."""
        rows = rows.to(self.matrix.device)
        return DocumentCovariates(self.matrix[rows], self.levels[rows])

    def part(self, rows: slice, like: Tensor) -> "DocumentCovariates":
        """Return consecutive documents, on the device and in the precision of a tensor."""
        part = DocumentCovariates(self.matrix[rows], self.levels[rows])
        return part.to(like.device, like.dtype)

    def to(self, device: torch.device | str, dtype: torch.dtype) -> "DocumentCovariates":
        """Return the covariates on a device, in a precision."""
        return DocumentCovariates(self.matrix.to(device, dtype), self.levels.to(device))


class Information(NamedTuple):
    """What counts say about the logarithms of their means.

    Args:
        score: the derivative of the log-likelihood with respect to each logarithm, shape
            (n_documents, n_topics).
        curvature: the expected negative second derivative, likewise, at least 0.
    """

    score: Tensor
    curvature: Tensor


class LogLinear(nn.Module):
    r"""A log-linear function of covariates for each topic: :math:`x \cdot g_k + \sum_j u_{kj}`.

    Args:
        terms: for each column, the number of the term of the formula that it belongs to; the
            columns of a term share a variance.
        n_levels: the number of groups in each grouping.
        n_topics: the number of topics.
        dtype: the precision of the coefficients.

    Example:
        >>> function = LogLinear([0], [2], n_topics=3)
        >>> documents = DocumentCovariates(torch.ones(4, 1), torch.tensor([[0], [1], [1], [-1]]))
        >>> function(documents).shape
        torch.Size([4, 3])
    """

    terms: Tensor
    coefficients: Tensor
    variances: Tensor
    group_variances: Tensor

    def __init__(
        self,
        terms: Sequence[int],
        n_levels: Sequence[int],
        n_topics: int,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.n_groupings = len(n_levels)
        self.register_buffer("terms", torch.tensor(terms, dtype=torch.long))
        self.register_buffer("coefficients", torch.zeros(len(terms), n_topics, dtype=dtype))
        n_terms = max(terms, default=-1) + 1
        self.register_buffer("variances", torch.ones(n_terms, dtype=dtype))
        self.register_buffer("group_variances", torch.ones(len(n_levels), dtype=dtype))
        for number, n in enumerate(n_levels):
            self.register_buffer(f"intercepts{number}", torch.zeros(n, n_topics, dtype=dtype))

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> "LogLinear":
        """Return the function of a ``state_dict``."""
        intercepts = entries_under(state, "intercepts")
        n_levels = [len(intercepts[str(number)]) for number in range(len(intercepts))]
        coefficients = state["coefficients"]
        terms = state["terms"].tolist()
        function = cls(terms, n_levels, coefficients.shape[1], coefficients.dtype)
        function.load_state_dict(state)
        return function

    def intercepts(self, grouping: int) -> Tensor:
        """Return the random intercepts of a grouping, shape (n_levels, n_topics)."""
        intercepts: Tensor = getattr(self, f"intercepts{grouping}")
        return intercepts

    def forward(self, covariates: DocumentCovariates) -> Tensor:
        """Return the value for each document, shape (n_documents, n_topics).

        The random intercept of a group that is not known is 0.
        """
        value = covariates.matrix @ self.coefficients.to(covariates.matrix)
        for number, levels in enumerate(covariates.levels.unbind(1)):
            intercepts = self.intercepts(number).to(value)
            known = (levels >= 0).to(value).unsqueeze(1)
            value = value + intercepts[levels.clamp_min(0)] * known
        return value


def update_log_linear(
    function: LogLinear,
    intercept: Tensor,
    covariates: DocumentCovariates,
    information: Callable[[Tensor], Information],
    *,
    n_steps: int = 1,
    is_drawn: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """Move a log-linear function towards its posterior mode, or draw it; return the intercepts.

    Takes Newton steps on the coefficients together with the intercepts, then on the random
    intercepts of each grouping in turn. The intercepts have a wide normal prior around their mean.
    A draw adds to the mode an error with the covariance that the curvature there gives (Laplace's
    approximation), block by block.

    Args:
        function: updated in place, with its variances.
        intercept: of each topic, shape (n_topics,).
        covariates: of the documents.
        information: what the counts say, as a function of the predictor without the exposure,
            ``intercept + function(covariates)``, shape (n_documents, n_topics).
        n_steps: the Newton steps for each block.
        is_drawn: whether to draw, instead of stopping at the mode.
        generator: where the randomness comes from; None for torch's global stream.

    Returns:
        The new intercepts, shape (n_topics,).
    """
    matrix = torch.cat([covariates.matrix.new_ones(len(covariates), 1), covariates.matrix], 1)
    precision = 1 / function.variances[function.terms]
    precision = torch.cat([precision.new_full((1,), _INTERCEPT_DEVIATION**-2), precision])
    precision = precision.to(matrix)
    beta = torch.cat([intercept.unsqueeze(0), function.coefficients.to(intercept)]).to(matrix)
    centre = torch.zeros_like(beta)
    centre[0] = beta[0].mean()
    groups = function(covariates) - covariates.matrix @ beta[1:]
    root = torch.eye(len(beta)).to(matrix)
    for _ in range(n_steps):
        told = information(matrix @ beta + groups)
        gradient = matrix.T @ told.score - precision.unsqueeze(1) * (beta - centre)
        root = torch.linalg.cholesky(_squares(matrix, told.curvature) + precision.diag())
        beta = beta + _bounded(torch.cholesky_solve(gradient.T.unsqueeze(-1), root).squeeze(-1).T)
    inverse = torch.cholesky_inverse(root)
    variance = inverse.diagonal(dim1=1, dim2=2).T
    if is_drawn:
        noise = torch.randn(beta.T.shape, generator=generator, device=beta.device, dtype=beta.dtype)
        beta = (
            beta + torch.linalg.solve_triangular(root.mT, noise.unsqueeze(-1), upper=True)[..., 0].T
        )
        variance = torch.zeros_like(variance)
    function.coefficients.copy_(beta[1:])
    _update_variances(function, variance[1:], is_drawn, generator)
    for number in range(function.n_groupings):
        _update_grouping(
            function, number, beta[0], covariates, information, n_steps, is_drawn, generator
        )
    return beta[0]


def _update_grouping(
    function: LogLinear,
    number: int,
    intercept: Tensor,
    covariates: DocumentCovariates,
    information: Callable[[Tensor], Information],
    n_steps: int,
    is_drawn: bool,
    generator: Generator | None,
) -> None:
    """Update the random intercepts of a grouping, which are independent of each other."""
    levels, values = covariates.levels[:, number], function.intercepts(number)
    known = levels >= 0
    precision = 1 / function.group_variances[number].to(intercept)
    curvature = torch.zeros_like(values, dtype=intercept.dtype)
    for _ in range(n_steps):
        told = information(intercept + function(covariates))
        current = values.to(intercept)
        gradient = torch.zeros_like(current).index_add_(0, levels[known], told.score[known])
        curvature = torch.zeros_like(current).index_add_(0, levels[known], told.curvature[known])
        curvature = curvature + precision
        # Groups do not depend on each other: one that has far to go must not hold up the others.
        step = ((gradient - precision * current) / curvature).clamp(-_LONGEST_STEP, _LONGEST_STEP)
        values.add_(step.to(values))
    variance = 1 / curvature
    if is_drawn:
        noise = torch.randn(
            values.shape, generator=generator, device=values.device, dtype=intercept.dtype
        )
        values.add_((noise * variance.sqrt()).to(values))
        variance = torch.zeros_like(variance)
    square = (values.to(intercept).square() + variance).sum().unsqueeze(0)
    number_of = torch.full_like(square, values.numel())
    function.group_variances[number] = _variance(square, number_of, is_drawn, generator)[0]


def _update_variances(
    function: LogLinear, variance: Tensor, is_drawn: bool, generator: Generator | None
) -> None:
    """Update each term's variance, given its coefficients and their own variances."""
    square = (function.coefficients.to(variance).square() + variance).sum(1)
    total = torch.zeros_like(function.variances, dtype=square.dtype)
    total.index_add_(0, function.terms, square)
    n = torch.bincount(function.terms, minlength=len(total)) * variance.shape[1]
    function.variances.copy_(_variance(total, n.to(total), is_drawn, generator))


def _variance(square: Tensor, n: Tensor, is_drawn: bool, generator: Generator | None) -> Tensor:
    """Return the variance of n coefficients with this sum of squares: the mean, or a draw."""
    square, n = square + _PRIOR_WORTH * _EXPECTED_DEVIATION**2, n + _PRIOR_WORTH
    variance = square / (2 * torch._standard_gamma(n / 2, generator) if is_drawn else n)
    return variance.clamp(max=_MOST_VARIANCE)


def _squares(matrix: Tensor, weights: Tensor) -> Tensor:
    """Return X' diag(w_k) X for each column of weights, shape (n_topics, n_columns, n_columns)."""
    n, p = matrix.shape
    total = matrix.new_zeros(p * p, weights.shape[1])
    for rows in torch.arange(n, device=matrix.device).split(max(1, _PRODUCTS // (p * p))):
        part = matrix[rows]
        total += (part.unsqueeze(2) * part.unsqueeze(1)).flatten(1).T @ weights[rows]
    return total.T.reshape(-1, p, p)


def _bounded(step: Tensor) -> Tensor:
    return step * (_LONGEST_STEP / step.abs().amax(0, keepdim=True).clamp_min(_LONGEST_STEP))
