"""Stochastic gradient ascent on the prediction of hidden tokens, with early stopping."""

import copy
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from topicgen import kernels
from topicgen.errors import InputError
from topicgen.gradients import RELAXATIONS, GradientEstimator, Relax
from topicgen.models import Known, LatentCountModel, SparseCounts, learning_estimator, reordered
from topicgen.prefixes import entries_under
from topicgen.progress import progress_bar
from topicgen.training.adam import Adam
from topicgen.training.batches import Batches
from topicgen.training.collection import Collection
from topicgen.training.completion import completion_halves, completion_perplexity
from topicgen.training.former_topics import FormerTopics
from topicgen.training.learning import Learning
from topicgen.training.prevalence import PrevalenceUpdate
from topicgen.training.progress import Progress, RunState, Snapshot, copied
from topicgen.training.ranks import ALONE, Ranks
from topicgen.training.resident import Resident
from topicgen.training.schedule import Schedule
from topicgen.training.steps import Advance, Replayed
from topicgen.training.strength import fitted_strength
from topicgen.training.word_prior import WordPrior

# What encoders start from moves at this share of the topics' learning rate.
_ENCODER_RATE = 0.1
# The share of documents shown without words to an encoder that also reads embeddings. Otherwise it
# would not learn what embeddings say where the words say enough.
_UNREAD = 0.25
# The prefix of the names of an encoder's own weights.
_NETWORK = "encoder."

# What the arrays of a snapshot are called.
_WEIGHTS, _BEST, _OPTIMIZER, _LEARNT, _RUN = "weights.", "best.", "optimizer.", "learnt.", "run."


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

    With ``objective="elbo"`` the first term is the evidence lower bound,

    .. math::
        \sum_v x_v^\rho \, E_{q(z \mid x - h)} \log (\theta(z) \beta)_v
        - w \, KL(q(z \mid x - h) \| p(z)),

    including the document's length if the likelihood models it. Hiding tokens is then a dropout on
    the encoder's input: any posterior gives a bound, even one that has seen only some of the words.
    The weight :math:`w` rises from 0 to 1 during the warm-up. With :math:`\delta = 0`,
    :math:`\rho = 1` and :math:`w = 1` this is the evidence lower bound of the model.

    During the warm-up, an encoder that ``learns_first`` is drawn towards the posterior of the
    unfolded encoder, and the learning rate of the topics rises from 0.

    Args:
        model: the model, on its device; its frozen topics stay as they are.
        batch_size: documents per step.
        estimator: the gradient estimator, a name in ``COUNT_ESTIMATORS`` or
            ``LEARNING_ESTIMATORS``, or an estimator of ``topicgen.gradients``, which keeps its own
            temperature; what it learns is learnt along with the model.
        objective: "hidden_tokens", or "elbo" for the bound on the likelihood of all tokens.
        token_dropout: :math:`\delta`, the share of each document's tokens hidden from the encoder;
            with 0 it sees all tokens, and has to predict all tokens.
        count_power: :math:`\rho`: below 1, a word's repetitions in a document count less.
        separation: :math:`\gamma`, the price of shared words, in nats per token.
        separation_measure: how shared words are weighed: by "probability", or "distinctive", by
            their ``distinctive_part``.
        topic_pace: the share of the learning rate at which the topics move.
        patience: how many epochs without a better held-out prediction end a run.
        fits_strength: whether each epoch is evaluated, and kept, with the strength that predicts
            held-out documents best, which matters for short documents; see ``fit_strength``.
        seeds: the columns of the seed words of the first topics, one array for each; see
            ``SeedPrior``.
        former: earlier topics to hold the topics near; see ``FormerPrior``.
        word_prior: a prior from vectors of words, or None.
        history: the epochs of earlier runs, which the trainer's own history continues.
        generator: where the randomness comes from, on the model's device; None for torch's global
            stream.
        ranks: the processes that train the model together, all in this way; the result is that of
            one process, but for rounding.

    Attributes:
        history: a dict for each epoch: the temperature, the mean log-likelihood of hidden tokens
            in training, or the bound on that of all (relaxed samples, each count raised to
            ``count_power``, in nats per token), and the perplexity of the hidden halves of the
            held-out documents (expected proportions).
        best_state: the weights of the best epoch of the last run, None before its first has ended.
    """

    def __init__(
        self,
        model: LatentCountModel,
        *,
        batch_size: int,
        estimator: str | GradientEstimator = "gengs",
        objective: str = "hidden_tokens",
        token_dropout: float = 0.5,
        count_power: float = 0.8,
        separation: float = 0.015,
        separation_measure: str = "distinctive",
        topic_pace: float = 1.0,
        patience: int = 10,
        fits_strength: bool = False,
        seeds: Sequence[np.ndarray] = (),
        former: FormerTopics | None = None,
        word_prior: WordPrior | None = None,
        history: Sequence[dict[str, float]] = (),
        generator: Generator | None = None,
        ranks: Ranks = ALONE,
    ) -> None:
        self.ranks = ranks
        self.model = model
        self.batch_size = batch_size
        self.estimator = estimator
        self.is_bound = objective == "elbo"
        self.token_dropout = token_dropout
        self.count_power = count_power
        self.separation = separation
        self.separation_measure = separation_measure
        self.topic_pace = topic_pace
        self.patience = patience
        self.fits_strength = fits_strength
        self.seeds = seeds
        self.former = former
        self.word_prior = word_prior
        self.generator = generator
        self.history = list(history)
        self.best_state: dict[str, Tensor] | None = None
        self._state = RunState(torch.zeros(2), {})
        # Word probabilities move by orders of magnitude: steps are large, and the second moment's
        # memory is short, so that a rare word's first gradients do not stall it.
        named = dict(model.named_parameters())
        topics = {"topic_logits": named.pop("topic_logits")}
        network = {name: named.pop(name) for name in [*named] if name.startswith(_NETWORK)}
        self._topics, self._encoder, self._network = (
            Adam(group, betas=(0.9, 0.99)) for group in (topics, named, network)
        )
        learner = (
            learning_estimator(estimator, model.smoothing, generator=generator)
            if isinstance(estimator, str)
            else estimator
        )
        self._learning = None if learner is None else Learning(learner)
        self._check_learning()
        self._frozen: tuple[Tensor, Tensor] | None = None
        if model.frozen is not None:
            self._frozen = model.frozen, model.topic_logits.detach()[model.frozen]

    def _check_learning(self) -> None:
        if self._learning is None:
            return
        if self.ranks.size > 1:
            raise InputError(
                f"gradient_estimator='{self.estimator}' learns as it trains and runs in one "
                f"process, got {self.ranks.size} processes; start one, or use another estimator"
            )
        if isinstance(self._learning.estimator, Relax) and kernels.usable(self.model.topic_logits):
            raise InputError(
                f"gradient_estimator='{self.estimator}' needs second derivatives, which the GPU "
                "kernels do not have; pass device='cpu', or use another estimator"
            )

    @property
    def gradient(self) -> str | GradientEstimator:
        """The gradient estimator: its name, or itself if it learns."""
        return self.estimator if self._learning is None else self._learning.estimator

    def state(self) -> dict[str, Tensor]:
        """Return the moments and steps of Adam as tensors on the CPU.

        Their names are those of the model's parameters with ``.step``, ``.exp_avg`` and
        ``.exp_avg_sq``; before the first step there are no entries. A new trainer of the same
        model, ``history`` and ``generator`` that loads them continues as this one would, but that
        an estimator that learns begins anew.
        """
        return copied(self._topics.state | self._encoder.state | self._network.state)

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Continue from the ``state()`` of another trainer.

        Raises:
            KeyError: where an entry is missing.
            ValueError: where an entry is of another shape than its parameter.
        """
        for optimizer in (self._topics, self._encoder, self._network):
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
        known: Known | None = None,
        held_out_known: Known | None = None,
        progress: bool = False,
        start: Snapshot | None = None,
        after_step: Callable[[], None] = lambda: None,
    ) -> None:
        """Train until the schedule ends, or the held-out prediction no longer gets better.

        The model is left with the best weights of this run, also when it is interrupted.

        Args:
            collection: the documents to train on, read batch by batch.
            held_out: the documents to measure the prediction on, on the model's device.
            schedule: how many steps to take, and the temperature and learning rate of each.
            known: what else is known of the documents to train on; None where the model reads
                nothing else.
            held_out_known: of the held-out documents.
            progress: whether to show a progress bar on standard error.
            start: a ``snapshot`` of an earlier run with the same arguments, which this run
                continues with the same results; None to start from the beginning.
            after_step: called after each step and each epoch, when a ``snapshot`` can be taken.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: where ``start`` is of another run.
        """
        n_batches = math.ceil(len(collection) / self.batch_size)
        n_epochs = math.ceil(schedule.n_steps / n_batches)
        batches, steps = self._batches(collection, known), self._steps(collection, known)
        self._state = RunState(steps.total, batches.drawn_from)
        if known is not None and known.covariates is not None:
            self._state.regression = PrevalenceUpdate(self.model, collection, known, self.generator)
        # Other documents may be held out in every run, and their perplexities are their own.
        self.best_state = None
        if start is not None:
            self._state.load(self.load(start))
        halves, done = completion_halves(held_out), self.progress
        bar = progress_bar(
            total=n_epochs,
            initial=done.epoch,
            desc="training",
            unit="epoch",
            disable=not (progress and self.ranks.is_first),
        )
        try:
            while not done.is_over(n_epochs, self.patience):
                relaxed = self._epoch(batches, steps, schedule, done.epoch * n_batches, after_step)
                if self._state.regression is not None:
                    self._state.regression()
                temperature = schedule.temperature_at((done.epoch + 1) * n_batches - 1)
                with self._best_strength(held_out, held_out_known):
                    row = self._record(relaxed, halves, held_out_known, temperature)
                bar.set_postfix(perplexity=f"{row['perplexity']:.0f}")
                bar.update()
                after_step()
        finally:
            bar.close()
            if self.best_state is not None:
                self.model.load_state_dict(self.best_state)

    @property
    def progress(self) -> Progress:
        """How far the present or the last run is."""
        return self._state.progress

    def snapshot(self) -> Snapshot:
        """Return all that the present or the last run needs to go on; nothing is drawn or changed.

        Raises:
            ValueError: where the randomness is torch's global stream, which is not the trainer's.
        """
        run = self._state.snapshot()
        arrays = {
            _WEIGHTS: copied(self.model.state_dict()),
            _BEST: copied(self.best_state or {}),
            _OPTIMIZER: self.state(),
            _LEARNT: {} if self._learning is None else copied(self._learning.state()),
            _RUN: {**run.arrays, "generator": self._own_generator().get_state()},
        }
        named = {
            prefix + name: value
            for prefix, entries in arrays.items()
            for name, value in entries.items()
        }
        return Snapshot(named, {"progress": run.facts, "history": self.history.copy()})

    def load(self, snapshot: Snapshot) -> Snapshot:
        """Put the model, the optimizers, the history and the generator where they were.

        Returns:
            What is left of the snapshot: where its run was.

        Raises:
            KeyError, ValueError, RuntimeError: where an entry is missing or of another shape.
        """
        device = self.model.topic_logits.device
        weights, best, optimizer, run = (
            entries_under(snapshot.arrays, prefix) for prefix in (_WEIGHTS, _BEST, _OPTIMIZER, _RUN)
        )
        self.model.load_state_dict(weights)
        self.best_state = {name: value.to(device) for name, value in best.items()} or None
        self.load_state(optimizer)
        if self._learning is not None:
            self._learning.load(entries_under(snapshot.arrays, _LEARNT))
        self.history = list(snapshot.facts["history"])
        self._own_generator().set_state(run.pop("generator"))
        return Snapshot(run, snapshot.facts["progress"])

    def _own_generator(self) -> Generator:
        if self.generator is None:
            raise ValueError(
                "a run that draws from torch's global stream cannot be resumed; pass a generator "
                "to Trainer"
            )
        return self.generator

    def move(self, rate: float | Tensor, ramp: float | Tensor = 1.0) -> None:
        """Move the weights along their gradients; the topics move at this learning rate.

        Args:
            rate: the learning rate.
            ramp: the factor that rises from 0 to 1 during the warm-up; it slows the topics if the
                encoder has to learn first.
        """
        pace = self.topic_pace * (ramp if self.model.encoder.learns_first else 1.0)
        self._topics.step(pace * rate)
        if self._frozen is not None:
            # Not by gradients of 0, after which the momentum of earlier steps still moves them.
            with torch.no_grad():
                self.model.topic_logits.index_copy_(0, *self._frozen)
        self._encoder.step(_ENCODER_RATE * rate)
        self._network.step(self.model.encoder.pace * rate)
        if self._learning is not None:
            self._learning.step(rate)

    def _batches(self, collection: Collection, known: Known | None) -> Batches:
        reads_embeddings = known is not None and known.embeddings is not None
        options: dict[str, Any] = {
            "batch_size": self.batch_size,
            "token_dropout": self.token_dropout,
            "count_power": self.count_power,
            "predicts_all": self.is_bound,
            "share_unread": _UNREAD if reads_embeddings else 0.0,
            "generator": self.generator,
        }
        if self.ranks.size > 1:
            return Batches(collection, ranks=self.ranks, **options)
        is_resident = collection.device.type == "cuda" and known is None
        return (Resident if is_resident else Batches)(collection, **options)

    def _epoch(
        self,
        batches: Batches,
        steps: Advance | Replayed,
        schedule: Schedule,
        first: int,
        after_step: Callable[[], None],
    ) -> float:
        """Pass over the documents in random order, but for the batches that are done.

        Args:
            batches: the documents.
            steps: takes the steps.
            schedule: of the run.
            first: the number of the epoch's first step.
            after_step: called after each.

        Returns:
            The log-likelihood of the epoch, in nats per hidden token.
        """
        done = self.progress
        if not done.batch:
            steps.total.zero_()
        for batch in batches.epoch(done.batch):
            number = first + done.batch
            steps(
                batch,
                schedule.temperature_at(number),
                schedule.learning_rate_at(number),
                schedule.ramp_at(number),
            )
            done.batch += 1
            after_step()
        # Machines of different kinds round differently, and would drift apart.
        self.ranks.copy_first_(self.model.parameters())
        log_likelihood, n_tokens = steps.total.tolist()
        return float(log_likelihood / max(n_tokens, 1.0))

    def _steps(self, collection: Collection, known: Known | None) -> Advance | Replayed:
        advance = Advance(self, collection, known)
        if known is None and self._is_recordable():
            return Replayed(advance, collection.device, self.generator)
        return advance

    def _is_recordable(self) -> bool:
        """Return whether a step can be recorded and replayed: it must never wait for the GPU."""
        return (
            self.ranks.size == 1
            and kernels.usable(self.model.topic_logits)
            and self.model.likelihood.reads_in_place
            and not self._network.parameters
            and not self.model.encoder.learns_first
            and self.estimator in RELAXATIONS
        )

    def _best_strength(
        self, held_out: SparseCounts, known: Known | None
    ) -> AbstractContextManager[None]:
        if self.fits_strength:
            return fitted_strength(self.model, held_out, known, self.ranks)
        return nullcontext()

    def _record(
        self,
        relaxed: float,
        halves: tuple[SparseCounts, SparseCounts],
        known: Known | None,
        temperature: float,
    ) -> dict[str, float]:
        perplexity = completion_perplexity(self.model, halves, known, self.ranks)
        row = {
            "epoch": self.history[-1]["epoch"] + 1 if self.history else 1,
            "temperature": temperature,
            "log_likelihood": relaxed,
            "perplexity": perplexity,
        }
        self.history.append(row)
        if self._end_epoch(perplexity):
            self.best_state = copy.deepcopy(self.model.state_dict())
        return row

    def _end_epoch(self, perplexity: float) -> bool:
        """Count an epoch that has ended; return whether to keep its weights."""
        return self.progress.end_epoch(perplexity)
