"""The encoders, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator

from topicgen.models.encoders.encoder import Encoder
from topicgen.models.encoders.network import Network
from topicgen.models.encoders.unfolded import Unfolded


@dataclass(frozen=True)
class Sizes:
    """The sizes of a model, which its encoder has to fit.

    Args:
        n_words: of the vocabulary.
        n_topics: of the model.
        n_atoms: of each count.
        inference: "explicit" or "implicit".
        dtype: of the model's weights.
    """

    n_words: int
    n_topics: int
    n_atoms: int
    inference: str
    dtype: torch.dtype


MakesEncoder = Callable[[Sizes, Generator], Encoder]


def _unfolded(sizes: Sizes, generator: Generator) -> Encoder:
    return Unfolded()


def _network(sizes: Sizes, generator: Generator) -> Encoder:
    return Network(
        sizes.n_words,
        sizes.n_topics,
        sizes.n_atoms if sizes.inference == "implicit" else None,
        generator=generator,
        dtype=sizes.dtype,
    )


# From a name to what makes the encoder of a model. An entry of one's own is a value of ``encoder``
# too, and a saved model that has it can be loaded wherever the entry is.
ENCODERS: dict[str, MakesEncoder] = {"unfolded": _unfolded, "network": _network}


def encoder_of(name: str | MakesEncoder, sizes: Sizes, generator: Generator) -> Encoder:
    """Return a new encoder.

    Args:
        name: in ``ENCODERS``, or a function as its values are.
        sizes: of the model.
        generator: draws the weights.

    Raises:
        KeyError: where there is no such name.

    Example:
        >>> sizes = Sizes(5_000, 20, 26, "explicit", torch.float32)
        >>> encoder = encoder_of("network", sizes, torch.Generator().manual_seed(0))
        >>> sum(weight.numel() for weight in encoder.parameters())
        1290792
    """
    return (ENCODERS[name] if isinstance(name, str) else name)(sizes, generator)
