"""The encoders, by name."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from torch import Generator

from topicgen.errors import InputError, shown
from topicgen.models.encoders.encoder import Encoder
from topicgen.models.encoders.network import Network
from topicgen.models.encoders.perceptron import Inputs
from topicgen.models.encoders.unfolded import Unfolded
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel

MakesEncoder = Callable[["LatentCountModel", Inputs, Generator], Encoder]


def _unfolded(model: "LatentCountModel", inputs: Inputs, generator: Generator) -> Encoder:
    if not inputs.n_dimensions:
        return Unfolded()
    # Of an embedding, one matrix says more than a network does (docs/embeddings.md).
    guide = Unfolded.guide_of(model, replace(inputs, words=False), generator, widths=())
    return Unfolded(guide, reads_words=inputs.words)


def _unfolded_network(model: "LatentCountModel", inputs: Inputs, generator: Generator) -> Encoder:
    return Unfolded(Unfolded.guide_of(model, inputs, generator), reads_words=inputs.words)


# From a name to what makes the encoder of a model, given the model, of which all else is made, what
# the encoder reads, and what draws its weights. An entry of one's own is a value of ``encoder``
# too, and a saved model that has it can be loaded wherever the entry is.
ENCODERS: dict[str, MakesEncoder] = {
    "unfolded": _unfolded,
    "network": Network.of,
    "unfolded_network": _unfolded_network,
}


def encoder_of(
    name: str | MakesEncoder, model: "LatentCountModel", inputs: Inputs, generator: Generator
) -> Encoder:
    """Return a new encoder.

    Args:
        name: in ``ENCODERS``, or a function as its values are.
        model: all but its encoder.
        inputs: what the encoder reads.
        generator: draws the weights.

    Raises:
        InputError: where there is no such name, or the function returns something else.
    """
    if isinstance(name, str) and name not in ENCODERS:
        raise InputError(
            f"topicgen.models.ENCODERS has no {quoted(name)}; add it there before the model is used"
        )
    make = ENCODERS[name] if isinstance(name, str) else name
    encoder = make(model, inputs, generator)
    if not isinstance(encoder, Encoder):
        raise InputError(
            "expected a topicgen.models.Encoder from the function that makes the encoder, got "
            f"{shown(encoder)}; return an object of a subclass of it"
        )
    return encoder
