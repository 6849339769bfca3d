"""Checks of a distribution's parameters, worded as torch words its own."""

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.utils import broadcast_all

from topicgen.plain import quoted

_LARGEST = int(torch.finfo(torch.float32).max)


def check_law(name: str, value: Any) -> None:
    """Raise a ``TypeError`` that names the argument, unless the value is a distribution."""
    if not isinstance(value, Distribution):
        raise TypeError(
            f"{name} must be a torch.distributions.Distribution, got {quoted(value)}; pass for "
            "example torch.distributions.Poisson(torch.tensor(2.0))"
        )


def check_tensors(**values: Any) -> None:
    """Raise a ``TypeError`` that names the first argument that is not a tensor."""
    for name, value in values.items():
        if not isinstance(value, Tensor):
            raise TypeError(
                f"{name} must be a torch.Tensor, got {quoted(value)}; convert it with torch.tensor"
            )


def broadcast(**values: Tensor | float) -> tuple[Tensor, ...]:
    """Return parameters as tensors of one shape.

    Raises:
        ValueError: at a number that a float cannot hold, and as torch's ``broadcast_all``.
    """
    for name, value in values.items():
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise ValueError(f"{name} must be a number that a float can hold, got {quoted(value)}")
    return broadcast_all(*values.values())


def check_parameter(law: Any, name: str, value: Tensor, valid: Tensor, constraint: object) -> None:
    """Raise an error where a parameter has a value that cannot be used.

    Args:
        law: the distribution, or its name.
        name: the parameter's name.
        value: the parameter.
        valid: whether each of its values can be used, of its shape or its first axes' shape.
        constraint: what the values are to satisfy.

    Raises:
        ValueError: torch's message, and where the first of them is.
    """
    if bool(valid.all()):
        return
    index = tuple((~valid).nonzero()[0].tolist())
    first = f": {value[index].item()}" if value[index].dim() == 0 else ""
    raise ValueError(
        f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of "
        f"distribution {law} to satisfy the constraint {constraint}, but found invalid values, "
        f"the first at index {index}{first}"
    )


def validate(law: Distribution, validate_args: bool | None, **parameters: Tensor) -> None:
    """Set whether the distribution validates, as torch does, and if so check its parameters.

    Raises:
        ValueError: as ``check_parameter``, against the distribution's ``arg_constraints``.
    """
    if validate_args is not None and not isinstance(validate_args, bool):
        raise TypeError(f"validate_args must be True, False or None, got {quoted(validate_args)}")
    default = Distribution._validate_args
    law._validate_args = default if validate_args is None else validate_args
    if not law._validate_args:
        return
    for name, value in parameters.items():
        constraint = law.arg_constraints[name]
        check_parameter(type(law).__name__, name, value, constraint.check(value), constraint)


def is_transformed() -> bool:
    """Return whether values cannot be looked at: inside torch.compile, torch.func.vmap or grad."""
    return torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()


def may_hold(condition: Tensor) -> bool:
    """Return whether the condition holds anywhere, or its values cannot be looked at."""
    return is_transformed() or bool(condition.any())
