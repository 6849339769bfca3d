r"""The topic model of the study with a second layer, which one estimator trains as a whole.

.. math:: y_j \sim p_j, \qquad z_k \mid y \sim P(c \, (\phi(y) W)_k, r), \qquad
    x \mid z \sim L(\theta(z) \beta)

as in ``topicgen.models.hierarchy``, which trains its layers one after another instead. A network
gives independent posteriors for the two layers, and the counts of both are drawn at once, so that
one surrogate carries the gradient through both.
"""

from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.gradients import VIMCO
from topicgen.models import PRIORS, Encoder, LatentCountModel, Seen, SparseCounts
from topicgen.models.count_estimators import count_estimator, drawn_by, estimated
from topicgen.models.count_laws import count_law
from topicgen.models.encoders.perceptron import Inputs, Perceptron
from topicgen.models.proportions import proportions

N_UPPER = 5


class JointNetwork(Encoder):
    """One network for the counts of both layers, explicit or implicit as in ``Network``."""

    def __init__(self, model: "TwoLayers", generator: Generator) -> None:
        super().__init__()
        start = torch.zeros(sum(model.sizes))
        if model.inference == "implicit":
            start = torch.cat([model.prior.logits, model.upper_prior.logits]).flatten()
        n_words = len(model.log_frequency)
        self.network = Perceptron(Inputs(), n_words, start, (256,), generator=generator)

    def joint(self, model: "TwoLayers", seen: Seen) -> Finite:
        """Return q(z, y | x), batch shape (n_documents, n_topics + N_UPPER)."""
        outputs = self.network(seen, model.word_weight(seen.words), None)
        if model.inference == "implicit":
            masses = outputs.unflatten(-1, (-1, len(model.atoms)))
            return Finite(masses, model.atoms, validate_args=False)
        units = model.prior_count
        means = [units * part.softmax(-1) + 1e-4 for part in outputs.split(model.sizes, -1)]
        return count_law("poisson", torch.cat(means, -1), model.atoms)

    def posterior(self, model: LatentCountModel, seen: Seen, prior: Finite | None = None) -> Finite:
        """Return q(z | x)."""
        assert isinstance(model, TwoLayers)
        return model.parts(self.joint(model, seen))[0]


class TwoLayers(LatentCountModel):
    """A topic model with a layer of ``N_UPPER`` counts above its topics."""

    def __init__(self, prior: Any, word_frequency: Tensor, *, generator: Generator, **options: Any):
        super().__init__(prior, word_frequency, generator=generator, **options)
        self.sizes = [len(self.smoothing), N_UPPER]
        mean = torch.full((N_UPPER,), float(self.prior_count) / N_UPPER)
        self.upper_prior = PRIORS[self.latent](mean, self.atoms).law
        self.upper_logits = nn.Parameter(torch.randn(N_UPPER, self.sizes[0], generator=generator))
        self.encoder = JointNetwork(self, generator)

    def parts(self, q: Finite) -> tuple[Finite, Finite]:
        """Return the distributions of z and of y."""
        below, above = q.logits.split(self.sizes, 1)
        return tuple(Finite(one, q.atoms, validate_args=False) for one in (below, above))

    def below(self, y: Tensor) -> Finite:
        """Return p(z | y), batch shape (n_documents, n_topics)."""
        shares = proportions(y, torch.full((N_UPPER,), 0.1))
        mean = self.prior_count * shares @ self.upper_logits.softmax(-1)
        return count_law(self.latent, mean, self.atoms, self.dispersion)

    def relaxed_bound(
        self,
        observed: SparseCounts,
        words: SparseCounts,
        topic_word: Tensor,
        *,
        estimator: Any,
        temperature: Any,
        n_tokens: Tensor | None = None,
        kl_weight: Any = 1.0,
        generator: Generator | None = None,
    ) -> Tensor:
        """Return the bound of each document, with gradients."""
        n_tokens = words.n_tokens if n_tokens is None else n_tokens
        q = self.encoder.joint(self, Seen(observed, topic_word, n_tokens))
        q_z, q_y = self.parts(q)
        gradient = count_estimator(estimator, temperature)
        is_weighted = isinstance(gradient, VIMCO)

        def log_weight(both: Tensor) -> Tensor:
            z, y = both.split(self.sizes, -1)
            explained = words.log_likelihood(proportions(z, self.smoothing), topic_word)
            if is_weighted:
                return explained + kl_weight * self._log_ratio(q_z, q_y, z, y)
            return explained - kl_weight * kl_divergence(q_z, self.below(y)).sum(-1)

        bound = estimated(gradient, q, log_weight, n_tokens, generator=generator)
        if is_weighted:
            return bound
        return bound - kl_weight * kl_divergence(q_y, self.upper_prior).sum(-1)

    def _log_ratio(self, q_z: Finite, q_y: Finite, z: Tensor, y: Tensor) -> Tensor:
        below = (self.below(y).log_prob(z) - q_z.log_prob(z)).sum(-1)
        return below + (self.upper_prior.log_prob(y) - q_y.log_prob(y)).sum(-1)

    def terms(
        self, words: SparseCounts, topic_word: Tensor, name: str, temperature: float, random: Any
    ) -> tuple[Tensor, Tensor]:
        """Return log p(x | z) and the divergences of both layers, values drawn by an estimator."""
        q = self.encoder.joint(self, Seen(words, topic_word, words.n_tokens))
        z, y = drawn_by(name, temperature, q, generator=random).split(self.sizes, -1)
        q_z, q_y = self.parts(q)
        kl = kl_divergence(q_z, self.below(y)).sum(-1)
        explained = words.log_likelihood(proportions(z, self.smoothing), topic_word)
        return explained, kl + kl_divergence(q_y, self.upper_prior).sum(-1)

    def log_weight(self, words: SparseCounts, topic_word: Tensor, random: Any) -> Tensor:
        """Return log p(x, z, y) / q(z, y | x) of one draw, shape (n_documents,)."""
        q = self.encoder.joint(self, Seen(words, topic_word, words.n_tokens))
        z, y = q.sample(generator=random).split(self.sizes, -1)
        explained = words.log_likelihood(proportions(z, self.smoothing), topic_word)
        return explained + self._log_ratio(*self.parts(q), z, y)
