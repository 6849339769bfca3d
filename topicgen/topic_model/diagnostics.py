"""How the training went: what to watch in a relaxed latent-count model, and what to do about it."""

from dataclasses import dataclass

from topicgen.html import facts, fragment, tag

# Values beyond these thresholds bring a warning.
_GAP = 0.15
_CLAMPED = 0.01
_FEW_ACTIVE = 0.9


@dataclass(frozen=True)
class Diagnostics:
    """The state of a fitted model, measured on some documents.

    Args:
        relaxation_gap: how much better relaxed samples explain the words than hard samples of the
            same posterior, in nats per token: the information that leaks past the counts.
        active_topics: the number of topics in use, in which the documents' posteriors diverge from
            their mean by more than .01 nats on average. None for fewer than 20 documents, too few
            to differ in every topic.
        n_topics: the number of all topics.
        kl: the mean divergence of a document's posterior from the prior, in nats; near 0 the
            posterior has collapsed.
        clamped: the share of the documents' counts cut off by the truncation.
        temperature: the temperature of the relaxation at the end of the training.
        elbo: the evidence lower bound in nats per document, from hard samples, if there are upper
            layers.
        elbo_without_depth: the same bound for the topics alone.
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
        """The share of topics in use, or None where it was not measured."""
        return None if self.active_topics is None else self.active_topics / self.n_topics

    def _repr_html_(self) -> str:
        known = [
            f"relaxation gap {self.relaxation_gap:.3f} nats per token",
            f"KL divergence {self.kl:.1f} nats per document",
            f"{self.clamped:.1%} of the counts cut off",
        ]
        if self.active_topics is not None:
            known.insert(0, f"{self.active_topics} of {self.n_topics} topics in use")
        found = self.warnings
        listed = tag("ul", *(tag("li", line) for line in found)) if found else "No warnings."
        return fragment(facts("Diagnostics", known), tag("div", listed))

    @property
    def warnings(self) -> list[str]:
        """One line for each thing that went badly, with a remedy."""
        found = []
        if self.relaxation_gap > _GAP:
            found.append(
                f"relaxed samples explain the words {self.relaxation_gap:.2f} nats per token "
                "better than whole counts do; lower the temperature or raise prior_count"
            )
        if self.active_topics == 0 and self.n_topics > 1:
            found.append(
                "all documents have the same topics: the posterior has collapsed onto the prior; "
                "give longer or more documents, or raise the learning rate"
            )
        elif self.active_share is not None and 0 < self.active_share < _FEW_ACTIVE:
            found.append(
                f"only {self.active_topics} of {self.n_topics} topics are in use; ask for fewer "
                "topics, train longer or give more documents"
            )
        if self.clamped > _CLAMPED:
            found.append(
                f"{self.clamped:.1%} of the counts are cut off by the truncation; raise truncation"
            )
        if self.elbo is not None and self.elbo_without_depth is not None:
            loss = self.elbo_without_depth - self.elbo
            if loss >= 0:
                found.append(
                    "the upper layers do not improve the model: with them the evidence "
                    f"bound is {loss:.2f} nats per document lower; use fewer upper_components or "
                    "none, or keep them only to group the topics"
                )
        return found
