"""Encoders, which infer the topics of documents."""

from topicgen.models.encoders.encoder import Encoder, Encoding, Seen, expected_tokens
from topicgen.models.encoders.network import Network
from topicgen.models.encoders.perceptron import Inputs, Perceptron
from topicgen.models.encoders.registry import ENCODERS, MakesEncoder, encoder_of
from topicgen.models.encoders.unfolded import Unfolded

__all__ = [
    "ENCODERS",
    "Encoder",
    "Encoding",
    "Inputs",
    "MakesEncoder",
    "Network",
    "Perceptron",
    "Seen",
    "Unfolded",
    "encoder_of",
    "expected_tokens",
]
