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
    # A single matrix gets more out of an embedding than hidden layers (docs/studies/embeddings).
    guide = Unfolded.guide_of(model, replace(inputs, words=False), generator, widths=())
    return Unfolded(guide, reads_words=inputs.words)


def _unfolded_network(model: "LatentCountModel", inputs: Inputs, generator: Generator) -> Encoder:
    return Unfolded(Unfolded.guide_of(model, inputs, generator), reads_words=inputs.words)


# From a name to a function that makes the encoder of a model, given the model (complete but for its
# encoder), what the encoder reads, and the generator of its weights. You can add entries, which are
# then values of ``encoder``; a saved model can be loaded wherever its entry exists.
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
        name: in ``ENCODERS``, or a function like its values.
        model: complete but for its encoder.
        inputs: what the encoder reads.
        generator: draws the weights.

    Raises:
        InputError: where there is no such name, or the function returns something else.
    """
    if isinstance(name, str) and name not in ENCODERS:
        raise InputError(
            f"topicgen.models.ENCODERS has no {quoted(name)}; add it there before using the model"
        )
    make = ENCODERS[name] if isinstance(name, str) else name
    encoder = make(model, inputs, generator)
    if not isinstance(encoder, Encoder):
        raise InputError(
            "expected a topicgen.models.Encoder from the function that makes the encoder, got "
            f"{shown(encoder)}; return an object of a subclass of it"
        )
    return encoder
