"""How a training went: what to watch in a relaxed latent-count model, and what to do about it."""

from dataclasses import dataclass

# Beyond these a figure is worth a warning.
_GAP = 0.15
_CLAMPED = 0.01
_FEW_ACTIVE = 0.9


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
