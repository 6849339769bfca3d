"""The latent-count topic model: prior, decoder, and the evidence lower bound."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.gradients import differentiable_sample
from topicgen.models.encoder import ENCODERS, encode_implicit
from topicgen.models.proportions import expected_proportions, proportions
from topicgen.models.sparse import SparseCounts


@dataclass(frozen=True)
class Bound:
    """The two terms of the evidence lower bound, in nats for each document."""

    log_likelihood: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        """E[log p(x | z)] - KL(q || p), shape (n_documents,)."""
        return self.log_likelihood - self.kl


class LatentCountModel(nn.Module):
    r"""Documents whose topics come in counts.

    .. math::
        z_{dk} \sim p_k, \qquad \theta_{dk} = \frac{z_{dk} + s_k}{\sum_j (z_{dj} + s_j)}, \qquad
        x_d \sim \text{Multinomial}(N_d, \theta_d \beta), \qquad
        \beta_k = \operatorname{softmax}(w_k + \log f), \quad w_{kv} \sim \mathcal N(0, \sigma^2),

    where :math:`f` is the frequency of each word, so that a topic is learnt as its difference from
    the whole collection, and stays near it where the documents say little.

    Args:
        prior: :math:`p`, a law for each topic, batch shape (n_topics,).
        word_frequency: :math:`f`, shape (n_words,), above 0.
        smoothing: the sum of all :math:`s_k`, in units of the count.
        topic_scale: :math:`\sigma`, how far a topic may be from the whole collection.
        inference: "explicit" (a posterior in the prior's family) or "implicit" (free masses).

    Shapes: documents are rows of ``SparseCounts``; proportions and counts are (n_documents,
    n_topics); log-probabilities are in nats and leave out the multinomial coefficient, so that they
    are those of the tokens in their order.
    """

    prior_logits: Tensor
    atoms: Tensor
    smoothing: Tensor
    log_frequency: Tensor

    def __init__(
        self,
        prior: Finite,
        word_frequency: Tensor,
        *,
        smoothing: float = 0.5,
        topic_scale: float = 3.0,
        inference: str = "explicit",
    ) -> None:
        super().__init__()
        n_topics = prior.logits.shape[0]
        self.inference = inference
        self.topic_scale = topic_scale
        self.register_buffer("prior_logits", prior.logits)
        self.register_buffer("atoms", prior.atoms)
        self.register_buffer("smoothing", torch.full((n_topics,), smoothing / n_topics))
        self.register_buffer("log_frequency", (word_frequency / word_frequency.sum()).log())
        # Topics must differ from the first step on: between equal ones inference cannot choose.
        self.topic_logits = nn.Parameter(torch.randn(n_topics, len(word_frequency)))

    @classmethod
    def from_state(cls, state: dict[str, Tensor], *, inference: str) -> "LatentCountModel":
        """Return the model of a ``state_dict``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        prior = Finite(state["prior_logits"], state["atoms"])
        with torch.random.fork_rng(devices=[]):
            model = cls(prior, state["log_frequency"].exp(), inference=inference)
        model.load_state_dict(state)
        return model

    @property
    def prior(self) -> Finite:
        """The law of each topic's count before any word is seen."""
        return Finite(self.prior_logits, self.atoms, validate_args=False)

    def topic_word(self) -> Tensor:
        r"""Return :math:`\beta`, shape (n_topics, n_words), rows sum to 1.

        It lies in memory word by word, as the sparse products read it.
        """
        return (self.topic_logits + self.log_frequency).softmax(-1).T.contiguous().T

    def topic_log_prior(self) -> Tensor:
        """Return log p(w) in nats, up to a constant."""
        return -self.topic_logits.square().sum() / (2 * self.topic_scale**2)

    def posterior(self, counts: SparseCounts, topic_word: Tensor, n_layers: int) -> Finite:
        """Return q(z | x), batch shape (n_documents, n_topics)."""
        encode = ENCODERS[self.inference]
        return encode(counts, topic_word, self.prior, self.smoothing, n_layers)

    def log_likelihood(self, counts: SparseCounts, topic_word: Tensor, z: Tensor) -> Tensor:
        """Return log p(x | z), shape (n_documents,)."""
        mixture = counts.product_at_words(proportions(z, self.smoothing), topic_word)
        floor = torch.finfo(mixture.dtype).tiny
        return counts.sum_rows(counts.values * mixture.clamp_min(floor).log())

    def relaxed_bound(
        self,
        counts: SparseCounts,
        *,
        estimator: str,
        temperature: float,
        token_dropout: float,
        n_layers: int,
    ) -> Bound:
        """Return the bound of one training step, with gradients and relaxed samples.

        The encoder sees each token with the probability 1 - token_dropout; the bound holds for all
        tokens, because any q gives one.
        """
        topic_word = self.topic_word()
        q = self.posterior(counts.thin(token_dropout), topic_word, n_layers)
        z = differentiable_sample(estimator, q, temperature)
        kl = kl_divergence(q, self.prior).sum(-1)
        return Bound(self.log_likelihood(counts, topic_word, z), kl)

    @torch.no_grad()
    def hard_bound(self, counts: SparseCounts, *, n_samples: int, n_layers: int) -> Bound:
        """Return the bound with the mean over hard samples and the exact KL divergence.

        Any q gives a bound, and free masses give the tighter one, whichever q was trained with.
        """
        topic_word = self.topic_word()
        q = encode_implicit(counts, topic_word, self.prior, self.smoothing, n_layers)
        draws = (self.log_likelihood(counts, topic_word, q.sample()) for _ in range(n_samples))
        log_likelihood = torch.stack(list(draws)).mean(0)
        return Bound(log_likelihood, kl_divergence(q, self.prior).sum(-1))

    @torch.no_grad()
    def importance_bound(self, counts: SparseCounts, *, n_samples: int, n_layers: int) -> Tensor:
        r"""Return the bound of Burda, Grosse and Salakhutdinov (2016), shape (n_documents,).

        .. math:: E \log \frac1S \sum_{s=1}^{S} \frac{p(x, z_s)}{q(z_s \mid x)}, \quad z_s \sim q

        with hard samples of the same q as ``hard_bound``.
        """
        topic_word = self.topic_word()
        q = encode_implicit(counts, topic_word, self.prior, self.smoothing, n_layers)
        log_weights = []
        for _ in range(n_samples):
            z = q.sample()
            ratio = (self.prior.log_prob(z) - q.log_prob(z)).sum(-1)
            log_weights.append(self.log_likelihood(counts, topic_word, z) + ratio)
        return torch.stack(log_weights).logsumexp(0) - math.log(n_samples)

    @torch.no_grad()
    def doc_topic(self, counts: SparseCounts, n_layers: int) -> Tensor:
        """Return E[theta | x], with which ``doc_topic @ topic_word`` predicts the next word."""
        q = self.posterior(counts, self.topic_word(), n_layers)
        return expected_proportions(q, self.smoothing)
