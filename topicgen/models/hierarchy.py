r"""Layers of counts: those of each layer set what is expected of the layer below.

A deep exponential family (Ranganath, Tang, Charlin and Blei, 2015). The topics are the words of the
layer above, whose own topics are groups of them:

.. math::
    y_j \sim p_j, \qquad m = c \, \phi(y) W, \qquad z_k \mid y \sim P(m_k, r_k), \qquad
    x \mid z \sim L(\theta(z) \beta),

with the proportions :math:`\phi` of the counts above, :math:`c` units expected in a document, and
the dispersion :math:`r_k` of the negative binomial law.
"""

import copy
import math
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models.count_laws import count_law
from topicgen.models.latent_counts import BOUND_STEPS, Bound, LatentCountModel
from topicgen.models.proportions import proportions
from topicgen.models.sparse import SparseCounts

# What the names of the layers' weights begin with.
_LAYERS = "layers."

# The weights of the evidence that are tried. Counts that come in bursts tell less of the layer
# above than words drawn one by one would.
TEMPERINGS = (1.0, 0.5, 0.25, 0.1, 0.05)

_STEPS_A_ROUND, _RATE = 20, 0.05
_ROUNDS_A_TRIAL, _MOST_ON_TRIAL = 3, 500


class Layer(nn.Module):
    r"""A layer above another: its own model, and the law of the counts below given its counts.

    Args:
        model: its counts :math:`y`, with the topics below as words.
        family: :math:`P`, the name of the law below.
        atoms: the counts below, shape (n,).
        n_units: :math:`c`, the sum of the counts expected below.
        tempering: the weight of the counts below, as evidence of those above.
    """

    atoms: Tensor
    tempering: Tensor

    def __init__(
        self,
        model: LatentCountModel,
        family: str,
        atoms: Tensor,
        n_units: float,
        tempering: float = 0.1,
    ) -> None:
        super().__init__()
        self.model = model
        self.family = family
        n_below = len(model.log_frequency)
        self.log_units = nn.Parameter(torch.tensor(math.log(n_units)))
        self.log_dispersion = nn.Parameter(torch.full((n_below,), math.log(0.2)))
        self.register_buffer("atoms", atoms.clone())
        self.register_buffer("tempering", torch.tensor(tempering))

    @classmethod
    def from_state(cls, state: dict[str, Tensor], *, family: str) -> "Layer":
        """Return the layer of a ``state_dict``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        model = LatentCountModel.from_state(
            _state_under(state, "model."),
            latent="negative_binomial",
            likelihood="multinomial",
            inference="explicit",
        )
        layer = cls(model, family, state["atoms"], n_units=1.0)
        layer.load_state_dict(state)
        return layer

    def below(self, y: Tensor) -> Finite:
        """Return p(z | y), batch shape (n_documents, n_topics_below)."""
        expected = proportions(y, self.model.smoothing) @ self.model.topic_word()
        mean = self.log_units.exp() * expected
        return count_law(self.family, mean, self.atoms, self.log_dispersion.exp())

    def posterior(self, below: Tensor, prior: Finite | None = None) -> Finite:
        """Return q(y | z) by the expected counts below, shape (n_documents, n_topics_below)."""
        counts = _as_counts(self.tempering * below)
        return self.model.posterior(counts, self.model.topic_word(), BOUND_STEPS, prior)

    def fit_below(self, y: Tensor, q: Finite) -> None:
        """Take some steps up E[log p(z | y)] under q(z), in the topics and the law below."""
        parameters = [self.model.topic_logits, self.log_units, self.log_dispersion]
        optimizer = torch.optim.Adam(parameters, lr=_RATE)
        masses = q.probs
        for _ in range(_STEPS_A_ROUND):
            with torch.enable_grad():
                explained = (masses * self.below(y).logits).sum((-1, -2)).mean()
                loss = -explained - self.model.log_prior() / len(y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def fit_prior(self, q: Finite) -> None:
        """Take the law of the family that is likeliest for the posteriors q(y)."""
        self.model.update_prior(q.probs.mean(0))


class _Drawn(NamedTuple):
    """A layer's posterior and prior, given the counts above, and a sample of its counts."""

    q: Finite
    prior: Finite
    z: Tensor


class Hierarchy(nn.Module):
    r"""A topic model with layers above it.

    Args:
        base: the topics of words.
        layers: from the lowest up.

    Shapes: documents are rows of ``SparseCounts``; bounds are (n_documents,), in nats.
    """

    def __init__(self, base: LatentCountModel, layers: list[Layer]) -> None:
        super().__init__()
        self.base = base
        # A list to its users: what ModuleList says of its members is that they are modules.
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
    ) -> "Hierarchy":
        """Return the hierarchy of its ``weights()``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        own = {name: value for name, value in weights.items() if not name.startswith(_LAYERS)}
        base = LatentCountModel.from_state(
            own, latent=latent, likelihood=likelihood, inference=inference
        )
        layers = [
            Layer.from_state(
                _state_under(weights, f"{_LAYERS}{level}."),
                family="negative_binomial" if level else latent,
            )
            for level in range(n_layers)
        ]
        return cls(base, layers)

    def topics(self) -> list[Tensor]:
        """Return each layer's topics as distributions over words, the base first.

        Layer l has shape (n_topics of l, n_words).
        """
        words = [self.base.topic_word()]
        for layer in self.layers:
            words.append(layer.model.topic_word() @ words[-1])
        return words

    # -- bounds ------------------------------------------------------------------------------

    @torch.no_grad()
    def hard_bound(self, counts: SparseCounts, *, n_samples: int) -> Bound:
        r"""Return the bound by hard samples of every layer, and exact divergences between them.

        .. math::
            E \bigl[ \log p(x \mid z) - KL(q(z \mid x, y) \| p(z \mid y)) \bigr]
            - KL(q(y \mid x) \| p(y)),

        with a divergence more for each further layer: any q gives a bound.
        """
        topic_word = self.base.topic_word()
        ascended = self.posteriors(counts)
        likelihoods, divergences = [], []
        for _ in range(n_samples):
            drawn = self._descend(counts, ascended)
            likelihoods.append(self.base.log_likelihood(counts, topic_word, drawn[-1].z))
            kl = [kl_divergence(d.q, d.prior).sum(-1) for d in drawn]
            divergences.append(torch.stack(kl).sum(0))
        return Bound(torch.stack(likelihoods).mean(0), torch.stack(divergences).mean(0))

    @torch.no_grad()
    def importance_bound(self, counts: SparseCounts, *, n_samples: int) -> Tensor:
        r"""Return the bound of Burda, Grosse and Salakhutdinov (2016), with hard samples.

        .. math::
            E \log \frac1S \sum_{s=1}^{S}
            \frac{p(x \mid z_s) \, p(z_s \mid y_s) \, p(y_s)}{q(z_s \mid x, y_s) \, q(y_s \mid x)}
        """
        topic_word = self.base.topic_word()
        ascended = self.posteriors(counts)
        log_weights = []
        for _ in range(n_samples):
            drawn = self._descend(counts, ascended)
            ratios = [(d.prior.log_prob(d.z) - d.q.log_prob(d.z)).sum(-1) for d in drawn]
            log_likelihood = self.base.log_likelihood(counts, topic_word, drawn[-1].z)
            log_weights.append(log_likelihood + torch.stack(ratios).sum(0))
        return torch.stack(log_weights).logsumexp(0) - math.log(n_samples)

    def posteriors(self, counts: SparseCounts) -> list[Finite]:
        """Return q(z | x) of each layer by its own prior, the base first.

        Each is of independent counts, batch shape (n_documents, n_topics of the layer).
        """
        return self._ascend(counts, len(self.layers) + 1)

    def _ascend(self, counts: SparseCounts, n_levels: int) -> list[Finite]:
        """Return the posteriors of the lowest layers by their own priors, from the base up."""
        ascended: list[Finite] = []
        for level in range(n_levels):
            ascended.append(self._posterior(level, counts, ascended))
        return ascended

    def _descend(self, counts: SparseCounts, ascended: list[Finite]) -> list[_Drawn]:
        """Draw counts from the top down, the base's last."""
        q, prior = ascended[-1], self.top.prior
        drawn = [_Drawn(q, prior, q.sample())]
        for level in reversed(range(len(self.layers))):
            prior = self.layers[level].below(drawn[-1].z)
            q = self._posterior(level, counts, ascended, prior)
            drawn.append(_Drawn(q, prior, q.sample()))
        return drawn

    def _posterior(
        self,
        level: int,
        counts: SparseCounts,
        ascended: list[Finite],
        prior: Finite | None = None,
    ) -> Finite:
        if level == 0:
            return self.base.posterior(counts, self.base.topic_word(), BOUND_STEPS, prior)
        return self.layers[level - 1].posterior(ascended[level - 1].mean, prior)

    # -- fitting -----------------------------------------------------------------------------

    @property
    def top(self) -> LatentCountModel:
        """The model of the uppermost counts."""
        return self.layers[-1].model if len(self.layers) else self.base

    @torch.no_grad()
    def sample_top(self, counts: SparseCounts) -> Tensor:
        """Return a hard sample of each document's uppermost counts, by that layer's own prior."""
        return self.posteriors(counts)[-1].sample()

    @torch.no_grad()
    def fit_top(self, counts: SparseCounts, n_rounds: int) -> None:
        """Fit the uppermost layer to the joint bound: its prior, its topics, the law below.

        In each round posteriors of it and of the layer below, the one given a sample of the other,
        take turns with steps up the expected log probability. The tempering is the one of the best
        bound.
        """
        start = copy.deepcopy(self.layers[-1].state_dict())
        few = counts.select(
            torch.arange(min(len(counts), _MOST_ON_TRIAL), device=counts.rows.device)
        )
        states = []
        for tempering in TEMPERINGS:
            self.layers[-1].load_state_dict({**start, "tempering": torch.tensor(tempering)})
            self._rounds(few, _ROUNDS_A_TRIAL)
            elbo = self.hard_bound(few, n_samples=2).elbo.mean().item()
            states.append((elbo, copy.deepcopy(self.layers[-1].state_dict())))
        self.layers[-1].load_state_dict(max(states, key=lambda pair: pair[0])[1])
        self._rounds(counts, n_rounds)

    def _rounds(self, counts: SparseCounts, n_rounds: int) -> None:
        layer, level = self.layers[-1], len(self.layers) - 1
        ascended = self._ascend(counts, level + 1)
        below = ascended[level]
        for _ in range(n_rounds):
            q = layer.posterior(ascended[level].mean)
            layer.fit_prior(q)
            y = q.sample()
            layer.fit_below(y, below)
            below = self._posterior(level, counts, ascended, layer.below(y))


def _state_under(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the entries whose names start so, by the rest of their names."""
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }


def _as_counts(means: Tensor) -> SparseCounts:
    """Return a dense matrix as counts, every entry among them."""
    n_rows, n_columns = means.shape
    starts = torch.arange(n_rows + 1, device=means.device) * n_columns
    columns = torch.arange(n_columns, device=means.device).repeat(n_rows)
    return SparseCounts(starts, columns, means.flatten(), n_columns)
