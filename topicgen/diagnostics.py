"""How a training went: what to watch in a relaxed latent-count model, and what to do about it."""

from dataclasses import dataclass, replace

import torch
from torch import Generator
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models import Hierarchy, LatentCountModel, SparseCounts, evidence_bound

# Beyond these a figure is worth a warning.
_GAP = 0.15
_CLAMPED = 0.01
_ACTIVE = 0.01
_FEW_ACTIVE = 0.9

_SAMPLES = 5

# Samples of the relaxation gap: of few documents a single one for each is mostly noise.
_DRAWS = 100

# Fewer documents may be of the same few topics by chance.
_FEWEST_TO_DIFFER = 20


@dataclass(frozen=True)
class Diagnostics:
    """The state of a fitted model, measured on documents.

    Args:
        relaxation_gap: by how much relaxed samples explain the words better than hard ones of the
            same posterior, in nats per token: what the relaxation gets past the counts.
        active_topics: the number of topics that documents differ in, with more than .01 nats of
            divergence of their posteriors from the mean posterior. None for fewer than 20
            documents, which are too few to differ in every topic.
        n_topics: all topics.
        kl: the mean divergence of a document's posterior from the prior, in nats; near 0 the
            posterior has collapsed.
        clamped: the share of documents' counts that would lie beyond the greatest count.
        temperature: of the relaxation, at the end of the training.
        elbo: the bound in nats per document by hard samples, where there are upper layers.
        elbo_without_depth: that of the topics alone, likewise.
    """

    relaxation_gap: float
    active_topics: int | None
    n_topics: int
    kl: float
    clamped: float
    temperature: float
    elbo: float | None = None
    elbo_without_depth: float | None = None

    @property
    def active_share(self) -> float | None:
        """The share of topics that documents differ in, or None where it was not measured."""
        return None if self.active_topics is None else self.active_topics / self.n_topics

    @property
    def warnings(self) -> list[str]:
        """What went badly, each with a remedy, in one line."""
        found = []
        if self.relaxation_gap > _GAP:
            found.append(
                f"relaxed samples explain the words better than true counts, by "
                f"{self.relaxation_gap:.2f} nats per token; lower the temperature or raise "
                "prior_count"
            )
        if self.active_topics == 0 and self.n_topics > 1:
            found.append(
                "no document differs from another: the posterior has collapsed onto the prior; "
                "give longer or more documents, or raise the learning rate"
            )
        elif self.active_share is not None and 0 < self.active_share < _FEW_ACTIVE:
            found.append(
                f"only {self.active_topics} of {self.n_topics} topics are used; ask for fewer "
                "topics, train longer or give more documents"
            )
        if self.clamped > _CLAMPED:
            found.append(
                f"{self.clamped:.1%} of the counts are cut off at the greatest; raise truncation"
            )
        if self.elbo is not None and self.elbo_without_depth is not None:
            loss = self.elbo_without_depth - self.elbo
            if loss >= 0:
                found.append(
                    f"the upper layers do not earn their place: the bound is {loss:.2f} nats per "
                    "document lower with them; ask for fewer or no upper_components, or keep them "
                    "for reading only"
                )
        return found


@torch.no_grad()
def diagnose(
    model: LatentCountModel,
    counts: SparseCounts,
    *,
    estimator: str,
    temperature: float,
    generator: Generator | None = None,
) -> Diagnostics:
    """Return the diagnostics of a model on documents.

    Args:
        model: the model.
        counts: the documents' words.
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
        active_topics=_n_active(q) if len(counts) >= _FEWEST_TO_DIFFER else None,
        n_topics=len(topic_word),
        kl=kl_divergence(q, model.prior).sum(-1).mean().item(),
        clamped=probs[..., -1].mean().item() if len(model.atoms) > 1 else 0.0,
        temperature=temperature,
    )


def _n_active(q: Finite) -> int:
    """Return in how many topics the posteriors of documents differ from their mean."""
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
    """Return the diagnostics with the bounds of a hierarchy and of its base on documents."""
    with_depth, without = (
        evidence_bound(model, counts, n_samples=_SAMPLES, generator=generator).elbo.mean().item()
        for model in (hierarchy, Hierarchy(hierarchy.base, []))
    )
    return replace(diagnostics, elbo=with_depth, elbo_without_depth=without)
