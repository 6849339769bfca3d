"""Draws of the joint posterior of documents, in blocks that bound the memory."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.models import Known, LatentCountModel, SparseCounts, joint_sampler
from topicgen.topic_model.streams import child_seed
from topicgen.training import generator, one_core_spared

# Successive draws resemble each other: so many tell of a quantile what an independent one does.
# Between 2.3 and 2.9 for documents of 5 to 5,000 tokens (scripts/study_calibration.py).
_AUTOCORRELATION_TIME = 2.6


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
    def n_independent(self) -> float:
        """How many independent draws they are worth; for a single short chain, as many."""
        return self.n_draws if self.n_chains == 1 else self.n_draws / _AUTOCORRELATION_TIME

    @property
    def each(self) -> int:
        """The draws of each chain."""
        return -(-self.n_draws // self.n_chains)


USUAL = Effort(n_draws=160)
FAST = Effort(n_draws=7, n_chains=1, settling=3)

# Documents, and entries x chains x topics, per block: a sweep of a small block stays in the cache.
_DOCUMENTS, _DOCUMENTS_ON_GPU = 256, 4096
_PRODUCTS = 2**24

# Sweeps from one draw to the next: more for documents whose chains disagree by more than this.
_SPACINGS, _DISAGREEMENT = (1, 4, 16), 1.2

# With fewer draws of each chain, disagreement would be chance.
_FEWEST_TO_AGREE = 20

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
    model: LatentCountModel,
    counts: csr_matrix,
    effort: Effort,
    seed: int,
    known: Known | None = None,
) -> Iterator[Draws]:
    """Yield draws of the documents block by block; the same seed gives the same draws.

    Args:
        model: the topics, in double precision.
        counts: CSR of shape (n_documents, n_words), whole numbers.
        effort: how many draws of each document, and how.
        seed: the seed of the draws.
        known: what else is known of the documents, or None.
    """
    device = model.atoms.device
    with torch.no_grad():
        topic_word = model.topic_word(is_for_few_words=True)
    n_products = len(model.topic_logits) * effort.n_chains
    for number, rows in enumerate(_blocks(counts, n_products, device)):
        random = generator(child_seed(seed, number), device)
        with one_core_spared():
            block = SparseCounts.from_csr(counts[rows], torch.float64, device)
            given = model.given(None if known is None else known.part(rows, model.atoms))
            yield _draw(given, topic_word, block, effort, random)


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
    for _ in range(effort.settling):
        sampler.sweep()
    rows, log_rates = np.arange(n_documents), sampler.log_rates.view(shape[1:])
    for spacing in _SPACINGS:
        of_rows = effort.n_chains, len(rows), n_topics
        for place in range(effort.each):
            for _ in range(spacing):
                state = sampler.sweep()
            proportions[place][:, rows] = state.proportions.view(of_rows).cpu().numpy()
            tokens[place][:, rows] = state.tokens.view(of_rows).cpu().numpy()
            log_totals = state.log_rates.logsumexp(-1)
            totals[place][:, rows] = log_totals.exp().view(of_rows[:-1]).cpu().numpy()
        is_slow = disagreement(proportions[:, :, rows]) > _DISAGREEMENT
        if spacing == _SPACINGS[-1] or not is_slow.any():
            break
        # These go on from where they are, with more sweeps between two draws.
        rows = rows[is_slow]
        kept = torch.from_numpy(is_slow).to(log_rates.device)
        log_rates = sampler.log_rates.view(of_rows)[:, kept]
        chosen = torch.from_numpy(rows).to(log_rates.device)
        slow, given = counts.select(chosen), model
        if model.known is not None:
            given = model.given(model.known.select(chosen))
        sampler = joint_sampler(given, slow, topic_word, n_chains=effort.n_chains, generator=random)
        sampler.log_rates = log_rates.flatten(0, 1)
    n_draws = effort.n_draws
    return Draws(
        proportions.reshape(-1, n_documents, n_topics)[:n_draws],
        tokens.reshape(-1, n_documents, n_topics)[:n_draws],
        totals.reshape(-1, n_documents)[:n_draws],
    )


def disagreement(proportions: NDArray[np.floating]) -> NDArray[np.float64]:
    r"""Return how far apart the chains of each document are: about 1 where they agree.

    .. math:: \hat R = \sqrt{(n - 1) / n + B / W}

    with B the variance of the chains' means of the log share of the document's largest topic, and W
    the mean of their variances. It is 1 for a single chain, and for few draws of each.

    Args:
        proportions: shape (n_draws, n_chains, n_documents, n_topics).

    Source: Gelman and Rubin (1992).

    Example:
        >>> draws = np.random.default_rng(0).dirichlet(np.ones(3), (50, 4, 1))
        >>> disagreement(draws).round(1)
        array([1.])
    """
    n, n_chains, n_documents, _ = proportions.shape
    if n < _FEWEST_TO_AGREE or n_chains < 2:
        return np.ones(n_documents)
    largest = proportions.mean((0, 1)).argmax(-1)
    shares = proportions[:, :, np.arange(n_documents), largest].astype(np.float64)
    values = np.log(shares + 1e-3)  # what differs below is no difference
    within, between = values.var(0, ddof=1).mean(0), values.mean(0).var(0, ddof=1)
    found: NDArray[np.float64] = np.sqrt((n - 1) / n + between / np.maximum(within, 1e-12))
    return found


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
