"""The topic model as a scikit-learn estimator."""

import os
from typing import Any, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted
from torch.distributions import Poisson

from topicgen import parameters, persistence
from topicgen.corpus import Corpus, Vectorizer
from topicgen.distributions import Truncated, truncation_point
from topicgen.documents import count_documents, is_text
from topicgen.errors import InputError
from topicgen.inspection import InspectionMixin
from topicgen.models import LatentCountModel, SparseCounts, expected_proportions
from topicgen.posterior import Posterior
from topicgen.scoring import ScoringMixin
from topicgen.training import (
    POSTERIOR_LAYERS,
    Schedule,
    Trainer,
    automatic_batch_size,
    automatic_epochs,
    one_core_spared,
    seeded,
)

Documents: TypeAlias = Any  # texts, a Corpus, or counts, sparse or dense

# A held-out share beyond this many documents makes no bound more certain.
_MOST_HELD_OUT = 500
_FEWEST_DOCUMENTS_TO_SPLIT = 50


class TopicModel(
    InspectionMixin,
    ScoringMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    r"""Find the topics of documents, held by each document in counts.

    .. math::
        z_{dk} \sim \text{Poisson}(r), \qquad \theta_{dk} \propto z_{dk} + s, \qquad
        x_d \sim \text{Multinomial}(N_d, \theta_d \beta),

    with the Poisson law truncated, trained on the evidence lower bound by gradient through the
    Generalized Gumbel-Softmax relaxation (Joo, Kim, Shin and Moon, 2020).

    Args:
        n_components: the number of topics.
        latent: the law of the counts: "poisson".
        likelihood: the law of the words: "multinomial".
        inference: "explicit", a posterior in the law's own family, which predicts words best, or
            "implicit", a free mass on each count, which bounds their likelihood best.
        gradient_estimator: "gengs", or "gengs_st" for its straight-through form.
        temperature: the relaxation's temperature at the start and the end of the training, or one
            number for both. Higher makes the topics sharper and more diverse, lower makes them
            predict better.
        truncation: the greatest count, or "auto": at least 12, and high enough that the prior is
            above it with a probability of at most 1e-4.
        prior_count: the expected sum of a document's counts before a word is seen; each topic's
            rate is this over n_components.
        smoothing: what all topics together hold beside the counts, in the same unit.
        topic_scale: the standard deviation of the topics' log probabilities around those of the
            whole collection: lower keeps topics from learning a small collection by heart.
        token_dropout: the share of tokens hidden from the encoder in training.
        max_epochs: passes over the documents at most, or "auto": about 20 for ten thousand.
        batch_size: documents a step, or "auto": a fortieth of them, 16 to 256.
        learning_rate: of Adam, at the start.
        validation_fraction: the share of documents held out to measure the bound (500 at most;
            none where there are fewer than 50 documents).
        patience: epochs without a better held-out bound before the training stops.
        device: "auto" (CUDA where there is one), "cpu", "cuda", ...
        vectorizer: what counts the words of texts: a ``Vectorizer``, or None for the default one.
        random_state: seeds everything random; None differs from call to call.
        verbose: 1 shows a progress bar on standard error.

    Attributes:
        components_: shape (n_components, n_features), each row a distribution over words.
        vocabulary_: the word of each column, or None where the counts came without words.
        vectorizer_: the fitted vectorizer, or None where the model was fitted to counts.
        topic_share_: each topic's share of the tokens, shape (n_components,).
        validation_indices_: the rows held out from training.
        n_epochs_: the epochs run.
        model_: the ``LatentCountModel``.

    Example:
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
        >>> sorted(sorted(words) for words in model.top_words(3))
        [['bark', 'dogs', 'run'], ['cats', 'purr', 'sleep']]
        >>> model.transform(docs).shape
        (40, 2)
    """

    def __init__(
        self,
        n_components: int = 20,
        *,
        latent: str = "poisson",
        likelihood: str = "multinomial",
        inference: str = "explicit",
        gradient_estimator: str = "gengs",
        temperature: float | tuple[float, float] = (1.0, 0.9),
        truncation: int | str = "auto",
        prior_count: float = 10.0,
        smoothing: float = 0.5,
        topic_scale: float = 3.0,
        token_dropout: float = 0.3,
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate: float = 0.2,
        validation_fraction: float = 0.1,
        patience: int = 10,
        device: str = "auto",
        vectorizer: Vectorizer | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.latent = latent
        self.likelihood = likelihood
        self.inference = inference
        self.gradient_estimator = gradient_estimator
        self.temperature = temperature
        self.truncation = truncation
        self.prior_count = prior_count
        self.smoothing = smoothing
        self.topic_scale = topic_scale
        self.token_dropout = token_dropout
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.vectorizer = vectorizer
        self.random_state = random_state
        self.verbose = verbose

    # -- training ----------------------------------------------------------------------------

    def fit(self, X: Documents, y: object = None) -> "TopicModel":
        """Learn the topics of the documents.

        When it is interrupted (Ctrl-C) after the first epoch, the model is left fitted with the
        best weights so far, and the interrupt goes on.

        Args:
            X: texts, a ``Corpus``, or counts of shape (n_documents, n_features), sparse or dense.
            y: ignored.

        Raises:
            InputError: where a parameter or the documents cannot be used.
        """
        parameters.check(self)
        self._fit(self._counts_to_fit(X))
        return self

    def fit_transform(self, X: Documents, y: object = None) -> np.ndarray:
        """Learn the topics, and return the documents' proportions of them.

        Args and raises are those of ``fit``, the value that of ``transform``.
        """
        parameters.check(self)
        counts = self._counts_to_fit(X)
        self._fit(counts)
        return self._doc_topic(counts)

    def partial_fit(self, X: Documents, y: object = None) -> "TopicModel":
        """Pass once over further documents, at the final temperature and a fifth of the rate.

        The first call sets the vocabulary, and starts from random topics; texts in later calls are
        counted by it. Nothing is held out.

        Args and raises are those of ``fit``.
        """
        parameters.check(self)
        if not hasattr(self, "model_"):
            counts = self._counts_to_fit(X)
            self.validation_indices_ = np.array([], dtype=np.int64)
            self._start(counts)
        else:
            counts = self._counts(X)
            if not hasattr(self, "_trainer"):  # a loaded model
                self._trainer = self._make_trainer(self.model_, counts.shape[0])
        counts = _non_empty(counts)
        device = parameters.device(self.device)
        trainer = self._trainer
        trainer.model.to(device, torch.float32)
        try:
            with one_core_spared(), seeded(self._seed(), device):
                batch = SparseCounts.from_csr(counts, device=device)
                n_steps = -(-len(batch) // trainer.batch_size)
                end = parameters.temperatures(self.temperature)[1]
                rate = self.learning_rate / 5
                trainer.restart()
                trainer.run(batch, batch, Schedule(n_steps, (end, end), rate, floor=1.0))
        finally:
            self._finish(counts)
        return self

    def _fit(self, counts: csr_matrix) -> None:
        _non_empty(counts)
        occupied = np.flatnonzero(np.diff(counts.indptr))
        self._start(counts)
        device = parameters.device(self.device)
        random = np.random.default_rng(self._start_seed)
        n_held_out = 0
        if len(occupied) >= _FEWEST_DOCUMENTS_TO_SPLIT:
            n_held_out = min(round(self.validation_fraction * len(occupied)), _MOST_HELD_OUT)
        shuffled = random.permutation(occupied)
        self.validation_indices_ = np.sort(shuffled[:n_held_out])
        rows = np.sort(shuffled[n_held_out:])
        # Without held-out documents the bound is watched on some of those trained on.
        watched = self.validation_indices_ if n_held_out else rows[:_MOST_HELD_OUT]
        training = SparseCounts.from_csr(counts[rows], device=device)
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
            with one_core_spared(), seeded(self._start_seed + 1, device):
                self._trainer.run(training, held_out, schedule, progress=self.verbose > 0)
        finally:
            if self._trainer.best_state is not None:
                self._finish(counts[rows])

    def _start(self, counts: csr_matrix) -> None:
        """Make a new model with random topics, and its trainer."""
        for name in ("model_", "components_", "topic_share_"):
            self.__dict__.pop(name, None)
        self._start_seed = self._seed()
        device = parameters.device(self.device)
        rate = torch.full((self.n_components,), self.prior_count / self.n_components)
        truncation = self.truncation
        if truncation == "auto":
            truncation = max(12, truncation_point(Poisson(rate[0]), 1e-4))
        # Half a token more of each word: one unseen so far must not be impossible.
        frequency = torch.from_numpy(np.asarray(counts.sum(0), dtype=np.float32).ravel() + 0.5)
        with seeded(self._start_seed, device):
            model = LatentCountModel(
                Truncated(Poisson(rate), upper=int(truncation)),
                frequency,
                smoothing=self.smoothing,
                topic_scale=self.topic_scale,
                inference=self.inference,
            )
        self._trainer = self._make_trainer(model.to(device), counts.shape[0])

    def _make_trainer(self, model: LatentCountModel, n_documents: int) -> Trainer:
        batch_size = self.batch_size
        if batch_size == "auto":
            batch_size = automatic_batch_size(n_documents)
        return Trainer(
            model,
            batch_size=int(batch_size),
            estimator=self.gradient_estimator,
            token_dropout=self.token_dropout,
            patience=self.patience,
        )

    def _finish(self, counts: csr_matrix) -> None:
        """Take over what the trainer has learnt."""
        # In double precision a document's proportions do not depend on its neighbours in a batch.
        self.model_ = self._trainer.model.double()
        self.components_ = self.model_.topic_word().detach().cpu().numpy()
        self.n_epochs_ = len(self._trainer.history)
        self._history = self._trainer.history
        sample = counts[:: -(-counts.shape[0] // 5_000)]
        tokens = np.asarray(sample.sum(1)).ravel() @ self._doc_topic(sample)
        self.topic_share_ = tokens / tokens.sum()

    # -- using the topics --------------------------------------------------------------------

    def transform(self, X: Documents) -> np.ndarray:
        r"""Return the expected topic proportions :math:`E[\theta \mid x]`.

        With them ``transform(X) @ components_`` is the model's distribution of a document's next
        word. A document without known words gets the prior's proportions.

        Args:
            X: texts, a ``Corpus``, or counts of shape (n_documents, n_features).

        Returns:
            Shape (n_documents, n_components), rows sum to 1.

        Raises:
            InputError: where the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        check_is_fitted(self, "components_")
        return self._doc_topic(self._counts(X))

    def posterior(self, X: Documents) -> Posterior:
        """Return the posterior of each document's counts: mean, variance, intervals, proportions.

        Args and raises are those of ``transform``.
        """
        check_is_fitted(self, "components_")
        counts = self._counts(X)
        topic_word = self.model_.topic_word()
        probs, doc_topic = [], []
        with one_core_spared(), torch.no_grad():
            for batch in self._batches(counts):
                q = self.model_.posterior(batch, topic_word, POSTERIOR_LAYERS)
                probs.append(q.probs.cpu().numpy())
                doc_topic.append(expected_proportions(q, self.model_.smoothing).cpu().numpy())
        return Posterior(
            probs=np.concatenate(probs),
            atoms=self.model_.atoms.cpu().numpy(),
            proportions=np.concatenate(doc_topic),
            n_tokens=np.asarray(counts.sum(1)).ravel(),
        )

    # -- saving ------------------------------------------------------------------------------

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model to a folder, without pickle, whole or not at all.

        Raises:
            InputError: where the folder exists and is not to be overwritten, or cannot be written.
        """
        check_is_fitted(self, "components_")
        settings = self.get_params(deep=False)
        del settings["vectorizer"]
        if not isinstance(settings["random_state"], int | None):
            settings["random_state"] = None
        weights = {name: value.float() for name, value in self.model_.state_dict().items()}
        persistence.save_model(
            folder,
            config={
                "class": type(self).__name__,
                "parameters": settings,
                "vectorizer": None if self.vectorizer_ is None else self.vectorizer_.to_config(),
                "topic_share": self.topic_share_.tolist(),
                "validation_indices": self.validation_indices_.tolist(),
                "history": self._history,
            },
            vocabulary=self.vocabulary_,
            weights={name: value.cpu() for name, value in weights.items()},
            overwrite=overwrite,
        )

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "TopicModel":
        """Return the model that ``save`` wrote.

        Raises:
            InputError: where a file is missing, damaged or of a newer version.
        """
        config, vocabulary, weights = persistence.load_model(folder)
        try:
            return cls._restore(config, vocabulary, weights)
        except (KeyError, TypeError, RuntimeError, ValueError) as error:
            raise InputError(
                f"expected a model's config and weights that agree, got {type(error).__name__} "
                f"({' '.join(str(error).split())[:200]}) from {folder}; save the model again"
            ) from error

    @classmethod
    def _restore(
        cls,
        config: dict[str, Any],
        vocabulary: list[str] | None,
        weights: dict[str, torch.Tensor],
    ) -> "TopicModel":
        settings = dict(config["parameters"])
        if isinstance(settings["temperature"], list):
            settings["temperature"] = tuple(settings["temperature"])
        model = cls(**settings)
        model.model_ = LatentCountModel.from_state(weights, inference=model.inference).double()
        model.components_ = model.model_.topic_word().detach().numpy()
        model.n_features_in_ = model.components_.shape[1]
        if vocabulary is not None and len(vocabulary) != model.n_features_in_:
            raise ValueError(f"{len(vocabulary)} words for {model.n_features_in_} columns")
        model.vocabulary_ = vocabulary
        recipe = config["vectorizer"]
        model.vectorizer_ = (
            None if recipe is None else Vectorizer.from_config(recipe, vocabulary or [])
        )
        model.topic_share_ = np.array(config["topic_share"])
        model.validation_indices_ = np.array(config["validation_indices"], dtype=np.int64)
        model._history = config["history"]
        model.n_epochs_ = len(model._history)
        return model

    # -- internals ---------------------------------------------------------------------------

    def _counts_to_fit(self, X: Documents) -> csr_matrix:
        """Return counts, and learn what they are counts of."""
        self.vectorizer_, self.vocabulary_ = None, None
        if is_text(X):
            vectorizer = Vectorizer() if self.vectorizer is None else clone(self.vectorizer)
            counts = vectorizer.fit_transform(X)
            self.vectorizer_ = vectorizer
            self.vocabulary_ = vectorizer.get_feature_names_out().tolist()
            self.n_features_in_ = counts.shape[1]
        elif isinstance(X, Corpus):
            counts = X.counts
            self.vectorizer_, self.vocabulary_ = X.vectorizer, list(X.vocabulary)
            self.n_features_in_ = counts.shape[1]
        else:
            counts = count_documents(self, X, fit=True)
            if hasattr(self, "feature_names_in_"):
                self.vocabulary_ = self.feature_names_in_.tolist()
        parameters.check_size(self.n_components, counts, of_text=self.vocabulary_ is not None)
        return counts

    def _counts(self, X: Documents) -> csr_matrix:
        return count_documents(self, X)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 2))

    @property
    def _n_features_out(self) -> int:
        return int(self.components_.shape[0])

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "components_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.input_tags.string = True
        return tags


def _non_empty(counts: csr_matrix) -> csr_matrix:
    """Return the rows with words; to have none is an error."""
    occupied = np.diff(counts.indptr) > 0
    if not occupied.any():
        raise InputError(
            f"expected documents with words, got {counts.shape[0]} without any; add documents"
        )
    return counts[occupied]
