"""Draws from a distribution of torch, out of a generator that is given."""

import inspect
from functools import singledispatch

import torch
from torch import Generator, Tensor
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Geometric,
    Independent,
    Multinomial,
    NegativeBinomial,
    OneHotCategorical,
    Poisson,
)

from topicgen.distributions.checks import check_law
from topicgen.distributions.finite import Shape


def draw(
    law: Distribution,
    sample_shape: Shape = torch.Size(),  # noqa: B008
    *,
    generator: Generator | None = None,
) -> Tensor:
    r"""Draw from a discrete distribution, as its ``sample`` does, out of the given generator.

    torch's own ``sample`` draws from the global stream only. Here the same seed gives the same
    values whatever else draws meanwhile.

    Args:
        law: a Bernoulli, binomial, categorical, geometric, multinomial, negative binomial, one-hot
            categorical or Poisson distribution of torch, or any whose ``sample`` takes a
            ``generator``, as this package's do; batch shape (\*batch), event shape (\*event).
        sample_shape: how many to draw.
        generator: where the randomness comes from; None for torch's global stream.

    Returns:
        Without gradients, shape (\*sample_shape, \*batch, \*event).

    Raises:
        TypeError: where a generator is given, and the distribution is none of these.

    Example:
        >>> law = torch.distributions.Poisson(torch.tensor([1.0, 50.0]))
        >>> first, second = (
        ...     draw(law, (3,), generator=torch.Generator().manual_seed(0)) for _ in range(2)
        ... )
        >>> first.shape, torch.equal(first, second)
        (torch.Size([3, 2]), True)
    """
    check_law("law", law)
    sample_shape = torch.Size(sample_shape)
    if generator is None:
        return law.sample(sample_shape)
    with torch.no_grad():
        return _draw(law, sample_shape, generator)


@singledispatch
def _draw(law: Distribution, sample_shape: torch.Size, generator: Generator) -> Tensor:
    if "generator" in inspect.signature(law.sample).parameters:
        return law.sample(sample_shape, generator=generator)  # type: ignore[call-arg]
    raise TypeError(
        f"cannot draw from {law} with a generator; use a discrete distribution of torch or of "
        "topicgen.distributions, or leave the generator out"
    )


@_draw.register
def _(law: Independent, sample_shape: torch.Size, generator: Generator) -> Tensor:
    return _draw(law.base_dist, sample_shape, generator)


@_draw.register
def _(law: Poisson, sample_shape: torch.Size, generator: Generator) -> Tensor:
    return torch.poisson(law.rate.expand(law._extended_shape(sample_shape)), generator)


@_draw.register
def _(law: NegativeBinomial, sample_shape: torch.Size, generator: Generator) -> Tensor:
    # A Poisson count of a Gamma rate.
    size = law.total_count.expand(law._extended_shape(sample_shape))
    rate = torch._standard_gamma(size, generator) * law.logits.exp()
    return torch.poisson(rate, generator)


@_draw.register
def _(law: Geometric, sample_shape: torch.Size, generator: Generator) -> Tensor:
    uniform = law.probs.new_empty(law._extended_shape(sample_shape))
    uniform.uniform_(torch.finfo(uniform.dtype).tiny, 1, generator=generator)
    return (uniform.log() / torch.log1p(-law.probs)).floor()


@_draw.register
def _(law: Bernoulli, sample_shape: torch.Size, generator: Generator) -> Tensor:
    probs = law.probs.expand(law._extended_shape(sample_shape))
    return torch.bernoulli(probs, generator=generator)


@_draw.register
def _(law: Binomial, sample_shape: torch.Size, generator: Generator) -> Tensor:
    shape = law._extended_shape(sample_shape)
    return torch.binomial(law.total_count.expand(shape), law.probs.expand(shape), generator)


@_draw.register
def _(law: Categorical, sample_shape: torch.Size, generator: Generator) -> Tensor:
    probs = law.probs.reshape(-1, law.probs.shape[-1])
    rows = torch.multinomial(probs, sample_shape.numel(), replacement=True, generator=generator)
    return rows.T.reshape(law._extended_shape(sample_shape))


@_draw.register
def _(law: OneHotCategorical, sample_shape: torch.Size, generator: Generator) -> Tensor:
    categories = _draw(Categorical(law.probs, validate_args=False), sample_shape, generator)
    return torch.nn.functional.one_hot(categories, law.event_shape[0]).to(law.probs)


@_draw.register
def _(law: Multinomial, sample_shape: torch.Size, generator: Generator) -> Tensor:
    trials = torch.Size([law.total_count, *sample_shape])
    categories = _draw(Categorical(law.probs, validate_args=False), trials, generator)
    counts = law.probs.new_zeros(law._extended_shape(sample_shape))
    index = categories.movedim(0, -1)
    return counts.scatter_add(-1, index, torch.ones_like(index, dtype=counts.dtype))
