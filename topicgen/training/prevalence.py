r"""How covariates enter the training: a regression on them gives the encoder's prior.

After each epoch, the tokens per topic that the encoder finds are regressed on the covariates. The
regression gives the prior from which the encoder starts in the next epoch. This is expectation
maximisation, with one step per epoch.
"""

import torch
from torch import Generator

from topicgen.models import Information, Known, LatentCountModel, update_log_linear
from topicgen.training.collection import Collection

# More documents than this hardly change the coefficients, and would take long to encode.
_MOST_DOCUMENTS = 5_000

_NEWTON_STEPS = 2


class PrevalenceUpdate:
    r"""Updates the encoder's coefficients from at most 5,000 of the documents.

    The expected tokens :math:`n_{dk}` of a document of N tokens are scaled as if it had
    :math:`N (s + 1) / (N + s)` tokens, with the sum :math:`s` of the encoder's pseudo-counts: that
    many independent tokens say as much about the proportions (Dirichlet-multinomial variance).

    Args:
        model: its ``prevalence`` is updated.
        collection: the documents that the model is trained on.
        known: what else is known of these documents, including their covariates.
        generator: chooses the documents; None for torch's global stream.

    Attributes:
        intercept: of each topic, from which the next update starts, shape (n_topics,); 0 before
            the first.
    """

    def __init__(
        self,
        model: LatentCountModel,
        collection: Collection,
        known: Known,
        generator: Generator | None,
    ) -> None:
        self.model = model
        self.collection = collection
        self.known = known
        self.generator = generator
        self.intercept = torch.zeros(len(model.topic_logits), dtype=torch.float64)

    @torch.no_grad()
    def __call__(self) -> None:
        """Move the coefficients towards what the encoder finds."""
        model, covariates = self.model, self.known.covariates
        if model.prevalence is None or covariates is None:
            return
        device = model.atoms.device
        n = len(self.collection)
        rows = torch.arange(n)
        if n > _MOST_DOCUMENTS:
            on = None if self.generator is None else self.generator.device
            rows = torch.randperm(n, generator=self.generator, device=on).cpu()[:_MOST_DOCUMENTS]
        chosen = self.known.select(rows)
        counts = self.collection.select(rows)
        found = model.given(chosen).encode(counts, model.topic_word()).evidence.double()
        concentration = model.log_pseudo_counts.exp().sum().double()
        weight = model.weight_of_expectations(counts.n_tokens)
        if weight is not None:
            concentration = concentration * weight.double()
        n_tokens = found.sum(1, keepdim=True).clamp_min(1e-6)
        worth = n_tokens * (concentration + 1) / (n_tokens + concentration)
        found = found / n_tokens * worth

        def information(predictor: torch.Tensor) -> Information:
            mean = worth * predictor.exp()
            return Information(found - mean, mean)

        if not self.intercept.any():
            self.intercept = (found.sum(0) / worth.sum()).clamp_min(1e-6).log()
        self.intercept = update_log_linear(
            model.prevalence,
            self.intercept.to(device),
            covariates.select(rows).to(device, torch.float64),
            information,
            n_steps=_NEWTON_STEPS,
        )
