"""Which topic each token of a document comes from, drawn for all documents at once."""

import math

import torch
from torch import Generator, Tensor

from topicgen.models.multinomial import draw_multinomial
from topicgen.models.rates import log_gamma_draw
from topicgen.models.sparse import SparseCounts

# Tokens x topics that are worked on at once: as many as fit into a core's cache, or a GPU's memory.
_CACHED, _ON_GPU = 2**19, 2**28

# A word with more tokens in a document than this many per topic has its topics drawn at once: that
# is faster, and no document is too long for the memory. Bursts need every token.
_MANY = 4


class TokenTopics:
    r"""Draws the topic of every token, given the rates of the topics in its document.

    .. math:: p(\text{topic of a token of } v = k) \propto \lambda_{dk} \beta_{kv}

    Where words come in bursts (``NegativeBinomialLikelihood``, shape :math:`b \lambda \mu_v`), the
    i-th token of a word is a repetition with the probability
    :math:`(i - 1) / (b \lambda \mu_v + i - 1)`, and then has the topic of a random earlier
    token. A repetition says nothing about the rates (the tables of Zhou and Carin, 2015).

    Args:
        counts: the documents, whole numbers.
        word_topic: :math:`\beta` by words, shape (n_words, n_topics).
        steadiness: :math:`b`, or None where words do not come in bursts.
    """

    def __init__(
        self, counts: SparseCounts, word_topic: Tensor, steadiness: Tensor | None = None
    ) -> None:
        self.n_documents, self.n_topics = len(counts), word_topic.shape[1]
        self.steadiness = steadiness
        self._rows, self._columns, values = counts.rows, counts.columns, counts.values
        is_many = values > (_MANY * self.n_topics if steadiness is None else math.inf)
        self._many = self._rows[is_many], self._columns[is_many], values[is_many]
        self._many_drawn = word_topic.new_zeros(0, self.n_topics, dtype=torch.float64)
        if len(self._many[0]):
            self._rows, self._columns, values = (
                entries[~is_many] for entries in (self._rows, self._columns, values)
            )
        self.word_topic = word_topic
        self._assigned = self._columns[:0], self._columns[:0]
        n_entries = len(values)
        # The first token of each entry needs no copy of the entry's probabilities; the others do.
        further = values.long() - 1
        self._further = torch.arange(n_entries, device=further.device).repeat_interleave(further)
        self._starts = torch.cat([further.new_zeros(1), further.cumsum(0)])
        # Document by document, so that the row of each token's counts is known.
        self._documents = self._rows[self._further]
        step = max(1, (_ON_GPU if counts.columns.is_cuda else _CACHED) // self.n_topics)
        tokens = self._starts + torch.arange(n_entries + 1, device=further.device)
        n_steps = (len(self._further) + n_entries) // step
        after = step * torch.arange(1, n_steps + 1, device=further.device)
        # Where a part ends: an entry's tokens stay together.
        inner = torch.searchsorted(tokens, after).unique().tolist()
        ends = [0, *(end for end in inner if end < n_entries), n_entries] if n_entries else []
        # On a GPU every read of a number makes the program wait, so all are read at once.
        self._parts = list(zip(ends, self._starts[ends].tolist(), strict=True))

    def update_topics(self, word_topic: Tensor, n_tokens: float) -> None:
        r"""Update the topics from the last draw.

        .. math:: \beta_{kv} \propto \text{tokens of } v \text{ from } k + a \beta^0_{kv}

        Args:
            word_topic: :math:`\beta^0` by words, shape (n_words, n_topics), above 0. Words that do
                not occur may be missing.
            n_tokens: :math:`a`, the weight of these topics, in tokens.
        """
        drawn = self.tokens_of_words(word_topic)
        self.word_topic = torch.add(drawn, word_topic, alpha=n_tokens)
        self.word_topic /= drawn.sum(0) + n_tokens

    def draw_topics(
        self, word_topic: Tensor, n_tokens: float, *, generator: Generator | None = None
    ) -> None:
        r"""Draw the topics from their posterior given the last draw, in place of its mean.

        .. math:: \beta_k \sim \operatorname{Dirichlet}(\text{tokens from } k + a \beta^0_k)

        Args are those of ``update_topics``.
        """
        weight = torch.add(self.tokens_of_words(word_topic), word_topic, alpha=n_tokens)
        drawn = log_gamma_draw(weight.clamp_min_(1e-6), generator=generator)
        self.word_topic = drawn.softmax(0) * word_topic.sum(0)

    def tokens_of_words(self, like: Tensor) -> Tensor:
        """Return how many tokens of each word come from each topic, in the last draw."""
        topics, words = self._assigned
        drawn = torch.bincount(words * self.n_topics + topics, minlength=like.numel())
        drawn = drawn.view_as(like).to(like)
        return drawn.index_add_(0, self._many[1], self._many_drawn.to(like))

    def draw(self, rates: Tensor, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Return the tokens of each topic, and how many of them are not repetitions.

        Args:
            rates: of each topic in each document, in tokens where words come in bursts and in any
                unit otherwise, shape (n_documents, n_topics).
            generator: where the randomness comes from; None for torch's global stream.

        Returns:
            Two tensors of shape (n_documents, n_topics), whole numbers in the dtype of the rates.
        """
        first, further, mixture = self._topics(rates, generator)
        topics = torch.cat([first, further])
        documents = torch.cat([self._rows, self._documents])
        words = torch.cat([self._columns, self._columns[self._further]])
        self._assigned = topics, words
        if self.steadiness is None:
            tokens = self._count(documents, topics, rates)
            if len(self._many[0]):
                tokens.index_add_(0, self._many[0], self._draw_many(rates, generator).to(tokens))
            return tokens, tokens
        source = self._sources(self.steadiness * mixture, generator)
        is_own = source == torch.arange(len(source), device=source.device)
        for _ in range(math.ceil(math.log2(max(int(self._rank.max()), 2))) if len(further) else 0):
            source = source[source]
        self._assigned = topics[is_own], words[is_own]
        own = self._count(documents[is_own], topics[is_own], rates)
        return self._count(documents, topics[source], rates), own

    def _topics(self, rates: Tensor, generator: Generator | None) -> tuple[Tensor, Tensor, Tensor]:
        """Draw the topics of the first token of each entry, and of the further tokens.

        Returns:
            Both, and the sum over topics of each entry's weights.
        """
        n_first, n_further = len(self._rows), len(self._further)
        first = self._rows.new_empty(n_first)
        further = self._rows.new_empty(n_further)
        mixture = rates.new_empty(n_first)
        uniform = rates.new_empty(n_first + n_further, 1).uniform_(generator=generator)
        # What is allocated anew for each part would leave the cache.
        weights, repeats = rates.new_empty(0), rates.new_empty(0)
        words = self.word_topic.new_empty(0)
        for (begin, here), (end, there) in zip(self._parts, self._parts[1:], strict=False):
            part = slice(begin, end)
            shape = end - begin, self.n_topics
            torch.index_select(rates, 0, self._rows[part], out=weights.resize_(shape))
            torch.index_select(self.word_topic, 0, self._columns[part], out=words.resize_(shape))
            cumulative = torch.cumsum(weights.mul_(words), 1, out=weights)
            total = cumulative[:, -1:]
            mixture[part] = total.squeeze(1)
            _search(cumulative, uniform[part] * total, first[part])
            if there > here:
                which = self._further[here:there] - begin
                repeats.resize_(len(which), self.n_topics)
                repeated = torch.index_select(cumulative, 0, which, out=repeats)
                at = uniform[n_first + here : n_first + there] * repeated[:, -1:]
                _search(repeated, at, further[here:there])
        return first, further, mixture

    def _draw_many(self, rates: Tensor, generator: Generator | None) -> Tensor:
        """Draw how many tokens of the words with many are of each topic."""
        rows, columns, values = self._many
        weights = rates[rows].double() * self.word_topic[columns]
        self._many_drawn = draw_multinomial(values, weights, generator=generator)
        return self._many_drawn

    def _count(self, documents: Tensor, topics: Tensor, like: Tensor) -> Tensor:
        size = self.n_documents * self.n_topics
        counted = torch.bincount(documents * self.n_topics + topics, minlength=size)
        return counted.view(self.n_documents, self.n_topics).to(like)

    @property
    def _rank(self) -> Tensor:
        """How many tokens of the same word come before each further token."""
        before = torch.arange(len(self._further), device=self._further.device)
        return before - self._starts[self._further] + 1

    def _sources(self, shape: Tensor, generator: Generator | None) -> Tensor:
        """Return the token that each token repeats, or itself."""
        n_first = len(self._rows)
        own = torch.arange(n_first + len(self._further), device=self._rows.device)
        rank, shape = self._rank, shape[self._further]
        uniform = shape.new_empty(2, len(rank)).uniform_(generator=generator)
        earlier = (uniform[0] * rank).long().clamp(max=rank - 1)
        beside = n_first + self._starts[self._further] + earlier - 1
        earlier = torch.where(earlier == 0, self._further, beside)
        repeats = uniform[1] * (shape + rank) < rank
        return torch.cat([own[:n_first], torch.where(repeats, earlier, own[n_first:])])


def _search(cumulative: Tensor, at: Tensor, out: Tensor) -> None:
    """Find each number's place in its row of cumulative weights, and write it into ``out``."""
    torch.searchsorted(cumulative, at, right=True, out=out.unsqueeze(1))
    # A product with the total may round up to it.
    out.clamp_(max=cumulative.shape[1] - 1)
