"""The variance and the bias of every estimator's gradient in a network's weights."""

from dataclasses import replace
from typing import Any

import torch
from study_topic_models_fit import (
    BATCH,
    N_WATCHED,
    Cell,
    corpus,
    estimator_name,
    fit,
)
from torch import Tensor

from topicgen.gradients import GradientEstimator, LeaveOneOut
from topicgen.models import LatentCountModel, SparseCounts, learning_estimator
from topicgen.training import generator
from topicgen.training.learning import Learning

N_DRAWS = 100
# For the gradient itself: an unbiased estimator, often.
N_REFERENCE, REFERENCE_SAMPLES = 150, 16
# Steps in which a baseline or control variate learns, the model as it is.
N_LEARNING = 150


def gradients_of(
    cell: Cell, estimators: list[str], temperatures: list[float], reuters: str
) -> list[dict[str, Any]]:
    """Return a row for each estimator, at the weights that the cell has after half of its epochs.

    Of the gradient g of the bound of 256 training documents: the trace of its covariance over
    |g|^2, and the square of its bias over |g|^2, less what the noise of the averages adds to it.
    """
    half = replace(cell, n_epochs=cell.n_epochs // 2)
    model, _, _ = fit(half, 1.0, reuters)
    counts = corpus(cell.corpus, reuters)["train"]
    words = SparseCounts.from_csr(counts[:BATCH])
    draws = _draws(model, words, LeaveOneOut(REFERENCE_SAMPLES), 0.5, N_REFERENCE)
    true, noise = draws.mean(0), draws.var(0).sum().item() / N_REFERENCE
    scale = true.square().sum().item() - noise
    rows = []
    for name in estimators:
        own = estimator_name(replace(cell, estimator=name))
        estimator = _learnt(model, own, counts) or own
        has_temperature = name in ("gengs", "gengs_st", "eat")
        for temperature in temperatures if has_temperature else [0.5]:
            draws = _draws(model, words, estimator, temperature, N_DRAWS)
            variance = draws.var(0).sum().item()
            off = (draws.mean(0) - true).square().sum().item() - variance / N_DRAWS - noise
            rows.append(
                {
                    "estimator": name,
                    "temperature": temperature if has_temperature else None,
                    "variance": variance / scale,
                    "bias": off / scale,
                }
            )
    return rows


def _draws(
    model: LatentCountModel,
    words: SparseCounts,
    estimator: str | GradientEstimator,
    temperature: float,
    n: int,
) -> Tensor:
    """Return draws of the gradient in the network's weights, shape (n, n_weights)."""
    random, weights, rows = generator(7, "cpu"), list(model.encoder.parameters()), []
    for _ in range(n):
        bound = _bound(model, words, estimator, temperature, random)
        rows.append(torch.cat([g.flatten() for g in torch.autograd.grad(bound, weights)]))
    return torch.stack(rows)


def _bound(
    model: LatentCountModel, words: SparseCounts, estimator: Any, temperature: float, random: Any
) -> Tensor:
    return model.relaxed_bound(
        words,
        words,
        model.topic_word(),
        estimator=estimator,
        temperature=temperature,
        generator=random,
    ).mean()


def _learnt(model: LatentCountModel, name: str, counts: Any) -> GradientEstimator | None:
    """Return an estimator that has learnt at these weights, if it learns."""
    random = generator(8, "cpu")
    estimator = learning_estimator(name, model.smoothing, generator=random)
    if estimator is None:
        return None
    learning = Learning(estimator)
    for _ in range(N_LEARNING):
        rows = torch.randint(N_WATCHED, counts.shape[0], (BATCH,), generator=random)
        words = SparseCounts.from_csr(counts[rows.numpy()])
        bound = _bound(model, words, estimator, 0.5, random)
        (-bound).backward()
        learning.step(0.2)
    model.zero_grad()
    return estimator.eval()
