"""The topic model as a scikit-learn estimator."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags
from torch.distributions import Distribution

from topicgen.corpus import Corpus, Vectorizer
from topicgen.covariates import formula_variables
from topicgen.errors import InputError, shown
from topicgen.models import Known, MakesEncoder
from topicgen.plain import quoted
from topicgen.randomness import numpy_generator
from topicgen.topic_model import content, documents, fitting, inference, parameters, persistence
from topicgen.topic_model.changes import changed, edited_parameters, split_changes
from topicgen.topic_model.devices import torch_device
from topicgen.topic_model.embedded import texts_to_embed
from topicgen.topic_model.embeddings import Embedding, read_embeddings
from topicgen.topic_model.facade.base import Documents, FittedModel
from topicgen.topic_model.facade.documents import DocumentMethods
from topicgen.topic_model.facade.editing import EditMethods
from topicgen.topic_model.facade.effects import EffectMethods
from topicgen.topic_model.facade.exchange import ExchangeMethods
from topicgen.topic_model.facade.groups import GroupMethods
from topicgen.topic_model.facade.scores import ScoreMethods
from topicgen.topic_model.facade.topics import TopicMethods
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.former import Former, table_of_carried
from topicgen.topic_model.identity import identity
from topicgen.topic_model.last_documents import LastDocuments, readable_twice
from topicgen.topic_model.prevalence import Prevalence
from topicgen.topic_model.saving import Plan, saving
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.text_frames import metadata_of, split_frame
from topicgen.topic_model.word_vectors import Shown, basis_of
from topicgen.training import are_short

if TYPE_CHECKING:
    import pandas as pd


class TopicModel(
    TopicMethods,
    DocumentMethods,
    GroupMethods,
    EffectMethods,
    ScoreMethods,
    EditMethods,
    ExchangeMethods,
    FittedModel,
):
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
            in bursts: after n tokens of a document, the next one repeats one of them with
            probability n / (n + c), whatever the topics; c, relative to the length, is learnt.
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
        word_vectors: vectors of words, such as those of GloVe, through which rare words learn their
            topics from similar words: a mapping such as {"cat": [0.2, ...]} or gensim's
            ``KeyedVectors``, or an array with a row for each word of the vocabulary. Words without
            a vector are learnt independently. The vectors are not saved with the model
            (docs/embeddings.md).
        inference: how training and ``transform`` find a document's counts: "explicit", where the
            encoder gives the mean of each count and samples are Poisson (or binomial), which
            predicts words best; or "implicit", a free mass for each count.
        encoder: what infers a document's counts: "unfolded", the model's own inference unfolded
            into layers, which has very few weights; "network", an inference network; or
            "unfolded_network", the unfolded layers with a prior for each document that a network
            gives. You can also pass a function that makes your own ``topicgen.models.Encoder``.
        encoder_input: what the encoder reads: "auto", the words, and the embedding if documents
            come with ``embeddings``; "words"; "words_and_embeddings"; or "embeddings", so that new
            documents may be in another language (docs/embeddings.md). The unfolded layers take
            their prior for a document from its embedding, and the evidence from its words.
        objective: what the training maximises: "hidden_tokens", the likelihood of tokens that the
            encoder does not see, which predicts best; or "elbo", the evidence lower bound of all
            tokens, with a divergence that reaches its full weight in the first fifth of the
            training.
        refinement: the number of coordinate ascent steps on each document's own bound that
            ``transform`` takes after the encoder; they find fewer topics per document.
        gradient_estimator: how the training samples counts: "gengs", "gengs_st" for its
            straight-through form, "eat" (arrivals of Poisson processes, slower), "gaussian",
            "mean" (the expected counts, not sampled), or an estimator that uses whole counts and
            the gradient of their log-mass: "reinforce" (no baseline), "leave_one_out" and "vimco"
            (4 samples, each other's baseline), "nvil" (a learnt baseline), "muprop" (a Taylor
            expansion), "rebar" and "relax" (relaxed counts as a learnt control variate). With the
            default number of units the first six hardly differ; docs/studies/topic_models compares
            all of them with few units.
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
            their top words more diverse, 0 makes them predict best.
        separation_measure: which words topics should not share: "distinctive", above all words
            that are more frequent in a topic than in the collection; or "probability", all words by
            their probability, so that few topics take those that are common everywhere. The latter
            gives more readable lists of most probable words, but separates documents less well.
        count_power: in training, a word's count in a document is raised to this power: 1 gives the
            likelihood, a lower value gives less weight to words that come in bursts. "auto" is 1
            if the likelihood models bursts ("negative_binomial"), and 0.8 otherwise. With
            ``objective="elbo"``, only 1 gives a bound.
        token_dropout: the share of tokens hidden from the encoder in training, which the topics
            have to predict. With ``objective="elbo"`` the topics explain all tokens, and hiding
            some is a dropout on the encoder's input; 0 hides no token.
        max_epochs: the maximum number of passes over the documents, or "auto": about 20 for ten
            thousand documents.
        bound_epochs: further epochs that raise the evidence lower bound itself, by variational
            expectation maximisation: each document's posterior is fitted to it, and topics and
            prior follow. They improve the bound, and often prediction too, but each takes several
            times as long, and the topics share more words.
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
        embedder: a function from a list of texts to their embeddings, an array of shape (n_texts,
            n_dimensions), used when no ``embeddings`` are passed, as in pipelines and grid
            searches. It is not saved with the model (docs/embeddings.md).
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
        word_vectors: Any = None,
        inference: str = "explicit",
        encoder: str | MakesEncoder = "unfolded",
        encoder_input: str = "auto",
        objective: str = "hidden_tokens",
        refinement: int = 0,
        gradient_estimator: str = "gengs",
        temperature: float | tuple[float, float] = 1.0,
        truncation: int | str = "auto",
        prior_count: float | str = "auto",
        learn_prior: bool = True,
        smoothing: float = 0.5,
        topic_scale: float = 3.0,
        separation: float = 0.015,
        separation_measure: str = "distinctive",
        count_power: float | str = "auto",
        token_dropout: float = 0.5,
        max_epochs: int | str = "auto",
        bound_epochs: int = 0,
        batch_size: int | str = "auto",
        learning_rate: float | str = "auto",
        validation_fraction: float = 0.1,
        patience: int = 10,
        device: str | torch.device = "auto",
        vectorizer: Vectorizer | None = None,
        text_column: str = "text",
        embedder: Callable[[list[str]], Any] | None = None,
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
        self.word_vectors = word_vectors
        self.inference = inference
        self.encoder = encoder
        self.encoder_input = encoder_input
        self.objective = objective
        self.refinement = refinement
        self.gradient_estimator = gradient_estimator
        self.temperature = temperature
        self.truncation = truncation
        self.prior_count = prior_count
        self.learn_prior = learn_prior
        self.smoothing = smoothing
        self.topic_scale = topic_scale
        self.separation = separation
        self.separation_measure = separation_measure
        self.count_power = count_power
        self.token_dropout = token_dropout
        self.max_epochs = max_epochs
        self.bound_epochs = bound_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.vectorizer = vectorizer
        self.text_column = text_column
        self.embedder = embedder
        self.random_state = random_state
        self.verbose = verbose

    _last_input: LastDocuments | None

    # -- training ----------------------------------------------------------------------------

    def fit(
        self,
        X: Documents,
        y: object = None,
        *,
        metadata: Any = None,
        embeddings: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        every: int | str | None = None,
        resume: bool = False,
    ) -> "TopicModel":
        """Learn the topics of the documents.

        Ctrl-C after the first epoch leaves the model fitted with the best weights so far, and still
        raises ``KeyboardInterrupt``. A fit that fails leaves the model unchanged.

        With ``checkpoint``, a process that was killed or stopped loses little: the same call with
        ``resume=True`` continues, and gives the same model as without the interruption
        (docs/checkpoints.md). The folder stays when the fit is complete, so that the model is not
        lost before it is saved; remove it afterwards.

        Args:
            X: texts, lists of tokens, a ``Corpus``, counts of shape (n_documents, n_features),
                sparse or dense, or a data frame with texts in ``text_column``.
            y: ignored.
            metadata: what else is known of the documents: a data frame, or a dictionary of columns,
                with a row for each document, in the same order whatever its index; by default what
                X has itself, the ``metadata`` of a corpus or the other columns of a data frame. A
                saved model has none of it but the covariates that ``effects`` needs.
            embeddings: vectors of the documents for the encoder to read: an array of shape
                (n_documents, n_dimensions) with a row for each document, in the same order, which
                may be memory-mapped; or a function from a list of texts to such an array, such
                as the ``encode`` of a sentence encoder (docs/embeddings.md).
            checkpoint: a folder to write checkpoints of the training to, or None.
            every: how often to write one: a number of epochs such as 5, or "10min"; by
                default every 5 minutes. A checkpoint is also written at the end of each phase.
            resume: whether to continue from the checkpoint in the folder; if there is none, the
                fit starts from the beginning.

        Raises:
            InputError: where a parameter, the documents or the metadata cannot be used, or the
                checkpoint is of another fit or damaged.
        """
        self._fit(X, metadata, embeddings, plan=Plan.of(checkpoint, every, resume))
        return self

    def fit_transform(
        self, X: Documents, y: object = None, *, metadata: Any = None, embeddings: Any = None
    ) -> np.ndarray:
        """Learn the topics, and return the topic proportions of the documents.

        Args and raises are those of ``fit``; the result is that of ``transform``.
        """
        data = self._fit(X, metadata, embeddings)
        known = Known()
        if data.prevalence is not None:
            prevalence, covariates = data.prevalence
            known = replace(known, covariates=prevalence.standardized(covariates, torch.float64))
        if data.embeddings is not None:
            embedding, vectors = data.embeddings
            known = replace(known, embeddings=embedding.standardized(vectors))
        return inference.infer_proportions(
            self._hierarchy().base, data.counts, self._refinement(), known=known
        )

    def partial_fit(
        self, X: Documents, y: object = None, *, metadata: Any = None, embeddings: Any = None
    ) -> "TopicModel":
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
                "partial_fit cannot compare the words of groups, got "
                f"content={quoted(self.content)}; use fit, or set content=None"
            )
        if values["upper_components"]:
            raise InputError(
                f"partial_fit cannot train upper_components, got {quoted(self.upper_components)}; "
                "use fit, or set upper_components=()"
            )
        if not self.__sklearn_is_fitted__():
            data, n_documents = self._read_to_fit(X, values, metadata, embeddings)
            values["validation_fraction"] = 0.0
            settings = _settings(values, data.counts, n_documents, data.embeddings)
            self._learn(lambda: fitting.start(settings, data, self._seed()))
        else:
            of_edits = edited_parameters(self.fitted_)
            self._check_seeds_unchanged(of_edits.get("seeds", values["seeds"]))
            self._check_all_at_once()
            counts = self._read(X)
            metadata_of(X, metadata, self.text_column, counts.shape[0])
            vectors = self._embeddings(X, embeddings, counts.shape[0])
            n_documents = len(fitting.rows_with_words(counts))
            basis = None
            if values["word_vectors"] is not None:
                words = self.fitted_.vocabulary, counts.shape[1]
                basis = basis_of(values["word_vectors"], *words)
            values["validation_fraction"] = 0.0
            if self.fitted_.edits:  # which may have left a model that reads no embeddings
                values["encoder_input"] = self.fitted_.structure.encoder_input
            settings = _settings(values, counts, n_documents, vectors)
            self._learn(lambda: fitting.update(self.fitted_, settings, counts, vectors, basis))
            self.set_params(**of_edits)
        self._last_input = None
        return self

    # -- saving ------------------------------------------------------------------------------

    def refit(
        self,
        X: Documents = None,
        *,
        metadata: Any = None,
        embeddings: Any = None,
        warm_start: bool = True,
        checkpoint: str | os.PathLike[str] | None = None,
        every: int | str | None = None,
        resume: bool = False,
        **changes: Any,
    ) -> "pd.DataFrame":
        r"""Fit again; topics that are found again keep their numbers and names.

        New and earlier topics are matched so that the sum of their similarities is largest (Kuhn,
        1955). The similarity is :math:`1 - \text{JSD}`, one minus the Jensen-Shannon divergence (in
        bits) of their distributions over the words that both vocabularies have. Below .65, topics
        do not count as the same, and the new topic gets no name. Names of ``seeds`` stay with their
        seeds, and frozen topics (``freeze``) stay as they are.

        With ``warm_start``, topics start from the earlier ones, and the earlier documents count as
        much as the new ones (a power prior; Ibrahim and Chen, 2000). After adding seven stop words,
        the topics are then nearly the same, and predict as well as a new fit (docs/editing.md).
        Changes such as a higher ``separation`` have less effect than in a new fit. Additional
        topics start from the documents that the earlier topics describe worst.

        A refit that fails leaves the model as it was. Ctrl-C is handled as in ``fit``.

        Args:
            X: as in ``fit``; by default the documents of the last ``fit`` or ``refit`` with their
                metadata and embeddings, which a model that was loaded does not have.
            metadata: as in ``fit``.
            embeddings: as in ``fit``.
            warm_start: whether topics start from the earlier ones; otherwise they are only matched.
            checkpoint: as in ``fit``.
            every: as in ``fit``.
            resume: as in ``fit``.
            changes: new values of parameters of ``TopicModel`` (``n_components=30``) and of options
                of its ``Vectorizer`` (``min_df=3``), which the model then has. As in a
                ``Vectorizer``, ``stop_words`` replaces the stop words; ``extra_stop_words`` are
                dropped in addition.

        Returns:
            One row per topic, and below them one per earlier topic that was lost: ``topic``, its
            number, or NA if lost; ``before``, its earlier number, or NA if new; ``similarity``, to
            the earlier topic or, without one, to the most similar topic; ``name``, or None; and
            ``words``, its top five words.

        Raises:
            InputError: where a change is unknown or cannot be used, there are no documents, the
                documents have no word of the model, or there are fewer topics than frozen ones.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> found = model.refit(extra_stop_words=["purr", "bark"], random_state=1)
            >>> found["before"].tolist(), (found["similarity"] > 0.9).all()
            ([0, 1], np.True_)
            >>> "purr" in model.vocabulary_
            False
        """
        before = self._fitted()
        if not isinstance(warm_start, bool | np.bool_):
            raise InputError(f"warm_start must be True or False, got {shown(warm_start)}")
        plan = Plan.of(checkpoint, every, resume)
        if X is None:
            X, metadata, embeddings = self._last_documents(metadata, embeddings)
        own, of_words = split_changes(changes, self._get_param_names())
        # All or nothing: a copy is changed and fitted.
        after = type(self).__new__(type(self))
        after.__dict__.update(self.__dict__)
        own = edited_parameters(before) | own
        after.set_params(**own)
        if of_words:
            _check_are_texts(X, self.text_column, of_words)
            now = after.vectorizer or before.vectorizer or Vectorizer()
            after.vectorizer = changed(now, of_words)
        elif after.vectorizer is None and before.vectorizer and not isinstance(X, Corpus):
            after.vectorizer = clone(before.vectorizer)  # of the corpus before
        try:
            after._fit(X, metadata, embeddings, before, is_warm=bool(warm_start), plan=plan)
        finally:
            if after.fitted_ is not before:  # also after Ctrl-C
                self.__dict__ = after.__dict__
        return table_of_carried(before, self.fitted_, background=bool(self.background))

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        documents: bool = True,
    ) -> None:
        """Write the model to a folder, without pickle, completely or not at all.

        The parameters are saved as they are now, the fitted values as they were learnt.

        Args:
            folder: the folder to write.
            overwrite: whether an existing model may be replaced.
            documents: whether the folder keeps the word counts (not the texts) of the held-out
                documents and of some others, at most 10,000. Later edits use them to split topics
                and to measure costs.

        Raises:
            InputError: where a parameter cannot be used or saved, the folder exists and
                ``overwrite`` is false, or it cannot be written.
        """
        fitted = self._fitted()
        values = parameters.to_json(self._all_parameters() | self.get_params(deep=False))
        if values["latent"] is None and fitted.structure.latent != "given":
            raise InputError(
                f"latent {quoted(self.latent)} cannot be saved before a fit with it; call fit, or "
                "set it back"
            )
        parameters.check_encoder_has_name(fitted.structure.encoder)
        own = {name: values[name] for name in self._get_param_names()}
        persistence.save_fitted(folder, fitted, own, overwrite=overwrite, documents=documents)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, trust_recipe: bool = False) -> "TopicModel":
        """Load a model that ``save`` wrote.

        A folder is data: every file is checked against its SHA-256 and for what it holds, and
        nothing in it is run.

        Args:
            folder: the folder.
            trust_recipe: whether to run the code of a tokenizer that the folder names
                (module:function) when texts are counted, and to use a token pattern that may take
                forever. Tokenizers that come with topicgen need no trust. Consent only if you
                trust the person who made the folder.

        Raises:
            InputError: where a file is missing, damaged or of another format version; later, where
                texts are to be counted by code that is not trusted.
        """
        fitted, values = persistence.load_fitted(folder, trust_recipe=trust_recipe)
        with persistence.agreeing(folder):
            prior = fitted.model.prior
            for name, value in parameters.BEFORE_THEY_WERE_SAVED.items():
                if name in cls._get_param_names():
                    values.setdefault(name, value)
            model = cls(**parameters.from_json(values, trust_recipe=trust_recipe))
            if model.latent is None:  # its masses are among the weights
                model.latent = prior
        model._adopt(fitted)
        return model

    # -- internals ---------------------------------------------------------------------------

    def _fit(
        self,
        X: Documents,
        metadata: Any,
        embeddings: Any,
        before: Fitted | None = None,
        *,
        is_warm: bool = False,
        plan: Plan | None = None,
    ) -> documents.Input:
        """Fit the model, and return what it was fitted to.

        Args:
            X: the documents.
            metadata: of the documents, or None.
            embeddings: of the documents, or a function that returns them, or None.
            before: a model whose topics keep their numbers and names.
            is_warm: whether topics start at those of that model.
            plan: of the checkpoints, or None.
        """
        values = self._checked_parameters()
        data, n_documents = self._read_to_fit(X, values, metadata, embeddings)
        settings = _settings(values, data.counts, n_documents, data.embeddings)
        former = None
        if before is not None:
            words = data.vocabulary, data.counts.shape[1]
            former = Former.of(
                before,
                *words,
                settings.n_components,
                seeds=data.seeds,
                background=settings.background,
                is_warm=is_warm,
            )
        fitted, seed = self.__dict__.get("fitted_"), self._seed()
        given = seed if isinstance(self.random_state, int | np.integer) else None
        owner = partial(identity, settings, data, former, given)
        try:
            with saving(plan, owner, seed) as saver:
                self._learn(lambda: fitting.fit(settings, data, saver.seed, former, saver))
        finally:
            if self.__dict__.get("fitted_") is not fitted:  # also after Ctrl-C
                self._last_input = LastDocuments.of(X, metadata, embeddings)
        return data

    def _last_documents(self, metadata: Any, embeddings: Any) -> tuple[Documents, Any, Any]:
        """Return the documents of the last fit; metadata and embeddings passed now come first."""
        last = getattr(self, "_last_input", None)
        if last is None:
            raise InputError(
                "refit needs documents, which a model does not have after load or partial_fit; "
                "pass them: refit(X)"
            )
        metadata = last.metadata if metadata is None else metadata
        return last.X, metadata, last.embeddings if embeddings is None else embeddings

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        """Return the call that makes this model, without the vectors of a mapping."""
        # scikit-learn breaks the lines of classes with its own method only.
        own = type(self)
        plain = type(own.__name__, (own,), {"__repr__": BaseEstimator.__repr__})
        shown: Any = object.__new__(plain)
        shown.__dict__ |= self.__dict__
        if isinstance(self.__dict__.get("word_vectors"), Mapping):
            shown.word_vectors = Shown(self.word_vectors)
        return str(BaseEstimator.__repr__(shown, N_CHAR_MAX))

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: not the documents, which others may not be meant to get."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_last_input"}

    def _learn(self, train: Callable[[], Fitted]) -> None:
        try:
            # The caller may have switched gradients off for its own code.
            with torch.inference_mode(False), torch.enable_grad():
                fitted = train()
        except fitting.TrainingInterrupted as interrupt:
            self._adopt(interrupt.fitted)
            raise
        self._adopt(fitted)

    def _all_parameters(self) -> dict[str, Any]:
        """Return the parameters of ``TopicModel``; a subclass may take only some of them."""
        return {name: getattr(self, name) for name in TopicModel._get_param_names()}

    def _checked_parameters(self) -> dict[str, Any]:
        values = parameters.checked(self._all_parameters())
        # Before the documents are read.
        torch_device(values["device"])
        if isinstance(values["prevalence"], str):
            formula_variables(values["prevalence"])
        return values

    def _seed(self) -> int:
        return int(numpy_generator(self.random_state).integers(2**63))

    def _read_to_fit(
        self, X: Documents, values: dict[str, Any], metadata: Any, embeddings: Any
    ) -> tuple[documents.Input, int]:
        """Return documents as counts, and the number of documents with words."""
        embeddings = values["embedder"] if embeddings is None else embeddings
        if callable(embeddings):
            X = readable_twice(X)
        of_texts = {name: values[name] for name in ("vectorizer", "text_column")}
        data = documents.read_to_fit(self, X, metadata=metadata, **of_texts)
        rows = fitting.rows_with_words(data.counts)
        n_documents = len(rows)
        has_words = data.vocabulary is not None
        parameters.check_size(values["n_components"], data.counts, has_words=has_words)
        if values["prevalence"] is not None:
            known = Prevalence.of(values["prevalence"], data.metadata, rows, data.counts.shape[0])
            data = replace(data, prevalence=known)
        if embeddings is not None:
            texts = partial(texts_to_embed, X, values["text_column"])
            vectors = read_embeddings(embeddings, data.counts.shape[0], texts, None)
            data = replace(data, embeddings=(Embedding.of(vectors, rows), vectors))
        if values["content"] is not None:
            data = replace(data, content=content.groups_to_compare(values["content"], data))
        if values["word_vectors"] is not None:
            words = data.vocabulary, data.counts.shape[1]
            data = replace(data, basis=basis_of(values["word_vectors"], *words))
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

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.input_tags.string = True
        return tags


def _check_are_texts(X: Documents, text_column: str, options: Mapping[str, Any]) -> None:
    """Raise an error where options of the vectorizer would change nothing: words are counted."""
    if isinstance(X, Corpus) or not documents.is_text(split_frame(X, text_column)[0], text_column):
        names = " and ".join(options)
        raise InputError(
            f"{names} of the vectorizer cannot change how the words of a corpus or of counts were "
            "counted; pass the texts: refit(X, ...)"
        )


def _mean_length(counts: csr_matrix, n_documents: int) -> float:
    """Return the mean number of tokens per document, or of distinct words if it is not short.

    Counts may be on disk, where adding them up takes as long as an epoch.
    """
    words = counts.nnz / max(n_documents, 1)
    return float(counts.sum()) / n_documents if n_documents and are_short(words) else words


def _settings(
    parameters: dict[str, Any], counts: csr_matrix, n_documents: int, embeddings: Any
) -> Settings:
    """Return the settings of a fit to counts with so many documents that have words."""
    return Settings.resolve(
        parameters,
        n_documents,
        n_words=counts.shape[1],
        n_entries=counts.nnz,
        mean_length=_mean_length(counts, n_documents),
        has_embeddings=embeddings is not None,
    )
