"""Deep copies of distributions whose parameters are computed from others."""

import copy
from typing import Any

from torch import Tensor
from torch.distributions import Distribution


def deep_copy(value: Any, memo: dict[int, Any]) -> Any:
    """Return a deep copy, where torch's own refuses tensors that are results of others.

    Such a tensor is cloned: it has the same values, and its gradient flows to the same parameters.
    A parameter itself (a leaf) is copied to a new one, as torch does.
    """
    if id(value) in memo:
        return memo[id(value)]
    new: Any
    if isinstance(value, Distribution):
        new = memo[id(value)] = object.__new__(type(value))
        vars(new).update({name: deep_copy(entry, memo) for name, entry in vars(value).items()})
    elif isinstance(value, Tensor) and not value.is_leaf:
        new = memo[id(value)] = value.clone()
    else:
        new = copy.deepcopy(value, memo)
    return new
