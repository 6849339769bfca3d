"""torch.func, torch.compile and copy.deepcopy."""

import copy

import pytest
import torch
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Geometric,
    NegativeBinomial,
    Poisson,
    kl_divergence,
)
from torch.func import grad, jacrev, vmap

from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    ZeroInflatedPoisson,
    enumerated,
)

UNCHECKED = {"validate_args": False}
AT = torch.tensor([0.5, 2.0, 3.0])


def truncated(base):
    return Truncated(base, upper=6, **UNCHECKED)


MADE = {
    "Finite": lambda x: Finite(torch.stack([x, -x, 2 * x], -1), torch.arange(3.0), **UNCHECKED),
    "Poisson": lambda x: truncated(Poisson(x, **UNCHECKED)),
    "NegativeBinomial": lambda x: truncated(NegativeBinomial(3.0, logits=x.log(), **UNCHECKED)),
    "NegativeBinomial's size": lambda x: truncated(
        NegativeBinomial(x, torch.tensor(0.4), **UNCHECKED)
    ),
    "Geometric": lambda x: truncated(Geometric(x / 5, **UNCHECKED)),
    "Binomial": lambda x: truncated(Binomial(6, x / 5, **UNCHECKED)),
    "ZeroInflatedPoisson": lambda x: truncated(ZeroInflatedPoisson(x / 5, x, **UNCHECKED)),
    "Binomial of torch": lambda x: enumerated(Binomial(6, x / 5, **UNCHECKED)),
    "Categorical": lambda x: enumerated(
        Categorical(logits=torch.stack([x, -x, 2 * x], -1), **UNCHECKED)
    ),
    "Bernoulli": lambda x: enumerated(Bernoulli(x / 5, **UNCHECKED)),
}
ASKED = {
    "mean": lambda law: law.mean,
    "log_prob": lambda law: law.log_prob(torch.tensor(1.0)),
    "entropy": lambda law: law.entropy(),
    "kl": lambda law: kl_divergence(
        law, Finite(torch.zeros(len(law.atoms)), law.atoms, **UNCHECKED)
    ),
}


@pytest.fixture(params=MADE)
def make(request):
    return MADE[request.param]


def relaxed(law, **options):
    return GeneralizedGumbelSoftmax(law, 0.5, **options, **UNCHECKED)


def seeded():
    return torch.Generator().manual_seed(3)


def gradient(function, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(function(x).sum(), x)[0]


@pytest.mark.parametrize("asked", ASKED)
def test_values_and_gradients_under_torch_func_are_those_of_autograd(make, asked):
    def value(x):
        return ASKED[asked](make(x))

    close = {"rtol": 1e-4, "atol": 1e-6}
    gradients = torch.stack([gradient(value, x) for x in AT])
    torch.testing.assert_close(vmap(value)(AT), torch.stack([value(x) for x in AT]), **close)
    torch.testing.assert_close(torch.stack([grad(value)(x) for x in AT]), gradients, **close)
    torch.testing.assert_close(vmap(grad(value))(AT), gradients, **close)
    torch.testing.assert_close(jacrev(value)(AT).diagonal(), gradients, **close)


@pytest.mark.parametrize("straight_through", [False, True])
def test_relaxed_samples_and_gradients_under_torch_func_are_those_of_autograd(
    make, straight_through
):
    def value(x):
        law = relaxed(make(x), straight_through=straight_through)
        return law.rsample((4,), generator=seeded()).sum()

    torch.testing.assert_close(grad(value)(AT[1]), gradient(value, AT[1]), rtol=1e-4, atol=1e-5)
    torch.manual_seed(3)
    ours = grad(lambda x: relaxed(make(x)).rsample((4,)).sum())(AT[1])
    torch.manual_seed(3)
    theirs = gradient(lambda x: relaxed(make(x)).rsample((4,)).sum(), AT[1])
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("randomness", ["same", "different"])
def test_draws_may_be_mapped(make, randomness):
    for draw in (
        lambda x: relaxed(make(x)).rsample((5,)),
        lambda x: relaxed(make(x), straight_through=True).rsample((5,)),
        lambda x: make(x).sample((5,)),
    ):
        z = vmap(draw, randomness=randomness)(AT)
        assert z.shape == (3, 5)
        assert bool(z.isfinite().all())
        same = vmap(draw, randomness=randomness)(AT[:1].expand(3))
        assert (
            torch.equal(same[0], same[1]) == (randomness == "same") or same[0].unique().numel() < 3
        )


def test_second_derivatives_under_torch_func_are_those_of_autograd():
    def value(x):
        return relaxed(MADE["Finite"](x)).rsample((9,), generator=seeded()).square().sum()

    x = AT[1].clone().requires_grad_()
    (first,) = torch.autograd.grad(value(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    torch.testing.assert_close(grad(grad(value))(AT[1]), second, rtol=1e-4, atol=1e-4)


@pytest.fixture
def dynamo():
    """The compiler, which stops torch's distributions from checking their arguments for good."""
    before = Distribution._validate_args
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()
    Distribution.set_default_validate_args(before)


@pytest.mark.slow
@pytest.mark.usefixtures("dynamo")
@pytest.mark.parametrize("fullgraph", [False, True])
def test_compiled_code_gives_the_same(make, fullgraph):
    """By the backend that runs what was captured as it is: the others draw their own noise."""

    def value(x):
        law = make(x)
        asked = [function(law) for function in ASKED.values()]
        return torch.stack([*asked, relaxed(law).rsample((4,)).sum()])

    compiled = torch.compile(value, backend="eager", fullgraph=fullgraph)
    torch.manual_seed(3)
    ours = compiled(AT[1])
    torch.manual_seed(3)
    torch.testing.assert_close(ours, value(AT[1]), rtol=1e-4, atol=1e-5)


COPIED = {
    "Finite": lambda x: Finite(torch.stack([x, -x], -1), torch.arange(2.0)),
    "Truncated": lambda x: Truncated(Poisson(x), upper=6),
    "GenGS": lambda x: GeneralizedGumbelSoftmax(Truncated(Poisson(x), upper=6), 0.5),
    "expanded": lambda x: Truncated(Poisson(x), upper=6).expand((3, 2)),
    "enumerated": lambda x: enumerated(Categorical(logits=torch.stack([x, -x], -1))),
    "ZeroInflatedPoisson": lambda x: Truncated(ZeroInflatedPoisson(x / 4, x), upper=6),
    "ConwayMaxwellPoisson": lambda x: Truncated(ConwayMaxwellPoisson(x, 1.0), upper=6),
}


@pytest.mark.parametrize("name", COPIED)
def test_a_deep_copy_has_the_values_and_the_gradients_to_the_same_parameters(name):
    parameter = torch.tensor([0.5, 2.0], requires_grad=True)
    law = COPIED[name](2 * parameter)
    other = copy.deepcopy(law)
    assert type(other) is type(law)
    assert torch.equal(other.probs, law.probs)
    assert other.sample((4,)).shape == law.sample((4,)).shape
    gradients = [
        torch.autograd.grad(x.mean.sum(), parameter, retain_graph=True)[0] for x in (law, other)
    ]
    torch.testing.assert_close(*gradients)
    assert other.probs.data_ptr() != law.probs.data_ptr()


def test_a_deep_copy_of_a_parameter_is_a_parameter_of_its_own():
    rate = torch.tensor([0.5, 2.0], requires_grad=True)
    other = copy.deepcopy(Truncated(Poisson(rate), upper=6))
    other.mean.sum().backward()
    assert rate.grad is None
    assert other.base.rate.grad is not None
    logits = torch.zeros(3, requires_grad=True)
    law = Finite(logits, torch.arange(3.0))
    law.mean.backward()
    other, logits.grad = copy.deepcopy(law), None
    other.mean.backward()
    assert logits.grad is None
    assert other._scores.grad is not None


@pytest.mark.parametrize(
    "law",
    [
        lambda x: ZeroInflatedPoisson(x / 4, x),
        lambda x: ConwayMaxwellPoisson(x, 1.0),
    ],
)
def test_count_distributions_are_copied(law):
    parameter = torch.tensor([0.5, 2.0], requires_grad=True)
    original = law(2 * parameter)
    value = original.mean
    other = copy.deepcopy(original)
    assert torch.equal(other.mean, value)
    assert other.mean.requires_grad
