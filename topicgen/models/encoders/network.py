"""An inference network: from a document to the distribution of each of its counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Generator

from topicgen.distributions import Finite
from topicgen.models.encoders.encoder import Encoder, Seen, explicit_posterior
from topicgen.models.encoders.perceptron import Inputs, Perceptron

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel

# The initial log mass of an impossible atom: a parameter has to be finite to be trained.
_NO_MASS = -1e4
# Families that have a dispersion.
_WITH_DISPERSION = ("negative_binomial", "geometric")


class Network(Encoder):
    r"""A network that gives the parameters of each count's distribution, or its masses.

    Explicit: means :math:`m_k \propto \alpha_k e^{f_k}` that sum to the expected sum of a document,
    with the model's pseudo-counts :math:`\alpha`, in the family of the prior: Poisson, binomial, or
    negative binomial with the dispersion :math:`e^{f_{K+k}}`. Implicit: free masses
    :math:`q_k(c) \propto e^{f_{kc}}` on every atom. Dispersions and masses start at those of the
    prior, and do not follow when the prior moves.

    Args:
        network: gives :math:`f`.
    """

    def __init__(self, network: Perceptron) -> None:
        super().__init__()
        self.network = network

    @classmethod
    def of(
        cls,
        model: "LatentCountModel",
        inputs: Inputs,
        generator: Generator,
        *,
        widths: Sequence[int] = (256,),
    ) -> "Network":
        """Return a new network for a model, with hidden layers of these widths."""
        if model.inference == "implicit":
            start = model.prior_logits.T.flatten().clamp_min(_NO_MASS)
        else:
            start = torch.zeros_like(model.prior_mean)
            if model.latent in _WITH_DISPERSION:
                start = torch.cat([start, model.rate_shape.log()])
        n_words = len(model.log_frequency)
        return cls(Perceptron(inputs, n_words, start, widths, generator=generator))

    def posterior(
        self, model: "LatentCountModel", seen: Seen, prior: Finite | None = None
    ) -> Finite:
        """Return what the network finds."""
        outputs = self.network(seen, model.word_weight(seen.words), model.known)
        if model.inference == "implicit":
            # The outputs for all topics of an atom are adjacent, like the means of all topics.
            masses = outputs.unflatten(-1, (len(model.atoms), -1)).transpose(-1, -2)
            return Finite(masses.contiguous(), model.atoms, validate_args=False)
        of_means, *of_dispersions = outputs.split(len(model.topic_logits), -1)
        shares = (model.pseudo_counts().log() + of_means).softmax(-1)
        dispersion = of_dispersions[0].exp().clamp(1e-3, 1e3) if of_dispersions else None
        return explicit_posterior(model, seen, shares, dispersion)
