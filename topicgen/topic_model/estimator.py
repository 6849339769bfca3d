"""The topic model as a scikit-learn estimator."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch.distributions import Distribution

from topicgen import evaluation
from topicgen.corpus import Corpus, Vectorizer
from topicgen.corpus.metadata.frames import as_grid, beside
from topicgen.covariates import is_matrix, matrix_frame
from topicgen.effects import Imputed, Quantity, contrast_table, effect_table, prediction_table
from topicgen.effects.change_points import change_table
from topicgen.effects.group_table import share_table
from topicgen.effects.group_tokens import group_tokens
from topicgen.effects.over_time import periods
from topicgen.effects.per_class import read_classes
from topicgen.errors import InputError, shown
from topicgen.models import DocumentCovariates, Hierarchy, LatentCountModel
from topicgen.randomness import RandomSource, numpy_generator
from topicgen.topic_model import (
    content,
    documents,
    fitting,
    groups,
    inference,
    inspection,
    parameters,
    persistence,
    scoring,
)
from topicgen.topic_model.columns import Columns
from topicgen.topic_model.devices import torch_device
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.draws import FAST, USUAL, Effort
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.posterior import Posterior, infer_posterior
from topicgen.topic_model.prevalence import Prevalence
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.simulation import Simulated, simulate
from topicgen.topic_model.text_frames import Metadata, metadata_of

if TYPE_CHECKING:
    import pandas as pd

# Texts, lists of tokens, a Corpus, counts (sparse or dense), or a data frame with texts.
Documents: TypeAlias = Any


class TopicModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""A topic model with latent counts: how many of a document's tokens come from each topic.

    .. math::
        z_{dk} \sim p_k, \qquad \theta_{dk} \propto z_{dk} + s, \qquad
        x_d \sim \text{Multinomial}(N_d, \theta_d \beta),

    trained by gradient to predict hidden tokens through the Generalized Gumbel-Softmax relaxation
    (Joo, Kim, Shin and Moon, 2020). For this, :math:`p_k` is truncated to finitely many counts, in
    units into which a document is divided. ``posterior`` gives the counts in tokens.

    Args:
        n_components: the number of topics.
        upper_components: the numbers of nodes of the layers above the topics, from the lowest up,
            each smaller than the one below: (20, 5) groups the topics into 20, and these into 5.
            The counts of a layer set the prior mean of the layer below; see ``get_topic_tree``.
        latent: the distribution of the counts: "negative_binomial", "poisson", "geometric",
            "binomial", or your own distribution over the non-negative integers: a
            ``torch.distributions`` object or a ``topicgen.distributions.Finite``, either one for
            all topics or a batch with one per topic. Your own distribution is not fitted.
        likelihood: the distribution of the words: "multinomial"; "poisson", which also models a
            document's length, by the sum of its counts; or "negative_binomial", for words that come
            in bursts.
        background: whether the last topic is the word distribution of the whole collection, so that
            the other topics need not carry words common to all documents.
        prevalence: the covariates that the topics' shares may depend on: a formula over the columns
            of the metadata, such as "~ party * year + s(date) + (1 | author)", or a matrix of
            numbers with a row for each document. ``s(x)`` is a smooth curve, and ``(1 | g)`` a
            random intercept for each level of g (docs/formulas.md). The prior mean of each
            document's counts then depends on its covariates, and ``effects`` reports the effects.
        content: the metadata column of groups, such as parties, between which the words of a topic
            may differ: ``get_topic(k, given={"party": "Con"})`` shows the words of a group, and
            ``get_content_info`` the words that differ most.
        seeds: names and seed words of the first topics, such as {"economy": ["growth", "tax*"]}:
            the first name and list are those of topic 0, and so on; ``tax*`` stands for all words
            that begin with "tax". These topics start at documents with their seeds, and a prior
            holds each seed in its topic, with a strength that is learnt, so that wrong seeds fade;
            see ``get_seed_info``. The other topics are free.
        inference: how training and ``transform`` find a document's counts: "explicit", where the
            encoder gives the mean of each count and samples are Poisson (or binomial), which
            predicts words best; or "implicit", a free mass for each count.
        refinement: the number of coordinate ascent steps on each document's own bound that
            ``transform`` takes after the encoder; they find fewer topics per document.
        gradient_estimator: how the training samples counts: "gengs", "gengs_st" for its
            straight-through form, "eat" (arrivals of Poisson processes, slower), "gaussian",
            "mean" (the expected counts, not sampled) or "leave_one_out" (the score function with
            4 samples). With as many units as by default they hardly differ; with few,
            docs/studies/counts compares them.
        temperature: the temperature of the relaxation, or a pair: at the start and at the end of
            the training. A higher temperature gives gradients of lower variance.
        truncation: the largest count, or "auto": well above any count expected in a document.
        prior_count: the number of units into which training divides a document, or "auto": 100 for
            families with a large variance (negative binomial, geometric), 10 for others.
        learn_prior: whether each topic's mean count, and the negative binomial's dispersion, are
            fitted to the documents; otherwise all topics keep ``prior_count / n_components``.
        smoothing: a constant added to a document's counts, summed over all topics.
        topic_scale: the standard deviation of the topics' log probabilities around those of the
            whole collection; a lower value keeps topics from memorising a small collection.
        separation: the penalty for topics that share words, in nats per token: a higher value makes
            their top words more diverse and more coherent, 0 makes them predict best.
        count_power: in training, a word's count in a document is raised to this power: 1 gives the
            likelihood, a lower value gives less weight to words that come in bursts.
        token_dropout: the share of tokens hidden from the encoder in training, which the topics
            have to predict.
        max_epochs: the maximum number of passes over the documents, or "auto": about 20 for ten
            thousand documents.
        batch_size: documents per step, or "auto": a fortieth of the documents, from 16 to 256 (to
            2,048 with more than 32,768 words); on a GPU a tenth, up to 1,024.
        learning_rate: the initial learning rate of Adam, or "auto": 0.2, and in proportion to the
            square root of the batch size where that is above 256.
        validation_fraction: the share of documents held out to measure the prediction (at most 500;
            none where there are fewer than 50 documents).
        patience: epochs without a better held-out prediction before the training stops.
        device: "auto" (CUDA where it is available and there are enough documents to be faster on
            it), "cpu", "cuda", or a ``torch.device``.
        vectorizer: the ``Vectorizer`` that counts the words of texts; None for the default one.
        text_column: the column of the texts in a data frame; its other columns are metadata.
        random_state: the seed of everything random: an integer, a numpy ``Generator`` or
            ``RandomState``, or None for different results at every call.
        verbose: 1 shows a progress bar on standard error.

    Attributes:
        fitted_: the ``Fitted`` value that all attributes below are read from; a fit that fails
            leaves the previous one in place.
        components_: shape (n_components, n_features), each row a distribution over words.
        vocabulary_: the word of each column, or None where the counts came without words.
        vectorizer_: the fitted vectorizer, or None where the model was fitted to counts.
        topic_share_: each topic's share of the tokens, shape (n_components,).
        validation_indices_: the rows held out from training.
        n_epochs_: the number of epochs run.
        diagnostics_: a ``Diagnostics``: how the training went, and what to do if it went badly.
        model_: the ``LatentCountModel``.
        hierarchy_: the ``Hierarchy`` of the model and the layers above it.

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
        prevalence: Any = None,
        content: str | None = None,
        seeds: Mapping[str, Sequence[str]] | None = None,
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
        learning_rate: float | str = "auto",
        validation_fraction: float = 0.1,
        patience: int = 10,
        device: str | torch.device = "auto",
        vectorizer: Vectorizer | None = None,
        text_column: str = "text",
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.upper_components = upper_components
        self.latent = latent
        self.likelihood = likelihood
        self.background = background
        self.prevalence = prevalence
        self.content = content
        self.seeds = seeds
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
        self.text_column = text_column
        self.random_state = random_state
        self.verbose = verbose

    # -- training ----------------------------------------------------------------------------

    def fit(self, X: Documents, y: object = None, *, metadata: Any = None) -> "TopicModel":
        """Learn the topics of the documents.

        Ctrl-C after the first epoch leaves the model fitted with the best weights so far, and still
        raises ``KeyboardInterrupt``. A fit that fails leaves the model unchanged.

        Args:
            X: texts, lists of tokens, a ``Corpus``, counts of shape (n_documents, n_features),
                sparse or dense, or a data frame with texts in ``text_column``.
            y: ignored.
            metadata: what else is known of the documents: a data frame, or a dictionary of columns,
                with a row for each document, in the same order whatever its index; by default what
                X has itself, the ``metadata`` of a corpus or the other columns of a data frame. A
                saved model has none of it but the covariates that ``effects`` needs.

        Raises:
            InputError: where a parameter, the documents or the metadata cannot be used.
        """
        self._fit(X, metadata)
        return self

    def fit_transform(self, X: Documents, y: object = None, *, metadata: Any = None) -> np.ndarray:
        """Learn the topics, and return the topic proportions of the documents.

        Args and raises are those of ``fit``; the result is that of ``transform``.
        """
        data = self._fit(X, metadata)
        covariates = None
        if data.prevalence is not None:
            prevalence, known = data.prevalence
            covariates = prevalence.standardized(known, torch.float64)
        return inference.infer_proportions(
            self._hierarchy().base, data.counts, self._refinement(), covariates=covariates
        )

    def partial_fit(self, X: Documents, y: object = None, *, metadata: Any = None) -> "TopicModel":
        """Train on further documents: one pass, final temperature, a fifth of the learning rate.

        The first call sets the vocabulary and starts the topics at clusters of its documents; later
        calls count texts by that vocabulary. No documents are held out. The prior and the topic
        shares are averaged over all documents seen so far.

        Args and raises are those of ``fit``. ``upper_components`` must be (), and ``prevalence``
        and ``content`` must be None, because layers above the topics, effects and the words of
        groups need all documents at once.
        """
        values = self._checked_parameters()
        if values["prevalence"] is not None:
            raise InputError(
                "partial_fit cannot estimate effects, got prevalence="
                f"{shown(self.prevalence)}; use fit, or set prevalence=None"
            )
        if values["content"] is not None:
            raise InputError(
                f"partial_fit cannot compare the words of groups, got content={self.content!r}; "
                "use fit, or set content=None"
            )
        if values["upper_components"]:
            raise InputError(
                f"partial_fit cannot train upper_components, got {self.upper_components!r}; use "
                "fit, or set upper_components=()"
            )
        if not self.__sklearn_is_fitted__():
            data, n_documents = self._read_to_fit(X, values, metadata)
            settings = _settings(values | {"validation_fraction": 0.0}, data.counts, n_documents)
            self._learn(lambda: fitting.start(settings, data, self._seed()))
        else:
            self._check_seeds_unchanged(values["seeds"])
            self._check_all_at_once()
            counts = self._read(X)
            metadata_of(X, metadata, self.text_column, counts.shape[0])
            n_documents = len(fitting.rows_with_words(counts))
            settings = _settings(values | {"validation_fraction": 0.0}, counts, n_documents)
            self._learn(lambda: fitting.update(self.fitted_, settings, counts))
        return self

    # -- documents ---------------------------------------------------------------------------

    def transform(self, X: Documents, *, metadata: Any = None, empty: str = "prior") -> np.ndarray:
        r"""Return the expected topic proportions :math:`E[\theta \mid x]`.

        ``transform(X) @ components_`` is then the model's distribution of a document's next word. A
        document without known words gets the proportions that the encoder gives to an empty one.
        A warning says if hardly any word is known.

        Args:
            X: texts, lists of tokens, a ``Corpus``, counts of shape (n_documents, n_features), or a
                data frame with texts in ``text_column``; the columns of one with counts are matched
                with the model's words by name.
            metadata: as in ``fit``. A model with ``prevalence`` reads the covariates from it, and
                expects more of the topics that go with them. Where none are passed, and X has no
                such columns itself, it treats the documents as average ones.
            empty: "prior", or "missing" for NaN in the rows of documents without known words.

        Returns:
            Shape (n_documents, n_components), rows sum to 1.

        Raises:
            InputError: where the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        model, is_missing = self._hierarchy().base, inference.is_missing(empty)
        counts = self._read(X)
        return inference.infer_proportions(
            model,
            counts,
            self._refinement(),
            covariates=self._covariates(X, metadata, counts.shape[0]),
            without_empty=is_missing,
        )

    def posterior(
        self,
        X: Documents,
        *,
        metadata: Any = None,
        n_draws: int | None = None,
        fast: bool = False,
        random_state: RandomSource = 0,
    ) -> Posterior:
        """Return the joint posterior of the documents' topics: means, intervals and draws.

        ``transform`` gives the proportions that predict words best; this says how much the words
        leave open: "107 of the document's 184 tokens come from topic 3 (90% interval: 95 to 118)".
        Given the topics as they were learnt, it is exact up to the noise of the draws; see
        ``Posterior``. The prior is the one that ``fit`` estimated; layers above the topics play no
        part in it.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            metadata: as in ``transform``.
            n_draws: the number of posterior draws of each document, by default 160. With more
                draws, the ends of an interval vary less from seed to seed.
            fast: 7 draws by default, from a single short chain. It takes about ten times as long as
                ``transform``, and its intervals are wider and approximate (docs/posterior.md).
            random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

        Raises:
            InputError: where the documents or an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> posterior = model.posterior(["cats purr and dogs sleep and cats run"])
            >>> posterior.tokens.sum(1)
            array([6.])
            >>> lower, upper = posterior.interval(0.9, of="tokens")
            >>> bool((lower <= posterior.tokens).all() and (posterior.tokens <= upper).all())
            True
        """
        effort = FAST if fast else USUAL
        return self._posterior(X, self._read(X), metadata, n_draws, random_state, effort)

    def simulate(
        self,
        n_tokens: ArrayLike | None = None,
        *,
        n_documents: int | None = None,
        random_state: RandomSource = 0,
    ) -> Simulated:
        r"""Draw documents from the model, together with their topics, which real documents hide.

        .. math::
            \lambda_k \sim \operatorname{Gamma}(r_k, \text{mean } m_k), \qquad
            \theta = \lambda / \textstyle\sum_k \lambda_k, \qquad
            n \sim \operatorname{Multinomial}(N, \theta), \qquad
            x \sim \textstyle\sum_k \operatorname{Multinomial}(n_k, \beta_k)

        for negative binomial counts and a multinomial likelihood. The rates of other counts lie on
        their atoms, and likelihoods that model the length draw it too. For such documents, the
        intervals of ``posterior`` contain the truth as often as they claim (simulation-based
        calibration; Talts et al., 2018).

        Args:
            n_tokens: the length of each document, for a multinomial likelihood.
            n_documents: how many documents, for likelihoods that model the length.
            random_state: a seed, numpy's ``Generator`` or ``RandomState``, or None.

        Returns:
            The ``counts`` of words, CSR of shape (n_documents, n_features), with the ``tokens``,
            ``proportions`` and ``rates`` (in tokens) of the topics, shape (n_documents,
            n_components).

        Raises:
            InputError: where lengths are missing, not allowed, or not whole numbers from 0.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> simulated = model.simulate([5, 100])
            >>> simulated.tokens.sum(1)
            array([  5, 100])
        """
        random = numpy_generator(random_state)
        return simulate(self._hierarchy().base, n_tokens, n_documents, random)

    def get_document_info(
        self, X: Documents, *, metadata: Any = None, empty: str = "prior"
    ) -> "pd.DataFrame":
        """Return one row per document, with what is known of it in further columns.

        Columns: ``id``; ``tokens``, those in the vocabulary; ``unknown_share``, the share of its
        terms (tokens other than stop words) outside the vocabulary, NaN for a document without any;
        ``topic``, the largest topic; ``share``, its expected proportion; then the metadata. For a
        pandas Series or DataFrame, the table keeps the index, which also becomes ``id``.

        Args:
            X: as in ``transform``.
            metadata: as in ``transform``.
            empty: "prior", or "missing" for missing values where a document has no known words.

        Raises:
            InputError: where the documents or the metadata cannot be used.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, max_epochs=2, random_state=0).fit(docs)
            >>> info = model.get_document_info(["cats purr", ""], metadata={"year": [1999, 2004]})
            >>> info[["tokens", "unknown_share", "year"]].to_numpy().tolist()
            [[2.0, 0.0, 1999.0], [0.0, nan, 2004.0]]
        """
        counts, lengths = documents.read_with_lengths(
            self, self._fitted(), X, text_column=self.text_column
        )
        of_rows = self._metadata(X, metadata, counts.shape[0])
        ids, index = documents.row_labels(X)
        proportions = inference.infer_proportions(
            self._hierarchy().base,
            counts,
            self._refinement(),
            covariates=self._covariates(X, metadata, counts.shape[0]),
        )
        n_tokens = np.asarray(counts.sum(1)).ravel()
        table = inspection.document_info(
            proportions, n_tokens, ids, index, lengths, without_empty=inference.is_missing(empty)
        )
        return beside(table, of_rows())

    # -- groups of documents -----------------------------------------------------------------

    def topics_over_time(
        self,
        X: Documents,
        timestamps: Any,
        *,
        freq: str | None = None,
        n_bins: int | None = None,
        cluster: Any = None,
        metadata: Any = None,
        level: float = 0.95,
        top_n: int = 5,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return the share and the words of each topic in each period of time, with intervals.

        The intervals allow for other documents from the same source, and for what the documents'
        words leave open about their topics (docs/over_time.md).

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            timestamps: a date, a datetime, a pandas Period, an ISO 8601 string or a year (a number)
                for each document; or the name of a metadata column.
            freq: "day", "week" (from Monday), "month", "quarter", "year" or "decade"; for years as
                numbers, one of the last two. By default the shortest that gives at most 60 periods
                and at least 10 documents per period on average, or else 20 periods of equal length.
            n_bins: the number of periods of equal length, instead of ``freq``.
            cluster: which documents belong together, such as those of one author, and count as one
                observation: a value for each document, or the name of a metadata column; by default
                each document is on its own.
            metadata: as in ``transform``.
            level: the probability of the intervals.
            top_n: words per topic and period.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each topic and period, periods without documents included: ``topic``;
            ``time``, the start of the period; ``share``, the topic's expected share of the period's
            tokens, with its interval from ``low`` to ``high`` (NaN without tokens); ``tokens``, its
            expected tokens; ``documents``, the number of documents in the period with known words;
            and ``words``, the most probable words of the topic in the period, to which the topic's
            own word distribution contributes as much as 100 tokens.

        Raises:
            InputError: where timestamps are missing or cannot be read, or another argument cannot
                be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.topics_over_time(docs, [1999, 2001] * 20)
            >>> table[["topic", "time", "documents"]].to_numpy().tolist()
            [[0, 1999, 20], [0, 2000, 0], [0, 2001, 20], [1, 1999, 20], [1, 2000, 0], [1, 2001, 20]]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = periods(columns.of(timestamps, "timestamps"), freq=freq, n_bins=n_bins)
        grouped = groups.group(
            self._fitted(),
            self._posterior(X, counts, metadata, n_draws, random_state),
            counts,
            found.of_documents,
            len(found.starts),
            clusters=columns.clusters(cluster),
            top_n=top_n,
        )
        return share_table(grouped.tokens, found.starts, "time", level, grouped.words)

    def topics_per_class(
        self,
        X: Documents,
        classes: Any,
        *,
        cluster: Any = None,
        metadata: Any = None,
        level: float = 0.95,
        top_n: int = 5,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return the share and the words of each topic in each class of documents, with intervals.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            classes: the class of each document, such as its party or source; or the name of a
                metadata column.
            cluster: as in ``topics_over_time``.
            metadata: as in ``transform``.
            level: the probability of the intervals.
            top_n: words per topic and class.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each topic and class, with the columns of ``topics_over_time``, but ``class``
            instead of ``time``; and ``difference``, how much larger the share is than in the
            documents of all other classes together, with its interval from ``difference_low`` to
            ``difference_high``.

        Raises:
            InputError: where classes are missing, or another argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.topics_per_class(docs, ["feline", "canine"] * 20)
            >>> table[["topic", "class", "documents"]].to_numpy().tolist()
            [[0, 'canine', 20], [0, 'feline', 20], [1, 'canine', 20], [1, 'feline', 20]]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = read_classes(columns.of(classes, "classes"))
        grouped = groups.group(
            self._fitted(),
            self._posterior(X, counts, metadata, n_draws, random_state),
            counts,
            found.of_documents,
            len(found.names),
            clusters=columns.clusters(cluster),
            top_n=top_n,
        )
        return groups.per_class(grouped, found, level)

    def topic_changes(
        self,
        X: Documents,
        timestamps: Any,
        *,
        freq: str | None = None,
        n_bins: int | None = None,
        cluster: Any = None,
        metadata: Any = None,
        level: float = 0.95,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return when the share of each topic changes its level: its change points.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            timestamps: as in ``topics_over_time``.
            freq: as in ``topics_over_time``; a change is between two periods.
            n_bins: as in ``topics_over_time``.
            cluster: as in ``topics_over_time``.
            metadata: as in ``transform``.
            level: the probability that no change is found in a topic that does not change, and the
                probability of the intervals.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each change: ``topic``; ``time``, the start of the first period after the
            change, with its interval from ``low`` to ``high``; ``before``, the topic's share from
            the previous change (or the start) to this one; and ``after``, its share from there to
            the next (or the end).

        Raises:
            InputError: as ``topics_over_time``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep"] * 40 + ["dogs bark and dogs run"] * 40
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> years = [1990 + row // 4 for row in range(80)]
            >>> changes = model.topic_changes(docs, years, freq="year")
            >>> changes["time"].tolist()
            [2000, 2000]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = periods(columns.of(timestamps, "timestamps"), freq=freq, n_bins=n_bins)
        posterior = self._posterior(X, counts, metadata, n_draws, random_state)
        tokens = group_tokens(
            posterior.blocks(),
            posterior.n_tokens,
            found.of_documents,
            len(found.starts),
            columns.clusters(cluster),
        )
        return change_table(tokens, found.starts, level)

    # -- scores ------------------------------------------------------------------------------

    def perplexity(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        metadata: Any = None,
        average: str = "corpus",
        n_samples: int | None = None,
    ) -> float:
        r"""Return :math:`\exp(-\log p / N)`: lower is better; guessing scores the vocabulary size.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            method: "document_completion" predicts half of each document's tokens, drawn with a
                fixed seed, from the other half; "elbo" bounds the likelihood of all tokens, with
                hard samples and the exact KL divergence; "iwae" bounds it more tightly, with
                importance samples; "ais", annealed importance sampling, is tightest without upper
                layers, and with them if given enough temperatures. All three bounds are of the
                whole hierarchy.
            metadata: as in ``transform``.
            average: "corpus", over all tokens, or "document", the exponential of the mean over
                documents of each document's mean over its tokens.
            n_samples: hard samples per document (by default 10 for "elbo", 100 for "iwae"), or the
                number of temperatures for "ais" (by default 100).

        Raises:
            InputError: where the documents cannot be used or have no known words, or the method is
                unknown.
        """
        if average not in ("corpus", "document"):
            raise InputError(f"average must be corpus or document, got {average!r}")
        log_likelihood, n_tokens = self.document_log_likelihood(
            X, method, metadata=metadata, n_samples=n_samples
        )
        result = evaluation.perplexity(log_likelihood, n_tokens)
        return result.corpus if average == "corpus" else result.per_document

    def document_log_likelihood(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        metadata: Any = None,
        n_samples: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return each document's log-likelihood in nats, and the number of tokens scored.

        These are what ``perplexity`` averages, and what :func:`topicgen.evaluation.perplexity`
        takes; two models can be compared by them document by document. The tokens scored are the
        held-out half for "document_completion", and all tokens for the other methods.

        Args and raises are those of ``perplexity``.
        """
        hierarchy, counts = self._hierarchy(), self._read(X)
        log_likelihood, scored = scoring.score_documents(
            self.fitted_,
            hierarchy,
            counts,
            method,
            refinement=self._refinement(),
            n_samples=n_samples,
            covariates=self._covariates(X, metadata, counts.shape[0]),
        )
        return log_likelihood, np.asarray(scored.sum(1)).ravel()

    def get_perplexities(
        self,
        X: Documents,
        methods: str | Sequence[str] = ("document_completion", "elbo", "iwae"),
        *,
        metadata: Any = None,
    ) -> "pd.DataFrame":
        """Return the perplexities of documents by several methods, one row per method.

        Columns: ``method``; ``perplexity`` over all tokens, with its ``standard_error`` over
        documents and its 95% interval, ``low`` to ``high``; ``unigram``, the perplexity of a
        unigram model, that is, of the word frequencies of the training documents, on the same
        tokens; ``per_document``, the average over documents, with ``per_document_standard_error``
        and ``per_document_unigram``; ``scored``, which tokens were predicted from which;
        ``n_documents``, those with known words; ``n_tokens``, the tokens scored; ``n_unknown``, the
        tokens outside the vocabulary, which are not scored (NaN where X does not record them).

        Where the likelihood models lengths ("poisson", "negative_binomial"), so do the bounds; the
        unigram model does not.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            methods: one or more methods of ``perplexity``.
            metadata: as in ``transform``.

        Raises:
            InputError: where the documents cannot be used or a method is unknown.
        """
        hierarchy, given = self._hierarchy(), X
        X = documents.as_corpus(self.fitted_, X, self.text_column)
        counts = self._read(X)
        return scoring.perplexity_table(
            self.fitted_,
            hierarchy,
            counts,
            [methods] if isinstance(methods, str) else methods,
            refinement=self._refinement(),
            n_unknown=X.n_unknown if isinstance(X, Corpus) else np.nan,
            covariates=self._covariates(given, metadata, counts.shape[0]),
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

    # -- effects -----------------------------------------------------------------------------

    def effects(
        self,
        kind: str = "log_rate",
        *,
        of: str = "attention",
        level: float = 0.95,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return the effects of the covariates of ``prevalence`` on each topic, with intervals.

        The intervals allow for the sampling of documents, and for what these leave open about the
        topics of their tokens, the topics' words and the coefficients: joint posterior draws are
        regressed on the covariates, and the regressions combined (Rubin, 1987; docs/effects.md).

        Args:
            kind: "log_rate", the log ratio of the topic's tokens; "share", the difference of its
                share of a document; "presence", the difference of the probability that a document
                has the topic at all; "log_amount", the log ratio among documents that have it.
            of: for rates: "attention", tokens of the topic per token of the document, or "amount",
                tokens of the topic per document, which longer documents have more of.
            level: the probability that an interval contains the effect.
            cluster: which documents belong together, such as those of one author, and count as one
                observation: a value for each document of the fit, or the name of a metadata column
                (after ``load``, that of a random intercept); by default the first random intercept
                of the formula, if it has one.

        Returns:
            A row for each topic and column of the design (``party[T.Lab]``), in the units of the
            formula: ``topic``; ``term``, the name of the column; ``estimate``, a log ratio (natural
            logarithm) or a difference; ``std_error``; and the interval from ``low`` to ``high``.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20, "year": range(40)}
            >>> model = TopicModel(2, prevalence="~ owner + year", max_epochs=2, random_state=0)
            >>> model.fit(docs, metadata=people).effects(kind="share").columns.tolist()
            ['topic', 'term', 'estimate', 'std_error', 'low', 'high']
        """
        quantity = Quantity.named(kind, of)
        return effect_table(self._imputed(), quantity, level=level, cluster=cluster)

    def predict_prevalence(
        self,
        at: Any,
        *,
        kind: str = "share",
        of: str = "attention",
        level: float = 0.95,
        simultaneous: bool = False,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return what is expected of each topic at some values of the covariates.

        Args:
            at: a data frame with the columns of the formula and a row for each prediction; or the
                name of one of them, which then varies over its range, or all its levels, while the
                others are at their mean or most frequent level.
            kind: as in ``effects``: an expected share or probability or, for rates, expected tokens
                (per token of the document, or per document), not their logarithm.
            of: as in ``effects``.
            level: the probability that an interval contains what is expected.
            simultaneous: whether the intervals of a topic hold for all rows at once, as a band
                around a curve should.
            cluster: as in ``effects``.

        Returns:
            A row for each topic and row of ``at``: ``topic``, the columns of ``at``, ``estimate``,
            ``std_error`` (for rates, that of the logarithm), ``low`` and ``high``.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20}
            >>> model = TopicModel(2, prevalence="~ owner", max_epochs=2, random_state=0)
            >>> expected = model.fit(docs, metadata=people).predict_prevalence("owner")
            >>> expected[["topic", "owner"]].to_numpy().tolist()
            [[0, 'old'], [0, 'young'], [1, 'old'], [1, 'young']]
        """
        imputed, quantity = self._imputed(), Quantity.named(kind, of)
        grid = imputed.design.grid(at) if isinstance(at, str) else as_grid(at)
        options = {"level": level, "simultaneous": simultaneous, "cluster": cluster}
        return prediction_table(imputed, quantity, grid, **options)

    def contrast(
        self,
        first: Mapping[str, Any],
        second: Mapping[str, Any],
        *,
        kind: str = "share",
        of: str = "attention",
        level: float = 0.95,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return how much more of each topic is expected at ``first`` than at ``second``.

        Args:
            first: values of some variables of the formula, such as ``{"party": "Lab"}``; the others
                are at their mean or most frequent level.
            second: the values to compare with, likewise.
            kind: as in ``effects``.
            of: as in ``effects``.
            level: the probability that an interval contains the difference.
            cluster: as in ``effects``.

        Returns:
            A row for each topic: ``topic``, ``estimate``, ``std_error``, ``low`` and ``high``; the
            estimate is a difference or, for rates, a log ratio.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20}
            >>> model = TopicModel(2, prevalence="~ owner", max_epochs=2, random_state=0)
            >>> model = model.fit(docs, metadata=people)
            >>> model.contrast({"owner": "young"}, {"owner": "old"}).columns.tolist()
            ['topic', 'estimate', 'std_error', 'low', 'high']
        """
        imputed, quantity = self._imputed(), Quantity.named(kind, of)
        return contrast_table(imputed, quantity, first, second, level=level, cluster=cluster)

    # -- topics ------------------------------------------------------------------------------

    def top_words(self, n: int = 10) -> list[list[str]]:
        """Return the n most probable words of each topic, most probable first."""
        return inspection.top_words(self._fitted(), n)

    def get_topic(
        self,
        k: int,
        top_n: int = 10,
        *,
        given: Mapping[str, Any] | None = None,
        level: float = 0.95,
    ) -> "pd.DataFrame":
        r"""Return the most probable words of topic k: columns ``word`` and ``probability``.

        Args:
            k: the number of the topic.
            top_n: how many words.
            given: a value of the column that ``content`` names, such as {"party": "Con"}, for the
                words of the topic in the documents of this group. Further columns are then
                ``log_ratio``, how much more frequent the word is in the topic there than in all
                documents (a natural logarithm), and its interval from ``low`` to ``high``.
            level: the probability of the intervals.

        Raises:
            InputError: where an argument cannot be used, or the model has no such column.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "cats climb and cats hunt"] * 20
            >>> places = {"place": ["home", "wood"] * 20}
            >>> model = TopicModel(1, content="place", random_state=0).fit(docs, metadata=places)
            >>> sorted(model.get_topic(0, 3, given={"place": "wood"})["word"])
            ['cats', 'climb', 'hunt']
        """
        import pandas as pd

        words = pd.DataFrame(inspection.topic_words(self._fitted(), k, top_n))
        if given is None:
            return words
        return content.topic_words_given(self._fitted(), k, top_n, given, groups.check_level(level))

    def get_content_info(self, top_n: int = 10, *, level: float = 0.95) -> "pd.DataFrame":
        """Return the words that differ most between groups of documents, topic by topic.

        Args:
            top_n: words per topic and group: those with the log ratios that are the most standard
                deviations away from 0, the largest number first.
            level: the probability of the intervals.

        Returns:
            A row for each topic, group and word: ``topic``; the group, in the column that
            ``content`` names; and ``word``, ``probability``, ``log_ratio``, ``low`` and ``high``,
            as in ``get_topic`` with ``given``.

        Raises:
            InputError: where an argument cannot be used, or the model was fitted without
                ``content``.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        return content.content_table(self._fitted(), top_n, groups.check_level(level))

    def get_topic_info(self, top_n: int = 10) -> "pd.DataFrame":
        """Return one row per topic, the largest share first.

        Columns: ``topic``; ``name``, where the model has ``seeds`` (missing for topics without);
        ``share``, the topic's share of the tokens; ``tokens``, its mean tokens
        per document; ``presence``, the share of the documents with at least one token of it;
        ``amount``, its share of a document's tokens where it is present; ``dispersion``, that of
        its negative binomial tokens (NaN for other families): their variance over documents is the
        mean plus its square over the dispersion, so .05 means a topic that fills a few documents, 5
        a topic of which all documents have similar amounts; ``words``. The columns ``tokens``,
        ``presence``, ``amount`` and ``dispersion`` have the ends of their 95% intervals next to
        them, in ``..._low`` and ``..._high``. These cover what posterior draws of at most 2,000
        training documents leave open, not what another fit would find.
        """
        import pandas as pd

        info = pd.DataFrame(inspection.topic_info(self._fitted(), top_n))
        return info.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    def get_seed_info(self) -> "pd.DataFrame":
        r"""Return one row per seed word, in the order of the topics, with its learnt strength.

        Columns: ``topic``; ``name``; ``word``; ``share``, the expected share of the word's tokens
        that comes from its topic, given all topics and their shares; and ``strength``, from 0 for a
        seed that the documents contradict to 1 for a seed that occurs in its topic alone.

        Raises:
            InputError: where the model has no seeds.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> seeds = {"pets that purr": ["cats", "sl*", "bark"]}
            >>> model = TopicModel(2, seeds=seeds, random_state=0).fit(docs)
            >>> info = model.get_seed_info()
            >>> info["word"].tolist(), (info["strength"] > 0.5).tolist()
            (['cats', 'sleep', 'bark'], [True, True, False])
        """
        import pandas as pd

        return pd.DataFrame(inspection.seed_info(self._fitted()))

    def get_topic_tree(self, top_n: int = 10) -> "pd.DataFrame":
        r"""Return one row per node of each layer, from the topics (layer 0) up.

        A topic's parent is the node in the layer above that most of it comes from,
        :math:`\max_j \pi_j W_{jk} / \sum_i \pi_i W_{ik}`, with the shares :math:`\pi` of the
        nodes and their distributions :math:`W` over the layer below (Ranganath et al., 2015).

        Args:
            top_n: words per node: a topic's most probable words; for a node of an upper layer, the
                words that most distinguish it from the whole collection, by
                :math:`p \log(p / \bar p)`.

        Returns:
            The columns ``layer``, ``topic``, ``parent`` (NA at the top), ``weight`` (the part of
            the topic that comes from the parent), ``share`` (of the tokens; for upper nodes, as
            expected under the prior) and ``words``.

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
        """Write the model to a folder, without pickle, completely or not at all.

        The parameters are saved as they are now, the fitted values as they were learnt.

        Raises:
            InputError: where a parameter cannot be used or saved, the folder exists and
                ``overwrite`` is false, or it cannot be written.
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
        """Load a model that ``save`` wrote.

        Raises:
            InputError: where a file is missing, damaged or of another format version.
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
        """The fitted vectorizer, which counts the words of texts."""
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
        """The number of epochs run."""
        return len(self._fitted().history)

    @property
    def history_(self) -> "pd.DataFrame":
        """One row per epoch: temperature, ``log_likelihood``, ``perplexity``.

        The log-likelihood is of the hidden tokens in training (relaxed samples, nats per token);
        the perplexity is of document completion on the held-out documents.
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

    def _fit(self, X: Documents, metadata: Any) -> documents.Input:
        """Fit the model, and return what it was fitted to."""
        values = self._checked_parameters()
        data, n_documents = self._read_to_fit(X, values, metadata)
        settings = _settings(values, data.counts, n_documents)
        self._learn(lambda: fitting.fit(settings, data, self._seed()))
        return data

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
        """Take over what has been learnt."""
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
        torch_device(values["device"])  # before the documents are read
        return values

    def _posterior(
        self,
        X: Documents,
        counts: csr_matrix,
        metadata: Any,
        n_draws: int | None,
        random_state: RandomSource,
        effort: Effort = USUAL,
    ) -> Posterior:
        """Return the posterior of documents that have been read as counts."""
        seed = int(numpy_generator(random_state).integers(2**63))
        if n_draws is not None:
            effort = effort._replace(n_draws=int(parameters.checked_value("n_draws", n_draws)))
        return infer_posterior(
            self._hierarchy().base,
            counts,
            effort=effort,
            seed=seed,
            covariates=self._covariates(X, metadata, counts.shape[0]),
        )

    def _columns(self, X: Documents, metadata: Any, n_documents: int) -> Columns:
        return Columns(self._metadata(X, metadata, n_documents), n_documents)

    def _metadata(self, X: Documents, metadata: Any, n_documents: int) -> Metadata:
        """Return the metadata of documents; numbers have the names of those of the fit."""
        prevalence = self._fitted().prevalence
        if prevalence is not None and prevalence.design.formula is None and is_matrix(metadata):
            metadata = matrix_frame(metadata, prevalence.design.variables, n_documents)
        return metadata_of(X, metadata, self.text_column, n_documents)

    def _refinement(self) -> int:
        return int(parameters.checked_value("refinement", self.refinement))

    def _seed(self) -> int:
        return int(numpy_generator(self.random_state).integers(2**63))

    def _read_to_fit(
        self, X: Documents, values: dict[str, Any], metadata: Any
    ) -> tuple[documents.Input, int]:
        """Return documents as counts, and the number of documents with words."""
        of_texts = {name: values[name] for name in ("vectorizer", "text_column")}
        data = documents.read_to_fit(self, X, metadata=metadata, **of_texts)
        rows = fitting.rows_with_words(data.counts)
        n_documents = len(rows)
        has_words = data.vocabulary is not None
        parameters.check_size(values["n_components"], data.counts, has_words=has_words)
        if values["prevalence"] is not None:
            known = Prevalence.of(values["prevalence"], data.metadata, rows, data.counts.shape[0])
            data = replace(data, prevalence=known)
        if values["content"] is not None:
            data = replace(data, content=content.groups_to_compare(values["content"], data))
        if values["seeds"] is not None:
            data = replace(data, seeds=SeedWords.of(values["seeds"], data.vocabulary))
        return data, n_documents

    def _check_seeds_unchanged(self, seeds: Mapping[str, Any] | None) -> None:
        fitted = self._fitted()
        now = None if seeds is None else SeedWords.of(seeds, fitted.vocabulary, warn=False)
        if now != fitted.seeds:
            raise InputError(
                f"partial_fit cannot change the seeds to {shown(self.seeds)}; call fit, or set "
                "them back"
            )

    def _check_all_at_once(self) -> None:
        """Raise an error where the model knows what further documents would make wrong."""
        fitted = self._fitted()
        known = {"prevalence": fitted.prevalence, "content": fitted.content}
        for name, value in known.items():
            if value is not None:
                raise InputError(
                    f"partial_fit cannot update a model that was fitted with {name}; call fit on "
                    "all documents"
                )

    def _covariates(
        self, X: Documents, metadata: Any, n_documents: int
    ) -> DocumentCovariates | None:
        """Return the covariates of documents, or None where the model or they have none."""
        prevalence = self._fitted().prevalence
        if prevalence is None:
            return None
        if prevalence.design.formula is None and metadata is not None:
            return prevalence.read(metadata, n_documents)
        found = metadata_of(X, metadata, self.text_column, n_documents)()
        if metadata is None and not prevalence.is_known(found):
            return None
        return prevalence.read(found, n_documents)

    def _imputed(self) -> Imputed:
        imputed = self._fitted().imputed
        if imputed is None:
            raise InputError(
                "the model was fitted without covariates, so it has no effects; fit it with "
                "prevalence='~ ...', a formula over the columns of the metadata"
            )
        return imputed

    def _read(self, X: Documents) -> csr_matrix:
        return documents.read_known(self, self._fitted(), X, text_column=self.text_column)

    def _fitted(self) -> Fitted:
        check_is_fitted(self)
        return self.fitted_

    def _hierarchy(self) -> Hierarchy:
        return self._fitted().on(torch_device(self.device))

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


def _settings(parameters: dict[str, Any], counts: csr_matrix, n_documents: int) -> Settings:
    """Return the settings of a fit to counts, of which so many documents have words."""
    return Settings.resolve(parameters, n_documents, n_words=counts.shape[1], n_entries=counts.nnz)
