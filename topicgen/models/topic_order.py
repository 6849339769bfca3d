"""Numbering the topics of a model anew."""

from collections.abc import Mapping

from torch import Tensor

_FIRST_AXIS = frozenset(
    [
        "dispersion",
        "free",
        "log_pseudo_counts",
        "prior_logits",
        "prior_mean",
        "rate_mean",
        "rate_shape",
        "smoothing",
        "topic_logits",
    ]
)
_LAST_AXIS = ("coefficients", "intercepts", "parts")
# Of the encoder, for one number of all topics after the other.
_BLOCKS = ("encoder.network.output", "encoder.network.bias")


def reordered(state: Mapping[str, Tensor], order: Tensor) -> dict[str, Tensor]:
    """Return a state in which topic k is what topic ``order[k]`` was.

    Args:
        state: of a ``LatentCountModel``, or of the ``Trainer`` of one.
        order: the numbers of all topics, shape (n_topics,).

    Example:
        >>> import torch
        >>> state = {"prior_mean": torch.tensor([1.0, 2.0]), "unit": torch.tensor(3.0)}
        >>> reordered(state, torch.tensor([1, 0]))["prior_mean"]
        tensor([2., 1.])
    """
    result = dict(state)
    for name, value in state.items():
        part = name.removesuffix(".exp_avg").removesuffix(".exp_avg_sq")
        if part in _FIRST_AXIS:
            result[name] = value.index_select(0, order.to(value.device))
        elif part in _BLOCKS:
            blocks = value.unflatten(0, (-1, len(order)))
            result[name] = blocks.index_select(1, order.to(value.device)).flatten(0, 1)
        elif part.rpartition(".")[2].rstrip("0123456789") in _LAST_AXIS:
            result[name] = value.index_select(1, order.to(value.device))
    return result
