"""Measuring how the training went."""

from dataclasses import replace

import torch
from torch import Generator
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models import Hierarchy, LatentCountModel, SparseCounts, evidence_bound
from topicgen.topic_model.diagnostics import Diagnostics

# A topic is in use if documents differ in it by more than this many nats.
_ACTIVE = 0.01

_SAMPLES = 5

# Total samples for the relaxation gap: with few documents, one sample each would be mostly noise.
_DRAWS = 100

# Fewer documents than this may share the same few topics by chance.
FEWEST_TO_DIFFER = 20


@torch.no_grad()
def diagnose(
    model: LatentCountModel,
    counts: SparseCounts,
    *,
    estimator: str,
    temperature: float,
    generator: Generator | None = None,
) -> Diagnostics:
    """Return the diagnostics of a model on some documents.

    Args:
        model: the model.
        counts: the word counts of the documents.
        estimator: the gradient estimator's name.
        temperature: of the relaxation.
        generator: where the randomness comes from; None for torch's global stream.
    """
    topic_word = model.topic_word()
    q = model.posterior(counts, topic_word)
    gaps = []
    for _ in range(-(-_DRAWS // max(len(counts), 1))):
        relaxed = model.draw(q, estimator, temperature, generator=generator)
        hard = q.sample(generator=generator)
        gaps.append(
            model.log_likelihood(counts, topic_word, relaxed)
            - model.log_likelihood(counts, topic_word, hard)
        )
    gap = torch.stack(gaps).mean(0)
    probs = q.probs
    return Diagnostics(
        relaxation_gap=gap.sum().item() / max(counts.values.sum().item(), 1e-300),
        active_topics=_n_active(q) if len(counts) >= FEWEST_TO_DIFFER else None,
        n_topics=len(topic_word),
        kl=kl_divergence(q, model.prior).sum(-1).mean().item(),
        clamped=probs[..., -1].mean().item() if len(model.atoms) > 1 else 0.0,
        temperature=temperature,
    )


def _n_active(q: Finite) -> int:
    """Return the number of topics in which documents' posteriors differ from their mean."""
    mean = q.probs.mean(0).clamp_min(torch.finfo(q.probs.dtype).tiny)
    difference = kl_divergence(q, Finite(mean.log(), q.atoms, validate_args=False))
    return int((difference.mean(0) > _ACTIVE).sum())


def compare_depth(
    diagnostics: Diagnostics,
    hierarchy: Hierarchy,
    counts: SparseCounts,
    *,
    generator: Generator | None = None,
) -> Diagnostics:
    """Add the evidence bounds of the hierarchy, and of its topics alone, to the diagnostics."""
    with_depth, without = (
        evidence_bound(model, counts, n_samples=_SAMPLES, generator=generator).elbo.mean().item()
        for model in (hierarchy, Hierarchy(hierarchy.base, []))
    )
    return replace(diagnostics, elbo=with_depth, elbo_without_depth=without)
