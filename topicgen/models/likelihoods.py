r"""Distributions of a document's words, given how often each word is expected.

Words are expected in the proportions :math:`\mu_v = \sum_k \theta_k \beta_{kv}`, which sum to 1;
where the length is modelled too, :math:`\lambda = a \sum_k (z_k + s_k)` tokens are expected. All
cost O(words present): the sum over absent words has a closed form. Log-probabilities are in nats,
of the tokens in their order.
"""

import math

import torch
from torch import Tensor, nn

from topicgen.models.sparse import Documents, SparseCounts, log_mixture, spread


class Likelihood(nn.Module):
    """The interface of all likelihoods."""

    models_length: bool
    # Whether the likelihood of some rows of counts is computed without a copy of these rows.
    reads_in_place = True

    @property
    def cost_of_rates(self) -> Tensor | None:
        r"""By how much a unit of rate lowers log p(x): p(x) falls with :math:`e^{-u \lambda}`.

        None for a multinomial, where only the proportions of the rates matter.
        """
        return None

    @property
    def steadiness(self) -> Tensor | None:
        """The shape of a word's count per expected token; None for likelihoods without bursts."""
        return None

    def log_prob(self, counts: SparseCounts, mixture: Tensor, expected: Tensor) -> Tensor:
        """Return log p(x), shape (n_documents,).

        Args:
            counts: x.
            mixture: mu at the words present, shape (n_entries,); or (n_entries, n), of n
                alternatives, and the value is then of shape (n_documents, n).
            expected: lambda, shape (n_documents,), or (n_documents, n).
        """
        raise NotImplementedError

    def given_length(
        self, words: Documents, doc_topic: Tensor, topic_word: Tensor, expected: Tensor
    ) -> Tensor:
        """Return log p(words) given their number, shape (n_documents,).

        Args:
            words: of documents.
            doc_topic: theta, shape (n_documents, n_topics); mu is theta beta.
            topic_word: beta, shape (n_topics, n_words).
            expected: lambda, shape (n_documents,).
        """
        raise NotImplementedError

    def length(self, n_tokens: Tensor, expected: Tensor) -> Tensor:
        """Return the log probability of the lengths, shape (n_documents,); 0 if they are given."""
        return torch.zeros_like(expected)

    def conditional(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        """Return log p(hidden | observed) of words of the same documents, their lengths given.

        Args:
            hidden: the words to predict.
            observed: those that are known, at the same entries.
            doc_topic: theta, shape (n_documents, n_topics); mu is theta beta.
            topic_word: beta, shape (n_topics, n_words).
            expected: lambda, shape (n_documents,).
        """
        raise NotImplementedError

    def next_words(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        """Return the log-probability of hidden words, each given the observed ones alone.

        Unlike ``conditional``, this does not use any hidden word to predict another. The arguments
        are the same.
        """
        raise NotImplementedError


class MultinomialLikelihood(Likelihood):
    r"""Words drawn one by one: :math:`\log p(x) = \sum_v x_v \log \mu_v`; lengths are given."""

    models_length = False

    def log_prob(self, counts: SparseCounts, mixture: Tensor, expected: Tensor) -> Tensor:
        """Return log p(x), shape (n_documents,)."""
        return counts.sum_rows(spread(counts.values, mixture) * log_mixture(mixture))

    def given_length(
        self, words: Documents, doc_topic: Tensor, topic_word: Tensor, expected: Tensor
    ) -> Tensor:
        """Return log p(words) given their number, shape (n_documents,)."""
        return words.log_likelihood(doc_topic, topic_word)

    def conditional(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        """Return log p(hidden | observed) of words of the same documents, their lengths given."""
        return hidden.log_likelihood(doc_topic, topic_word)

    def next_words(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        """Return the log-probability of hidden words, which are independent given theta."""
        return hidden.log_likelihood(doc_topic, topic_word)


class PoissonLikelihood(MultinomialLikelihood):
    r"""Each word's count Poisson with the mean :math:`\lambda \mu_v`.

    Because the mixture sums to 1, the absent words cost nothing:
    :math:`\log p(x) = N \log \lambda - \lambda - \log N! + \sum_v x_v \log \mu_v`.
    """

    models_length = True

    @property
    def cost_of_rates(self) -> Tensor:
        """1, as tokens are Poisson."""
        return torch.ones(())

    def log_prob(self, counts: SparseCounts, mixture: Tensor, expected: Tensor) -> Tensor:
        """Return log p(x), shape (n_documents,), of the tokens in their order and their number."""
        length = self.length(spread(counts.n_tokens, expected), expected)
        return super().log_prob(counts, mixture, expected) + length

    def length(self, n_tokens: Tensor, expected: Tensor) -> Tensor:
        """Return the log probability of the lengths, shape (n_documents,)."""
        return n_tokens * expected.log() - expected - torch.lgamma(n_tokens + 1)


class NegativeBinomialLikelihood(Likelihood):
    r"""Words that come in bursts: each count negative binomial with the mean :math:`\lambda \mu_v`.

    With the shape :math:`b \lambda \mu_v`, proportional to the mean, the variance is
    :math:`(1 + 1/b)` times the mean, the length is negative binomial of shape :math:`b \lambda`,
    and given the length the words are Dirichlet-multinomial (Madsen, Kauchak and Elkan, 2005; Doyle
    and Elkan, 2009):

    .. math::
        \log p(x \mid N) = \log \frac{\Gamma(b\lambda)}{\Gamma(b\lambda + N)}
        + \sum_v \log \frac{\Gamma(b\lambda\mu_v + x_v)}{\Gamma(b\lambda\mu_v)} .

    A word that has been said once is likely to be said again, whatever the topic; so repetitions
    tell less of it. :math:`b` is learnt: small for bursty collections.
    """

    models_length = True
    reads_in_place = False

    def __init__(self) -> None:
        super().__init__()
        self.log_steadiness = nn.Parameter(torch.tensor(math.log(5.0)))

    @property
    def steadiness(self) -> Tensor:
        """:math:`b`."""
        return self.log_steadiness.exp()

    @property
    def cost_of_rates(self) -> Tensor:
        r""":math:`b \log(1 + 1/b)`: the mean tokens per unit of rate that are not repetitions."""
        return self.steadiness * torch.log1p(1 / self.steadiness)

    def log_prob(self, counts: SparseCounts, mixture: Tensor, expected: Tensor) -> Tensor:
        """Return log p(x), shape (n_documents,), of the tokens in their order and their number."""
        shape = self.steadiness * expected
        length = self.length(spread(counts.n_tokens, expected), expected)
        return length + self._words(counts, torch.zeros_like(counts.values), mixture, shape)

    def length(self, n_tokens: Tensor, expected: Tensor) -> Tensor:
        """Return the log probability of the lengths, shape (n_documents,)."""
        steadiness = self.steadiness
        shape = steadiness * expected
        return (
            torch.lgamma(shape + n_tokens)
            - torch.lgamma(shape)
            - torch.lgamma(n_tokens + 1)
            + shape * torch.log(steadiness / (1 + steadiness))
            - n_tokens * torch.log1p(steadiness)
        )

    def given_length(
        self, words: Documents, doc_topic: Tensor, topic_word: Tensor, expected: Tensor
    ) -> Tensor:
        """Return log p(words) given their number, shape (n_documents,)."""
        counts = words.copied()
        mixture = counts.product_at_words(doc_topic, topic_word)
        shape = self.steadiness * expected
        return self._words(counts, torch.zeros_like(counts.values), mixture, shape)

    def conditional(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        """Return log p(hidden | observed) of words of the same documents, their lengths given.

        The observed words are added, as pseudo-counts, to the topics' expectation.
        """
        hidden, observed = hidden.copied(), observed.copied()
        mixture = hidden.product_at_words(doc_topic, topic_word)
        return self._words(hidden, observed.values, mixture, self.steadiness * expected)

    def next_words(
        self,
        hidden: Documents,
        observed: Documents,
        doc_topic: Tensor,
        topic_word: Tensor,
        expected: Tensor,
    ) -> Tensor:
        r"""Return the log-probability of hidden words, each given the observed ones alone.

        .. math:: \sum_v h_v \log \frac{b\lambda\mu_v + o_v}{b\lambda + N_o}
        """
        hidden, observed = hidden.copied(), observed.copied()
        mixture = hidden.product_at_words(doc_topic, topic_word)
        shape = self.steadiness * expected
        words = log_mixture(shape[hidden.rows] * mixture + observed.values)
        total = (shape + observed.n_tokens).log()
        return hidden.sum_rows(hidden.values * words) - hidden.n_tokens * total

    @staticmethod
    def _words(counts: SparseCounts, before: Tensor, mixture: Tensor, shape: Tensor) -> Tensor:
        floor = 1e-10  # below it the difference of two log-gammas would be noise
        prior = spread(before, mixture) + (shape[counts.rows] * mixture).clamp_min(floor)
        values, n_tokens = spread(counts.values, mixture), spread(counts.n_tokens, shape)
        words = counts.sum_rows(torch.lgamma(prior + values) - torch.lgamma(prior))
        total = shape + spread(counts.sum_rows(before), shape)
        return words - torch.lgamma(total + n_tokens) + torch.lgamma(total)


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "multinomial": MultinomialLikelihood,
    "poisson": PoissonLikelihood,
    "negative_binomial": NegativeBinomialLikelihood,
}
