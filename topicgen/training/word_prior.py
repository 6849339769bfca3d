r"""A prior from vectors of words: words with similar vectors have similar topics.

In the embedded topic model (Dieng, Ruiz and Blei, 2020) a topic is a point :math:`t_k` in the space
of the words, with logits :math:`w_k = R t_k`, so that rare words learn from similar words. Here one
part of a topic's logits has this form, and the rest is free.
"""

import copy

import torch
from torch import Tensor

from topicgen.models import LatentCountModel

# The share of a logit's prior variance that similar words have in common. On the titles of 20
# Newsgroups, .5 predicts best; with .9 topics share more words (docs/embeddings.md).
_SHARED = 0.5


class WordPrior:
    r"""A prior of the topics' logits that is correlated across words.

    .. math::
        w_k = \sigma \bigl( \sqrt a \, R t_k + \sqrt{1 - a} \, e_k \bigr), \qquad
        t_k, e_k \sim \mathcal N(0, I),

    with the rows of :math:`R` of unit length, so that each logit has the standard deviation
    :math:`\sigma` of the model's own prior (``LatentCountModel.log_prior``), which this replaces.
    A word without a vector is independent of all others, with the same standard deviation.

    Args:
        basis: :math:`R`, shape (n_words, n_dimensions); 0 in the rows of words without a vector.
        scale: :math:`\sigma`.
        shared: :math:`a`, above 0 and below 1.

    Example:
        >>> prior = WordPrior(torch.tensor([[1.0], [1.0], [-1.0]]), scale=1.0)
        >>> alike, unlike = torch.tensor([[1.0, 1.0, -1.0]]), torch.tensor([[1.0, -1.0, 1.0]])
        >>> bool(prior.log_ratio(alike) > prior.log_ratio(unlike))
        True
    """

    def __init__(self, basis: Tensor, scale: float, shared: float = _SHARED) -> None:
        wide = basis.double()
        n_dimensions = basis.shape[1]
        inner = (1 - shared) / shared * torch.eye(n_dimensions, dtype=wide.dtype) + wide.T @ wide
        # inner^-1 = C C^T, so that the quadratic form is a sum of squares.
        half = torch.linalg.cholesky(torch.linalg.inv(inner))
        self.basis = (wide @ half).to(basis.dtype)
        self.has_vector = basis.any(1).to(basis.dtype)
        self.shared = shared
        self.scale = scale

    def to(self, like: Tensor) -> "WordPrior":
        """Return the prior on the device and in the precision of a tensor."""
        prior = copy.copy(self)
        prior.basis, prior.has_vector = self.basis.to(like), self.has_vector.to(like)
        return prior

    def log_ratio(self, logits: Tensor) -> Tensor:
        r"""Return how much more probable logits are than under the independent prior, in nats.

        By Woodbury's identity, up to a constant,

        .. math::
            \log \frac{\mathcal N(w; 0, \Sigma)}{\mathcal N(w; 0, \sigma^2 I)} = \frac{
                |w R C|^2 - a |w_\text{with vectors}|^2
            }{2 \sigma^2 (1 - a)}, \qquad
            C C^\top = \Bigl( \frac{1 - a}{a} I + R^\top R \Bigr)^{-1} .

        Args:
            logits: :math:`w`, shape (n_topics, n_words).
        """
        together = (logits @ self.basis).square().sum()
        alone = (logits.square() @ self.has_vector).sum()
        return (together - self.shared * alone) / (2 * self.scale**2 * (1 - self.shared))

    def log_prob(self, model: LatentCountModel) -> Tensor:
        """Return what this adds to the model's own log prior, in nats, a scalar tensor."""
        return self.log_ratio(model.topic_logits)
