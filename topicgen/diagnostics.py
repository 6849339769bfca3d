"""How a training went: what is to be watched in a relaxed latent-count model, and what to do."""

from dataclasses import dataclass, replace

import torch
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models import Hierarchy, LatentCountModel, SparseCounts

# Beyond these a figure is worth a warning.
_GAP = 0.15
_CLAMPED = 0.01
_ACTIVE = 0.01
_FEW_ACTIVE = 0.9

_SAMPLES = 5


@dataclass(frozen=True)
class Diagnostics:
    """The state of a fitted model, measured on documents.

    Args:
        relaxation_gap: by how much relaxed samples explain the words better than hard ones of the
            same posterior, in nats a token: what the relaxation smuggles past the counts.
        active_topics: the topics that documents differ in: more than .01 nats of divergence of
            their posteriors from the mean of these.
        n_topics: all topics.
        kl: the mean divergence of a document's posterior from the prior, in nats; near 0 the
            posterior has collapsed.
        clamped: the share of documents' counts that would lie beyond the greatest one.
        temperature: of the relaxation, at the end of the training.
        elbo: the bound in nats a document by hard samples, where there are upper layers.
        elbo_without_depth: that of the topics alone, likewise.
    """

    relaxation_gap: float
    active_topics: int
    n_topics: int
    kl: float
    clamped: float
    temperature: float
    elbo: float | None = None
    elbo_without_depth: float | None = None

    @property
    def active_share(self) -> float:
        """The share of topics that documents differ in."""
        return self.active_topics / self.n_topics

    @property
    def warnings(self) -> list[str]:
        """What is bad, each with a remedy, in a line."""
        found = []
        if self.relaxation_gap > _GAP:
            found.append(
                f"relaxed samples explain the words better than true counts, by "
                f"{self.relaxation_gap:.2f} nats a token; lower the temperature or raise "
                "prior_count"
            )
        if self.active_topics == 0 and self.n_topics > 1:
            found.append(
                "no document differs from another: the posterior has collapsed onto the prior; "
                "give longer or more documents, or raise the learning rate"
            )
        elif 0 < self.active_share < _FEW_ACTIVE:
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
                    f"the upper layers do not earn their place: the bound is {loss:.2f} nats a "
                    "document lower with them; ask for fewer upper_components or none, or keep "
                    "them for reading only"
                )
        return found


@torch.no_grad()
def diagnose(
    model: LatentCountModel,
    counts: SparseCounts,
    *,
    estimator: str,
    temperature: float,
) -> Diagnostics:
    """Return the diagnostics of a model on documents."""
    topic_word = model.topic_word()
    q = model.posterior(counts, topic_word)
    relaxed = model.draw(q, estimator, temperature)
    gap = model.log_likelihood(counts, topic_word, relaxed) - model.log_likelihood(
        counts, topic_word, q.sample()
    )
    probs = q.probs
    mean = probs.mean(0).clamp_min(torch.finfo(probs.dtype).tiny)
    difference = kl_divergence(q, Finite(mean.log(), q.atoms, validate_args=False))
    return Diagnostics(
        relaxation_gap=gap.sum().item() / max(counts.values.sum().item(), 1e-300),
        active_topics=int((difference.mean(0) > _ACTIVE).sum()),
        n_topics=len(topic_word),
        kl=kl_divergence(q, model.prior).sum(-1).mean().item(),
        clamped=probs[..., -1].mean().item() if len(model.atoms) > 1 else 0.0,
        temperature=temperature,
    )


def compare_depth(
    diagnostics: Diagnostics, hierarchy: Hierarchy, counts: SparseCounts
) -> Diagnostics:
    """Return the diagnostics with the bounds of a hierarchy and of its base on documents."""
    with_depth, without = (
        model.hard_bound(counts, n_samples=_SAMPLES).elbo.mean().item()
        for model in (hierarchy, hierarchy.base)
    )
    return replace(diagnostics, elbo=with_depth, elbo_without_depth=without)
