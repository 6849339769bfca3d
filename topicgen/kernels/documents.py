r"""The words of documents, with one Triton program per document.

Documents are rows of a sparse matrix in CSR format, either all rows or those in an index, so that a
batch is not copied out of the matrix. A program reads the topics at the words of its document; they
stay in the cache from one layer of the encoder to the next.
"""

from dataclasses import dataclass
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.nn import functional

from topicgen.kernels import GRADED_LAYERS

# How many elements of the topics at its words a program holds at once.
_ELEMENTS = 4096
# A thread reads four numbers at once if every row of the topics begins at a multiple of four.
_VECTOR = 4


@dataclass(frozen=True, eq=False)
class Words:
    """The words of some documents.

    Args:
        starts: where each row of the matrix starts, shape (n_rows + 1,).
        columns: the word of each entry, shape (n_entries,).
        values: the count of each entry, shape (n_entries,).
        index: the rows of the documents, shape (n_documents,); None for all rows, in order.
    """

    starts: Tensor
    columns: Tensor
    values: Tensor
    index: Tensor | None

    def __len__(self) -> int:
        return len(self.starts) - 1 if self.index is None else len(self.index)

    @property
    def pointers(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the arguments of a kernel; without an index, another tensor takes its place."""
        index = self.starts if self.index is None else self.index
        return self.starts, index, self.columns, self.values


def word_by_word(topic_word: Tensor) -> Tensor:
    """Return the same topics in the memory layout of the kernels: word by word, aligned.

    Args:
        topic_word: shape (n_topics, n_words).
    """
    filling = -len(topic_word) % _VECTOR
    if not filling:
        return topic_word.T.contiguous().T
    return functional.pad(topic_word.T, (0, filling))[:, : len(topic_word)].T


def _aligned(topic_word: Tensor) -> Tensor:
    """Return the topics as a matrix with an aligned row per word, copied only if necessary."""
    by_word = topic_word.T
    if by_word.stride(1) != 1 or by_word.stride(0) % _VECTOR or by_word.data_ptr() % 16:
        by_word = word_by_word(topic_word).T
    return by_word


class Encode(torch.autograd.Function):
    """The layers of ``models.encoder.encode``, which give the proportions and the evidence."""

    @staticmethod
    def forward(
        ctx: Any,
        words: Words,
        topic_word: Tensor,
        pseudo_counts: Tensor,
        word_weight: Tensor,
        n_layers: int,
    ) -> tuple[Tensor, Tensor]:
        """Return proportions and evidence, each of shape (n_documents, n_topics).

        Args:
            ctx: what the backward pass needs.
            words: the documents.
            topic_word: shape (n_topics, n_words).
            pseudo_counts: shape (n_topics,), or (n_documents, n_topics).
            word_weight: shape (n_words,).
            n_layers: more than 2; the last two have gradients.
        """
        by_word, pseudo_counts = _aligned(topic_word), pseudo_counts.contiguous()
        n_topics = by_word.shape[1]
        shape = len(words), n_topics
        inputs = by_word.new_empty(GRADED_LAYERS, *shape)
        proportions, evidence = by_word.new_empty(shape), by_word.new_empty(shape)
        if len(words):
            _encode[(len(words),)](
                *words.pointers,
                word_weight,
                by_word,
                pseudo_counts,
                inputs,
                proportions,
                evidence,
                len(words),
                n_topics,
                IS_INDEXED=words.index is not None,
                IS_SHARED=pseudo_counts.dim() == 1,
                N_LAYERS=n_layers,
                N_GRADED=GRADED_LAYERS,
                **_sizes(by_word),
            )
        ctx.words = words
        ctx.save_for_backward(by_word, pseudo_counts, word_weight, inputs, proportions, evidence)
        return proportions, evidence

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, proportions: Tensor, evidence: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the topics, the pseudo-counts and the words' weights."""
        by_word, pseudo_counts, word_weight, *found = ctx.saved_tensors
        words, n_topics = ctx.words, by_word.shape[1]
        topics, weights = _zeros_like(by_word), torch.zeros_like(word_weight)
        pseudo = by_word.new_empty(len(words), n_topics)
        if len(words):
            _encode_gradient[(len(words),)](
                *words.pointers,
                word_weight,
                by_word,
                pseudo_counts,
                *found,
                proportions.contiguous(),
                evidence.contiguous(),
                topics,
                pseudo,
                weights,
                len(words),
                n_topics,
                IS_INDEXED=words.index is not None,
                IS_SHARED=pseudo_counts.dim() == 1,
                **_sizes(by_word),
            )
        if pseudo_counts.dim() == 1:
            pseudo = pseudo.sum(0)
        return None, topics.T, pseudo, weights, None


class LogLikelihood(torch.autograd.Function):
    r"""The words of each document under a mixture of topics: :math:`\sum_v x_v \log (ab)_v`."""

    @staticmethod
    def forward(ctx: Any, words: Words, doc_topic: Tensor, topic_word: Tensor) -> Tensor:
        """Return log-likelihoods in nats, shape (n_documents,).

        Args:
            ctx: what the backward pass needs.
            words: the documents.
            doc_topic: shape (n_documents, n_topics).
            topic_word: shape (n_topics, n_words).
        """
        by_word, doc_topic = _aligned(topic_word), doc_topic.contiguous()
        n_topics = by_word.shape[1]
        result = doc_topic.new_empty(len(words))
        if len(words):
            _log_likelihood[(len(words),)](
                *words.pointers,
                doc_topic,
                by_word,
                result,
                n_topics,
                IS_INDEXED=words.index is not None,
                **_sizes(by_word),
            )
        ctx.words = words
        ctx.save_for_backward(doc_topic, by_word)
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the mixtures and of the topics."""
        doc_topic, by_word = ctx.saved_tensors
        mixtures, topics = torch.empty_like(doc_topic), _zeros_like(by_word)
        n_topics = by_word.shape[1]
        if len(ctx.words):
            _log_likelihood_gradient[(len(ctx.words),)](
                *ctx.words.pointers,
                doc_topic,
                by_word,
                gradient.contiguous(),
                mixtures,
                topics,
                n_topics,
                IS_INDEXED=ctx.words.index is not None,
                **_sizes(by_word),
            )
        return None, mixtures, topics.T


def _zeros_like(by_word: Tensor) -> Tensor:
    """Return zeros in the memory layout of the topics."""
    n_words, n_topics = by_word.shape
    return by_word.new_zeros(n_words, by_word.stride(0))[:, :n_topics]


def _sizes(by_word: Tensor) -> dict[str, int]:
    """Return the block sizes of a program, and its number of warps."""
    n_words, n_topics = by_word.shape
    stride = by_word.stride(0)
    topics = max(triton.next_power_of_2(n_topics), 16)
    return {
        "STRIDE": stride,
        "IS_WIDE": n_words * stride >= 2**31,
        "TOPICS": topics,
        "WORDS": max(4, min(64, _ELEMENTS // topics)),
        "num_warps": 8,
    }


@triton.jit
def _ends(starts, index, document, IS_INDEXED: tl.constexpr):
    """Return where the entries of a document begin and end."""
    row = document
    if IS_INDEXED:
        row = tl.load(index + document)
    return tl.load(starts + row), tl.load(starts + row + 1)


@triton.jit
def _read(
    columns,
    values,
    topics,
    first,
    end,
    STRIDE: tl.constexpr,
    IS_WIDE: tl.constexpr,
    TOPICS: tl.constexpr,
    WORDS: tl.constexpr,
):
    """Return some words of a document, their counts, the place of their topics, and the topics.

    Places beyond the end of the document hold word 0, with a count of 0.
    """
    entry = first + tl.arange(0, WORDS)
    is_word = entry < end
    word = tl.load(columns + entry, mask=is_word, other=0)
    if not IS_WIDE:
        word = word.to(tl.int32)
    count = tl.load(values + entry, mask=is_word, other=0.0)
    topic = tl.arange(0, TOPICS)[None, :]
    where = word[:, None] * STRIDE + topic
    if STRIDE == TOPICS:
        at_words = tl.load(topics + where)
    else:
        at_words = tl.load(topics + where, mask=topic < STRIDE, other=0.0)
    return word, count, is_word, where, at_words


@triton.jit
def _mixture(topics, proportions, TINY: tl.constexpr):
    """Return the probability of each word, raised to at least TINY, and whether it exceeds TINY."""
    mixture = tl.sum(topics * proportions[None, :], 1)
    return tl.maximum(mixture, TINY), mixture > TINY


@triton.jit
def _pseudo_counts(pseudo_counts, document, n_topics, topic, is_topic, IS_SHARED: tl.constexpr):
    """Return those of a document, or those that all documents share."""
    where = topic
    if not IS_SHARED:
        where = topic + document * n_topics
    return tl.load(pseudo_counts + where, mask=is_topic, other=0.0)


@triton.jit(do_not_specialize=["n_documents"])
def _encode(
    starts,
    index,
    columns,
    values,
    word_weight,
    topics,
    pseudo_counts,
    inputs,
    proportions,
    evidence,
    n_documents,
    n_topics,
    IS_INDEXED: tl.constexpr,
    IS_SHARED: tl.constexpr,
    N_LAYERS: tl.constexpr,
    N_GRADED: tl.constexpr,
    STRIDE: tl.constexpr,
    IS_WIDE: tl.constexpr,
    TOPICS: tl.constexpr,
    WORDS: tl.constexpr,
    TINY: tl.constexpr = 1.1754943508222875e-38,
):
    document = tl.program_id(0).to(tl.int64)
    begin, end = _ends(starts, index, document, IS_INDEXED)
    topic = tl.arange(0, TOPICS)
    is_topic = topic < n_topics
    alpha = _pseudo_counts(pseudo_counts, document, n_topics, topic, is_topic, IS_SHARED)
    theta = alpha / tl.sum(alpha, 0)
    found = alpha
    for layer in tl.static_range(N_LAYERS):
        if layer >= N_LAYERS - N_GRADED:
            place = (layer - N_LAYERS + N_GRADED) * n_documents * n_topics
            tl.store(inputs + place + document * n_topics + topic, theta, mask=is_topic)
        ratios = tl.zeros((WORDS, TOPICS), topics.dtype.element_ty)
        for first in range(begin, end, WORDS):
            word, count, _, _, at_words = _read(
                columns, values, topics, first, end, STRIDE, IS_WIDE, TOPICS, WORDS
            )
            count *= tl.load(word_weight + word)
            mixture, _ = _mixture(at_words, theta, TINY)
            ratios += at_words * (count / mixture)[:, None]
        found = theta * tl.sum(ratios, 0)
        theta = found + alpha
        theta /= tl.sum(theta, 0)
    tl.store(proportions + document * n_topics + topic, theta, mask=is_topic)
    tl.store(evidence + document * n_topics + topic, found, mask=is_topic)


@triton.jit
def _add(places, values, is_word, STRIDE: tl.constexpr, TOPICS: tl.constexpr):
    is_there = is_word[:, None] & (tl.arange(0, TOPICS) < STRIDE)[None, :]
    tl.atomic_add(places, values, mask=is_there, sem="relaxed")


@triton.jit
def _ratio_gradients(at_words, count, weight, theta, pulled, TINY: tl.constexpr):
    """Return a layer's ratios, and the gradients of its mixtures and of the words' weights.

    With the mixture s = sum_k theta_k beta_k and the ratio r = u x / s of each word, a topic's
    evidence is theta_k sum_v r_v beta_kv; ``pulled`` is the gradient of that sum.
    """
    mixture, is_above = _mixture(at_words, theta, TINY)
    ratio = count * weight / mixture
    by_ratio = tl.sum(at_words * pulled[None, :], 1)
    return ratio, tl.where(is_above, -by_ratio * ratio / mixture, 0.0), by_ratio * count / mixture


@triton.jit(do_not_specialize=["n_documents"])
def _encode_gradient(
    starts,
    index,
    columns,
    values,
    word_weight,
    topics,
    pseudo_counts,
    inputs,
    proportions,
    evidence,
    by_proportions,
    by_evidence,
    by_topics,
    by_pseudo,
    by_weight,
    n_documents,
    n_topics,
    IS_INDEXED: tl.constexpr,
    IS_SHARED: tl.constexpr,
    STRIDE: tl.constexpr,
    IS_WIDE: tl.constexpr,
    TOPICS: tl.constexpr,
    WORDS: tl.constexpr,
    TINY: tl.constexpr = 1.1754943508222875e-38,
):
    document = tl.program_id(0).to(tl.int64)
    begin, end = _ends(starts, index, document, IS_INDEXED)
    topic = tl.arange(0, TOPICS)
    is_topic = topic < n_topics
    here = document * n_topics + topic
    alpha = _pseudo_counts(pseudo_counts, document, n_topics, topic, is_topic, IS_SHARED)
    first_in = tl.load(inputs + here, mask=is_topic, other=0.0)
    last_in = tl.load(inputs + n_documents * n_topics + here, mask=is_topic, other=0.0)
    last_out = tl.load(proportions + here, mask=is_topic, other=0.0)
    found = tl.load(evidence + here, mask=is_topic, other=0.0)
    given = tl.load(by_proportions + here, mask=is_topic, other=0.0)
    # All layers share their total: the weighted tokens and the pseudo-counts.
    total = tl.sum(found + alpha, 0)
    by_last = tl.where(is_topic, (given - tl.sum(given * last_out, 0)) / total, 0.0)
    by_found = by_last + tl.load(by_evidence + here, mask=is_topic, other=0.0)
    pull_last = by_found * last_in

    # Through the last layer to its input.
    through = tl.zeros((WORDS, TOPICS), topics.dtype.element_ty)
    for first in range(begin, end, WORDS):
        word, count, _, _, at_words = _read(
            columns, values, topics, first, end, STRIDE, IS_WIDE, TOPICS, WORDS
        )
        weight = tl.load(word_weight + word)
        _, by_mixture, _ = _ratio_gradients(at_words, count, weight, last_in, pull_last, TINY)
        through += at_words * by_mixture[:, None]
    by_input = tl.sum(through, 0)
    by_input += by_found * found / tl.where(is_topic, last_in, 1.0)
    by_first = tl.where(is_topic, (by_input - tl.sum(by_input * last_in, 0)) / total, 0.0)
    pull_first = by_first * first_in
    tl.store(by_pseudo + here, by_last + by_first, mask=is_topic)

    # The gradients of the words, summed over both layers.
    for first in range(begin, end, WORDS):
        word, count, is_word, where, at_words = _read(
            columns, values, topics, first, end, STRIDE, IS_WIDE, TOPICS, WORDS
        )
        weight = tl.load(word_weight + word)
        ratio, by_mixture, by_count = _ratio_gradients(
            at_words, count, weight, last_in, pull_last, TINY
        )
        gradient = ratio[:, None] * pull_last[None, :] + by_mixture[:, None] * last_in[None, :]
        ratio, by_mixture, by_other = _ratio_gradients(
            at_words, count, weight, first_in, pull_first, TINY
        )
        gradient += ratio[:, None] * pull_first[None, :] + by_mixture[:, None] * first_in[None, :]
        _add(by_topics + where, gradient, is_word, STRIDE, TOPICS)
        tl.atomic_add(by_weight + word, by_count + by_other, mask=is_word, sem="relaxed")


@triton.jit
def _log_likelihood(
    starts,
    index,
    columns,
    values,
    doc_topic,
    topics,
    result,
    n_topics,
    IS_INDEXED: tl.constexpr,
    STRIDE: tl.constexpr,
    IS_WIDE: tl.constexpr,
    TOPICS: tl.constexpr,
    WORDS: tl.constexpr,
    TINY: tl.constexpr = 1.1754943508222875e-38,
):
    document = tl.program_id(0).to(tl.int64)
    begin, end = _ends(starts, index, document, IS_INDEXED)
    topic = tl.arange(0, TOPICS)
    theta = tl.load(doc_topic + document * n_topics + topic, mask=topic < n_topics, other=0.0)
    total = tl.zeros((WORDS,), topics.dtype.element_ty)
    for first in range(begin, end, WORDS):
        _, count, _, _, at_words = _read(
            columns, values, topics, first, end, STRIDE, IS_WIDE, TOPICS, WORDS
        )
        mixture, _ = _mixture(at_words, theta, TINY)
        total += count * tl.log(mixture)
    tl.store(result + document, tl.sum(total, 0))


@triton.jit
def _log_likelihood_gradient(
    starts,
    index,
    columns,
    values,
    doc_topic,
    topics,
    given,
    by_doc_topic,
    by_topics,
    n_topics,
    IS_INDEXED: tl.constexpr,
    STRIDE: tl.constexpr,
    IS_WIDE: tl.constexpr,
    TOPICS: tl.constexpr,
    WORDS: tl.constexpr,
    TINY: tl.constexpr = 1.1754943508222875e-38,
):
    document = tl.program_id(0).to(tl.int64)
    begin, end = _ends(starts, index, document, IS_INDEXED)
    topic = tl.arange(0, TOPICS)
    is_topic = topic < n_topics
    here = document * n_topics + topic
    theta = tl.load(doc_topic + here, mask=is_topic, other=0.0)
    scale = tl.load(given + document)
    by_theta = tl.zeros((WORDS, TOPICS), topics.dtype.element_ty)
    for first in range(begin, end, WORDS):
        _, count, is_word, where, at_words = _read(
            columns, values, topics, first, end, STRIDE, IS_WIDE, TOPICS, WORDS
        )
        mixture, is_above = _mixture(at_words, theta, TINY)
        ratio = tl.where(is_above, scale * count / mixture, 0.0)
        by_theta += at_words * ratio[:, None]
        gradient = ratio[:, None] * theta[None, :]
        _add(by_topics + where, gradient, is_word, STRIDE, TOPICS)
    tl.store(by_doc_topic + here, tl.sum(by_theta, 0), mask=is_topic)
