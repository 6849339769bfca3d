r"""Training on the evidence lower bound itself, with hard samples.

Variational expectation maximisation (Neal and Hinton, 1998): the posterior of each document of a
batch is fitted to the bound (``topicgen.models.tightened``), the topics take a gradient step up
:math:`E_q \log p(x \mid z)`, and after each pass through the documents the prior becomes the
likeliest one for the mean of their posteriors' masses. The encoder and relaxed samples are not
used.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from topicgen.models import PRIORS, Known, LatentCountModel, tightened
from topicgen.training.batches import Batch, Batches
from topicgen.training.collection import Collection
from topicgen.training.schedule import Schedule
from topicgen.training.steps import Advance
from topicgen.training.trainer import Trainer

# Steps of coordinate ascent, and sweeps of local expectations, for the posteriors of a batch.
_STEPS, _SWEEPS = 5, 2


class Climber(Trainer):
    """Trains the topics and the prior of an already trained model.

    Args:
        model: the model, on its device; its frozen topics stay as they are.
        learn_prior: whether the prior is fitted too.
        options: other arguments of ``Trainer``.
    """

    def __init__(
        self, model: LatentCountModel, *, learn_prior: bool = True, **options: Any
    ) -> None:
        super().__init__(model, objective="elbo", token_dropout=0.0, count_power=1.0, **options)
        self.fits_prior = learn_prior and model.latent in PRIORS and model.prevalence is None

    def _batches(self, collection: Collection, known: Known | None) -> Batches:
        return Batches(
            collection,
            batch_size=self.batch_size,
            token_dropout=0.0,
            count_power=1.0,
            generator=self.generator,
        )

    def _steps(self, collection: Collection, known: Known | None) -> "_Steps":
        return _Steps(self, collection, known)

    def _epoch(
        self,
        batches: Batches,
        steps: Any,
        schedule: Schedule,
        first: int,
        after_step: Callable[[], None],
    ) -> float:
        mean = super()._epoch(batches, steps, schedule, first, after_step)
        if self.fits_prior:
            self.model.update_prior(steps.masses / steps.n_seen)
        steps.masses, steps.n_seen = torch.zeros_like(steps.masses), 0
        return mean

    def _end_epoch(self, perplexity: float) -> bool:
        super()._end_epoch(perplexity)
        # The bound rises in every epoch, which the prediction of hidden halves does not show.
        return True


class _Steps(Advance):
    """Takes the steps.

    Attributes:
        masses: the posterior masses of each topic's counts, summed over the documents so far.
        n_seen: the number of documents so far in the epoch.
    """

    def __init__(self, trainer: Trainer, collection: Collection, known: Known | None) -> None:
        super().__init__(trainer, collection, known)
        self.masses = torch.zeros(
            len(trainer.model.smoothing),
            len(trainer.model.atoms),
            dtype=collection.dtype,
            device=collection.device,
        )
        self.n_seen = 0

    def _explained(
        self,
        model: LatentCountModel,
        batch: Batch,
        topic_word: Tensor,
        temperature: float | Tensor,
        ramp: float | Tensor,
    ) -> Tensor:
        """Return log p(x | z) of a sample of each document's posterior, shape (n_documents,)."""
        counts, random = batch.predicted.copied(), self.trainer.generator
        with torch.no_grad():
            q = model.posterior(counts, topic_word.detach(), _STEPS)
            q = tightened(model, counts, q, n_sweeps=_SWEEPS, generator=random)
            self.masses += q.probs.sum(0)
            z = q.sample(generator=random)
        self.n_seen += len(counts)
        return model.log_likelihood(counts, topic_word, z)
