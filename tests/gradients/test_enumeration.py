import pytest
import torch
from torch.distributions import Bernoulli, Binomial, Categorical, Multinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import Enumeration

from .conftest import LAWS, doubles, reciprocal, square


def test_gradient_of_a_quadratic_loss_is_known_by_hand():
    """E[(z - 3)^2] is (r - 3)^2 + r for a Poisson law, of which nothing is clamped here."""
    rate = doubles(0.5, 2.0, 5.0).requires_grad_()
    value = Enumeration().surrogate(Truncated(Poisson(rate), upper=60), square)
    value.sum().backward()
    torch.testing.assert_close(value.detach(), (rate.detach() - 3) ** 2 + rate.detach())
    torch.testing.assert_close(rate.grad, 2 * (rate.detach() - 3) + 1)


def test_gradient_of_another_loss_is_known_by_hand():
    """E[1 / (1 + z)] is (1 - exp(-r)) / r for a Poisson law."""
    rate = doubles(0.5, 2.0, 5.0).requires_grad_()
    Enumeration().surrogate(Truncated(Poisson(rate), upper=60), reciprocal).sum().backward()
    r = rate.detach()
    torch.testing.assert_close(rate.grad, ((-r).exp() * (1 + r) - 1) / r**2)


@pytest.mark.parametrize("objective", [square, reciprocal])
@pytest.mark.parametrize("law", LAWS)
def test_gradient_is_the_slope_of_the_expectation(law, objective):
    make, at = LAWS[law]
    at = at.double().unsqueeze(0).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: Enumeration().surrogate(make(p), objective), at)


def test_truncation_moves_the_mass_onto_the_ends():
    """E[min(X, 1)] is the chance of a count above 0."""
    rate = doubles(0.7).requires_grad_()
    value = Enumeration().surrogate(Truncated(Poisson(rate), upper=1), lambda z: z)
    value.sum().backward()
    torch.testing.assert_close(value.detach(), 1 - (-rate.detach()).exp())
    torch.testing.assert_close(rate.grad, (-rate.detach()).exp())


def test_objective_is_asked_about_every_atom_once():
    asked = []

    def recording(z):
        asked.append(z)
        return square(z)

    law = Finite(torch.zeros(2, 3), torch.tensor([0.0, 2.0, 7.0]))
    Enumeration(n_samples=5).surrogate(law, recording)
    assert [z.tolist() for z in asked] == [[[0.0, 0.0], [2.0, 2.0], [7.0, 7.0]]]


def test_objectives_parameters_get_the_gradient_of_the_expectation():
    weight = doubles(0.5)[0].requires_grad_()
    law = Binomial(4, probs=doubles(0.25))
    Enumeration().surrogate(law, lambda z: weight**2 * z.square()).sum().backward()
    assert weight.grad.item() == pytest.approx(2 * 0.5 * (0.75 + 1.0))  # variance + mean^2


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (Bernoulli(probs=doubles(0.3)), 0.7 * 9 + 0.3 * 4),
        (Categorical(probs=doubles([0.2, 0.5, 0.3])), 0.2 * 9 + 0.5 * 4 + 0.3),
        (Binomial(1, probs=doubles(0.3)), 0.7 * 9 + 0.3 * 4),
    ],
)
def test_laws_of_torch_on_finitely_many_atoms_will_do(law, expected):
    assert Enumeration().surrogate(law, square).tolist() == pytest.approx([expected])


def test_vectors_are_enumerated():
    """E[z_1 z_2] is N (N - 1) p_1 p_2 for a multinomial law."""
    law = Multinomial(3, doubles([0.7, 0.2, 0.1], [0.1, 0.1, 0.8]))
    value = Enumeration().surrogate(law, lambda z: z[..., 0] * z[..., 1])
    torch.testing.assert_close(value, 6 * doubles(0.14, 0.01))


@pytest.mark.parametrize(("axes", "found"), [((-1,), "(4,)"), ((-1, -2), "()")])
def test_a_loss_that_latent_variables_share_is_refused(axes, found):
    law = Finite(torch.zeros(4, 2, 3), torch.arange(3.0))
    with pytest.raises(ValueError, match="a loss that joins") as caught:
        Enumeration().surrogate(law, lambda z: z.sum(axes))
    assert str(caught.value) == (
        "a loss that joins several latent variables cannot be enumerated one by one (expected "
        f"losses of shape (4, 2), got {found}); replace the variables by one Finite with their "
        "combined values as atoms, or use another estimator"
    )


def test_pairs_of_values_are_the_atoms_of_a_joint_loss():
    """E[(a - b)^2] of independent a and b is (E a - E b)^2 plus their variances."""
    p = doubles(0.3, 0.8).requires_grad_()
    masses = torch.stack([1 - p, p], -1)
    pairs = torch.cartesian_prod(torch.arange(2.0), torch.arange(2.0)).double()
    law = Finite((masses[0, :, None] * masses[1]).flatten().log(), pairs)
    value = Enumeration().surrogate(law, lambda z: (z[..., 0] - z[..., 1]) ** 2)
    value.backward()
    assert value.item() == pytest.approx(0.5**2 + 0.3 * 0.7 + 0.8 * 0.2)
    assert p.grad.tolist() == pytest.approx([1 - 2 * 0.8, 1 - 2 * 0.3])  # of a + b - 2 a b


def test_losses_of_a_wrong_shape_are_refused():
    law = Finite(torch.zeros(4, 2, 3), torch.arange(3.0))
    with pytest.raises(ValueError, match="expected") as caught:
        Enumeration().surrogate(law, lambda z: z[..., None] + torch.zeros(5))
    assert str(caught.value) == (
        "expected a loss for each latent variable, of shape (4, 2), got losses of shape (4, 2, 5); "
        "return one number for each"
    )


def test_a_law_on_infinitely_many_atoms_is_refused():
    with pytest.raises(TypeError, match="has no finite support") as caught:
        Enumeration().surrogate(Poisson(doubles(1.0)), square)
    assert str(caught.value).endswith("truncate it: Truncated(Poisson(...))")
