r"""Lower bounds on the log-likelihood of documents, by hard samples of their counts.

The counts of all layers are drawn from the top down, each layer's with those above it as its prior
(``Hierarchy.draw``). Any posterior gives a bound, whichever one the topics were trained with; the
posteriors taken here are near the tightest of independent counts (``local_expectations``).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.distributions import kl_divergence

from topicgen.models.hierarchy import Drawn, Hierarchy
from topicgen.models.sparse import SparseCounts


@dataclass(frozen=True)
class Bound:
    r"""The two terms of the evidence lower bound of each document, in nats.

    Args:
        log_likelihood: :math:`E[\log p(x \mid z)]`, shape (n_documents,).
        kl: the divergence of the posterior from the prior, shape (n_documents,).
    """

    log_likelihood: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        r""":math:`E[\log p(x \mid z)] - KL(q \| p)`, shape (n_documents,)."""
        return self.log_likelihood - self.kl


@torch.no_grad()
def evidence_bound(
    hierarchy: Hierarchy,
    counts: SparseCounts,
    *,
    n_samples: int,
    tighten: bool = True,
    generator: Generator | None = None,
) -> Bound:
    r"""Return the evidence lower bound of each document, with exact divergences.

    .. math::
        E \bigl[ \log p(x \mid z) - KL(q(z \mid x, y) \| p(z \mid y)) \bigr]
        - KL(q(y \mid x) \| p(y)),

    with the counts :math:`y` of a layer above the topics; each further layer adds a divergence, and
    a model without layers has only that of :math:`q(z \mid x)` from :math:`p(z)`.

    Args:
        hierarchy: the model, with or without layers above the topics.
        counts: the documents' words, :math:`x`.
        n_samples: how many samples of the counts to average over.
        tighten: whether to fit the posteriors to the bound itself; otherwise they come from
            coordinate ascent, which is faster.
        generator: where the randomness comes from; None for torch's global stream.

    Example:
        >>> from scipy.sparse import csr_matrix
        >>> from torch.distributions import Poisson
        >>> from topicgen.models import LatentCountModel, fixed_prior
        >>> prior = fixed_prior(Poisson(torch.tensor(2.0)), 2, torch.arange(9.0))
        >>> hierarchy = Hierarchy(LatentCountModel(prior, torch.ones(3), latent="given"), [])
        >>> counts = SparseCounts.from_csr(csr_matrix([[2, 1, 0], [0, 0, 0]]))
        >>> bound = evidence_bound(hierarchy, counts, n_samples=5)
        >>> bound.elbo.shape, bound.log_likelihood[1].item()  # a document without words
        (torch.Size([2]), 0.0)
    """
    log_likelihoods, divergences = [], []
    draws = _draws(hierarchy, counts, n_samples, generator, tighten=tighten)
    for log_likelihood, layers in draws:
        log_likelihoods.append(log_likelihood)
        kl = [kl_divergence(layer.q, layer.prior).sum(-1) for layer in layers]
        divergences.append(torch.stack(kl).sum(0))
    return Bound(torch.stack(log_likelihoods).mean(0), torch.stack(divergences).mean(0))


@torch.no_grad()
def importance_bound(
    hierarchy: Hierarchy,
    counts: SparseCounts,
    *,
    n_samples: int,
    generator: Generator | None = None,
) -> Tensor:
    r"""Return the importance-weighted bound of each document in nats, shape (n_documents,).

    .. math::
        E \log \frac1S \sum_{s=1}^{S}
        \frac{p(x \mid z_s) \, p(z_s \mid y_s) \, p(y_s)}{q(z_s \mid x, y_s) \, q(y_s \mid x)}

    Args:
        hierarchy: the model, with or without layers above the topics.
        counts: the documents' words, :math:`x`.
        n_samples: :math:`S`; the bound tightens with it.
        generator: where the randomness comes from; None for torch's global stream.

    Source: Burda, Grosse and Salakhutdinov (2016), equation 8.
    """
    log_weights = []
    for log_likelihood, layers in _draws(hierarchy, counts, n_samples, generator):
        ratios = [(one.prior.log_prob(one.z) - one.q.log_prob(one.z)).sum(-1) for one in layers]
        log_weights.append(log_likelihood + torch.stack(ratios).sum(0))
    return torch.stack(log_weights).logsumexp(0) - math.log(n_samples)


def _draws(
    hierarchy: Hierarchy,
    counts: SparseCounts,
    n_samples: int,
    generator: Generator | None,
    *,
    tighten: bool = True,
) -> Iterator[tuple[Tensor, list[Drawn]]]:
    """Yield samples of the counts of all layers, each with log p(x | z)."""
    topic_word = hierarchy.base.topic_word()
    if tighten:
        posteriors = hierarchy.tight_posteriors(counts, generator=generator)
    else:
        posteriors = hierarchy.posteriors(counts)
    for _ in range(n_samples):
        layers = hierarchy.draw(counts, posteriors, tighten=tighten, generator=generator)
        yield hierarchy.base.log_likelihood(counts, topic_word, layers[0].z), layers
