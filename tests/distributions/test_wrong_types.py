"""A wrong type is a ``TypeError`` that names the argument, whatever came."""

import re

import numpy as np
import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import (
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    draw,
    enumerated,
    log_masses_at,
    relaxed_moments,
    support_bounds,
)

LAW = Truncated(Poisson(torch.tensor(2.0)), upper=5)
CALLS = {
    "Truncated": (lambda wrong: Truncated(wrong), "base"),
    "draw": (lambda wrong: draw(wrong), "law"),
    "enumerated": (lambda wrong: enumerated(wrong), "law"),
    "log_masses_at": (lambda wrong: log_masses_at(wrong, torch.ones(1)), "base"),
    "log_masses_at counts": (lambda wrong: log_masses_at(LAW, wrong), "counts"),
    "relaxed_moments": (lambda wrong: relaxed_moments(wrong), "law"),
    "support_bounds": (lambda wrong: support_bounds(wrong), "base"),
    "Finite logits": (lambda wrong: Finite(wrong, torch.ones(1)), "logits"),
    "Finite atoms": (lambda wrong: Finite(torch.ones(1), wrong), "atoms"),
    "temperature": (lambda wrong: GeneralizedGumbelSoftmax(LAW, wrong), "temperature"),
    "gengs law": (lambda wrong: GeneralizedGumbelSoftmax(wrong, 1.0), "law"),
}
WRONG = [None, True, "law", b"law", [], [1, [2]], {}, {1}, object(), Poisson, np.array("a"), 1j]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("call", CALLS)
def test_the_argument_is_named(call, wrong):
    act, name = CALLS[call]
    with pytest.raises(TypeError, match=f"^{re.escape(name)} must be .*, got .*; "):
        act(wrong)
