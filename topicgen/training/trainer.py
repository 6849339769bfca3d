"""Stochastic gradient ascent on the prediction of hidden tokens, with early stopping."""

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Generator, Tensor
from tqdm.auto import tqdm

from topicgen import kernels
from topicgen.gradients import RELAXATIONS
from topicgen.kernels.recording import Recorded
from topicgen.models import (
    DocumentCovariates,
    LatentCountModel,
    SparseCounts,
    reordered,
    topic_overlap,
)
from topicgen.training.adam import Adam
from topicgen.training.batches import Batch, Batches
from topicgen.training.collection import Collection
from topicgen.training.computing import generator as new_generator
from topicgen.training.former_topics import FormerPrior, FormerTopics
from topicgen.training.prevalence import PrevalenceUpdate
from topicgen.training.resident import Resident
from topicgen.training.schedule import Schedule
from topicgen.training.seed_prior import SeedPrior

# The encoder's own few weights move at this share of the topics' learning rate.
_ENCODER_RATE = 0.1


class Trainer:
    r"""Trains a model, and keeps its best weights.

    In each step the tokens of a document are split at random. The encoder sees one part, and the
    topics that it finds there have to predict the other part:

    .. math::
        \max \; \frac1\delta \sum_v h_v^\rho \,
        E_{q(z \mid x - h)} \log (\theta(z) \beta)_v
        + \frac1D \log p(w, u) - \gamma \bar N \, \text{overlap}(\beta),

    with :math:`h` the hidden counts, :math:`\delta` the share hidden, :math:`\bar N` the mean
    length of a document, and the expectation by the estimator. With a bound on the likelihood of
    all tokens the encoder would see what it has to explain, and learn documents by heart.
    Predicting hidden tokens rules that out, and over splits of all sizes it adds up to the marginal
    likelihood (Fong and Holmes, 2020).

    Args:
        model: the model, on its device; its frozen topics stay as they are.
        batch_size: documents per step.
        estimator: the gradient estimator, a name in ``COUNT_ESTIMATORS``.
        token_dropout: :math:`\delta`, the share of each document's tokens hidden from the encoder;
            with 0 it sees all tokens, and has to predict all tokens.
        count_power: :math:`\rho`: below 1, a word's repetitions in a document count less.
        separation: :math:`\gamma`, the price of shared words, in nats per token.
        topic_pace: the share of the learning rate at which the topics move.
        patience: how many epochs without a better held-out prediction end a run.
        seeds: the columns of the seed words of the first topics, one array for each; see
            ``SeedPrior``.
        former: earlier topics to hold the topics near; see ``FormerPrior``.
        history: the epochs of earlier runs, which the trainer's own history continues.
        generator: where the randomness comes from, on the model's device; None for torch's global
            stream.

    Attributes:
        history: a dict for each epoch: the temperature, the mean log-likelihood of hidden tokens
            in training (relaxed samples, each hidden count raised to ``count_power``, in nats per
            token), and the perplexity of the hidden halves of the held-out documents (expected
            proportions).
        best_state: the weights of the best epoch of the last run, None before its first has ended.
    """

    def __init__(
        self,
        model: LatentCountModel,
        *,
        batch_size: int,
        estimator: str = "gengs",
        token_dropout: float = 0.5,
        count_power: float = 0.8,
        separation: float = 0.015,
        topic_pace: float = 1.0,
        patience: int = 10,
        seeds: Sequence[np.ndarray] = (),
        former: FormerTopics | None = None,
        history: Sequence[dict[str, float]] = (),
        generator: Generator | None = None,
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.estimator = estimator
        self.token_dropout = token_dropout
        self.count_power = count_power
        self.separation = separation
        self.topic_pace = topic_pace
        self.patience = patience
        self.seeds = seeds
        self.former = former
        self.generator = generator
        self.history = list(history)
        self.best_state: dict[str, Tensor] | None = None
        # Word probabilities move by orders of magnitude: steps are large, and the second moment's
        # memory is short, so that a rare word's first gradients do not stall it.
        named = dict(model.named_parameters())
        topics = {"topic_logits": named.pop("topic_logits")}
        self._topics, self._encoder = (Adam(group, betas=(0.9, 0.99)) for group in (topics, named))
        self._frozen: tuple[Tensor, Tensor] | None = None
        if model.frozen is not None:
            self._frozen = model.frozen, model.topic_logits.detach()[model.frozen]

    def state(self) -> dict[str, Tensor]:
        """Return the moments and steps of Adam as tensors on the CPU.

        Their names are those of the model's parameters with ``.step``, ``.exp_avg`` and
        ``.exp_avg_sq``; before the first step there are no entries. A new trainer of the same
        model, ``history`` and ``generator`` that loads them continues as this one would.
        """
        state = self._topics.state | self._encoder.state
        return {name: value.detach().cpu().clone() for name, value in state.items()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Continue from the ``state()`` of another trainer.

        Raises:
            KeyError: where an entry is missing.
            ValueError: where an entry is of another shape than its parameter.
        """
        for optimizer in (self._topics, self._encoder):
            optimizer.load(state)

    def reorder(self, order: np.ndarray) -> None:
        """Give the topics other numbers: topic k becomes what topic ``order[k]`` is."""
        numbers = torch.from_numpy(order)
        self.model.load_state_dict(reordered(self.model.state_dict(), numbers))
        self.load_state(reordered(self.state(), numbers))

    def run(
        self,
        collection: Collection,
        held_out: SparseCounts,
        schedule: Schedule,
        *,
        covariates: DocumentCovariates | None = None,
        held_out_covariates: DocumentCovariates | None = None,
        progress: bool = False,
    ) -> None:
        """Train until the schedule ends, or the held-out prediction no longer gets better.

        The model is left with the best weights of this run, also when it is interrupted.

        Args:
            collection: the documents to train on, read batch by batch.
            held_out: the documents to measure the prediction on, on the model's device.
            schedule: how many steps to take, and the temperature and learning rate of each.
            covariates: of the documents to train on, where the model has a ``prevalence``.
            held_out_covariates: of the held-out documents.
            progress: whether to show a progress bar on standard error.
        """
        # Other documents may be held out in every run, and their perplexities are their own.
        self.best_state, self._best_perplexity, self._epochs_since_best = None, math.inf, 0
        n_batches = math.ceil(len(collection) / self.batch_size)
        n_epochs = math.ceil(schedule.n_steps / n_batches)
        batches = self._batches(collection)
        advance = self._advance(collection, covariates)
        regress = None
        if covariates is not None:
            regress = PrevalenceUpdate(self.model, collection, covariates, self.generator)
        bar = tqdm(total=n_epochs, desc="training", unit="epoch", disable=not progress)
        halves = completion_halves(held_out)
        step = 0
        try:
            for _ in range(n_epochs):
                relaxed = self._epoch(batches, advance, schedule, step)
                step += n_batches
                if regress is not None:
                    regress()
                temperature = schedule.temperature_at(step - 1)
                row = self._record(relaxed, halves, held_out_covariates, temperature)
                bar.set_postfix(perplexity=f"{row['perplexity']:.0f}")
                bar.update()
                if self._epochs_since_best >= self.patience:
                    break
        finally:
            bar.close()
            if self.best_state is not None:
                self.model.load_state_dict(self.best_state)

    def move(self, rate: float | Tensor) -> None:
        """Move the weights along their gradients; the topics move at this learning rate."""
        self._topics.step(self.topic_pace * rate)
        if self._frozen is not None:
            # Not by gradients of 0, after which the momentum of earlier steps still moves them.
            with torch.no_grad():
                self.model.topic_logits.index_copy_(0, *self._frozen)
        self._encoder.step(_ENCODER_RATE * rate)

    def _batches(self, collection: Collection) -> Batches:
        is_resident = collection.device.type == "cuda" and self.model.prevalence is None
        source = Resident if is_resident else Batches
        return source(
            collection,
            batch_size=self.batch_size,
            token_dropout=self.token_dropout,
            count_power=self.count_power,
            generator=self.generator,
        )

    def _epoch(
        self, batches: Batches, advance: "_Advance | _Replayed", schedule: Schedule, step: int
    ) -> float:
        """Pass over the documents in random order; return nats per hidden token."""
        advance.total.zero_()
        for number, batch in enumerate(batches.epoch(), step):
            advance(batch, schedule.temperature_at(number), schedule.learning_rate_at(number))
        log_likelihood, n_tokens = advance.total.tolist()
        return log_likelihood / max(n_tokens, 1.0)

    def _advance(
        self, collection: Collection, covariates: DocumentCovariates | None
    ) -> "_Advance | _Replayed":
        advance = _Advance(self, collection, covariates)
        if self._is_recordable():
            return _Replayed(advance, collection.device, self.generator)
        return advance

    def _is_recordable(self) -> bool:
        """Return whether a step can be recorded and replayed: it must never wait for the GPU."""
        return (
            kernels.usable(self.model.topic_logits)
            and self.model.likelihood.reads_in_place
            and self.estimator in RELAXATIONS
            and self.model.prevalence is None
        )

    def _record(
        self,
        relaxed: float,
        halves: tuple[SparseCounts, SparseCounts],
        covariates: DocumentCovariates | None,
        temperature: float,
    ) -> dict[str, float]:
        perplexity = completion_perplexity(self.model, halves, covariates)
        row = {
            "epoch": self.history[-1]["epoch"] + 1 if self.history else 1,
            "temperature": temperature,
            "log_likelihood": relaxed,
            "perplexity": perplexity,
        }
        self.history.append(row)
        self._epochs_since_best += 1
        if perplexity < self._best_perplexity:
            self._best_perplexity, self._epochs_since_best = perplexity, 0
            self.best_state = copy.deepcopy(self.model.state_dict())
        return row


def completion_halves(held_out: SparseCounts) -> tuple[SparseCounts, SparseCounts]:
    """Split documents into halves: always the same, so that only the model makes a difference."""
    return held_out.split(0.5, generator=new_generator(0, held_out.values.device))


@torch.no_grad()
def completion_perplexity(
    model: LatentCountModel,
    halves: tuple[SparseCounts, SparseCounts],
    covariates: DocumentCovariates | None = None,
) -> float:
    """Return the perplexity of the second half of each document, given the first."""
    observed, hidden = halves
    topic_word = model.topic_word()
    doc_topic = model.given(covariates).doc_topic(observed, topic_word)
    log_likelihood = hidden.log_likelihood(doc_topic, topic_word).sum()
    return math.exp(-log_likelihood.item() / max(hidden.values.sum().item(), 1e-300))


class _Advance:
    """Takes the steps of a run.

    Attributes:
        total: the log-likelihood of the epoch's hidden tokens, and their number. Both are summed
            on the device; reading them at every step would mean waiting for it.
    """

    def __init__(
        self, trainer: Trainer, collection: Collection, covariates: DocumentCovariates | None
    ) -> None:
        self.trainer = trainer
        self.covariates = covariates
        self.n_documents = len(collection)
        self.mean_length = collection.sum_of_powers(trainer.count_power) / len(collection)
        self.seed_prior = None
        if len(trainer.seeds):
            self.seed_prior = SeedPrior(trainer.seeds, collection)
        self.former_prior = None
        if trainer.former is not None:
            self.former_prior = FormerPrior(trainer.former, collection)
        self.total = torch.zeros(2, dtype=collection.dtype, device=collection.device)

    def __call__(
        self, batch: Batch, temperature: float | Tensor, learning_rate: float | Tensor
    ) -> None:
        """Take a step up the objective."""
        trainer, model = self.trainer, self.trainer.model
        topic_word = model.topic_word(is_for_few_words=True)
        known = None
        if self.covariates is not None and batch.rows is not None:
            known = self.covariates.select(batch.rows)
        prediction = model.given(known).relaxed_prediction(
            batch.observed,
            batch.hidden,
            topic_word,
            estimator=trainer.estimator,
            temperature=temperature,
            share_observed=1 - trainer.token_dropout,
            generator=trainer.generator,
        )
        objective = prediction.sum() / batch.n_documents / (trainer.token_dropout or 1.0)
        objective = objective + model.log_prior() / self.n_documents
        objective = objective - trainer.separation * self.mean_length * topic_overlap(topic_word)
        if self.seed_prior is not None:
            objective = objective + self.seed_prior.log_prob(topic_word) / self.n_documents
        if self.former_prior is not None:
            objective = objective + self.former_prior.log_prob(model) / self.n_documents
        model.zero_grad()
        (-objective).backward()
        trainer.move(learning_rate)
        self.total += torch.stack([prediction.detach().sum(), batch.hidden.n_tokens.sum()])


class _Replayed:
    """Takes the steps of a run by replaying a recorded step.

    Args:
        advance: takes a step.
        device: a GPU.
        generator: what the step draws from; None for torch's global stream.
    """

    def __init__(
        self, advance: _Advance, device: torch.device, generator: Generator | None
    ) -> None:
        self.total = advance.total
        self._numbers = advance.total.new_zeros(2)
        self._advance = Recorded(advance, device, generator)

    def __call__(self, batch: Batch, temperature: float, learning_rate: float) -> None:
        """Take a step up the objective; every batch has to consist of the same tensors."""
        for place, number in zip(self._numbers, (temperature, learning_rate), strict=True):
            place.fill_(number)
        self._advance(batch, *self._numbers)
