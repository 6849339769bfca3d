import math

import torch

from topicgen.gradients.perceptron import perceptron


def test_weights_are_within_the_bounds_of_torch_and_fill_them():
    """The largest of 4,000 uniform weights is below .99 of the bound for one seed in 1e17."""
    network = perceptron(100, 40, generator=torch.Generator().manual_seed(0))
    for layer, n in ((network[0], 100), (network[2], 40)):
        for weight in (layer.weight, layer.bias):
            assert weight.abs().max() <= 1 / math.sqrt(n)
    assert network[0].weight.abs().max() > 0.99 / math.sqrt(100)


def test_weights_come_from_the_generator_alone():
    before = torch.get_rng_state()
    first, second, other = (
        perceptron(3, 5, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    x = torch.ones(2, 3)
    assert torch.equal(first(x), second(x))
    assert not torch.equal(first(x), other(x))
    assert torch.equal(torch.get_rng_state(), before)


def test_weights_without_a_generator_come_from_the_global_stream():
    values = []
    for _ in range(2):
        torch.manual_seed(3)
        values.append(perceptron(3, 5)(torch.ones(1, 3)))
    assert torch.equal(*values)
