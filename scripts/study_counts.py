"""Where the sampling of counts matters: gradient estimators by the number of units in a document.

    python scripts/study_counts.py                      # 20ng_5000, K=50, 3 seeds: an hour and more
    python scripts/study_counts.py --seeds 1 --units 3 10 --settings GenGS mean
    python scripts/study_counts.py --report             # print what has been measured so far

Goes on from the fits in the JSON file, so that it can be run in pieces. Prints Markdown tables, and
writes them and every fit to --output. The corpus is read as by scripts/benchmark_peers.py.

The first table compares estimators of the gradient under the posterior that topicgen trains by
default: independent Poisson counts with a fixed expected total. The second asks what brings relaxed
values, whole counts and the best prediction together. Both measure the 7,532 test posts:

    perplexity   document completion, E[theta] from the observed half (``TopicModel.perplexity``)
    one sample   the same, exp(-E log p(hidden | z)) over whole counts z, one at a time
    ELBO         perplexity of the evidence bound: whole counts, 15 steps of coordinate ascent
    relaxed      the bound that training sees: the encoder's posterior, the estimator's values
    hard         the same bound with whole counts
    gap          log(hard / relaxed): what relaxed values explain beyond counts, nats per token
    CPU s        of the fit

All bounds are of the words given a document's length.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import scipy.sparse as sp
import torch
from benchmark_peers import load, score, write
from benchmark_report import means
from study_counts_estimators import SETTINGS, add_estimators, estimators_of
from torch.distributions import kl_divergence

from topicgen import TopicModel, evaluation
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.models.proportions import proportions
from topicgen.topic_model.inference import batches
from topicgen.training import generator

N_TOPICS = 50
# Of the counts of each document, for every expectation.
SAMPLES = 5
ASCENT_STEPS = 15
# What is shown, with how many digits after the point.
COLUMNS = {
    "perplexity": 0,
    "one sample": 0,
    "ELBO": 0,
    "relaxed": 0,
    "hard": 0,
    "gap": 3,
    "NPMI": 3,
    "diversity": 3,
    "CPU s": 0,
}
HEADER = """# Estimators by the number of units

Printed by `scripts/study_counts.py`, whose head says what the columns are: 20 Newsgroups, K = 50,
the 7,532 test posts; means over the seeds, with the standard deviation of the perplexity in
brackets. What it shows is in [README.md](README.md).
"""


def measure(corpus: dict, units: float, seed: int, options: dict) -> dict[str, float]:
    """Fit one model and return its scores on the test documents."""
    start = time.process_time()
    model = TopicModel(N_TOPICS, prior_count=units, random_state=seed, **options)
    model.fit(corpus["train"])
    seconds = time.process_time() - start
    scores = score(corpus, model.components_, model.transform)
    drawn = estimators_of(options)
    temperature = model.history_["temperature"].iloc[-1]
    return {
        "perplexity": float(scores["perplexity"]),
        **completions(corpus["test"], model.model_, drawn, temperature),
        **bounds(corpus["test"], model.model_, drawn, temperature),
        "NPMI": float(scores["NPMI@10"]),
        "diversity": float(scores["diversity@10"]),
        "CPU s": seconds,
    }


@torch.no_grad()
def completions(
    counts: sp.csr_matrix, model: LatentCountModel, drawn: tuple[str, str], temperature: float
) -> dict[str, float]:
    """Return perplexities of the hidden halves under values drawn from the observed halves."""
    observed, hidden = evaluation.split_tokens(counts, random_state=0)
    topic_word, random = model.topic_word(), generator(0, "cpu")
    totals = torch.zeros(2, dtype=torch.float64)
    parts = zip(batches(observed, "cpu"), batches(hidden, "cpu"), strict=True)
    for seen, unseen in parts:
        q = model.posterior(seen, topic_word)
        totals += values(model, q, unseen, topic_word, drawn, temperature, random).sum(1)
    one, relaxed = (math.exp(-total / hidden.sum()) for total in totals.tolist())
    return {"one sample": one, "one relaxed sample": relaxed}


@torch.no_grad()
def bounds(
    counts: sp.csr_matrix, model: LatentCountModel, drawn: tuple[str, str], temperature: float
) -> dict[str, float]:
    """Return the perplexities of evidence bounds, and the gap between the relaxed and the hard."""
    topic_word, random = model.topic_word(), generator(0, "cpu")
    totals = torch.zeros(3, dtype=torch.float64)
    for batch in batches(counts, "cpu"):
        amortised = model.posterior(batch, topic_word)
        refined = model.posterior(batch, topic_word, ASCENT_STEPS)
        hard, relaxed = values(model, amortised, batch, topic_word, drawn, temperature, random)
        elbo, _ = values(model, refined, batch, topic_word, ("", ""), temperature, random)
        divergence = kl_divergence(amortised, model.prior).sum(-1)
        elbo = elbo - kl_divergence(refined, model.prior).sum(-1)
        totals += torch.stack([hard - divergence, relaxed - divergence, elbo]).sum(1)
    hard, relaxed, elbo = (-totals / counts.sum()).tolist()
    return {
        "ELBO": math.exp(elbo),
        "relaxed": math.exp(relaxed),
        "hard": math.exp(hard),
        "gap": hard - relaxed,
    }


def values(
    model: LatentCountModel,
    q: torch.distributions.Distribution,
    counts: SparseCounts,
    topic_word: torch.Tensor,
    drawn: tuple[str, str],
    temperature: float,
    random: torch.Generator,
) -> torch.Tensor:
    """Return E[log p(words | z)] of whole counts and of the estimator's, shape (2, n_documents)."""
    rows = []
    for name in drawn:
        total = torch.zeros(len(counts), dtype=torch.float64)
        for _ in range(SAMPLES):
            if name:
                z = model.draw(q, name, temperature, generator=random)
            else:
                z = q.sample(generator=random)
            total += counts.log_likelihood(proportions(z, model.smoothing), topic_word)
        rows.append(total / SAMPLES)
    return torch.stack(rows)


def report(runs: list[dict]) -> str:
    """Return a table of each kind of setting, means over the seeds."""
    frame = pd.DataFrame(runs)
    kinds = frame["setting"].map(lambda name: SETTINGS[name].table)
    order = list(dict.fromkeys(setting.table for setting in SETTINGS.values()))
    return "\n\n".join(
        f"## {kind}\n\n" + "\n".join(table_lines(frame[kinds == kind]))
        for kind in order
        if (kinds == kind).any()
    )


def table_lines(frame: pd.DataFrame) -> Iterator[str]:
    yield "| units | setting | " + " | ".join(COLUMNS) + " | seeds |"
    yield "|---|---|" + "---|" * (len(COLUMNS) + 1)
    order = list(SETTINGS)
    groups = dict(list(frame.groupby(["units", "setting"])))
    for units, setting in sorted(groups, key=lambda key: (key[0], order.index(key[1]))):
        group = groups[units, setting]
        yield (
            f"| {units:.4g} | {setting} | "
            + " | ".join(means(group, COLUMNS))
            + f" | {len(group)} |"
        )


def wanted(arguments: argparse.Namespace) -> Iterator[tuple[float, str, int]]:
    """Yield the fits to make, seed by seed, so that a run cut short has whole tables."""
    for seed in range(arguments.seeds):
        for name in arguments.settings:
            for units in SETTINGS[name].units:
                if arguments.units is None or units in arguments.units:
                    yield units, name, seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--units", type=float, nargs="+", help="all of each setting without it")
    names = list(SETTINGS)
    parser.add_argument("--settings", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--report", action="store_true", help="fit nothing")
    parser.add_argument("--output", type=Path, default=Path("docs/studies/counts"))
    arguments = parser.parse_args()
    add_estimators()
    path = arguments.output / "counts.json"
    arguments.output.mkdir(parents=True, exist_ok=True)
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    done = {(run["units"], run["setting"], run["seed"]) for run in runs}
    if not arguments.report:
        corpus = load("20ng_5000")
        for units, name, seed in wanted(arguments):
            if (units, name, seed) in done:
                continue
            options = SETTINGS[name].options(units)
            scores = measure(corpus, units, seed, options)
            runs.append({"units": units, "setting": name, "seed": seed, **scores})
            write({"corpus": "20ng_5000", "k": N_TOPICS, "runs": runs}, path)
            shown = ", ".join(f"{key} {value:.4g}" for key, value in scores.items())
            print(f"{units:g} units, {name}, seed {seed}: {shown}", file=sys.stderr, flush=True)
    if not runs:
        sys.exit(f"nothing has been measured in {path}; run without --report")
    text = report(runs)
    path.with_suffix(".md").write_text(f"{HEADER}\n{text}\n")
    print(text)


if __name__ == "__main__":
    main()
