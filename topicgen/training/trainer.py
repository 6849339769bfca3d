"""Stochastic gradient ascent on the relaxed bound, with early stopping on the hard one."""

import copy
import math

import torch
from torch import Tensor
from tqdm.auto import tqdm

from topicgen.models import LatentCountModel, SparseCounts
from topicgen.training.computing import seeded
from topicgen.training.schedule import Schedule

# Few layers of inference in a training step, more where the result is read.
TRAINING_LAYERS = 4
POSTERIOR_LAYERS = 15


class Trainer:
    """Trains a model, and remembers its best state.

    Args:
        model: the model, on its device.
        batch_size: documents a step.
        estimator: the gradient estimator's name.
        token_dropout: the share of each document's tokens hidden from the encoder.
        patience: how many epochs without a better held-out bound end the training.

    The objective, a document, is the mean bound plus the topics' log prior over all documents:
    maximum a posteriori in the topics, variational in the counts.

    Attributes:
        history: a dict for each epoch, with the relaxed bound in training, the hard bound on the
            held-out documents (nats a document), and its perplexity (a token, corpus level).
        best_state: the weights of the best epoch, None before the first has ended.
    """

    def __init__(
        self,
        model: LatentCountModel,
        *,
        batch_size: int,
        estimator: str = "gengs",
        token_dropout: float = 0.3,
        patience: int = 10,
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.estimator = estimator
        self.token_dropout = token_dropout
        self.patience = patience
        self.history: list[dict[str, float]] = []
        self.best_state: dict[str, Tensor] | None = None
        self._best_elbo = -math.inf
        # Word probabilities move by orders of magnitude: steps are large, and the second moment's
        # memory is short, so that a rare word's first gradients do not stall it.
        self._optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))

    def run(
        self,
        counts: SparseCounts,
        held_out: SparseCounts,
        schedule: Schedule,
        *,
        progress: bool = False,
    ) -> None:
        """Train until the schedule ends, or the held-out bound no longer rises.

        The model is left with the best weights also when the training is interrupted.
        """
        n_epochs = math.ceil(schedule.n_steps / self._n_batches(counts))
        bar = tqdm(total=n_epochs, desc="training", unit="epoch", disable=not progress)
        step = 0
        try:
            for _ in range(n_epochs):
                relaxed = self._epoch(counts, schedule, step)
                step += self._n_batches(counts)
                row = self._record(relaxed, held_out, schedule.temperature_at(step - 1))
                bar.set_postfix(elbo=f"{row['elbo']:.1f}", perplexity=f"{row['perplexity']:.0f}")
                bar.update()
                if self._is_stalled():
                    break
        finally:
            bar.close()
            if self.best_state is not None:
                self.model.load_state_dict(self.best_state)

    def restart(self) -> None:
        """Forget the best weights so far: what comes next is measured on other documents."""
        self.best_state, self._best_elbo = None, -math.inf

    def _n_batches(self, counts: SparseCounts) -> int:
        return math.ceil(len(counts) / self.batch_size)

    def _epoch(self, counts: SparseCounts, schedule: Schedule, step: int) -> float:
        """Pass over the documents in random order; return the mean relaxed bound, in nats."""
        total = torch.zeros((), device=counts.values.device)
        order = torch.randperm(len(counts), device=counts.values.device)
        for number, rows in enumerate(order.split(self.batch_size)):
            for group in self._optimizer.param_groups:
                group["lr"] = schedule.learning_rate_at(step + number)
            bound = self.model.relaxed_bound(
                counts.select(rows),
                estimator=self.estimator,
                temperature=schedule.temperature_at(step + number),
                token_dropout=self.token_dropout,
                n_layers=TRAINING_LAYERS,
            )
            self._optimizer.zero_grad()
            objective = bound.elbo.mean() + self.model.topic_log_prior() / len(counts)
            (-objective).backward()
            self._optimizer.step()
            # Summed on the device: reading it here would wait for the device at every step.
            total += bound.elbo.detach().sum()
        return total.item() / len(counts)

    def _record(
        self, relaxed: float, held_out: SparseCounts, temperature: float
    ) -> dict[str, float]:
        elbo, perplexity = self._evaluate(held_out)
        row = {
            "epoch": len(self.history) + 1,
            "temperature": temperature,
            "relaxed_elbo": relaxed,
            "elbo": elbo,
            "perplexity": perplexity,
        }
        self.history.append(row)
        if elbo > self._best_elbo:
            self._best_elbo = elbo
            self.best_state = copy.deepcopy(self.model.state_dict())
        return row

    def _evaluate(self, held_out: SparseCounts) -> tuple[float, float]:
        # The same draws at every epoch, so that only the model makes the difference.
        with seeded(0, held_out.values.device):
            bound = self.model.hard_bound(held_out, n_samples=1, n_layers=POSTERIOR_LAYERS)
        total = bound.elbo.sum().item()
        n_tokens = max(held_out.n_tokens.sum().item(), 1.0)
        return total / len(held_out), math.exp(-total / n_tokens)

    def _is_stalled(self) -> bool:
        bounds = [row["elbo"] for row in self.history]
        return len(bounds) - 1 - bounds.index(max(bounds)) >= self.patience
