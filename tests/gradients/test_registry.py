import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated
from topicgen.errors import InputError
from topicgen.gradients import (
    ESTIMATORS,
    NVIL,
    RELAXATIONS,
    VIMCO,
    Enumeration,
    ExponentialArrivals,
    GaussianApproximation,
    GenGS,
    GradientEstimator,
    LeaveOneOut,
    Mean,
    MuProp,
    PathwiseEstimator,
    Reinforce,
    Relax,
    differentiable_sample,
)


def test_names_stand_for_the_estimators():
    assert {name: type(make()) for name, make in ESTIMATORS.items()} == {
        "gengs": GenGS,
        "gengs_st": GenGS,
        "eat": ExponentialArrivals,
        "eat_sigmoid": ExponentialArrivals,
        "gaussian": GaussianApproximation,
        "mean": Mean,
        "reinforce": Reinforce,
        "leave_one_out": LeaveOneOut,
        "vimco": VIMCO,
        "nvil": NVIL,
        "muprop": MuProp,
        "rebar": Relax,
        "relax": Relax,
        "enumeration": Enumeration,
    }


def test_all_keep_the_protocol():
    assert all(isinstance(make(), GradientEstimator) for make in ESTIMATORS.values())
    assert all(isinstance(make(), PathwiseEstimator) for make in RELAXATIONS.values())


def test_names_that_share_a_class_differ():
    assert not ESTIMATORS["gengs"]().straight_through
    assert ESTIMATORS["gengs_st"]().straight_through
    assert ESTIMATORS["eat"]().indicator == "cubic"
    assert ESTIMATORS["eat_sigmoid"]().indicator == "sigmoid"
    assert ESTIMATORS["rebar"]().network is None
    assert ESTIMATORS["relax"]().network is not None


def test_relaxations_are_those_that_need_masses_only():
    assert list(RELAXATIONS) == ["gengs", "gengs_st"]
    assert all(ESTIMATORS[name] is make for name, make in RELAXATIONS.items())


@pytest.mark.parametrize("name", ESTIMATORS)
def test_options_are_passed_on(name):
    assert ESTIMATORS[name](n_samples=7).n_samples == 7


@pytest.mark.parametrize("name", ["gengs", "gengs_st", "eat", "eat_sigmoid"])
def test_temperature_is_the_first_option(name):
    assert ESTIMATORS[name](0.3).temperature == 0.3


@pytest.mark.parametrize(("name", "straight_through"), [("gengs", False), ("gengs_st", True)])
def test_differentiable_sample_is_one_of_the_relaxed_law(name, straight_through):
    law = Truncated(Poisson(torch.tensor([1.0, 4.0])), upper=15)
    torch.manual_seed(1)
    z = differentiable_sample(name, law, 0.5)
    torch.manual_seed(1)
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    assert torch.equal(z, relaxed.rsample())
    assert bool(law.support.check(z).all()) == straight_through


@pytest.mark.parametrize("name", RELAXATIONS)
def test_differentiable_sample_has_a_finite_gradient_at_any_rate(name):
    rate = torch.tensor([[1e-6, 0.5], [5.0, 1e4]], requires_grad=True)
    z = differentiable_sample(name, Truncated(Poisson(rate), upper=15), 0.5)
    assert z.shape == (2, 2)
    assert bool((z >= 0).all() & (z <= 15).all())
    z.sum().backward()
    assert bool(rate.grad.isfinite().all())
    assert rate.grad[1, 0] > 0


@pytest.mark.parametrize("name", RELAXATIONS)
def test_differentiable_sample_points_uphill(name):
    """The mean grows with every logit of an atom above it: sure but for 1e-9 of the seeds."""
    logits = torch.zeros(20_000, 3, requires_grad=True)
    law = Finite(logits, torch.arange(3.0))
    differentiable_sample(name, law, 0.5).mean().backward()
    gradient = logits.grad.sum(0)
    assert gradient[0] < 0 < gradient[2]


@pytest.mark.parametrize("name", ["GENGS", "", None, "reinforce", "eat"])
def test_differentiable_sample_refuses_what_is_no_relaxation(name):
    law = Finite(torch.zeros(2), torch.arange(2.0))
    with pytest.raises(InputError) as caught:
        differentiable_sample(name, law, 0.5)
    assert str(caught.value) == (
        f"expected gradient_estimator to be one of gengs, gengs_st, got {name!r}"
    )


@pytest.mark.parametrize("name", RELAXATIONS)
def test_differentiable_sample_draws_from_the_generator_that_is_given(name):
    law = Finite(torch.randn(20, 6), torch.arange(6.0))
    before = torch.get_rng_state()
    first, second, other = (
        differentiable_sample(name, law, 0.5, generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)
