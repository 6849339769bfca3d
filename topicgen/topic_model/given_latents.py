"""A distribution that was passed as ``latent``, as JSON: its class and its parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import distributions as torch_distributions
from torch.distributions import Distribution

from topicgen import distributions as own_distributions
from topicgen.distributions import Finite
from topicgen.plain import quoted


def latent_to_json(latent: Distribution) -> dict[str, Any] | None:
    """Return what ``latent_from_json`` makes an equal distribution of.

    Returns:
        None for a class that is neither torch's nor topicgen's, which a reader may not have.

    Example:
        >>> latent_to_json(torch_distributions.Poisson(torch.tensor([1.0, 2.0])))
        {'distribution': 'Poisson', 'parameters': {'rate': ['float32', [1.0, 2.0]]}}
    """
    if isinstance(latent, Finite):  # a truncated one too: its masses are all that counts
        name, tensors = "Finite", {"logits": latent.logits, "atoms": latent.atoms}
    elif _class_of(type(latent).__name__) is type(latent):
        name, tensors = type(latent).__name__, _parameters(latent)
    else:
        return None
    return {
        "distribution": name,
        "parameters": {
            key: [str(value.dtype).removeprefix("torch."), value.detach().cpu().tolist()]
            for key, value in tensors.items()
        },
    }


def latent_from_json(config: Mapping[str, Any]) -> Distribution:
    """Return the distribution that ``latent_to_json`` described.

    Raises:
        KeyError, TypeError, ValueError: where it describes none.

    Example:
        >>> config = {"distribution": "Poisson", "parameters": {"rate": ["float32", 2.0]}}
        >>> latent_from_json(config)
        Poisson(rate: 2.0)
    """
    found = _class_of(config["distribution"])
    if found is None:
        raise ValueError(f"there is no distribution {quoted(config['distribution'])}")
    return found(
        **{
            name: torch.tensor(value, dtype=getattr(torch, dtype))
            for name, (dtype, value) in config["parameters"].items()
        }
    )


def _class_of(name: str) -> Callable[..., Distribution] | None:
    for module in (own_distributions, torch_distributions):
        found = getattr(module, name, None)
        if isinstance(found, type) and issubclass(found, Distribution):
            return found
    return None


def _parameters(latent: Any) -> dict[str, torch.Tensor]:
    """Return the tensors that a distribution was made with.

    Torch adds the logits to the probabilities, or the reverse, once they have been asked for.
    """
    names = [name for name in vars(latent) if name in latent.arg_constraints]
    chances = [name for name in names if name in ("probs", "logits")]
    return {name: getattr(latent, name) for name in names if name not in chances[1:]}
