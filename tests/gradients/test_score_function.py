import math

import pytest
import torch
from torch.distributions import Categorical, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import VIMCO, LeaveOneOut, Reinforce

from .conftest import (
    ATOMS,
    Fixed,
    doubles,
    every_choice,
    exact_gradient_of_several,
    expected_gradient,
    gradients,
    product_of_latents,
    square,
)

FOUR = doubles([0.5, -0.2, 0.1, -0.6])
THREE = doubles(0.0, 1.0, 3.0)
TWO_OF_THREE = doubles([0.5, -0.2, 0.1], [-0.6, 0.3, 0.0])


def own(objective):
    """The loss of one latent variable, on an axis of latents."""
    return lambda z: objective(z).squeeze(-1)


@pytest.mark.parametrize("estimator", [Reinforce(), Reinforce(2), LeaveOneOut(), LeaveOneOut(3)])
def test_mean_over_all_draws_is_the_gradient(estimator):
    expected = exact_gradient_of_several(FOUR, ATOMS, own(square))
    found = expected_gradient(estimator, FOUR, ATOMS, own(square))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("estimator", [Reinforce(), LeaveOneOut()])
def test_mean_over_all_draws_is_the_gradient_of_latents_that_share_a_loss(estimator):
    expected = exact_gradient_of_several(TWO_OF_THREE, THREE, product_of_latents)
    found = expected_gradient(estimator, TWO_OF_THREE, THREE, product_of_latents)
    torch.testing.assert_close(found, expected)


def test_reinforce_weighs_the_score_with_the_loss():
    logits = FOUR.clone().requires_grad_()
    Reinforce(2).surrogate(Fixed(logits, ATOMS, doubles([5.0], [0.0])), square).sum().backward()
    scores = torch.eye(4, dtype=torch.float64)[[3, 0]] - FOUR.softmax(-1)
    torch.testing.assert_close(logits.grad[0], (4 * scores[0] + 9 * scores[1]) / 2)


def test_leave_one_out_measures_each_loss_against_the_mean_of_the_others():
    logits = FOUR.clone().requires_grad_()
    law = Fixed(logits, ATOMS, doubles([5.0], [0.0], [2.0]))
    LeaveOneOut(3).surrogate(law, square).sum().backward()
    scores = torch.eye(4, dtype=torch.float64)[[3, 0, 2]]  # their weights sum to 0
    weights = doubles(4 - (9 + 1) / 2, 9 - (4 + 1) / 2, 1 - (4 + 9) / 2)
    torch.testing.assert_close(logits.grad[0], weights @ scores / 3)


def test_leave_one_out_sees_no_constant_of_the_loss():
    found = []
    for constant in (0.0, 1e6):
        torch.manual_seed(1)
        rate = torch.full((50,), 4.0, dtype=torch.float64, requires_grad=True)
        law = Truncated(Poisson(rate), upper=15)
        LeaveOneOut().surrogate(law, lambda z, c=constant: square(z) + c).sum().backward()
        found.append(rate.grad)
    torch.testing.assert_close(found[0], found[1], rtol=1e-6, atol=1e-6)
    assert bool(found[0].any())


def test_leave_one_out_varies_less_than_reinforce_of_as_many_samples():
    """The ratio is about 0.7, known within 0.02."""

    def law(rate):
        return Truncated(Poisson(rate), upper=20)

    rate = torch.tensor(5.0, dtype=torch.float64)
    plain = gradients(Reinforce(4), law, rate, square, 50_000)
    against_others = gradients(LeaveOneOut(4), law, rate, square, 50_000)
    assert against_others.var() < 0.85 * plain.var()


@pytest.mark.parametrize("estimator", [Reinforce(), LeaveOneOut(), VIMCO(2)])
def test_a_law_that_normalises_its_masses_when_it_is_first_asked_gets_its_gradient(estimator):
    logits = torch.zeros(5, 3, requires_grad=True)
    weight = torch.ones((), requires_grad=True)
    law = Finite(logits, torch.arange(3.0))
    estimator.surrogate(law, lambda z: weight * square(z)).sum().backward()
    assert logits.grad is not None
    assert bool(logits.grad.any())


@pytest.mark.parametrize("estimator", [Reinforce(), LeaveOneOut(), VIMCO(2)])
def test_the_values_of_a_categorical_law_are_numbers_to_compute_with(estimator):
    logits = torch.zeros(20, 4, requires_grad=True)
    value = estimator.surrogate(Categorical(logits=logits), lambda z: (z - 3) ** 2)
    value.sum().backward()
    assert value.dtype == torch.float32
    assert bool(logits.grad.isfinite().all() & logits.grad.any())


@pytest.mark.parametrize("estimator", [Reinforce, LeaveOneOut, VIMCO])
def test_a_law_that_is_not_truncated_will_do(estimator):
    rate = torch.full((50,), 4.0, requires_grad=True)
    estimator(n_samples=2).surrogate(Poisson(rate), square).sum().backward()
    assert bool(rate.grad.isfinite().all() & rate.grad.any())


@pytest.mark.parametrize("estimator", [LeaveOneOut, VIMCO])
@pytest.mark.parametrize("n_samples", [1, 0, -1])
def test_fewer_than_two_samples_are_refused(estimator, n_samples):
    with pytest.raises(ValueError, match="expected") as caught:
        estimator(n_samples=n_samples)
    assert str(caught.value) == (
        f"expected n_samples of at least 2 for {estimator.__name__}, got {n_samples}; draw more"
    )


def bound_of_two(logits, atoms, objective):
    """Return the gradient of E[-log mean w] over all pairs of samples."""
    logits = logits.detach().requires_grad_()
    single = every_choice(len(atoms), len(logits))
    chances = logits.softmax(-1)[torch.arange(len(logits)), single].prod(-1)
    weights = (-objective(atoms[single])).exp()
    pairs = (weights.unsqueeze(0) + weights.unsqueeze(1)) / 2
    (chances.unsqueeze(0) * chances.unsqueeze(1) * -pairs.log()).sum().backward()
    return logits.grad


def test_vimco_has_the_gradient_of_the_bound_of_two_samples():
    expected = bound_of_two(FOUR, ATOMS, own(square))
    torch.testing.assert_close(expected_gradient(VIMCO(2), FOUR, ATOMS, own(square)), expected)


def test_vimco_has_the_gradient_of_the_bound_where_latents_share_a_loss():
    expected = bound_of_two(TWO_OF_THREE, THREE, product_of_latents)
    found = expected_gradient(VIMCO(2), TWO_OF_THREE, THREE, product_of_latents)
    torch.testing.assert_close(found, expected)


def test_vimco_differs_from_the_gradient_of_the_mean_loss():
    of_mean = exact_gradient_of_several(FOUR, ATOMS, own(square))
    assert (expected_gradient(VIMCO(2), FOUR, ATOMS, own(square)) - of_mean).abs().max() > 0.1


def test_vimco_measures_each_signal_against_the_geometric_mean_of_the_other_weights():
    logits = FOUR.clone().requires_grad_()
    VIMCO(3).surrogate(Fixed(logits, ATOMS, doubles([5.0], [0.0], [2.0])), square).sum().backward()
    log_weights = doubles(-4.0, -9.0, -1.0)
    bound = math.log(3) - log_weights.logsumexp(0)
    expected = torch.zeros(4, dtype=torch.float64)
    for sample, atom in enumerate((3, 0, 2)):
        replaced = log_weights.clone()
        replaced[sample] = log_weights[torch.arange(3) != sample].mean()
        signal = bound - (math.log(3) - replaced.logsumexp(0))
        expected += signal * (torch.eye(4, dtype=torch.float64)[atom] - FOUR[0].softmax(-1))
    torch.testing.assert_close(logits.grad[0], expected)


def test_vimco_has_the_value_of_the_bound():
    law = Fixed(FOUR, ATOMS, doubles([5.0], [0.0], [2.0]))
    value = VIMCO(3).surrogate(law, square)
    expected = -math.log((math.exp(-4) + math.exp(-9) + math.exp(-1)) / 3)
    assert value.item() == pytest.approx(expected)


def test_vimco_stands_the_smallest_weights():
    rate = torch.full((4,), 5.0, requires_grad=True)
    value = VIMCO(3).surrogate(Truncated(Poisson(rate), upper=15), lambda z: 1e4 + 1e3 * z)
    value.sum().backward()
    assert bool((value >= 1e4).all())
    assert bool(rate.grad.isfinite().all())
