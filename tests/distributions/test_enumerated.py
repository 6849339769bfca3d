from itertools import product

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Multinomial,
    Normal,
    OneHotCategorical,
    Poisson,
    kl_divergence,
)

from topicgen.distributions import Finite, enumerated

from .laws import doubles


def test_a_finite_law_is_returned_as_it_is():
    law = Finite(torch.zeros(2), torch.arange(2))
    assert enumerated(law) is law


@pytest.mark.parametrize(("n_trials", "n_categories"), [(3, 3), (0, 3), (5, 1), (1, 4), (4, 2)])
def test_the_atoms_of_a_multinomial_are_all_its_count_vectors(n_trials, n_categories):
    law = enumerated(Multinomial(n_trials, torch.ones(n_categories)))
    vectors = {
        vector
        for vector in product(range(n_trials + 1), repeat=n_categories)
        if sum(vector) == n_trials
    }
    assert {tuple(atom) for atom in law.atoms.tolist()} == vectors
    assert len(law.atoms) == len(vectors)
    assert law.event_shape == (n_categories,)


def test_the_moments_of_a_multinomial_are_those_of_torch():
    base = Multinomial(3, doubles([0.7, 0.2, 0.1], [0.1, 0.1, 0.8]))
    law = enumerated(base)
    torch.testing.assert_close(law.mean, base.mean)
    torch.testing.assert_close(law.variance, base.variance)
    entropies = [stats.multinomial(3, row).entropy() for row in base.probs.numpy()]
    np.testing.assert_allclose(law.entropy(), entropies)


def test_the_kl_of_a_multinomial_is_that_of_its_categories_times_the_trials():
    p, q = doubles(0.7, 0.2, 0.1), doubles(0.2, 0.3, 0.5)
    kl = kl_divergence(enumerated(Multinomial(3, p)), enumerated(Multinomial(3, q)))
    assert kl.item() == pytest.approx(3 * (p * (p / q).log()).sum().item())


def test_chances_of_zero_and_one_are_taken():
    law = enumerated(Multinomial(2, doubles(0.5, 0.5, 0.0)))
    # The laws of torch themselves keep an eps of a chance of 0.
    assert bool((law.probs[law.atoms[:, 2] > 0] < 1e-15).all())
    assert law.probs.sum().item() == pytest.approx(1)
    assert enumerated(Binomial(3, doubles(0.0, 1.0))).mean.tolist() == pytest.approx([0.0, 3.0])


@pytest.mark.parametrize(
    ("base", "atoms"),
    [
        (Binomial(2, torch.tensor([[0.5, 0.1]])), [0.0, 1.0, 2.0]),
        (Categorical(torch.ones(1, 2, 3)), [0.0, 1.0, 2.0]),
        (Bernoulli(torch.tensor([[0.5, 0.1]])), [0.0, 1.0]),
        (OneHotCategorical(torch.ones(1, 2, 3)), torch.eye(3).tolist()),
    ],
    ids=lambda x: type(x).__name__,
)
def test_atoms_and_batch_are_those_of_the_law_of_torch(base, atoms):
    law = enumerated(base)
    assert law.batch_shape == (1, 2)
    assert law.event_shape == base.event_shape
    assert sorted(law.atoms.tolist()) == sorted(atoms)
    expected = base.log_prob(base.enumerate_support())
    torch.testing.assert_close(law.log_prob(base.enumerate_support()), expected)


def test_parameters_keep_their_gradient():
    logits = torch.randn(2, 3, requires_grad=True)
    enumerated(Multinomial(3, logits=logits)).mean[:, 0].sum().backward()
    shares = logits.detach().softmax(-1)
    expected = 3 * shares[:, :1] * (torch.eye(3)[0] - shares)
    torch.testing.assert_close(logits.grad, expected)


@pytest.mark.parametrize("base", [Categorical(torch.ones(0, 3)), Bernoulli(torch.ones(0))])
def test_an_empty_batch_is_enumerated(base):
    assert enumerated(base).batch_shape == (0,)


@pytest.mark.parametrize("base", [Poisson(1.0), Normal(0.0, 1.0)])
def test_a_law_on_infinitely_many_values_is_refused(base):
    name = type(base).__name__
    with pytest.raises(
        TypeError,
        match=rf"{name}\(.*\) has no finite support; truncate it: "
        rf"Truncated\({name}\(\.\.\.\)\)",
    ):
        enumerated(base)


def test_a_multinomial_with_too_many_count_vectors_is_refused():
    with pytest.raises(
        ValueError,
        match=r"at most 100,000 count vectors, got 960,566,918,220 \(20 trials in 24 categories\)",
    ):
        enumerated(Multinomial(20, torch.ones(24)))
