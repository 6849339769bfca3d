"""Which topic each token of a document comes from, drawn for all documents at once."""

import math

import torch
from torch import Generator, Tensor

from topicgen.models.sparse import SparseCounts

# Entries x topics that a CPU works on at once: as many as fit into a core's cache.
_CACHED = 2**17


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
        self._rows, self._columns = counts.rows, counts.columns
        self.word_topic = word_topic
        self._assigned = self._columns[:0], self._columns[:0]
        n_entries = len(counts.columns)
        # The first token of each entry needs no copy of the entry's probabilities; the others do.
        further = counts.values.long() - 1
        self._further = torch.arange(n_entries, device=further.device).repeat_interleave(further)
        self._starts = torch.cat([further.new_zeros(1), further.cumsum(0)])
        # Document by document, so that the row of each token's counts is known.
        self._documents = self._rows[self._further]
        step = n_entries if counts.columns.is_cuda else max(1, _CACHED // self.n_topics)
        ends = [*range(0, n_entries, step), n_entries] if n_entries else []
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
        topics, words = self._assigned
        drawn = torch.bincount(words * self.n_topics + topics, minlength=word_topic.numel())
        drawn = drawn.view_as(word_topic).to(word_topic)
        self.word_topic = torch.add(drawn, word_topic, alpha=n_tokens)
        self.word_topic /= drawn.sum(0) + n_tokens

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
        for (begin, here), (end, there) in zip(self._parts, self._parts[1:], strict=False):
            part = slice(begin, end)
            cumulative = rates.index_select(0, self._rows[part])
            cumulative *= self.word_topic.index_select(0, self._columns[part])
            torch.cumsum(cumulative, 1, out=cumulative)
            total = cumulative[:, -1:]
            mixture[part] = total.squeeze(1)
            _search(cumulative, uniform[part] * total, first[part])
            if there > here:
                repeated = cumulative.index_select(0, self._further[here:there] - begin)
                at = uniform[n_first + here : n_first + there] * repeated[:, -1:]
                _search(repeated, at, further[here:there])
        return first, further, mixture

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
