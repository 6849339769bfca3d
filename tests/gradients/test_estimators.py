import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated
from topicgen.errors import InputError
from topicgen.gradients import ESTIMATORS, differentiable_sample


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_gives_one_sample_with_a_finite_gradient(estimator):
    rate = torch.tensor([[1e-6, 0.5], [5.0, 1e4]], requires_grad=True)
    z = differentiable_sample(estimator, Truncated(Poisson(rate), upper=15), 0.5)
    assert z.shape == (2, 2)
    assert bool((z >= 0).all() & (z <= 15).all())
    z.sum().backward()
    assert bool(rate.grad.isfinite().all())
    assert rate.grad[1, 0] > 0


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_points_uphill(estimator):
    """The mean grows with every logit of an atom above it: sure but for 1e-9 of the seeds."""
    logits = torch.zeros(20_000, 3, requires_grad=True)
    law = Finite(logits, torch.arange(3.0))
    differentiable_sample(estimator, law, 0.5).mean().backward()
    gradient = logits.grad.sum(0)
    assert gradient[0] < 0 < gradient[2]


@pytest.mark.parametrize(("estimator", "straight_through"), [("gengs", False), ("gengs_st", True)])
def test_names_stand_for_the_relaxation_and_its_straight_through_form(estimator, straight_through):
    law = Truncated(Poisson(torch.tensor([1.0, 4.0])), upper=15)
    torch.manual_seed(1)
    z = differentiable_sample(estimator, law, 0.5)
    torch.manual_seed(1)
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    assert torch.equal(z, relaxed.rsample())
    assert bool(law.support.check(z).all()) == straight_through


@pytest.mark.parametrize("estimator", ["GENGS", "", None, "reinforce"])
def test_unknown_name_is_refused(estimator):
    law = Finite(torch.zeros(2), torch.arange(2.0))
    with pytest.raises(InputError) as caught:
        differentiable_sample(estimator, law, 0.5)
    assert str(caught.value) == (
        f"expected gradient_estimator to be one of gengs, gengs_st, got {estimator!r}"
    )
