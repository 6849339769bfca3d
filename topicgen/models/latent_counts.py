"""The latent-count topic model: prior, decoder and inference."""

import copy
import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn
from torch.distributions import kl_divergence

from topicgen import kernels
from topicgen.distributions import Finite
from topicgen.gradients import GradientEstimator
from topicgen.models.count_estimators import count_estimator, drawn_by, estimated
from topicgen.models.count_laws import count_law
from topicgen.models.count_regression import LogLinear
from topicgen.models.encoders import (
    Encoder,
    Encoding,
    Inputs,
    MakesEncoder,
    Seen,
    Unfolded,
    encoder_of,
    expected_tokens,
)
from topicgen.models.known import Known
from topicgen.models.likelihoods import LIKELIHOODS, Likelihood
from topicgen.models.penalties import sum_of_squares
from topicgen.models.posteriors import conditional_posterior
from topicgen.models.priors import PRIORS, Prior
from topicgen.models.proportions import expected_proportions, proportions
from topicgen.models.rates import AtomRates, GammaRates
from topicgen.models.sparse import Documents, SparseCounts
from topicgen.prefixes import entries_under

# Steps of coordinate ascent after which the bounds no longer move.
BOUND_STEPS = 15
_STEPS_PER_ROUND = 3

# More words than in most batches: those that occur are then taken first.
_WIDE = 2**13


class LatentCountModel(nn.Module):
    r"""Documents with counts of topics.

    .. math::
        z_{dk} \sim p_k, \qquad \theta_{dk} = \frac{z_{dk} + s_k}{\sum_j (z_{dj} + s_j)}, \qquad
        x_d \sim L(\theta_d \beta, \, a \textstyle\sum_k (z_{dk} + s_k)), \qquad
        \beta_k = \operatorname{softmax}(w_k + \log f), \quad w_{kv} \sim \mathcal N(0, \sigma^2),

    where :math:`f` is the frequency of each word: a topic is learnt as its difference from the
    whole collection, and stays near it where the documents say little. The likelihood L is either
    multinomial, which ignores its second argument, or models the length too, with :math:`a` tokens
    per unit.

    Args:
        prior: :math:`p`, a distribution for each topic, with its parameters.
        word_frequency: :math:`f`, shape (n_words,), above 0.
        prior_count: the sum of a document's counts that the encoder's posterior expects.
        smoothing: the sum of all :math:`s_k`, in units of the count.
        topic_scale: :math:`\sigma`, how far a topic may be from the whole collection.
        latent: the family that the prior is fitted in, a name in ``PRIORS``; any other name, such
            as "given", keeps the prior as it is.
        likelihood: "multinomial", "poisson" or "negative_binomial".
        inference: "explicit" (an approximate posterior of Poisson or binomial counts) or
            "implicit" (free masses).
        mean_length: the documents' mean number of tokens.
        usual_length: how many tokens of a document the encoder usually reads; see
            ``weight_of_expectations``. None to use the same pseudo-counts for all documents.
        background: whether the last topic is fixed to the whole collection.
        topic_logits: :math:`w`, shape (n_topics, n_words); random without it.
        prevalence: what a document's covariates add to the log of each topic's prior mean; None
            without covariates. See ``given``.
        encoder: a name in ``ENCODERS``, or a function that makes an encoder.
        inputs: what the encoder reads of documents.
        generator: draws random topics, and the weights of the encoder; None for torch's global
            stream.

    Shapes: documents are rows of ``SparseCounts``; proportions and counts are (n_documents,
    n_topics); log-probabilities are in nats and leave out the multinomial coefficient, so that they
    are those of the tokens in their order.
    """

    prior_logits: Tensor
    prior_mean: Tensor
    dispersion: Tensor
    prior_count: Tensor
    unit: Tensor
    free: Tensor
    frozen: Tensor | None
    atoms: Tensor
    rate_shape: Tensor
    rate_mean: Tensor
    smoothing: Tensor
    usual_length: Tensor | None
    log_frequency: Tensor
    likelihood: Likelihood
    prevalence: LogLinear | None
    rate_prevalence: LogLinear | None
    encoder: Encoder

    def __init__(
        self,
        prior: Prior,
        word_frequency: Tensor,
        *,
        prior_count: float = 100.0,
        smoothing: float = 0.5,
        topic_scale: float = 3.0,
        latent: str = "negative_binomial",
        likelihood: str = "multinomial",
        inference: str = "explicit",
        mean_length: float = 1.0,
        usual_length: float | None = None,
        background: bool = False,
        topic_logits: Tensor | None = None,
        prevalence: LogLinear | None = None,
        encoder: str | MakesEncoder = "unfolded",
        inputs: Inputs = Inputs(),  # noqa: B008
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        n_topics, n_words = prior.law.batch_shape[0], len(word_frequency)
        self.latent = latent
        # Not torch's default, which another library may have set.
        dtype = prior.law.logits.dtype
        self.likelihood = LIKELIHOODS[likelihood]().to(dtype)
        self.inference = inference
        self.topic_scale = topic_scale
        self.register_buffer("atoms", prior.law.atoms)
        self.register_buffer("prior_count", torch.tensor(prior_count, dtype=dtype))
        unit = mean_length / (prior_count + smoothing)
        self.register_buffer("unit", torch.tensor(unit, dtype=dtype))
        each = torch.full((n_topics,), smoothing / n_topics, dtype=dtype)
        self.register_buffer("smoothing", each)
        usual = None if usual_length is None else torch.tensor(usual_length, dtype=dtype)
        self.register_buffer("usual_length", usual)
        self.register_buffer("log_frequency", (word_frequency / word_frequency.sum()).log())
        self._take(prior)
        shape = torch.ones_like(prior.mean) if latent == "geometric" else prior.dispersion
        self.register_buffer("rate_shape", shape.clone())
        self.register_buffer("rate_mean", prior.mean * unit)
        self.prevalence = prevalence
        # The exact posterior has its own coefficients: the encoder's suit what the encoder finds.
        self.rate_prevalence = copy.deepcopy(prevalence)
        self.known: Known | None = None
        self._tilt: Tensor | None = None
        # Topics must differ from the first step on: between equal ones inference cannot choose.
        if topic_logits is None:
            device = self.atoms.device if generator is None else generator.device
            topic_logits = torch.randn(
                n_topics, n_words, generator=generator, device=device, dtype=dtype
            )
        self.topic_logits = nn.Parameter(topic_logits.to(self.atoms.device))
        free = torch.ones(n_topics, 1, dtype=dtype)
        if background:
            free[-1] = 0.0
        self.register_buffer("free", free)
        # What a training may not move is for the one who trains to say, and no part of the weights.
        self.register_buffer("frozen", None, persistent=False)
        # Encoders start from these. Initially they add up to five tokens.
        pseudo_counts = torch.full((n_topics,), math.log(5 / n_topics), dtype=dtype)
        self.log_pseudo_counts = nn.Parameter(pseudo_counts)
        self.log_word_weight = nn.Parameter(torch.zeros(n_words, dtype=dtype))
        generator = torch.default_generator if generator is None else generator
        self.encoder = encoder_of(encoder, self, inputs, generator).to(self.atoms.device)

    @classmethod
    def from_state(
        cls,
        state: dict[str, Tensor],
        *,
        latent: str,
        likelihood: str,
        inference: str,
        encoder: str | MakesEncoder = "unfolded",
        inputs: Inputs = Inputs(),  # noqa: B008
    ) -> "LatentCountModel":
        """Return the model of a ``state_dict``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        law = Finite(state["prior_logits"], state["atoms"])
        prior = Prior(law, state["prior_mean"], state["dispersion"])
        shape = len(state["prior_logits"]), len(state["log_frequency"])
        prevalence = entries_under(state, "prevalence.")
        model = cls(
            prior,
            state["log_frequency"].exp(),
            latent=latent,
            likelihood=likelihood,
            inference=inference,
            usual_length=float(state["usual_length"]) if "usual_length" in state else None,
            topic_logits=torch.empty(shape, dtype=state["prior_logits"].dtype),
            prevalence=LogLinear.from_state(prevalence) if prevalence else None,
            encoder=encoder,
            inputs=inputs,
            generator=torch.Generator(),
        )
        model.load_state_dict(state)
        return model

    def given(self, known: Known | None) -> "LatentCountModel":
        r"""Return the model given what is known of some documents; it shares all weights.

        With covariates, the prior mean of each document's counts is its own,
        :math:`m_k e^{t_{dk}}`, so ``prior`` and the shapes of the ``rates`` have the batch shape
        (n_documents, n_topics). Use this model only for these documents, in this order.

        Args:
            known: what is known of the documents; None to return the model itself.
        """
        if known is None:
            return self
        model = copy.copy(self)
        model.known = known
        if known.covariates is not None and self.prevalence is not None:
            model._tilt = self.prevalence(known.covariates)
        return model

    @property
    def prior(self) -> Finite:
        """The distribution of each topic's count before any word is read."""
        if self._tilt is None:
            return Finite(self.prior_logits, self.atoms, validate_args=False)
        if self.latent in PRIORS:
            factor = self._tilt.exp()
            mean, shape = self.prior_mean * factor, self.dispersion * factor
            return count_law(self.latent, mean, self.atoms, shape)
        logits = self.prior_logits + self._tilt.unsqueeze(-1) * self.atoms
        return Finite(logits, self.atoms, validate_args=False)

    @property
    def rates(self) -> GammaRates | AtomRates:
        """The distribution of the expected tokens of each topic, before any word is read.

        Negative binomial counts (geometric ones too) have gamma rates in tokens; those of other
        families lie on the atoms of the prior.
        """
        if self.latent not in ("negative_binomial", "geometric"):
            return AtomRates(self.prior, self.smoothing, self.unit)
        rates = GammaRates(self.rate_shape, self.rate_mean)
        covariates = None if self.known is None else self.known.covariates
        if covariates is None or self.rate_prevalence is None:
            return rates
        return rates.tilted(self.rate_prevalence(covariates))

    def freeze(self, topics: Sequence[int]) -> None:
        """Let no training move these topics from where they are; the others train around them.

        Args:
            topics: their numbers; an empty sequence lets all topics move again.
        """
        numbers = torch.tensor(topics, dtype=torch.long, device=self.topic_logits.device)
        self.frozen = numbers if len(numbers) else None

    @property
    def is_movable(self) -> Tensor:
        """Whether training moves a topic, shape (n_topics,): not the background, nor if frozen."""
        is_movable = self.free.squeeze(1) > 0
        return is_movable if self.frozen is None else is_movable.index_fill(0, self.frozen, False)

    def take_rates(self, rates: GammaRates) -> None:
        """Set the rates of the topics."""
        self.rate_shape.copy_(rates.shape)
        self.rate_mean.copy_(rates.mean)

    def _take(self, prior: Prior) -> None:
        self.register_buffer("prior_logits", prior.law.logits)
        self.register_buffer("prior_mean", prior.mean)
        self.register_buffer("dispersion", prior.dispersion)

    # -- the generative side -----------------------------------------------------------------

    def topic_word(self, *, is_for_few_words: bool = False) -> Tensor:
        r"""Return :math:`\beta`, shape (n_topics, n_words), rows sum to 1.

        It lies in memory word by word, as the sparse products read it.

        Args:
            is_for_few_words: leave it as it is where the words are many, for a use that takes the
                topics at few of them.
        """
        logits = torch.addcmul(self.log_frequency, self.topic_logits, self.free)
        topic_word = logits.softmax(-1)
        if is_for_few_words and self._is_wide(topic_word):
            return topic_word
        return _word_by_word(topic_word)

    def _is_wide(self, topic_word: Tensor) -> bool:
        """Return whether few of the words occur in a batch: kernels read no others anyhow."""
        return topic_word.shape[1] > _WIDE and not kernels.usable(topic_word)

    def log_prior(self) -> Tensor:
        """Return the log prior of topics and encoder in nats, up to a constant.

        The word weights are log-normal around 1, with a scale of 1.
        """
        topics = sum_of_squares(self.topic_logits) / (2 * self.topic_scale**2)
        return -topics - sum_of_squares(self.log_word_weight) / 2

    def log_likelihood(self, counts: SparseCounts, topic_word: Tensor, z: Tensor) -> Tensor:
        """Return log p(x | z), shape (n_documents,)."""
        mixture = counts.product_at_words(proportions(z, self.smoothing), topic_word)
        return self.likelihood.log_prob(counts, mixture, self._expected_length(z))

    def _expected_length(self, z: Tensor) -> Tensor:
        return self.unit * (z + self.smoothing).sum(-1)

    def expected_length(self, n_tokens: Tensor) -> Tensor:
        r"""Return :math:`\lambda` of documents with so many tokens, shape (n_documents,).

        The counts are assumed to have the sum that the encoder expects of such documents.
        """
        return self.unit * (self.expected_sum(n_tokens) + self.smoothing.sum())

    @torch.no_grad()
    def concentration(self, n_tokens: Tensor) -> Tensor | None:
        r"""Return :math:`b \lambda`: how many observed tokens weigh as much as the topics.

        .. math:: p(v \mid o) = (b\lambda\mu_v + o_v) / (b\lambda + N_o)

        None for likelihoods without bursts, where observed words tell only about topics.

        Args:
            n_tokens: of the whole documents, shape (n_documents,).
        """
        steadiness = self.likelihood.steadiness
        return None if steadiness is None else steadiness * self.expected_length(n_tokens)

    def expected_sum(self, n_tokens: Tensor) -> Tensor:
        """Return what a document's counts should sum to in its posterior, shape (n_documents,)."""
        if not self.likelihood.models_length:
            return self.prior_count.expand(len(n_tokens))
        # Not beyond what a document of a single topic could hold.
        most = 0.8 * self.atoms[-1]
        return (n_tokens / self.unit - self.smoothing.sum()).clamp_min(1.0).minimum(most)

    def price(self, n_tokens: Tensor, total: Tensor) -> Tensor:
        """Return by how much one more unit lowers the log-likelihood, shape (n_documents, 1).

        Args:
            n_tokens: the tokens that are evidence, shape (n_documents,).
            total: the expected sum of counts and smoothing, shape (n_documents, 1).
        """
        if self.likelihood.models_length:
            return self.unit.expand(len(n_tokens), 1)
        return n_tokens.unsqueeze(-1) / total

    # -- inference ---------------------------------------------------------------------------

    def encode(
        self, counts: Documents, topic_word: Tensor, words: Tensor | None = None
    ) -> Encoding:
        """Return what the encoder finds in the documents.

        Args:
            counts: the documents' words.
            topic_word: of ``topic_word()``, or its columns at some words.
            words: which words these are; None for all.
        """
        return self.encoder.encode(self, Seen(counts, topic_word, counts.n_tokens, words))

    def pseudo_counts(self, n_tokens: Tensor | None = None) -> Tensor:
        """Return what is expected of documents before they are read, in tokens.

        The shape is (n_topics,), or (n_documents, n_topics) if they depend on covariates or
        lengths.

        Args:
            n_tokens: how many tokens of each document are read, shape (n_documents,); None for
                documents of the usual length.
        """
        pseudo_counts = self.log_pseudo_counts.exp()
        if self._tilt is not None:
            # A document's covariates say which topics to expect, not how surely.
            shares = (self.log_pseudo_counts + self._tilt).softmax(-1)
            pseudo_counts = shares * pseudo_counts.sum()
        weight = None if n_tokens is None else self.weight_of_expectations(n_tokens)
        return pseudo_counts if weight is None else pseudo_counts * weight

    def weight_of_expectations(self, n_tokens: Tensor) -> Tensor | None:
        r"""Return :math:`\min(1, N / N_\text{usual})`, shape (n_documents, 1).

        A short document gets this share of the pseudo-counts: in full, they would outweigh its few
        words. None if all documents have the same pseudo-counts.

        Args:
            n_tokens: :math:`N`, how many tokens of each document are read, shape (n_documents,).
        """
        if self.usual_length is None:
            return None
        # A document without words keeps a little, so that its proportions are defined.
        return (n_tokens.clamp_min(1.0) / self.usual_length).clamp_max(1.0).unsqueeze(-1)

    def word_weight(self, words: Tensor | None = None) -> Tensor:
        """Return the evidence in a token of each word, or of some words, shape (n_words,)."""
        weight = self.log_word_weight
        return (weight if words is None else weight[words]).exp()

    def posterior(
        self,
        counts: SparseCounts,
        topic_word: Tensor,
        refinement: int = 0,
        prior: Finite | None = None,
    ) -> Finite:
        """Return q(z | x), batch shape (n_documents, n_topics).

        Args:
            counts: the documents' words.
            topic_word: of ``topic_word()``.
            refinement: steps of coordinate ascent on the bound of each document after the encoder.
            prior: of each document, batch shape (n_documents, n_topics); without it the model's
                own.
        """
        q = self.encoder.posterior(self, Seen(counts, topic_word, counts.n_tokens), prior)
        return self._refine(q, counts, topic_word, refinement, prior)

    def _refine(
        self,
        q: Finite,
        counts: SparseCounts,
        topic_word: Tensor,
        n_steps: int,
        prior: Finite | None = None,
    ) -> Finite:
        """Return the posterior after some steps of coordinate ascent on the bound.

        The semi-amortised inference of Kim, Wiseman, Miller, Sontag and Rush (2018), with exact
        conditionals in place of gradient steps.
        """
        prior = self.prior if prior is None else prior
        log_smoothed = (self.atoms + self.smoothing.unsqueeze(-1)).log()
        for _ in range(n_steps):
            probs = q.probs
            geometric_mean = (probs * log_smoothed).sum(-1).exp()
            total = (probs @ self.atoms + self.smoothing).sum(-1, keepdim=True)
            evidence = expected_tokens(counts, geometric_mean, topic_word)
            price = self.price(counts.n_tokens, total)
            q = conditional_posterior(evidence, price, prior, self.smoothing)
        return q

    @torch.no_grad()
    def doc_topic(self, counts: SparseCounts, topic_word: Tensor, refinement: int = 0) -> Tensor:
        """Return E[theta | x], with which ``doc_topic @ topic_word`` predicts the next word.

        Args are those of ``posterior``; the value has shape (n_documents, n_topics).
        """
        if refinement == 0:
            return self.encoder.doc_topic(self, Seen(counts, topic_word, counts.n_tokens))
        q = self.posterior(counts, topic_word, refinement)
        return expected_proportions(q, self.smoothing)

    # -- objectives --------------------------------------------------------------------------

    def relaxed_prediction(
        self,
        observed: Documents,
        hidden: Documents,
        topic_word: Tensor,
        *,
        estimator: str | GradientEstimator,
        temperature: float | Tensor,
        share_observed: float = 1.0,
        generator: Generator | None = None,
    ) -> Tensor:
        """Return E[log p(hidden | z, observed)] under q(z | observed), by the named estimator.

        Args:
            observed: the tokens that the encoder sees.
            hidden: the tokens to predict, of the same documents and at the same entries.
            topic_word: of ``topic_word(is_for_few_words=True)``.
            estimator: the gradient estimator, as in ``count_estimator``.
            temperature: of the relaxation, a number or a tensor without axes.
            share_observed: the share of each document's tokens that is observed.
            generator: where the randomness comes from; None for torch's global stream.

        Returns:
            Shape (n_documents,), in nats, with gradients.
        """
        seen, hidden = self._seen(observed, hidden, topic_word, observed.n_tokens / share_observed)

        def log_prob(z: Tensor) -> Tensor:
            return self._predict(hidden, seen.documents, seen.topic_word, z)

        gradient = count_estimator(estimator, temperature)
        q = self.encoder.posterior(self, seen)
        return estimated(gradient, q, log_prob, hidden.n_tokens, generator=generator)

    def relaxed_bound(
        self,
        observed: Documents,
        words: Documents,
        topic_word: Tensor,
        *,
        estimator: str | GradientEstimator,
        temperature: float | Tensor,
        n_tokens: Tensor | None = None,
        kl_weight: float | Tensor = 1.0,
        generator: Generator | None = None,
    ) -> Tensor:
        r"""Return :math:`E[\log p(x \mid z)] - w \, KL(q(z \mid x_o) \| p(z))` by an estimator.

        Both distributions are on the same counts, and the divergence is exact. Any q gives a bound
        (at w = 1, with samples that are not relaxed), even a q that saw only some tokens.

        Args:
            observed: the tokens that the encoder sees.
            words: :math:`x`, all tokens of the same documents, at the same entries; their counts
                may be raised to a power.
            topic_word: of ``topic_word(is_for_few_words=True)``.
            estimator: the gradient estimator, as in ``count_estimator``; VIMCO gives a
                tighter bound, from several samples.
            temperature: of the relaxation, a number or a scalar tensor.
            n_tokens: the lengths of the documents; None for those of ``words``.
            kl_weight: :math:`w`.
            generator: where the randomness comes from; None for torch's global stream.

        Returns:
            Shape (n_documents,), in nats, with gradients.
        """
        n_tokens = words.n_tokens if n_tokens is None else n_tokens
        seen, words = self._seen(observed, words, topic_word, n_tokens)

        def log_prob(z: Tensor) -> Tensor:
            doc_topic, expected = proportions(z, self.smoothing), self._expected_length(z)
            given = self.likelihood.given_length(words, doc_topic, seen.topic_word, expected)
            return given + self.likelihood.length(n_tokens, expected)

        return estimated(
            count_estimator(estimator, temperature),
            self.encoder.posterior(self, seen),
            log_prob,
            n_tokens,
            prior=self.prior,
            kl_weight=kl_weight,
            generator=generator,
        )

    def imitation(self, observed: Documents, topic_word: Tensor, n_tokens: Tensor) -> Tensor:
        """Return the divergence of the encoder's posterior from the unfolded encoder's.

        Args:
            observed: the tokens that the encoder sees.
            topic_word: of ``topic_word(is_for_few_words=True)``.
            n_tokens: the lengths of the documents.

        Returns:
            The divergence in nats, shape (n_documents,), with gradients for the encoder.
        """
        seen, _ = self._seen(observed, observed, topic_word, n_tokens)
        with torch.no_grad():
            example = Unfolded().posterior(self, seen)
        return kl_divergence(example, self.encoder.posterior(self, seen)).sum(-1)

    def _seen(
        self, observed: Documents, others: Documents, topic_word: Tensor, n_tokens: Tensor
    ) -> tuple[Seen, Documents]:
        """Return what the encoder sees, and the other counts; only present words if V is large."""
        if not self._is_wide(topic_word):
            return Seen(observed, topic_word, n_tokens), others
        # Gradients of each product at every word would take most of the time.
        words, observed = observed.copied().of_present_words()
        others = observed.replace(others.copied().values)
        topic_word = _word_by_word(topic_word[:, words])
        return Seen(observed, topic_word, n_tokens, words), others

    def _predict(
        self, hidden: Documents, observed: Documents, topic_word: Tensor, z: Tensor
    ) -> Tensor:
        """Return log p(hidden | z, observed), shape (n_documents,)."""
        doc_topic = proportions(z, self.smoothing)
        expected = self._expected_length(z)
        return self.likelihood.conditional(hidden, observed, doc_topic, topic_word, expected)

    def draw(
        self,
        q: Finite,
        estimator: str,
        temperature: float | Tensor,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Return what stands for a sample of the posterior with the named estimator.

        Relaxed values, whole counts or, with "mean", their expectation.
        """
        return drawn_by(estimator, temperature, q, generator=generator)

    @torch.no_grad()
    def fit_prior(
        self,
        counts: SparseCounts,
        n_rounds: int,
        *,
        past: Tensor | None = None,
        past_share: float = 0.0,
        update: bool = True,
    ) -> Tensor:
        r"""Fit the prior to the documents' posteriors, by expectation maximisation.

        Each round takes the mean of the posteriors' masses,

        .. math:: m = (1 - \rho) \frac1D \sum_d q(z_d) + \rho \, m_\text{past},

        and the member of the family that is likeliest for these (empirical Bayes). With a
        multinomial likelihood the scale of the counts is free, so their means keep summing to
        ``prior_count``. A prior that was given stays.

        Args:
            counts: the documents' words.
            n_rounds: how many rounds, at least 1.
            past: the masses that earlier documents left, shape (n_topics, n_atoms).
            past_share: :math:`\rho`, the share of the past in all documents so far.
            update: whether the prior is changed; else the masses are those under it.

        Returns:
            The masses :math:`m` of the last round, shape (n_topics, n_atoms).
        """
        topic_word = self.topic_word()
        q = self.posterior(counts, topic_word)
        total = None if self.likelihood.models_length else self.prior_count
        for step in range(n_rounds):
            if step:
                q = self._refine(q, counts, topic_word, _STEPS_PER_ROUND)
            masses = q.probs.mean(0)
            if past is not None:
                masses = (1 - past_share) * masses + past_share * past.to(masses)
            if update and self.latent in PRIORS:
                self.update_prior(masses, total)
        return masses

    def update_prior(self, masses: Tensor, total: Tensor | None = None) -> None:
        """Set the prior to the member of the family that is likeliest for these masses.

        Args:
            masses: of each topic's counts, the mean over documents, shape (n_topics, n_atoms).
            total: what the means are scaled to sum to; without it they are not scaled.
        """
        mean = (masses @ self.atoms).clamp_min(1e-3)
        if total is not None:
            mean = mean * total / mean.sum()
        self._take(PRIORS[self.latent](mean, self.atoms, masses))


def _word_by_word(topic_word: Tensor) -> Tensor:
    if kernels.usable(topic_word):
        from topicgen.kernels import documents

        return documents.word_by_word(topic_word)
    return topic_word.T.contiguous().T
