"""A step of the training: up the gradient of the objective, on some documents."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Generator, Tensor

from topicgen.distributions.row_generator import drawn_rows
from topicgen.kernels.recording import Recorded
from topicgen.models import Known, LatentCountModel, distinctive_part, topic_overlap
from topicgen.models.encoders.perceptron import DROPOUT
from topicgen.training.batches import Batch
from topicgen.training.collection import Collection
from topicgen.training.former_topics import FormerPrior
from topicgen.training.ranks import sum_gradients_
from topicgen.training.seed_prior import SeedPrior

if TYPE_CHECKING:
    from topicgen.training.trainer import Trainer


# The weight with which a network imitates the unfolded encoder when the warm-up begins.
_IMITATION = 3.0


class Advance:
    """Takes the steps of a run.

    Attributes:
        total: the log-likelihood of the epoch's hidden tokens, or the bound on that of all, and
            their number. Both are summed on the device; reading them at every step would mean
            waiting for it.
    """

    def __init__(self, trainer: "Trainer", collection: Collection, known: Known | None) -> None:
        self.trainer = trainer
        self.known = known
        self.n_documents = len(collection)
        self.mean_length = collection.sum_of_powers(trainer.count_power) / len(collection)
        self.seed_prior = None
        if len(trainer.seeds):
            self.seed_prior = SeedPrior(trainer.seeds, collection)
        self.former_prior = None
        if trainer.former is not None:
            self.former_prior = FormerPrior(trainer.former, collection)
        self.word_prior = None
        if trainer.word_prior is not None:
            self.word_prior = trainer.word_prior.to(trainer.model.topic_logits)
        self.total = torch.zeros(2, dtype=collection.dtype, device=collection.device)

    def __call__(
        self,
        batch: Batch,
        temperature: float | Tensor,
        learning_rate: float | Tensor,
        ramp: float | Tensor = 1.0,
    ) -> None:
        """Take a step up the objective.

        Args:
            batch: the documents.
            temperature: of the relaxation.
            learning_rate: of the topics.
            ramp: the factor that rises from 0 to 1 during the warm-up.
        """
        trainer, model = self.trainer, self.trainer.model
        topic_word = model.topic_word(is_for_few_words=True)
        known = None
        if self.known is not None and batch.rows is not None:
            known = with_dropout(self.known.select(batch.rows), trainer.generator)
        explained = self._explained(model.given(known), batch, topic_word, temperature, ramp)
        share = 1.0 if trainer.is_bound else trainer.token_dropout or 1.0
        objective = explained.sum() / batch.n_documents / share
        if model.encoder.learns_first and ramp < 1:
            n_tokens = batch.observed.n_tokens / (1 - trainer.token_dropout)
            apart = model.given(known).imitation(batch.observed, topic_word.detach(), n_tokens)
            weight = _IMITATION * (1 - ramp)
            objective = objective - weight * _real(apart, batch).sum() / batch.n_documents
        for number, term in enumerate(self._terms_of_topics(topic_word)):
            # Each belongs to one rank, so that it is in the sum of all ranks once.
            if number % trainer.ranks.size == trainer.ranks.rank:
                objective = objective + term()
        model.zero_grad()
        (-objective).backward()
        found = torch.stack([explained.detach().sum(), batch.predicted.n_tokens.sum()])
        sum_gradients_(model, found, trainer.ranks)
        trainer.move(learning_rate, ramp)
        self.total += found

    def _explained(
        self,
        model: LatentCountModel,
        batch: Batch,
        topic_word: Tensor,
        temperature: float | Tensor,
        ramp: float | Tensor,
    ) -> Tensor:
        """Return what the training maximises of each document, shape (n_documents,)."""
        trainer = self.trainer
        options: dict[str, Any] = {
            "estimator": trainer.gradient,
            "temperature": temperature,
            "generator": trainer.generator,
        }
        if trainer.is_bound:
            n_tokens = None if batch.whole is None else batch.whole.n_tokens
            bound = model.relaxed_bound(
                batch.observed,
                batch.predicted,
                topic_word,
                n_tokens=n_tokens,
                kl_weight=ramp,
                **options,
            )
            return _real(bound, batch)
        share = 1 - trainer.token_dropout
        return model.relaxed_prediction(
            batch.observed, batch.predicted, topic_word, share_observed=share, **options
        )

    def _terms_of_topics(self, topic_word: Tensor) -> Iterator[Callable[[], Tensor]]:
        """Yield functions for the terms of the objective that are no sums over documents."""
        trainer, model = self.trainer, self.trainer.model
        yield lambda: model.log_prior() / self.n_documents
        yield lambda: -trainer.separation * self.mean_length * self._overlap(topic_word)
        if (seed_prior := self.seed_prior) is not None:
            yield lambda: seed_prior.log_prob(topic_word) / self.n_documents
        if (former_prior := self.former_prior) is not None:
            yield lambda: former_prior.log_prob(model) / self.n_documents
        if (word_prior := self.word_prior) is not None:
            yield lambda: word_prior.log_prob(model) / self.n_documents

    def _overlap(self, topic_word: Tensor) -> Tensor:
        if self.trainer.separation_measure == "distinctive":
            topic_word = distinctive_part(topic_word, self.trainer.model.log_frequency)
        return topic_overlap(topic_word)


def _real(values: Tensor, batch: Batch) -> Tensor:
    """Return values of the documents of a batch, 0 for the empty ones that fill it up."""
    if not isinstance(batch.n_documents, Tensor):
        return values
    is_real = torch.arange(len(values), device=values.device) < batch.n_documents
    return values.where(is_real, 0.0)


def with_dropout(known: Known, generator: Generator | None) -> Known:
    """Return what is known of documents, with most of each embedding left out.

    Each dimension is set to 0 with a probability of .8, and otherwise divided by .2.

    Args:
        known: what is known of the documents.
        generator: where the randomness comes from; None for torch's global stream.
    """
    embeddings = known.embeddings
    if embeddings is None:
        return known
    is_kept = drawn_rows(Tensor.uniform_, embeddings, generator) >= DROPOUT
    return replace(known, embeddings=embeddings * is_kept / (1 - DROPOUT))


class Replayed:
    """Takes the steps of a run by replaying a recorded step.

    Args:
        advance: takes a step.
        device: a GPU.
        generator: what the step draws from; None for torch's global stream.
    """

    def __init__(self, advance: Advance, device: torch.device, generator: Generator | None) -> None:
        self.total = advance.total
        self._numbers = advance.total.new_zeros(3)
        self._advance = Recorded(advance, device, generator)

    def __call__(
        self, batch: Batch, temperature: float, learning_rate: float, ramp: float = 1.0
    ) -> None:
        """Take a step up the objective; every batch has to consist of the same tensors."""
        numbers = (temperature, learning_rate, ramp)
        for place, number in zip(self._numbers, numbers, strict=True):
            place.fill_(number)
        self._advance(batch, *self._numbers)
