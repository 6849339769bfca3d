"""The topic model as a scikit-learn estimator."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch.distributions import Distribution

from topicgen import evaluation
from topicgen.corpus import Corpus, Vectorizer
from topicgen.errors import InputError
from topicgen.models import Hierarchy, LatentCountModel
from topicgen.randomness import numpy_generator
from topicgen.topic_model import (
    documents,
    fitting,
    inference,
    inspection,
    parameters,
    persistence,
    scoring,
)
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.posterior import Posterior
from topicgen.topic_model.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

Documents: TypeAlias = Any  # texts, lists of tokens, a Corpus, or counts, sparse or dense


class TopicModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
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
        latent: the distribution of the counts: "negative_binomial", "poisson", "geometric",
            "binomial", or a distribution of your own, a ``torch.distributions`` object on the
            non-negative integers or a ``topicgen.distributions.Finite``, for all topics or with a
            batch of one per topic, which is then kept as it is.
        likelihood: the distribution of the words: "multinomial"; "poisson", which models a
            document's length by the sum of its counts; or "negative_binomial", for words that come
            in bursts.
        background: whether the last topic is the word distribution of the whole collection, so that
            the others need not carry the words of all documents.
        inference: "explicit", a Poisson (or binomial) posterior, which predicts words best, or
            "implicit", a free mass on each count.
        refinement: steps of coordinate ascent on each document's own bound that ``transform`` and
            ``posterior`` take after the encoder, which find fewer topics in a document.
        gradient_estimator: "gengs", "gengs_st" for its straight-through form, or "eat", arrivals of
            Poisson processes, which is slower and no better here.
        temperature: the relaxation's temperature, or a pair of them: at the start and the end of
            the training. Higher has the smaller variance.
        truncation: the greatest count, or "auto": above all that a document is expected to hold.
        prior_count: the expected sum of a document's counts, or "auto": 100 for the families that
            spread (negative binomial, geometric), 10 for those that do not.
        learn_prior: whether each topic's mean count, and the negative binomial's dispersion, are
            fitted to the documents; else all topics keep ``prior_count / n_components``.
        smoothing: what all topics together hold beside the counts, in the same unit.
        topic_scale: the standard deviation of the topics' log probabilities around those of the
            whole collection: lower keeps topics from learning a small collection by heart.
        separation: what it costs topics to share words, in nats per token: higher makes their top
            words more diverse and more coherent, 0 makes them predict best.
        count_power: the repetitions of a word in a document count to this power in training: 1 for
            a likelihood, lower to hear less of words that come in bursts.
        token_dropout: the share of tokens hidden from the encoder in training, which the topics
            have to predict.
        max_epochs: passes over the documents at most, or "auto": about 20 for ten thousand.
        batch_size: documents per step, or "auto": a fortieth of them, 16 to 256.
        learning_rate: of Adam, at the start.
        validation_fraction: the share of documents held out to measure the prediction (500 at
            most; none where there are fewer than 50 documents).
        patience: epochs without a better held-out prediction before the training stops.
        device: "auto" (CUDA where there is one), "cpu", "cuda", or a ``torch.device``.
        vectorizer: what counts the words of texts: a ``Vectorizer``, or None for the default one.
        random_state: seeds everything random: a whole number, numpy's ``Generator`` or
            ``RandomState``, or None, which differs from call to call.
        verbose: 1 shows a progress bar on standard error.

    Attributes:
        fitted_: the ``Fitted`` value that everything below is read from; a fit that fails leaves
            the one before.
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
        device: str | torch.device = "auto",
        vectorizer: Vectorizer | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
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
        best weights so far, and the interrupt goes on. A fit that fails otherwise leaves the model
        as it was.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts of shape (n_documents, n_features),
                sparse or dense.
            y: ignored.

        Raises:
            InputError: where a parameter or the documents cannot be used.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Documents, y: object = None) -> np.ndarray:
        """Learn the topics, and return the documents' proportions of them.

        Args and raises are those of ``fit``, the value that of ``transform``.
        """
        counts = self._fit(X)
        return inference.infer_proportions(self._hierarchy().base, counts, self._refinement())

    def partial_fit(self, X: Documents, y: object = None) -> "TopicModel":
        """Pass once over further documents, at the final temperature and a fifth of the rate.

        The first call sets the vocabulary, and starts from its clusters; texts in later calls are
        counted by it. Nothing is held out. What earlier documents said of the prior and of the
        topics' shares is kept, in proportion to their number.

        Args and raises are those of ``fit``; layers above the topics need all documents at once.
        """
        values = self._checked_parameters()
        if values["upper_components"]:
            raise InputError(
                f"partial_fit cannot train upper_components, got {self.upper_components!r}; use "
                "fit, or set them to ()"
            )
        if not self.__sklearn_is_fitted__():
            data, n_documents = self._read_to_fit(X, values)
            settings = Settings.resolve(values | {"validation_fraction": 0.0}, n_documents)
            self._learn(lambda: fitting.start(settings, data, self._seed()))
        else:
            counts = documents.read_known(self, self.fitted_, X)
            n_documents = len(fitting.rows_with_words(counts))
            settings = Settings.resolve(values | {"validation_fraction": 0.0}, n_documents)
            self._learn(lambda: fitting.update(self.fitted_, settings, counts))
        return self

    # -- documents ---------------------------------------------------------------------------

    def transform(self, X: Documents) -> np.ndarray:
        r"""Return the expected topic proportions :math:`E[\theta \mid x]`.

        With them ``transform(X) @ components_`` is the model's distribution of a document's next
        word. A document without known words gets what the encoder expects beforehand.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts of shape (n_documents, n_features);
                the columns of a data frame are matched with the model's words by name.

        Returns:
            Shape (n_documents, n_components), rows sum to 1.

        Raises:
            InputError: where the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        model = self._hierarchy().base
        return inference.infer_proportions(model, self._read(X), self._refinement())

    def posterior(self, X: Documents) -> Posterior:
        """Return the posterior of each document's counts: mean, variance, intervals, proportions.

        Args and raises are those of ``transform``.
        """
        model, counts, refinement = self._hierarchy().base, self._read(X), self._refinement()
        return Posterior(
            atoms=model.atoms.cpu().numpy(),
            n_tokens=np.asarray(counts.sum(1)).ravel(),
            n_topics=self.fitted_.n_topics,
            blocks=lambda: inference.infer_blocks(model, counts, refinement),
        )

    def get_document_info(self, X: Documents) -> "pd.DataFrame":
        """Return a row for each document: ``id``, ``tokens``, ``topic``, ``share``, ``count``.

        ``topic`` is the largest topic of the document, ``share`` its expected proportion and
        ``count`` its expected count; ``tokens`` are those of known words. The table has the index
        of a pandas Series or DataFrame, which is also its ``id``.
        """
        ids, index = documents.row_labels(X)
        return inspection.document_info(self.posterior(X), ids, index)

    # -- scores ------------------------------------------------------------------------------

    def perplexity(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        average: str = "corpus",
        n_samples: int | None = None,
    ) -> float:
        r"""Return :math:`\exp(-\log p / N)`: lower is better, the vocabulary's size is chance.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            method: "document_completion" predicts half of each document's tokens, drawn with a
                fixed seed, from the other half; "elbo" bounds the likelihood of all tokens by hard
                samples and the exact KL divergence; "iwae" bounds it more tightly, by importance
                samples; "ais", annealed importance sampling, most tightly without upper layers, and
                with them given enough temperatures. All three are of the whole hierarchy.
            average: "corpus", over all tokens, or "document", the exponential of the mean over
                documents of each document's mean over its tokens.
            n_samples: hard samples per document: by default 10 for "elbo", 100 for "iwae"; for
                "ais" the temperatures of its walk, 100.

        Raises:
            InputError: where the documents cannot be used or have no known word, or no method has
                the name.
        """
        if average not in ("corpus", "document"):
            raise InputError(f"expected average to be corpus or document, got {average!r}")
        log_likelihood, n_tokens = self.document_log_likelihood(X, method, n_samples=n_samples)
        result = evaluation.perplexity(log_likelihood, n_tokens)
        return result.corpus if average == "corpus" else result.per_document

    def document_log_likelihood(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        n_samples: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return each document's log-likelihood in nats, and the number of tokens it is about.

        They are what ``perplexity`` averages, and two models can be compared by them document by
        document: :func:`topicgen.evaluation.perplexity` takes the two. The tokens are the held-out
        half for "document_completion", all of them for the others.

        Args and raises are those of ``perplexity``.
        """
        hierarchy = self._hierarchy()
        log_likelihood, scored = scoring.score_documents(
            self.fitted_,
            hierarchy,
            self._read(X),
            method,
            refinement=self._refinement(),
            n_samples=n_samples,
        )
        return log_likelihood, np.asarray(scored.sum(1)).ravel()

    def get_perplexities(
        self,
        X: Documents,
        methods: str | Sequence[str] = ("document_completion", "elbo", "iwae"),
    ) -> "pd.DataFrame":
        """Return the perplexities of documents by several methods, a row for each.

        Columns: ``method``; ``perplexity`` over all tokens, and its ``standard_error``, over
        documents; ``unigram``, that of the word frequencies of the training documents on the same
        tokens, which knows no topics; ``per_document``, the average over documents, and its
        ``per_document_standard_error`` and ``per_document_unigram``; ``scored``, what was predicted
        from what; ``n_documents`` with known words, and ``n_tokens`` scored; ``n_unknown``, tokens
        outside the vocabulary, which nothing scores: NaN where X does not know them.

        Where the likelihood models lengths ("poisson", "negative_binomial") the bounds are of the
        lengths too, the unigram's are not.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            methods: one or several of those of ``perplexity``.

        Raises:
            InputError: where the documents cannot be used or no method has the name.
        """
        hierarchy = self._hierarchy()
        X = documents.as_corpus(self.fitted_, X)
        n_unknown = np.nan
        if isinstance(X, Corpus) and X.found is not None:
            n_unknown = X.found.get("terms", 0) - X.n_tokens
        return scoring.perplexity_table(
            self.fitted_,
            hierarchy,
            self._read(X),
            [methods] if isinstance(methods, str) else methods,
            refinement=self._refinement(),
            n_unknown=n_unknown,
        )

    def score(self, X: Documents, y: object = None) -> float:
        """Return the evidence lower bound in nats per token: higher is better.

        Args and raises are those of ``perplexity``.
        """
        log_likelihood, n_tokens = self.document_log_likelihood(X, "elbo")
        if not n_tokens.any():
            raise InputError(
                f"expected documents with words that the model knows, got {len(n_tokens)} without; "
                "pass other documents"
            )
        return float(log_likelihood.sum() / n_tokens.sum())

    # -- topics ------------------------------------------------------------------------------

    def top_words(self, n: int = 10) -> list[list[str]]:
        """Return the n most probable words of each topic, most probable first."""
        return inspection.top_words(self._fitted(), n)

    def get_topic(self, k: int, top_n: int = 10) -> "pd.DataFrame":
        """Return the most probable words of topic k: columns ``word`` and ``probability``."""
        import pandas as pd

        return pd.DataFrame(inspection.topic_words(self._fitted(), k, top_n))

    def get_topic_info(self, top_n: int = 10) -> "pd.DataFrame":
        """Return a row for each topic, by share.

        Columns: ``topic``; ``share``, of the tokens; ``rate``, the prior mean of its count;
        ``dispersion``, the shape of its negative binomial prior, NaN for other families;
        ``spread``, what that says: "bursty" below 1, a topic of few documents that fills much of
        them, else "steady", a topic of most documents to a similar degree; ``words``.
        """
        import pandas as pd

        info = pd.DataFrame(inspection.topic_info(self._fitted(), top_n))
        return info.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    def get_topic_tree(self, top_n: int = 10) -> "pd.DataFrame":
        r"""Return a row for each node of each layer, from the topics (layer 0) up.

        A topic's parent is the node above from which most of it comes,
        :math:`\max_j \pi_j W_{jk} / \sum_i \pi_i W_{ik}`, with the shares :math:`\pi` of the
        nodes and their distributions :math:`W` over the layer below (Ranganath et al., 2015).

        Args:
            top_n: words per node: the most probable words of a topic; of a node above, those that
                set it apart most from the whole collection, by :math:`p \log(p / \bar p)`.

        Returns:
            The columns ``layer``, ``topic``, ``parent`` (NA at the top), ``weight`` (the parent's
            part of the topic), ``share`` (of the tokens, of upper nodes as their prior expects)
            and ``words``.

        Raises:
            InputError: where ``top_n`` is below 1.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(3, upper_components=(2,), max_epochs=2, random_state=0)
            >>> model.fit(docs).get_topic_tree()["layer"].tolist()
            [0, 0, 0, 1, 1]
        """
        return inspection.topic_tree(self._fitted(), top_n)

    # -- saving ------------------------------------------------------------------------------

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model to a folder, without pickle, whole or not at all.

        The parameters are written as they are now, and what has been learnt as it was fitted.

        Raises:
            InputError: where a parameter cannot be used or written, the folder exists and is not to
                be overwritten, or the system refuses to write it.
        """
        fitted = self._fitted()
        values = parameters.to_json(self._all_parameters() | self.get_params(deep=False))
        if values["latent"] is None and fitted.structure.latent != "given":
            raise InputError(
                f"latent {self.latent!r} cannot be saved before a fit with it; call fit, or set it "
                "back"
            )
        own = {name: values[name] for name in self._get_param_names()}
        persistence.save_fitted(folder, fitted, own, overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "TopicModel":
        """Return the model that ``save`` wrote.

        Raises:
            InputError: where a file is missing, damaged or of another version.
        """
        fitted, values = persistence.load_fitted(folder)
        with persistence.agreeing(folder):
            prior = fitted.model.prior
            model = cls(**parameters.from_json(values))
            if model.latent is None:  # its masses are among the weights
                model.latent = prior
        model._adopt(fitted)
        return model

    # -- what has been learnt ----------------------------------------------------------------

    @property
    def components_(self) -> np.ndarray:
        """The topics, shape (n_components, n_features), each row a distribution over words."""
        return self._fitted().components

    @property
    def vocabulary_(self) -> list[str] | None:
        """The word of each column."""
        return self._fitted().vocabulary

    @property
    def vectorizer_(self) -> Vectorizer | None:
        """What counts the words of texts."""
        return self._fitted().vectorizer

    @property
    def topic_share_(self) -> np.ndarray:
        """Each topic's share of the tokens, shape (n_components,)."""
        return self._fitted().evidence.topic_share

    @property
    def validation_indices_(self) -> np.ndarray:
        """The rows held out from training."""
        return self._fitted().validation_indices

    @property
    def diagnostics_(self) -> Diagnostics:
        """How the training went."""
        return self._fitted().diagnostics

    @property
    def n_epochs_(self) -> int:
        """The epochs run."""
        return len(self._fitted().history)

    @property
    def history_(self) -> "pd.DataFrame":
        """A row for each epoch: temperature, ``log_likelihood``, ``perplexity``.

        The log-likelihood is that of hidden tokens in training (relaxed samples, nats per token),
        the perplexity that of document completion on the held-out documents.
        """
        import pandas as pd

        return pd.DataFrame(list(self._fitted().history))

    @property
    def hierarchy_(self) -> Hierarchy:
        """The torch module of the topics and the layers above them, in double precision."""
        return self._hierarchy()

    @property
    def model_(self) -> LatentCountModel:
        """The torch module of the topics, in double precision."""
        return self._hierarchy().base

    # -- internals ---------------------------------------------------------------------------

    def _fit(self, X: Documents) -> csr_matrix:
        """Fit the model, and return the counts it was fitted to."""
        values = self._checked_parameters()
        data, n_documents = self._read_to_fit(X, values)
        settings = Settings.resolve(values, n_documents)
        self._learn(lambda: fitting.fit(settings, data, self._seed()))
        return data.counts

    def _learn(self, train: Callable[[], Fitted]) -> None:
        try:
            # The caller may have switched gradients off for its own code.
            with torch.inference_mode(False), torch.enable_grad():
                fitted = train()
        except fitting.TrainingInterrupted as interrupt:
            self._adopt(interrupt.fitted)
            raise
        self._adopt(fitted)

    def _adopt(self, fitted: Fitted) -> None:
        """Become the model that has been learnt."""
        self.fitted_ = fitted
        self.n_features_in_ = fitted.n_words
        if fitted.has_feature_names:
            self.feature_names_in_ = np.array(fitted.vocabulary, dtype=object)
        else:
            self.__dict__.pop("feature_names_in_", None)

    def _all_parameters(self) -> dict[str, Any]:
        """Return the parameters of ``TopicModel``; a subclass may take only some of them."""
        return {name: getattr(self, name) for name in TopicModel._get_param_names()}

    def _checked_parameters(self) -> dict[str, Any]:
        values = parameters.checked(self._all_parameters())
        parameters.torch_device(values["device"])  # before the documents are read
        return values

    def _refinement(self) -> int:
        return int(parameters.checked_value("refinement", self.refinement))

    def _seed(self) -> int:
        return int(numpy_generator(self.random_state).integers(2**63))

    def _read_to_fit(self, X: Documents, values: dict[str, Any]) -> tuple[documents.Input, int]:
        """Return documents as counts, and how many of them have words."""
        data = documents.read_to_fit(self, X, values["vectorizer"])
        n_documents = len(fitting.rows_with_words(data.counts))
        has_words = data.vocabulary is not None
        parameters.check_size(values["n_components"], data.counts, has_words=has_words)
        return data, n_documents

    def _read(self, X: Documents) -> csr_matrix:
        return documents.read_known(self, self._fitted(), X)

    def _fitted(self) -> Fitted:
        check_is_fitted(self)
        return self.fitted_

    def _hierarchy(self) -> Hierarchy:
        return self._fitted().on(parameters.torch_device(self.device))

    @property
    def _n_features_out(self) -> int:
        return self._fitted().n_topics

    def __sklearn_is_fitted__(self) -> bool:
        return "fitted_" in self.__dict__

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.input_tags.string = True
        return tags
