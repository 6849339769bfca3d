"""The settings of a fit: its parameters, with every "auto" resolved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
from torch.distributions import Distribution

from topicgen.errors import InputError
from topicgen.models import (
    LIKELIHOODS,
    PRIORS,
    LatentCountModel,
    MakesEncoder,
    Prior,
    count_atoms,
    fixed_prior,
    greatest_count,
)
from topicgen.plain import quoted
from topicgen.topic_model.devices import torch_device, unused_gpu
from topicgen.topic_model.fitted import Structure
from topicgen.training import (
    Schedule,
    Trainer,
    are_short,
    automatic_batch_size,
    automatic_epochs,
    automatic_learning_rate,
    current_ranks,
    extra_passes,
)

# Holding out more documents than this would not measure the prediction noticeably better.
_MOST_HELD_OUT = 500
_FEWEST_DOCUMENTS_TO_SPLIT = 50

# More units make proportions finer. But a family of low variance would make many units in one topic
# nearly impossible, at the expense of the bound.
_UNITS = {"poisson": 10.0, "binomial": 10.0}
_UNITS_THAT_SPREAD = 100.0


@dataclass(frozen=True, eq=False)
class Settings:
    """The settings of a fit to some documents.

    Args:
        n_held_out: the number of documents held out from training.
        n_training: the number of documents trained on.
        are_short: whether documents are so short that their training differs.
        n_epochs: the maximum number of passes over them.
        patience: how many epochs without a better prediction end the training.
        batch_size: documents per step.
        temperature: the temperature of the relaxation at the start and at the end.
        prior_count: the expected sum of a document's counts.
        greatest_count: the largest possible count of a topic.
        device: the device to compute on.
        unused_gpu: why a GPU is not used, or None.

    The others are the parameters of ``TopicModel`` with the same names.
    """

    n_held_out: int
    n_training: int
    are_short: bool
    n_epochs: int
    batch_size: int
    temperature: tuple[float, float]
    prior_count: float
    greatest_count: int
    device: torch.device
    unused_gpu: str | None
    n_components: int
    upper_components: tuple[int, ...]
    latent: str | Distribution
    likelihood: str
    background: bool
    inference: str
    encoder: str | MakesEncoder
    encoder_input: str
    objective: str
    gradient_estimator: str
    learn_prior: bool
    smoothing: float
    topic_scale: float
    separation: float
    separation_measure: str
    count_power: float
    token_dropout: float
    bound_epochs: int
    learning_rate: float
    patience: int
    progress: bool

    @classmethod
    def resolve(
        cls,
        parameters: Mapping[str, Any],
        n_documents: int,
        *,
        n_words: int = 0,
        n_entries: int | None = None,
        mean_length: float = math.inf,
        has_embeddings: bool = False,
    ) -> "Settings":
        """Return the settings for a number of documents with words.

        Args:
            parameters: the parameters of ``TopicModel``, already checked.
            n_documents: the number of documents with words.
            n_words: the size of the vocabulary, which the batch size depends on.
            n_entries: the number of document–word pairs, which decides on the device.
            mean_length: the mean number of tokens of a document; short documents take more epochs.
            has_embeddings: whether the documents come with embeddings.

        Raises:
            InputError: where the device does not exist, ``validation_fraction`` leaves too few
                documents to train on, or the encoder is to read embeddings that are missing.
        """
        p = parameters
        n_held_out = _n_held_out(p["validation_fraction"], n_documents, p["n_components"])
        n_training = n_documents - n_held_out
        device = torch_device(p["device"], n_entries)
        batch_size = int(_or(p["batch_size"], automatic_batch_size(n_training, n_words, device)))
        prior_count = _prior_count(p["prior_count"], p["latent"], p["n_components"])
        models_length = LIKELIHOODS[p["likelihood"]].models_length
        n_epochs = automatic_epochs(n_training, batch_size, mean_length)
        # Longer training needs more patience.
        slower = extra_passes(mean_length) if isinstance(p["max_epochs"], str) else 1.0
        same = {name: p[name] for name in cls.__dataclass_fields__.keys() & p.keys()}
        return cls(
            **same
            | {
                "n_held_out": n_held_out,
                "n_training": n_training,
                "are_short": are_short(mean_length),
                "n_epochs": int(_or(p["max_epochs"], n_epochs)),
                "patience": round(p["patience"] * slower),
                "batch_size": batch_size,
                "learning_rate": float(
                    _or(p["learning_rate"], automatic_learning_rate(batch_size))
                ),
                "count_power": float(_or(p["count_power"], _count_power(p["likelihood"]))),
                "temperature": _ends(p["temperature"]),
                "encoder_input": _encoder_input(p["encoder_input"], has_embeddings),
                "prior_count": prior_count,
                "greatest_count": int(
                    _or(p["truncation"], greatest_count(prior_count, models_length=models_length))
                ),
                "device": device,
                "unused_gpu": unused_gpu(p["device"], device),
                "upper_components": tuple(p["upper_components"]),
                "progress": p["verbose"] > 0,
            }
        )

    @property
    def structure(self) -> Structure:
        """The structure of the topics, without the layers above them."""
        return Structure(
            latent=self.latent if isinstance(self.latent, str) else "given",
            likelihood=self.likelihood,
            inference=self.inference,
            encoder=self.encoder,
            encoder_input=self.encoder_input,
        )

    @property
    def fits_strength(self) -> bool:
        """Whether the encoder's strength is fitted to the held-out documents of a fit."""
        return self.are_short and self.n_held_out > 0

    def first_prior(self) -> Prior:
        """Return the prior that the training starts with."""
        # Not torch's default, which another library may have set.
        dtype = torch.float32
        atoms = count_atoms(self.greatest_count).to(dtype)
        if isinstance(self.latent, Distribution):
            return fixed_prior(self.latent, self.n_components, atoms)
        mean = torch.full((self.n_components,), self.prior_count / self.n_components, dtype=dtype)
        return PRIORS[self.latent](mean, atoms)

    def trainer(
        self, model: LatentCountModel, generator: torch.Generator, **options: Any
    ) -> Trainer:
        """Return a trainer of a model with these settings.

        Args:
            model: the model, on the device of the settings.
            generator: where the randomness comes from, on this device.
            options: further arguments of ``Trainer``, or others than those of the settings.
        """
        own: dict[str, Any] = {
            "batch_size": self.batch_size,
            "estimator": self.gradient_estimator,
            "objective": self.objective,
            "token_dropout": self.token_dropout,
            "count_power": self.count_power,
            "separation": self.separation,
            "separation_measure": self.separation_measure,
            "patience": self.patience,
            "ranks": current_ranks(),
        }
        return Trainer(model, generator=generator, **own | options)

    def schedule(self) -> Schedule:
        """Return the schedule of a whole fit."""
        return Schedule(self.n_epochs * self._n_steps(), self.temperature, self.learning_rate)

    def further_schedule(self) -> Schedule:
        """Return the schedule of a later pass: final temperature, a fifth of the learning rate."""
        return self.schedule_after(1, self.learning_rate / 5, floor=1.0)

    def schedule_after(self, n_epochs: int, learning_rate: float, **options: float) -> Schedule:
        """Return the schedule of epochs after the training: final temperature, no warm-up.

        Args:
            n_epochs: how many.
            learning_rate: at the start.
            options: further arguments of ``Schedule``.
        """
        n_steps, end = n_epochs * self._n_steps(), self.temperature[1]
        return Schedule(n_steps, (end, end), learning_rate, warm_up=0.0, **options)

    def _n_steps(self) -> int:
        return -(-self.n_training // self.batch_size)


def _or(value: Any, automatic: Any) -> Any:
    return automatic if isinstance(value, str) else value


def _encoder_input(given: str, has_embeddings: bool) -> str:
    """Return what the encoder reads of each document."""
    if given == "auto":
        return "words_and_embeddings" if has_embeddings else "words"
    if given == "words" and has_embeddings:
        raise InputError(
            "encoder_input='words' would ignore the embeddings; leave them out, or use "
            "encoder_input='words_and_embeddings'"
        )
    if given != "words" and not has_embeddings:
        raise InputError(
            f"encoder_input={quoted(given)} needs embeddings of the documents; pass "
            "embeddings=... (--embeddings FILE), or set the parameter embedder"
        )
    return given


def _count_power(likelihood: str) -> float:
    """Return the usual ``count_power``: a likelihood that models bursts needs the true counts."""
    return 1.0 if likelihood == "negative_binomial" else 0.8


def _ends(temperature: Any) -> tuple[float, float]:
    start, end = (temperature, temperature) if isinstance(temperature, Real) else temperature
    return float(start), float(end)


def _prior_count(prior_count: Any, latent: str | Distribution, n_components: int) -> float:
    if not isinstance(prior_count, str):
        return float(prior_count)
    if isinstance(latent, str):
        return _UNITS.get(latent, _UNITS_THAT_SPREAD)
    expected = float(latent.mean.sum())
    return expected if latent.batch_shape else expected * n_components


def _n_held_out(fraction: float, n_documents: int, n_components: int) -> int:
    if n_documents < _FEWEST_DOCUMENTS_TO_SPLIT:
        return 0
    n_held_out = min(round(fraction * n_documents), _MOST_HELD_OUT)
    n_training = n_documents - n_held_out
    if n_training < min(n_components, n_documents // 2):
        raise InputError(
            f"validation_fraction={fraction} leaves {n_training} of {n_documents} documents to "
            f"train {n_components} topics on; lower validation_fraction"
        )
    return n_held_out
