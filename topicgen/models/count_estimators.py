"""The gradient estimators of the counts, by name."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, Poisson, kl_divergence

from topicgen.distributions import Finite
from topicgen.gradients import (
    NVIL,
    RELAXATIONS,
    VIMCO,
    ExponentialArrivals,
    GaussianApproximation,
    GradientEstimator,
    LeaveOneOut,
    Mean,
    MuProp,
    PathwiseEstimator,
    Reinforce,
    Relax,
)

# Samples that are each other's baseline. Each costs a prediction.
_SCORED = 4


class _Arrivals(ExponentialArrivals):
    """Arrivals of Poisson processes with the means of the counts."""

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        return super().sample(Poisson(law.mean), n_samples, generator=generator)


class _NotNegative(GaussianApproximation):
    """Normal values, clipped at 0 because topic proportions are computed from them."""

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        return super().sample(law, n_samples, generator=generator).clamp_min(0.0)


# From a name to a function from the temperature of a step to the estimator. You can add entries,
# which are then values of ``gradient_estimator``.
COUNT_ESTIMATORS: dict[str, Callable[[float | Tensor], GradientEstimator]] = {
    **RELAXATIONS,
    "eat": lambda temperature: _Arrivals(float(temperature)),
    "gaussian": lambda temperature: _NotNegative(),
    "mean": lambda temperature: Mean(),
    "reinforce": lambda temperature: Reinforce(),
    "leave_one_out": lambda temperature: LeaveOneOut(_SCORED),
    "vimco": lambda temperature: VIMCO(_SCORED),
    "muprop": lambda temperature: MuProp(),
}

# From a name to a function from the number of topics to the estimator. These estimators learn a
# baseline or a control variate while the model is trained, so one estimator serves all steps.
LEARNING_ESTIMATORS: dict[str, Callable[..., GradientEstimator]] = {
    "nvil": NVIL,
    "rebar": partial(Relax, n_hidden=0),
    "relax": Relax,
}


def count_estimator(
    estimator: str | GradientEstimator, temperature: float | Tensor
) -> GradientEstimator:
    """Return an estimator of the gradient of E[f(z)], with counts z on finitely many atoms.

    Args:
        estimator: a name in ``COUNT_ESTIMATORS``; "eat" takes the counts to be Poisson. An
            estimator from ``learning_estimator`` is returned as it is.
        temperature: above 0; only relaxations use it.

    Example:
        >>> count_estimator("gengs_st", 0.5).straight_through
        True
    """
    if isinstance(estimator, GradientEstimator):
        return estimator
    return COUNT_ESTIMATORS[estimator](temperature)


def learning_estimator(
    name: str, smoothing: Tensor, *, generator: Generator | None = None
) -> GradientEstimator | None:
    """Return a new estimator that learns, or None if the named estimator does not learn.

    Args:
        name: in ``LEARNING_ESTIMATORS`` or ``COUNT_ESTIMATORS``.
        smoothing: of each topic, shape (n_topics,); the estimator gets its device and dtype.
        generator: draws the first weights; None for torch's global stream.

    Example:
        >>> import torch
        >>> learning_estimator("nvil", torch.ones(3)).n_latents
        3
    """
    if name not in LEARNING_ESTIMATORS:
        return None
    return LEARNING_ESTIMATORS[name](len(smoothing), generator=generator).to(smoothing)


def estimated(
    gradient: GradientEstimator,
    q: Finite,
    log_likelihood: Callable[[Tensor], Tensor],
    n_tokens: Tensor,
    *,
    prior: Finite | None = None,
    kl_weight: float | Tensor = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    r"""Return :math:`E_q[\log p(x \mid z)]` of each document, less :math:`w \, KL(q \| p)`.

    The divergence is exact. Only VIMCO makes it part of each sample's weight, and estimates
    :math:`E \log \frac1S \sum_s p(x, z_s) / q(z_s)`, and without a prior
    :math:`E \log \frac1S \sum_s p(x \mid z_s)`.

    Args:
        gradient: the estimator.
        q: the posterior, batch shape (n_documents, n_topics).
        log_likelihood: :math:`\log p(x \mid z)` of each document, shape (n_documents,), at z of
            shape (n_documents, n_topics).
        n_tokens: of x, shape (n_documents,). Learnt baselines are in nats per token, so that they
            have the same scale in short and in long documents.
        prior: p, batch shape (n_topics,) or (n_documents, n_topics); None for the expectation
            alone.
        kl_weight: :math:`w`; for VIMCO, of :math:`\log p(z) / q(z)` in each sample's weight.
        generator: where the randomness comes from; None for torch's global stream.

    Returns:
        Shape (n_documents,), in nats, with gradients.
    """
    is_weighted = isinstance(gradient, VIMCO)
    learns = next(gradient.parameters(), None) is not None
    scale = n_tokens.clamp_min(1.0) if learns else torch.ones_like(n_tokens)

    def loss(z: Tensor) -> Tensor:
        log_weight = torch.stack([log_likelihood(one) for one in z])
        if prior is not None and is_weighted:
            log_ratio = (prior.log_prob(z) - q.log_prob(z)).sum(-1)
            log_weight = log_weight + kl_weight * log_ratio
        return -log_weight / scale

    bound = -scale * gradient.surrogate(q, loss, generator=generator)
    if prior is None or is_weighted:
        return bound
    return bound - kl_weight * kl_divergence(q, prior).sum(-1)


def drawn_by(
    estimator: str, temperature: float | Tensor, law: Finite, *, generator: Generator | None = None
) -> Tensor:
    r"""Return one value of each count as the estimator uses it, shape (\*batch).

    An estimator that is not pathwise uses the counts themselves, which have no gradients.

    Args:
        estimator: a name in ``COUNT_ESTIMATORS`` or ``LEARNING_ESTIMATORS``.
        temperature: as in ``count_estimator``.
        law: of the counts, batch shape (\*batch).
        generator: where the randomness comes from; None for torch's global stream.
    """
    if estimator not in LEARNING_ESTIMATORS:
        pathwise = count_estimator(estimator, temperature)
        if isinstance(pathwise, PathwiseEstimator):
            return pathwise.sample(law, generator=generator)[0]
    return law.sample(generator=generator)
