r"""Annealed importance sampling: bounds on the log-likelihood that tighten with the time spent.

The counts of all layers, :math:`z`, walk from the approximate posterior q, of independent counts,
to the joint distribution, through :math:`f_t(z) = q(z)^{1-t} \, p(x, z)^t`:

.. math::
    \log w = \sum_{i=1}^{n} (t_i - t_{i-1}) \log \frac{p(x, z_i)}{q(z_i)}, \qquad
    0 = t_0 < t_1 < \dots < t_n = 1,

where :math:`z_1 \sim q` and a step that leaves :math:`f_{t_i}` invariant leads from :math:`z_i` to
:math:`z_{i+1}`. As :math:`E[w] = p(x)`, :math:`E[\log w]` is a lower bound; with one temperature it
is that of importance sampling from q, and every further temperature tightens it. (With layers
above the topics, q ignores what was drawn in them, unlike ``importance_bound``, so the walk starts
further off.) If the walk starts at an *exact* sample of the posterior and leads from 1 to 0, then
:math:`E[1/w] = 1/p(x)`, and :math:`E[\log w]` is an upper bound.

Each step proposes two changes to every count, one topic after the other: a new draw from q, and a
neighbouring atom. As q cancels, the first is accepted with probability
:math:`(p(x, z') q(z) / p(x, z) q(z'))^t`; the second reaches atoms that q, narrower than the
posterior, hardly ever draws.
"""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.kernels.recording import Recorded
from topicgen.models.hierarchy import Hierarchy
from topicgen.models.sparse import SparseCounts


@torch.no_grad()
def annealed_bound(
    hierarchy: Hierarchy,
    counts: SparseCounts,
    *,
    n_temperatures: int,
    n_samples: int = 1,
    start: list[Tensor] | None = None,
    generator: Generator | None = None,
) -> Tensor:
    r"""Return a bound on each document's log-likelihood in nats, shape (n_documents,).

    .. math:: E \log \frac1S \sum_{s=1}^{S} w_s

    Args:
        hierarchy: the model, with or without layers above the topics.
        counts: the documents' words.
        n_temperatures: :math:`n`, evenly spaced.
        n_samples: :math:`S`, independent walks.
        start: an exact sample of the posterior, from the base up, each of shape (n_documents,
            n_topics of the level): the walks begin there, and the bound is an upper one,
            :math:`-\log \frac1S \sum_s 1/w_s`. For documents that the model has generated, the
            counts that generated them are an exact sample.
        generator: where the randomness comes from; None for torch's global stream.

    Source: Neal (2001); both directions: Grosse, Ghahramani and Adams (2015).
    """
    temperatures = torch.linspace(0, 1, n_temperatures + 1, dtype=torch.float64).tolist()
    q = hierarchy.tight_posteriors(counts, generator=generator)
    log_weights = []
    for _ in range(n_samples):
        if start is None:
            z = [law.sample(generator=generator) for law in q]
            way = temperatures
        else:
            z, way = [z.clone() for z in start], temperatures[::-1]
        log_weights.append(_Walk(hierarchy, counts, q, z, generator).through(way))
    bound = torch.stack(log_weights).logsumexp(0) - math.log(n_samples)
    return bound if start is None else -bound


class _Walk:
    """The counts of all levels along a walk, and log p(x, z) / q(z) at each point of it."""

    def __init__(
        self,
        hierarchy: Hierarchy,
        counts: SparseCounts,
        q: list[Finite],
        z: list[Tensor],
        generator: Generator | None,
    ) -> None:
        self.hierarchy, self.counts, self.q, self.z = hierarchy, counts, q, z
        self.generator = generator
        self.topic_word = hierarchy.base.topic_word()
        self.priors = [self._prior(level) for level in range(len(z))]
        excess = torch.stack([self._excess(level, z[level]).sum(-1) for level in range(len(z))])
        likelihood = hierarchy.base.log_likelihood(counts, self.topic_word, z[0])
        self.log_ratio = likelihood + excess.sum(0)
        self.words = _Words(self)

    def through(self, temperatures: list[float]) -> Tensor:
        """Return log w of the whole walk; of a walk down, minus the log weight of the walk up."""
        log_weight = torch.zeros_like(self.log_ratio)
        temperature = torch.zeros_like(log_weight[:1])
        sweep: Callable[[], None] = partial(self._sweep, temperature)
        # With layers the walk holds other tensors after every sweep, which cannot be replayed.
        if log_weight.is_cuda and len(self.z) == 1:
            sweep = Recorded(sweep, log_weight.device, self.generator)
        for before, after in pairwise(temperatures):
            log_weight += (after - before) * self.log_ratio
            if 0 < after < 1:
                temperature.fill_(after)
                sweep()
        return log_weight

    def _sweep(self, temperature: Tensor) -> None:
        """Propose both changes to every count."""
        for level, q in enumerate(self.q):
            drawn = q.sample(generator=self.generator)
            self._move(level, drawn, temperature, from_q=True)
            self._move(level, self._beside(level), temperature, from_q=False)

    def _prior(self, level: int) -> Finite:
        above = self.z[level + 1] if level + 1 < len(self.z) else None
        return self.hierarchy.prior(level, above)

    def _excess(self, level: int, z: Tensor) -> Tensor:
        """Return log p(z | above) - log q(z) of each count of a level."""
        return self.priors[level].log_prob(z) - self.q[level].log_prob(z)

    def _move(self, level: int, proposed: Tensor, temperature: Tensor, *, from_q: bool) -> None:
        """Accept or reject each of a level's proposed counts, one topic after the other."""
        z, q = self.z[level], self.q[level]
        gain = self._excess(level, proposed) - self._excess(level, z)
        log_q = torch.zeros_like(gain) if from_q else q.log_prob(proposed) - q.log_prob(z)
        evidence = self.words if level == 0 else _LayerBelow(self, level)
        for k in range(z.shape[1]):
            step = proposed[:, k] - z[:, k]
            if not step.is_cuda and not step.any():
                continue  # A GPU does not wait for the answer.
            change = gain[:, k] + evidence.propose(k, step)
            uniform = torch.empty_like(change).uniform_(generator=self.generator)
            accepted = uniform.log() < temperature * change + log_q[:, k]
            evidence.accept(accepted)
            z[:, k] += step * accepted
            self.log_ratio += torch.where(accepted, change, 0.0)
        if level > 0:
            self.priors[level - 1] = self._prior(level - 1)

    def _beside(self, level: int) -> Tensor:
        """Return the atom above or below each count, at random; at the ends, perhaps the same."""
        atoms, z = self.q[level].atoms, self.z[level].contiguous()
        index = torch.searchsorted(atoms, z)
        step = torch.empty_like(index).random_(2, generator=self.generator) * 2 - 1
        return atoms[(index + step).clamp(0, len(atoms) - 1)]


class _Words:
    """The words of the documents, as evidence for their topics.

    Only one topic's part in the expected words changes at a time, so that a proposal costs O(words
    present), not O(words present x topics).
    """

    def __init__(self, walk: _Walk) -> None:
        self.base, self.counts, self.topic_word = walk.hierarchy.base, walk.counts, walk.topic_word
        smoothed = walk.z[0] + self.base.smoothing
        mass, total = self.counts.product_at_words(smoothed, self.topic_word), smoothed.sum(-1)
        self.mass, self.total, self.log_prob = mass, total, self._log_prob(mass, total)

    def propose(self, k: int, step: Tensor) -> Tensor:
        """Return what log p(x | z) gains by so many more units of topic k in each document."""
        rows, columns = self.counts.rows, self.counts.columns
        mass = step[rows] * self.topic_word[k, columns]
        self.proposed = mass, step, self._log_prob(self.mass + mass, self.total + step)
        return self.proposed[2] - self.log_prob

    def accept(self, accepted: Tensor) -> None:
        """Keep what was proposed in the documents where it was accepted."""
        mass, step, log_prob = self.proposed
        # In place: a sweep that is replayed finds what the last one left.
        self.mass += mass * accepted[self.counts.rows]
        self.total += step * accepted
        self.log_prob.copy_(torch.where(accepted, log_prob, self.log_prob))

    def _log_prob(self, mass: Tensor, total: Tensor) -> Tensor:
        mixture = mass / total[self.counts.rows]
        return self.base.likelihood.log_prob(self.counts, mixture, self.base.unit * total)


class _LayerBelow:
    """The counts of the level below, as evidence for those of a level."""

    def __init__(self, walk: _Walk, level: int) -> None:
        self.hierarchy, self.level, self.z = walk.hierarchy, level, walk.z[level]
        self.below = walk.z[level - 1]
        self.log_prob = walk.priors[level - 1].log_prob(self.below).sum(-1)

    def propose(self, k: int, step: Tensor) -> Tensor:
        """Return what log p(below | z) gains by so many more units of k in each document."""
        z = self.z.clone()
        z[:, k] += step
        prior = self.hierarchy.prior(self.level - 1, z)
        self.proposed = prior.log_prob(self.below).sum(-1)
        return self.proposed - self.log_prob

    def accept(self, accepted: Tensor) -> None:
        """Keep what was proposed in the documents where it was accepted."""
        self.log_prob = torch.where(accepted, self.proposed, self.log_prob)
