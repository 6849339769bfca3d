r"""Layers of counts: those of each layer set what is expected of the layer below.

A deep exponential family (Ranganath, Tang, Charlin and Blei, 2015). The topics are the words of the
layer above, whose own topics are groups of them:

.. math::
    y_j \sim p_j, \qquad m = c \, \phi(y) W, \qquad z_k \mid y \sim P(m_k, r_k), \qquad
    x \mid z \sim L(\theta(z) \beta),

with the proportions :math:`\phi` of the counts above, :math:`c` units expected in a document, and
the dispersion :math:`r_k` of the negative binomial.
"""

from typing import NamedTuple, cast

import torch
from torch import Generator, Tensor, nn

from topicgen.distributions import Finite
from topicgen.models.encoders import Inputs, MakesEncoder
from topicgen.models.known import Known
from topicgen.models.latent_counts import BOUND_STEPS, LatentCountModel
from topicgen.models.layer import Layer
from topicgen.models.local_expectations import tightened
from topicgen.models.sparse import SparseCounts
from topicgen.prefixes import entries_under

# What the names of the layers' weights begin with.
_LAYERS = "layers."


class Drawn(NamedTuple):
    """A level's posterior and prior, given the counts above, and a sample of its counts."""

    q: Finite
    prior: Finite
    z: Tensor


class Hierarchy(nn.Module):
    r"""A topic model with layers above it.

    A level is a number: 0 for the topics of words, 1 for the layer above them, and so on.

    Args:
        base: the topics of words.
        layers: from the lowest up; an empty list for the topics alone.
        n_steps: of coordinate ascent after the encoders, for the posteriors of all levels.
    """

    def __init__(
        self, base: LatentCountModel, layers: list[Layer], *, n_steps: int = BOUND_STEPS
    ) -> None:
        super().__init__()
        self.base = base
        self.n_steps = n_steps
        # Typed as a list of layers: ModuleList only promises modules.
        self.layers = cast(list[Layer], nn.ModuleList(layers))

    def weights(self) -> dict[str, Tensor]:
        """Return the base's ``state_dict`` with those of the layers, as ``from_weights`` takes."""
        return self.base.state_dict() | cast(nn.ModuleList, self.layers).state_dict(prefix=_LAYERS)

    @classmethod
    def from_weights(
        cls,
        weights: dict[str, Tensor],
        *,
        latent: str,
        likelihood: str,
        inference: str,
        n_layers: int,
        encoder: str | MakesEncoder = "unfolded",
        inputs: Inputs = Inputs(),  # noqa: B008
    ) -> "Hierarchy":
        """Return the hierarchy of its ``weights()``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        own = {name: value for name, value in weights.items() if not name.startswith(_LAYERS)}
        base = LatentCountModel.from_state(
            own,
            latent=latent,
            likelihood=likelihood,
            inference=inference,
            encoder=encoder,
            inputs=inputs,
        )
        layers = [
            Layer.from_state(
                entries_under(weights, f"{_LAYERS}{level}."),
                family="negative_binomial" if level else latent,
                encoder=encoder,
            )
            for level in range(n_layers)
        ]
        return cls(base, layers)

    def given(self, known: Known | None) -> "Hierarchy":
        """Return the hierarchy given what is known of some documents; it shares all weights.

        Covariates and layers above the topics exclude each other; see ``LatentCountModel.given``.
        """
        if known is None:
            return self
        return Hierarchy(self.base.given(known), list(self.layers), n_steps=self.n_steps)

    def amortised(self) -> "Hierarchy":
        """Return the hierarchy with the encoders' own posteriors, without coordinate ascent.

        Its bounds show how good the encoders are.
        """
        return Hierarchy(self.base, list(self.layers), n_steps=0)

    @property
    def top(self) -> LatentCountModel:
        """The model of the uppermost counts."""
        return self.layers[-1].model if len(self.layers) else self.base

    def topics(self) -> list[Tensor]:
        """Return each level's topics as distributions over words, shape (n_topics, n_words)."""
        words = [self.base.topic_word()]
        for layer in self.layers:
            words.append(layer.model.topic_word() @ words[-1])
        return words

    def prior(self, level: int, above: Tensor | None) -> Finite:
        """Return the distribution of a level's counts before any word is read.

        Its batch shape is (n_topics,), or (n_documents, n_topics) where each document has its own:
        whatever uses it takes both.

        Args:
            level: of the counts.
            above: the counts of the level above, shape (n_documents, n_topics above); None at the
                top.
        """
        return self.top.prior if above is None else self.layers[level].below(above)

    @torch.no_grad()
    def posteriors(self, counts: SparseCounts) -> list[Finite]:
        """Return q(z | x) of every level, from the base up, without regard to the levels above.

        Each is of independent counts, batch shape (n_documents, n_topics of the level).
        """
        ascended: list[Finite] = []
        for level in range(len(self.layers) + 1):
            # Below the top, each model's own prior stands for all that may come from above.
            prior = self.prior(level, None) if level == len(self.layers) else None
            ascended.append(self.posterior(level, counts, ascended, prior))
        return ascended

    @torch.no_grad()
    def tight_posteriors(
        self, counts: SparseCounts, *, generator: Generator | None = None
    ) -> list[Finite]:
        """Return ``posteriors`` with that of the topics closer to the tightest bound.

        Args:
            counts: the documents' words.
            generator: where the randomness comes from; None for torch's global stream.
        """
        ascended = self.posteriors(counts)
        ascended[0] = tightened(self.base, counts, ascended[0], generator=generator)
        return ascended

    def posterior(
        self,
        level: int,
        counts: SparseCounts,
        ascended: list[Finite],
        prior: Finite | None = None,
    ) -> Finite:
        """Return q(z | x) of one level, batch shape (n_documents, n_topics of the level).

        Args:
            level: of the counts.
            counts: the documents' words.
            ascended: of ``posteriors``, at least of all levels below.
            prior: of each document's counts; without it the own one of the level's model.
        """
        if level == 0:
            return self.base.posterior(counts, self.base.topic_word(), self.n_steps, prior)
        below = ascended[level - 1].mean
        return self.layers[level - 1].posterior(below, prior, n_steps=self.n_steps)

    @torch.no_grad()
    def draw(
        self,
        counts: SparseCounts,
        ascended: list[Finite],
        *,
        tighten: bool = False,
        generator: Generator | None = None,
    ) -> list[Drawn]:
        """Draw the counts of all levels from the top down, and return them from the base up.

        Args:
            counts: the documents' words.
            ascended: of ``posteriors``, or of ``tight_posteriors`` with ``tighten``.
            tighten: whether the posteriors of the topics, given the counts above, are tightened in
                the same way.
            generator: where the randomness comes from; None for torch's global stream.
        """
        q, prior = ascended[-1], self.prior(len(self.layers), None)
        drawn = [Drawn(q, prior, q.sample(generator=generator))]
        for level in reversed(range(len(self.layers))):
            prior = self.prior(level, drawn[0].z)
            if tighten and level == 0:
                # The evidence of the words is unchanged; only the prior differs.
                own = self.base.prior.logits
                words = torch.where(own.isneginf(), 0.0, ascended[0].logits - own)
                q = Finite(words + prior.logits, prior.atoms, validate_args=False)
                q = tightened(self.base, counts, q, prior, n_sweeps=2, generator=generator)
            else:
                q = self.posterior(level, counts, ascended, prior)
            drawn.insert(0, Drawn(q, prior, q.sample(generator=generator)))
        return drawn

    @torch.no_grad()
    def sample_top(self, counts: SparseCounts, *, generator: Generator | None = None) -> Tensor:
        """Return a sample of each document's uppermost counts, shape (n_documents, n_topics)."""
        return self.posteriors(counts)[-1].sample(generator=generator)
