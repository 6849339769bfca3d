"""How a topic model is fitted: what is held out, where the topics start, what is kept of them."""

from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Distribution

from topicgen import parameters
from topicgen.diagnostics import Diagnostics, compare_depth, diagnose
from topicgen.errors import InputError
from topicgen.models import (
    LIKELIHOODS,
    PRIORS,
    Hierarchy,
    LatentCountModel,
    Prior,
    SparseCounts,
    count_atoms,
    fixed_prior,
    greatest_count,
)
from topicgen.training import (
    Collection,
    Schedule,
    Trainer,
    add_layer,
    automatic_batch_size,
    automatic_epochs,
    generator,
    one_core_spared,
    smoothed_frequency,
    start_at_clusters,
)

# A held-out share beyond this many documents makes no bound more certain.
_MOST_HELD_OUT = 500
_FEWEST_DOCUMENTS_TO_SPLIT = 50

_MOST_TO_FIT_THE_PRIOR = 1_000
_MOST_TO_SHARE = 5_000  # for the topics' shares of the tokens
_PRIOR_ROUNDS = 6


class FittingMixin:
    """Training of a model with the parameters of ``TopicModel``, on counts."""

    model_: LatentCountModel
    hierarchy_: Hierarchy
    components_: np.ndarray
    topic_share_: np.ndarray
    validation_indices_: np.ndarray
    diagnostics_: Diagnostics
    n_epochs_: int
    _history: list[dict[str, float]]
    _trainer: Trainer
    _start_seed: int

    # The parameters, as TopicModel documents them.
    n_components: int
    latent: Any
    likelihood: str
    upper_components: tuple[int, ...]
    background: bool
    inference: str
    gradient_estimator: str
    temperature: Any
    truncation: int | str
    learn_prior: bool
    smoothing: float
    topic_scale: float
    separation: float
    count_power: float
    token_dropout: float
    max_epochs: int | str
    batch_size: int | str
    learning_rate: float
    validation_fraction: float
    patience: int
    device: str
    verbose: int

    def _seed(self) -> int:
        """Return a new seed of the model's random state."""
        raise NotImplementedError

    def _doc_topic(self, counts: csr_matrix) -> np.ndarray:
        """Return the documents' expected proportions."""
        raise NotImplementedError

    def _fit(self, counts: csr_matrix) -> None:
        occupied = rows_with_words(counts)
        self._start_seed = self._seed()
        device = parameters.device(self.device)
        n_held_out = 0
        if len(occupied) >= _FEWEST_DOCUMENTS_TO_SPLIT:
            n_held_out = min(round(self.validation_fraction * len(occupied)), _MOST_HELD_OUT)
        shuffled = np.random.default_rng(self._start_seed).permutation(occupied)
        self.validation_indices_ = np.sort(shuffled[:n_held_out])
        rows = np.sort(shuffled[n_held_out:])
        # Without held-out documents the prediction is watched on some of those trained on.
        watched = self.validation_indices_ if n_held_out else rows[:_MOST_HELD_OUT]
        training = Collection(counts, rows, device=device)
        self._start(training)
        held_out = SparseCounts.from_csr(counts[watched], device=device)
        n_epochs = self.max_epochs
        if n_epochs == "auto":
            n_epochs = automatic_epochs(len(training), self._trainer.batch_size)
        schedule = Schedule(
            n_steps=int(n_epochs) * -(-len(training) // self._trainer.batch_size),
            temperature=parameters.temperatures(self.temperature),
            learning_rate=self.learning_rate,
        )
        try:
            with one_core_spared():
                self._trainer.run(training, held_out, schedule, progress=self.verbose > 0)
        finally:
            if self._trainer.best_state is not None:
                self._finish(training, held_out)
        if self._trainer.best_state is None:
            raise InputError(
                "expected a training that converges, got no finite prediction of the watched "
                f"documents at learning_rate={self.learning_rate}; lower it"
            )
        self._deepen(training, held_out)

    def _deepen(self, collection: Collection, watched: SparseCounts) -> None:
        """Train the layers above the topics, one by one."""
        if not self.upper_components:
            return
        watched = watched.replace(watched.values.double())
        random = np.random.default_rng(self._start_seed + 4)
        draws = generator(self._start_seed + 4, collection.device)
        with one_core_spared():
            for n_topics in self.upper_components:
                add_layer(self.hierarchy_, collection, n_topics, random, generator=draws)
            self.diagnostics_ = compare_depth(
                self.diagnostics_, self.hierarchy_, watched, generator=draws
            )

    def _start(self, collection: Collection) -> None:
        """Make a new model, its topics at clusters of the documents, and its trainer."""
        for name in ("model_", "hierarchy_", "components_", "topic_share_"):
            self.__dict__.pop(name, None)
        device = parameters.device(self.device)
        prior_count = parameters.prior_count(self)
        word_totals = collection.word_totals()
        model = LatentCountModel(
            self._first_prior(prior_count),
            smoothed_frequency(word_totals),
            prior_count=prior_count,
            smoothing=self.smoothing,
            topic_scale=self.topic_scale,
            latent=self.latent if isinstance(self.latent, str) else "given",
            likelihood=self.likelihood,
            inference=self.inference,
            mean_length=float(word_totals.sum() / len(collection)),
            background=self.background,
            generator=generator(self._start_seed, "cpu"),
        )
        start_at_clusters(model, collection, np.random.default_rng(self._start_seed + 2))
        self._trainer = self._make_trainer(model.to(device), len(collection))

    def _first_prior(self, prior_count: float) -> Prior:
        truncation = self.truncation
        if truncation == "auto":
            models_length = LIKELIHOODS[self.likelihood].models_length
            truncation = greatest_count(prior_count, models_length=models_length)
        atoms = count_atoms(int(truncation))
        if isinstance(self.latent, Distribution):
            return fixed_prior(self.latent, self.n_components, atoms)
        mean = torch.full((self.n_components,), prior_count / self.n_components)
        return PRIORS[self.latent](mean, atoms)

    def _make_trainer(self, model: LatentCountModel, n_documents: int) -> Trainer:
        batch_size = self.batch_size
        if batch_size == "auto":
            batch_size = automatic_batch_size(n_documents)
        return Trainer(
            model,
            generator=generator(self._start_seed + 1, model.atoms.device),
            batch_size=int(batch_size),
            estimator=self.gradient_estimator,
            token_dropout=self.token_dropout,
            count_power=self.count_power,
            separation=self.separation,
            patience=self.patience,
        )

    def _finish(self, collection: Collection, watched: SparseCounts) -> None:
        """Take over what the trainer has learnt."""
        trainer, model = self._trainer, self._trainer.model
        with one_core_spared():
            if self.learn_prior:
                some = collection.at_most(_MOST_TO_FIT_THE_PRIOR)
                sample = SparseCounts.from_csr(some, device=model.atoms.device)
                model.fit_prior(sample, _PRIOR_ROUNDS)
            self.diagnostics_ = diagnose(
                model,
                watched,
                estimator=self.gradient_estimator,
                temperature=trainer.history[-1]["temperature"],
                generator=generator(self._start_seed + 3, model.atoms.device),
            )
        # In double precision a document's proportions do not depend on its neighbours in a batch.
        self.model_ = model.double()
        self.hierarchy_ = Hierarchy(self.model_, [])
        self.components_ = self.model_.topic_word().detach().cpu().numpy()
        self.n_epochs_ = len(trainer.history)
        self._history = trainer.history
        some = collection.at_most(_MOST_TO_SHARE)
        tokens = np.asarray(some.sum(1)).ravel() @ self._doc_topic(some)
        self.topic_share_ = tokens / tokens.sum()


def rows_with_words(counts: csr_matrix) -> np.ndarray:
    """Return which rows have words; that none has is an error."""
    occupied = np.flatnonzero(np.diff(counts.indptr))
    if not len(occupied):
        raise InputError(
            f"expected documents with words, got {counts.shape[0]} without any; add documents"
        )
    return occupied
