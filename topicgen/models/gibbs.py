r"""Draws from the joint posterior of all topics of a document: a Gibbs sampler.

The state is each document's rates :math:`\lambda_k`. With the auxiliary variable :math:`u`, which
makes the rates independent of each other, a sweep draws in turn

.. math::
    u \mid \lambda \sim \operatorname{Gamma}(N, \textstyle\sum_k \lambda_k), \qquad
    \text{topic of a token} \mid \lambda \sim \lambda_k \beta_{kv}, \qquad
    \lambda_k \mid n_k, u \propto p_k(\lambda_k) \, \lambda_k^{n_k} e^{-u \lambda_k},

with :math:`n_k` tokens from topic k. It costs O(words present x topics), over all documents at
once. A multinomial leaves the sum of the rates open, and the sampler would move most slowly along
it, so with gamma rates a sweep also draws this sum anew. Where the likelihood models the length, u
is known.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from topicgen.models.rates import RateLaw
from topicgen.models.sparse import SparseCounts
from topicgen.models.token_topics import TokenTopics


class State(NamedTuple):
    """The state of the sampler after a sweep.

    Args:
        log_rates: of each topic, shape (n_documents, n_topics).
        tokens: how many of the document's tokens come from each topic, likewise.
        own: how many of these are not repetitions of others; all, unless words come in bursts.
        cost: u, shape (n_documents, 1).
    """

    log_rates: Tensor
    tokens: Tensor
    own: Tensor
    cost: Tensor

    @property
    def proportions(self) -> Tensor:
        """The topic proportions, shape (n_documents, n_topics), rows sum to 1."""
        return self.log_rates.softmax(-1)


class GibbsSampler:
    """A Markov chain through the joint posterior of each document, independently of the others.

    Args:
        counts: the documents, whole numbers, in single precision.
        word_topic: the topics by words, shape (n_words, n_topics).
        law: the distribution of the rates.
        log_rates: where the chain starts, shape (n_documents, n_topics).
        cost: :math:`u` where the likelihood models the length; None for a multinomial.
        steadiness: :math:`b` of the negative binomial likelihood, or None.
        generator: where the randomness comes from; None for torch's global stream.
    """

    def __init__(
        self,
        counts: SparseCounts,
        word_topic: Tensor,
        law: RateLaw,
        log_rates: Tensor,
        *,
        cost: Tensor | None = None,
        steadiness: Tensor | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.law = law
        self.log_rates = log_rates
        self._cost = cost
        self._generator = generator
        self._n_tokens = counts.n_tokens.unsqueeze(-1)
        self.topics = TokenTopics(counts, word_topic, steadiness)

    @property
    def scale_is_free(self) -> bool:
        """Whether the documents say nothing about the sum of their rates."""
        return self._cost is None

    def sweep(self) -> State:
        """Draw everything once, and return the new state."""
        return self.draw_rates(*self.draw_tokens())

    def draw_tokens(self) -> tuple[Tensor, Tensor, Tensor]:
        """Draw the cost and the tokens given the rates; the first half of a sweep.

        Returns:
            The tokens, those that are not repetitions, and the cost, as in ``State``.
        """
        random = self._generator
        cost = self._cost
        if cost is None:
            self.log_rates = self.law.rescaled(self.log_rates, generator=random)
            cost = self._draw_cost()
        # The largest rate is 1, unless bursts need the rates in tokens.
        rates = self.log_rates
        if self.topics.steadiness is None:
            rates = rates - rates.amax(-1, keepdim=True)
        tokens, own = self.topics.draw(rates.exp(), generator=random)
        return tokens, own, cost.expand(len(tokens), 1)

    def draw_rates(self, tokens: Tensor, own: Tensor, cost: Tensor) -> State:
        """Draw the rates given the rest; the second half of a sweep."""
        self.log_rates = self.law.given(own, cost, generator=self._generator)
        return State(self.log_rates, tokens, own, cost)

    def _draw_cost(self) -> Tensor:
        n = self._n_tokens
        size = torch._standard_gamma(n, self._generator)
        cost = size / self.log_rates.logsumexp(-1, keepdim=True).exp()
        # Rates may be so small that the cost would overflow.
        return torch.where(n > 0, cost, 0.0).clamp(max=torch.finfo(cost.dtype).max / 1e8)
