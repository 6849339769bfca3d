r"""Posteriors of independent counts, fitted to the evidence lower bound itself.

Coordinate ascent in closed form (``LatentCountModel.posterior``) climbs a looser bound,

.. math:: E \log \textstyle\sum_k (z_k + s_k) \beta_{kv}
    \ge \log \sum_k e^{E \log (z_k + s_k)} \beta_{kv},

which treats a count that may be 0 as almost nothing, even where another topic could explain the
word. Its posteriors are too certain about which topics occur. Here the other counts are sampled
instead, and every value of a count is evaluated against them.
"""

import torch
from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.sparse import SparseCounts

# After this many the bound hardly rises any more.
_SWEEPS = 3

# Numbers held at once for a topic (words present x atoms), to bound the memory.
_MOST_NUMBERS = 2**21


@torch.no_grad()
def tightened(
    model: LatentCountModel,
    counts: SparseCounts,
    q: Finite,
    prior: Finite | None = None,
    *,
    n_sweeps: int = _SWEEPS,
    generator: Generator | None = None,
) -> Finite:
    r"""Return posteriors closer to the tightest bound that independent counts allow.

    At the tightest bound, each count's distribution is

    .. math:: q_k(c) \propto p_k(c) \, \exp E_{q_{-k}} \log p(x \mid z_k = c, z_{-k}) .

    A sweep goes through the topics, evaluates all atoms of each with a sample of the other counts,
    and takes a natural gradient step: the log masses move towards these conditionals, all the way
    in the first sweep, half of it in the second, and so on, so that in the end they are averages
    over the samples.

    Args:
        model: the model of the documents.
        counts: the documents' words, x.
        q: posteriors to start from, batch shape (n_documents, n_topics), on the model's atoms.
        prior: of each document; None for that of the model.
        n_sweeps: how many sweeps; 0 leaves the posteriors as they are.
        generator: where the randomness comes from; None for torch's global stream.

    Source: Titsias and Lazaro-Gredilla (2015), local expectation gradients; Hoffman, Blei, Wang
    and Paisley (2013), the step sizes of natural gradients.
    """
    logits = q.logits.log_softmax(-1)
    own = (model.prior if prior is None else prior).logits.expand_as(logits)
    topic_word = model.topic_word()
    for rows in _blocks(counts, len(model.atoms)):
        some, found, expected = counts.select(rows), logits[rows], own[rows]
        for sweep in range(n_sweeps):
            _sweep(model, some, topic_word, found, expected, 1 / (1 + sweep), generator)
        logits[rows] = found
    return Finite(logits, q.atoms, validate_args=False)


def _blocks(counts: SparseCounts, n_atoms: int) -> tuple[Tensor, ...]:
    """Return the rows of documents in blocks, which bound the memory."""
    per_block = max(1, _MOST_NUMBERS // n_atoms)
    block = torch.div(counts.starts[1:] - 1, per_block, rounding_mode="floor").clamp_min(0)
    sizes = torch.unique_consecutive(block, return_counts=True)[1]
    return torch.arange(len(counts), device=counts.starts.device).split(sizes.tolist())


def _sweep(
    model: LatentCountModel,
    counts: SparseCounts,
    topic_word: Tensor,
    logits: Tensor,
    prior: Tensor,
    rate: float,
    generator: Generator | None,
) -> None:
    """Move the log masses of each topic, in place, towards those given a sample of the others."""
    atoms, rows = model.atoms, counts.rows
    smoothed = _drawn(logits, atoms, generator) + model.smoothing
    mass, total = counts.product_at_words(smoothed, topic_word), smoothed.sum(-1)
    for k, words in enumerate(topic_word):
        at_words = words[counts.columns]
        step = atoms + model.smoothing[k] - smoothed[:, k, None]
        totals = total[:, None] + step
        mixture = (step[rows] * at_words[:, None]).add_(mass[:, None]).div_(totals[rows])
        evidence = model.likelihood.log_prob(counts, mixture, model.unit * totals)
        target = (prior[:, k] + evidence).log_softmax(-1)
        moved = logits[:, k].lerp(target, rate)
        # What the prior rules out stays ruled out: interpolating infinities would give NaN.
        logits[:, k] = torch.where(target.isneginf(), target, moved).log_softmax(-1)
        chosen = _drawn(logits[:, k], atoms, generator) + model.smoothing[k]
        change = chosen - smoothed[:, k]
        # A sum of non-negative terms, which rounding must not make negative.
        mass = (mass + change[rows] * at_words).clamp_min(0.0)
        total = total + change
        smoothed[:, k] = chosen


def _drawn(logits: Tensor, atoms: Tensor, generator: Generator | None) -> Tensor:
    return Finite(logits, atoms, validate_args=False).sample(generator=generator)
