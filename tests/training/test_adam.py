import subprocess
import sys

import pytest
import torch

from topicgen.training.adam import Adam


def weights():
    values = torch.linspace(-1, 1, 6).reshape(2, 3), torch.ones(())
    return {name: v.clone().requires_grad_() for name, v in zip("ab", values, strict=True)}


def loss(named):
    return (named["a"].exp() * named["b"]).square().sum()


def take_steps(named, optimizer, rates):
    for rate in rates:
        optimizer.zero_grad()
        loss(named).backward()
        optimizer.step(rate)


def test_steps_are_those_of_torch():
    ours, theirs = weights(), weights()
    take_steps(ours, Adam(ours, betas=(0.9, 0.99)), [0.1, 0.05, 0.2])
    reference = torch.optim.Adam(theirs.values(), betas=(0.9, 0.99), fused=True)
    for rate in [0.1, 0.05, 0.2]:
        reference.param_groups[0]["lr"] = rate
        reference.zero_grad()
        loss(theirs).backward()
        reference.step()
    for name in "ab":
        assert torch.equal(ours[name], theirs[name])


def test_a_parameter_without_a_gradient_stays():
    named = weights()
    optimizer = Adam(named)
    named["a"].sum().backward()
    optimizer.step(0.1)
    assert named["b"].item() == 1
    assert optimizer.state["b.step"] == 0


def test_a_loaded_state_goes_on_and_is_a_copy():
    named, again = weights(), weights()
    optimizer, other = Adam(named), Adam(again)
    take_steps(named, optimizer, [0.1, 0.1])
    other.load(optimizer.state)
    with torch.no_grad():
        for name in "ab":
            again[name].copy_(named[name])
    for one, weight in ((optimizer, named), (other, again)):
        take_steps(weight, one, [0.1])
    for name in "ab":
        assert torch.equal(named[name], again[name])
    assert optimizer.state["a.step"] == other.state["a.step"] == 3


def test_moments_follow_the_type_of_their_parameter():
    named = weights()
    optimizer = Adam(named)
    take_steps(named, optimizer, [0.1])
    for weight in named.values():
        weight.data = weight.data.double()
    take_steps(named, optimizer, [0.1])
    assert optimizer.state["a.exp_avg"].dtype == torch.float64


def test_a_state_that_does_not_fit_is_refused_whole():
    named = weights()
    optimizer = Adam(named)
    take_steps(named, optimizer, [0.1])
    state = dict(optimizer.state)
    with pytest.raises(ValueError, match=r"a.exp_avg is of shape \(2,\).* \(2, 3\); load"):
        optimizer.load({**state, "a.exp_avg": torch.zeros(2)})
    with pytest.raises(KeyError, match="b"):
        optimizer.load({name: v for name, v in state.items() if name != "b.step"})
    assert optimizer.state.keys() == state.keys()
    assert all(optimizer.state[name] is value for name, value in state.items())


def test_training_does_not_import_the_compiler():
    """torch._dynamo and sympy cost the first fit of a process a second."""
    code = (
        "import sys, torch\nfrom topicgen.training.adam import Adam\n"
        "x = torch.ones(1, requires_grad=True)\nx.sum().backward()\nAdam({'x': x}).step(0.1)\n"
        "assert 'sympy' not in sys.modules and 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
