"""The encoders, by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Generator

from topicgen.models.encoders.encoder import Encoder
from topicgen.models.encoders.network import Network
from topicgen.models.encoders.unfolded import Unfolded

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel

MakesEncoder = Callable[["LatentCountModel", Generator], Encoder]


def _unfolded(model: "LatentCountModel", generator: Generator) -> Encoder:
    return Unfolded()


# From a name to what makes the encoder of a model, given the model, of which all else is made, and
# what draws the encoder's weights. An entry of one's own is a value of ``encoder`` too, and a saved
# model that has it can be loaded wherever the entry is.
ENCODERS: dict[str, MakesEncoder] = {"unfolded": _unfolded, "network": Network.of}


def encoder_of(
    name: str | MakesEncoder, model: "LatentCountModel", generator: Generator
) -> Encoder:
    """Return a new encoder.

    Args:
        name: in ``ENCODERS``, or a function as its values are.
        model: all but its encoder.
        generator: draws the weights.

    Raises:
        KeyError: where there is no such name.
    """
    return (ENCODERS[name] if isinstance(name, str) else name)(model, generator)
