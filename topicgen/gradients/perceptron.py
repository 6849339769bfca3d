"""The small networks that estimators learn."""

import math

from torch import Generator, nn


def perceptron(n_inputs: int, n_hidden: int, *, generator: Generator | None = None) -> nn.Module:
    r"""Return a network from inputs to one number, with a hidden layer of hyperbolic tangents.

    All weights of a layer are uniform within :math:`\pm 1 / \sqrt{n}` for its n inputs, as those
    of ``torch.nn.Linear`` are.

    Args:
        n_inputs: how many inputs.
        n_hidden: units of the hidden layer.
        generator: draws the weights, on its device; None for torch's global stream.

    Example:
        >>> import torch
        >>> network = perceptron(3, 5, generator=torch.Generator().manual_seed(0))
        >>> network(torch.ones(2, 3)).shape
        torch.Size([2, 1])
    """
    return nn.Sequential(
        _linear(n_inputs, n_hidden, generator), nn.Tanh(), _linear(n_hidden, 1, generator)
    )


def _linear(n_inputs: int, n_outputs: int, generator: Generator | None) -> nn.Linear:
    # nn.Linear would draw its weights from the global stream.
    device = "cpu" if generator is None else generator.device
    layer = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs, device=device)
    bound = 1 / math.sqrt(n_inputs)
    for weight in (layer.weight, layer.bias):
        nn.init.uniform_(weight, -bound, bound, generator=generator)
    return layer
