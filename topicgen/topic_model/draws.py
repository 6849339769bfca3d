"""Draws of the joint posterior of documents, in blocks that bound the memory."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.models import LatentCountModel, SparseCounts, joint_sampler
from topicgen.training import generator, one_core_spared


class Effort(NamedTuple):
    """How many draws to take of each document, and how.

    Args:
        n_draws: the number of draws.
        n_chains: the number of independent chains that they come from: where chains agree, their
            intervals can be trusted, and a single document takes that many times fewer sweeps.
        settling: sweeps of each chain before the first draw, away from the encoder's estimate.
    """

    n_draws: int
    n_chains: int = 4
    settling: int = 20

    @property
    def each(self) -> int:
        """The draws of each chain."""
        return -(-self.n_draws // self.n_chains)


USUAL = Effort(n_draws=200)
FAST = Effort(n_draws=8, n_chains=1, settling=4)

# Documents, and entries x chains x topics, per block: a sweep of a small block stays in the cache.
_DOCUMENTS, _DOCUMENTS_ON_GPU = 256, 4096
_PRODUCTS = 2**24

_MOST_IN_TWO_BYTES = np.iinfo(np.uint16).max


class Draws(NamedTuple):
    """Posterior draws of some documents; draws of the same number belong together.

    Args:
        proportions: of the topics, shape (n_draws, n_documents, n_topics), rows sum to 1.
        tokens: of each topic, likewise, whole numbers; rows sum to the documents' tokens.
        totals: the expected tokens of all topics together, shape (n_draws, n_documents).
    """

    proportions: NDArray[np.float32]
    tokens: NDArray[np.unsignedinteger]
    totals: NDArray[np.float32]


def draw_blocks(
    model: LatentCountModel, counts: csr_matrix, effort: Effort, seed: int
) -> Iterator[Draws]:
    """Yield draws of the documents block by block; the same seed gives the same draws.

    Args:
        model: the topics, in double precision.
        counts: CSR of shape (n_documents, n_words), whole numbers.
        effort: how many draws of each document, and how.
        seed: the seed of the draws.
    """
    device = model.atoms.device
    with torch.no_grad():
        topic_word = model.topic_word(is_for_few_words=True)
    n_products = len(model.topic_logits) * effort.n_chains
    for number, rows in enumerate(_blocks(counts, n_products, device)):
        key = np.random.SeedSequence(seed, spawn_key=(number,)).generate_state(1, np.uint64)[0]
        with one_core_spared():
            block = SparseCounts.from_csr(counts[rows], torch.float64, device)
            yield _draw(
                model, topic_word, block, effort, generator(int(key >> np.uint64(1)), device)
            )


def _draw(
    model: LatentCountModel,
    topic_word: torch.Tensor,
    counts: SparseCounts,
    effort: Effort,
    random: torch.Generator,
) -> Draws:
    n_documents, n_topics = len(counts), len(model.topic_logits)
    few = counts.values.numel() == 0 or float(counts.n_tokens.max()) <= _MOST_IN_TWO_BYTES
    shape = (effort.each, effort.n_chains, n_documents, n_topics)
    proportions = np.empty(shape, dtype=np.float32)
    tokens: NDArray[np.unsignedinteger] = np.empty(shape, dtype=np.uint16 if few else np.uint32)
    totals = np.empty(shape[:-1], dtype=np.float32)
    sampler = joint_sampler(model, counts, topic_word, n_chains=effort.n_chains, generator=random)
    for place in range(-effort.settling, effort.each):
        state = sampler.sweep()
        if place >= 0:
            proportions[place] = state.proportions.view(shape[1:]).cpu().numpy()
            tokens[place] = state.tokens.view(shape[1:]).cpu().numpy()
            log_totals = state.log_rates.logsumexp(-1)
            totals[place] = log_totals.exp().view(shape[1:-1]).cpu().numpy()
    n_draws = effort.n_draws
    return Draws(
        proportions.reshape(-1, n_documents, n_topics)[:n_draws],
        tokens.reshape(-1, n_documents, n_topics)[:n_draws],
        totals.reshape(-1, n_documents)[:n_draws],
    )


def _blocks(counts: csr_matrix, n_products: int, device: torch.device) -> Iterator[slice]:
    """Yield the rows of each block; each entry takes ``n_products`` products."""
    most = _DOCUMENTS_ON_GPU if device.type == "cuda" else _DOCUMENTS
    most_entries = max(1, _PRODUCTS // n_products)
    start, n_documents = 0, counts.shape[0]
    while start < n_documents:
        reached = int(np.searchsorted(counts.indptr, counts.indptr[start] + most_entries, "right"))
        stop = min(max(reached - 1, start + 1), start + most, n_documents)
        yield slice(start, stop)
        start = stop
