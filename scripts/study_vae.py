r"""Gradient estimators compared on variational autoencoders with count latents.

Measured, for each data set (MNIST and OMNIGLOT, see ``images.py``), prior and estimator: the
negative ELBO on the test images and the 100-sample IWAE bound on the first 300 of them (1,000 with
``--full``), in nats per image, always with hard samples, whatever the estimator trains on. Also
measured: the KL divergence, the gap between the objective that an estimator trains on and the same
with hard samples, and the time per step.

Model: 50 counts z, perceptrons of two layers of 200 rectified units from the pixels to q(z | x) and
from z, standardised by the prior, to Bernoulli pixels. Prior and posterior are truncated to 0..b,
the least b that clamps at most .001 of the prior's mass, and the KL divergence is exact, between
the truncated distributions. The priors are Poisson(rate); Geometric(p), the failures before a
success, of mean (1 - p) / p; NB(r, p) as in torch, of mean r p / (1 - p). The explicit posterior is
of the prior's family: the encoder gives its log-rate or log-odds, as an offset from the prior's of
at most 3 nats. "gengs_implicit" gets free logits of the atoms instead, which begin near the
prior's.

Rivals: ``topicgen.gradients.ESTIMATORS``, with one sample each but leave_one_out (2) and vimco (5,
which optimises the 5-sample bound, not the ELBO). All have the same architecture, steps, batches,
seeds and Adam (2e-3, batches of 50), their own parameters included. All temperatures fall
geometrically to half, from 1, or for eat_sigmoid from a third, where its step is as steep as that
of eat; ``study_vae_model.Budget`` says what else was tried. Values beyond 0..b, as EAT's and
the Gaussian's can be, are clamped before they are decoded, which helps the Gaussian.

    python scripts/study_vae.py --out docs/studies/vae     # 468 runs, 13 minutes, two idle cores
    python scripts/study_vae.py --full --out vae_full      # 780 longer runs, many hours
    python scripts/study_vae.py --seeds 1 --epochs 1 --priors "Poisson(2)" --estimators gengs eat \
        --out /tmp/vae                                     # seconds

It adds a row to ``results.csv`` after each run, and at the end, or when interrupted, writes
``results.md`` and ``figure.png`` from it, and ``samples.png`` from the models of seed 0. The data
is read from $TOPICGEN_DATA, by default ../shared/data. Needs matplotlib and pillow.
"""

import argparse
import csv
import functools
import itertools
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import images
import numpy as np
import pandas as pd
import study_vae_figures as figures
import study_vae_report as report
import torch
from study_vae_model import PRIORS, RIVALS, Budget, evaluate, pictures, train

# OMNIGLOT has half as many images, so both get about as many steps.
EPOCHS = {"mnist": 2, "omniglot": 4}
FULL_EPOCHS = {"mnist": 40, "omniglot": 80}

load = functools.cache(images.load)


@dataclass(frozen=True)
class Run:
    """A model to train and evaluate."""

    dataset: str
    prior: str
    estimator: str
    seed: int
    budget: Budget


def main() -> None:
    arguments = parse()
    runs = list(plan(arguments))
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "results.csv"
    path.unlink(missing_ok=True)
    drawn: figures.Pictures = {}
    try:
        for run, scores, picture in finished(runs, arguments.jobs):
            append(path, run, scores)
            if run.seed == 0:
                drawn[run.dataset, run.prior, run.estimator] = picture
    except KeyboardInterrupt:
        print("interrupted: the report covers the finished runs", file=sys.stderr)
    if path.exists():
        rows = pd.read_csv(path)
        report.write(rows, arguments.out / "results.md")
        figures.draw_scores(rows, arguments.out / "figure.png")
    if drawn:
        figures.draw_samples(drawn, arguments.out / "samples.png")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="40 (OMNIGLOT: 80) epochs, 5 seeds")
    parser.add_argument("--seeds", type=int, help="how many seeds (3; 5 with --full)")
    parser.add_argument("--epochs", type=int, help="passes over either data set")
    parser.add_argument("--datasets", nargs="+", choices=images.DATASETS, default=images.DATASETS)
    parser.add_argument("--priors", nargs="+", choices=PRIORS, default=list(PRIORS))
    parser.add_argument("--estimators", nargs="+", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--jobs", type=int, default=2, help="processes, of one thread each (2)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    return parser.parse_args()


def plan(arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the runs, seed by seed, so that an interrupted study is complete for the first."""
    n_seeds = arguments.seeds or (5 if arguments.full else 3)
    epochs = FULL_EPOCHS if arguments.full else EPOCHS
    n_iwae_images = 1000 if arguments.full else 300
    cells = itertools.product(arguments.datasets, arguments.priors, arguments.estimators)
    for seed, (dataset, prior, estimator) in itertools.product(range(n_seeds), list(cells)):
        budget = Budget(arguments.epochs or epochs[dataset], n_iwae_images)
        yield Run(dataset, prior, estimator, seed, budget)


def finished(runs: list[Run], n_jobs: int) -> Iterator[tuple[Run, dict[str, float], np.ndarray]]:
    """Yield each run with its scores and pictures as it finishes, and report progress."""
    start = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with context.Pool(n_jobs, initializer=be_worker) as pool:
        for done, (run, scores, picture) in enumerate(pool.imap_unordered(execute, runs), 1):
            minutes = (time.perf_counter() - start) / 60
            print(
                f"{done}/{len(runs)}: {run.dataset} {run.prior} {run.estimator} seed {run.seed}: "
                f"{scores['nelbo']:.1f} nats; {minutes * (len(runs) / done - 1):.1f} minutes left",
                file=sys.stderr,
            )
            yield run, scores, picture
    print(f"{len(runs)} runs in {minutes:.1f} minutes", file=sys.stderr)


def be_worker() -> None:
    """Leave interrupts to the parent, and the other cores to the other workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def execute(run: Run) -> tuple[Run, dict[str, float], np.ndarray]:
    data = load(run.dataset)
    rival = RIVALS[run.estimator]
    fitted = train(rival, PRIORS[run.prior], data.train, run.budget, run.seed)
    scores = evaluate(fitted, data.test, run.budget.n_iwae_images)
    scores |= {"steps": fitted.n_steps, "ms_per_step": 1000 * fitted.step_seconds}
    # As an array: a tensor would be shared between processes, by a file that stays open.
    return run, scores, pictures(fitted.model, data.test).numpy()


def append(path: Path, run: Run, scores: dict[str, float]) -> None:
    row = {name: getattr(run, name) for name in ("dataset", "prior", "estimator", "seed")}
    row |= {name: round(value, 4) for name, value in scores.items()}
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
