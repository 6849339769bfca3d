"""The topic model as a scikit-learn estimator."""

import os
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted
from torch.distributions import Distribution

from topicgen import parameters, persistence
from topicgen.corpus import Corpus, Vectorizer
from topicgen.diagnostics import Diagnostics
from topicgen.documents import count_documents, is_text
from topicgen.errors import InputError
from topicgen.fitting import FittingMixin, rows_with_words
from topicgen.inspection import InspectionMixin
from topicgen.models import Hierarchy, SparseCounts
from topicgen.posterior import Posterior
from topicgen.scoring import ScoringMixin
from topicgen.training import Collection, Schedule, generator, one_core_spared

Documents: TypeAlias = Any  # texts, a Corpus, or counts, sparse or dense


class TopicModel(
    InspectionMixin,
    ScoringMixin,
    FittingMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    r"""Find the topics of documents, held by each document in counts.

    .. math::
        z_{dk} \sim p_k, \qquad \theta_{dk} \propto z_{dk} + s, \qquad
        x_d \sim \text{Multinomial}(N_d, \theta_d \beta),

    with a law :math:`p_k` on finitely many counts, trained by gradient to predict hidden tokens
    through the Generalized Gumbel-Softmax relaxation (Joo, Kim, Shin and Moon, 2020).

    Args:
        n_components: the number of topics.
        upper_components: the numbers of nodes of the layers above the topics, from the lowest up,
            each smaller than the one below: (20, 5) groups the topics into 20, and these into 5.
            Each layer's counts set what is expected of the layer below; see ``get_topic_tree``.
        latent: the law of the counts: "negative_binomial", "poisson", "geometric", "binomial", or
            a law of your own, a ``torch.distributions`` object on the non-negative integers or a
            ``topicgen.distributions.Finite``, one for all topics or one for each, which then is
            kept as it is.
        likelihood: the law of the words: "multinomial"; "poisson", which models a document's length
            by the sum of its counts; or "negative_binomial", for words that come in bursts.
        background: whether the last topic is the word distribution of the whole collection, so that
            the others need not carry the words of all documents.
        inference: "explicit", a posterior of the law's own kind, which predicts words best, or
            "implicit", a free mass on each count.
        refinement: steps of coordinate ascent on each document's own bound that ``transform`` and
            ``posterior`` take after the encoder: 0 for none. They find fewer topics in a document.
        gradient_estimator: "gengs", "gengs_st" for its straight-through form, or "eat", arrivals of
            Poisson processes, which is slower and no better here.
        temperature: the relaxation's temperature, or a pair of them: at the start and the end of
            the training. Higher has the smaller variance.
        truncation: the greatest count, or "auto": above all that a document is expected to hold.
        prior_count: the expected sum of a document's counts, or "auto": 100 for the laws that
            spread (negative binomial, geometric), 10 for those that do not.
        learn_prior: whether each topic's mean count, and the negative binomial's dispersion, are
            fitted to the documents; else all topics keep ``prior_count / n_components``.
        smoothing: what all topics together hold beside the counts, in the same unit.
        topic_scale: the standard deviation of the topics' log probabilities around those of the
            whole collection: lower keeps topics from learning a small collection by heart.
        separation: what it costs topics to share words, in nats a token: higher makes their top
            words more diverse and more coherent, 0 makes them predict best.
        count_power: the repetitions of a word in a document count to this power in training: 1 for
            a likelihood, lower to hear less of words that come in bursts.
        token_dropout: the share of tokens hidden from the encoder in training, which its topics
            have to predict.
        max_epochs: passes over the documents at most, or "auto": about 20 for ten thousand.
        batch_size: documents a step, or "auto": a fortieth of them, 16 to 256.
        learning_rate: of Adam, at the start.
        validation_fraction: the share of documents held out to measure the prediction (500 at
            most; none where there are fewer than 50 documents).
        patience: epochs without a better held-out prediction before the training stops.
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
        diagnostics_: a ``Diagnostics``: how the training went, and what to do where it went badly.
        model_: the ``LatentCountModel``.
        hierarchy_: the ``Hierarchy`` of it and the layers above it.

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
        upper_components: tuple[int, ...] = (),
        latent: str | Distribution = "negative_binomial",
        likelihood: str = "multinomial",
        background: bool = False,
        inference: str = "explicit",
        refinement: int = 0,
        gradient_estimator: str = "gengs",
        temperature: float | tuple[float, float] = 1.0,
        truncation: int | str = "auto",
        prior_count: float | str = "auto",
        learn_prior: bool = True,
        smoothing: float = 0.5,
        topic_scale: float = 3.0,
        separation: float = 0.015,
        count_power: float = 0.8,
        token_dropout: float = 0.5,
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
        self.upper_components = upper_components
        self.latent = latent
        self.likelihood = likelihood
        self.background = background
        self.inference = inference
        self.refinement = refinement
        self.gradient_estimator = gradient_estimator
        self.temperature = temperature
        self.truncation = truncation
        self.prior_count = prior_count
        self.learn_prior = learn_prior
        self.smoothing = smoothing
        self.topic_scale = topic_scale
        self.separation = separation
        self.count_power = count_power
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

        The first call sets the vocabulary, and starts from its clusters; texts in later calls are
        counted by it. Nothing is held out.

        Args and raises are those of ``fit``; layers above the topics need all documents at once.
        """
        parameters.check(self)
        if self.upper_components:
            raise InputError(
                f"expected no upper_components in partial_fit, got {self.upper_components!r}; "
                "depth needs fit"
            )
        if not hasattr(self, "model_"):
            counts = self._counts_to_fit(X)
            self.validation_indices_ = np.array([], dtype=np.int64)
            self._start_seed = self._seed()
            self._start(Collection(counts))
        else:
            counts = self._counts(X)
            if not hasattr(self, "_trainer"):  # a loaded model
                self._start_seed = self._seed()
                self._trainer = self._make_trainer(self.model_, counts.shape[0])
                self._trainer.history = list(self._history)
        device = parameters.device(self.device)
        collection = Collection(counts, rows_with_words(counts), device=device)
        trainer = self._trainer
        trainer.model.to(device, torch.float32)
        watched = SparseCounts.from_csr(counts[collection.rows], device=device)
        try:
            trainer.generator = generator(self._seed(), device)
            with one_core_spared():
                n_steps = -(-len(collection) // trainer.batch_size)
                end = parameters.temperatures(self.temperature)[1]
                rate = self.learning_rate / 5
                schedule = Schedule(n_steps, (end, end), rate, floor=1.0)
                trainer.run(collection, watched, schedule)
        finally:
            if trainer.best_state is not None:
                self._finish(collection, watched)
        return self

    # -- using the topics --------------------------------------------------------------------

    def transform(self, X: Documents) -> np.ndarray:
        r"""Return the expected topic proportions :math:`E[\theta \mid x]`.

        With them ``transform(X) @ components_`` is the model's distribution of a document's next
        word. A document without known words gets what the encoder expects beforehand.

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
        probs = []
        with one_core_spared(), torch.no_grad():
            for batch in self._batches(counts):
                q = self.model_.posterior(batch, topic_word, self.refinement)
                probs.append(q.probs.cpu().numpy())
        return Posterior(
            probs=np.concatenate(probs),
            atoms=self.model_.atoms.cpu().numpy(),
            proportions=self._doc_topic(counts),
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
        if not isinstance(settings["latent"], str):
            settings["latent"] = None  # its masses are among the weights
        weights = self.hierarchy_.weights()
        persistence.save_model(
            folder,
            config={
                "class": type(self).__name__,
                "parameters": settings,
                "vectorizer": None if self.vectorizer_ is None else self.vectorizer_.to_config(),
                "topic_share": self.topic_share_.tolist(),
                "validation_indices": self.validation_indices_.tolist(),
                "history": self._history,
                "diagnostics": asdict(self.diagnostics_),
            },
            vocabulary=self.vocabulary_,
            weights={name: value.float().cpu() for name, value in weights.items()},
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
        settings["upper_components"] = tuple(settings.get("upper_components", ()))
        model = cls(**settings)
        model.hierarchy_ = Hierarchy.from_weights(
            weights,
            latent=model.latent if isinstance(model.latent, str) else "given",
            likelihood=model.likelihood,
            inference=model.inference,
            n_layers=len(model.upper_components),
        ).double()
        model.model_ = model.hierarchy_.base
        if model.latent is None:
            model.latent = model.model_.prior
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
        model.diagnostics_ = Diagnostics(**config["diagnostics"])
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
