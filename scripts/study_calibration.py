"""Whether the intervals contain the truth: simulation-based calibration of the posterior.

    python scripts/study_calibration.py                  # everything, half an hour on two cores
    python scripts/study_calibration.py --documents 200 --topics 10

Writes docs/studies/calibration: calibration.md, calibration.json and ranks.png. Four parts:

- simulation: models of 20 Newsgroups (20ng_5000 in $TOPICGEN_DATA, else ../shared/data; where it
  is missing, of a synthetic collection) draw documents of 5 to 5,000 tokens with known topics
  (Talts, Betancourt, Simpson, Vehtari and Gelman, 2018). Prints how often the intervals contain the
  truth, by default and with ``fast=True``, for the largest topic of each document (by the posterior
  mean), for a topic chosen beforehand (by the topics' shares in the collection), and for an absent
  topic (whose probability of presence is below one half). Tokens are whole numbers, and their
  interval has at least its level: the share that the draws themselves give it follows "of", and the
  coverage of intervals with randomised ends is in parentheses.
- width: the mean width of the intervals of the largest topic's proportion, by document length.
- planted: how well planted topics, dispersions and presences are recovered by fitted models.
- cost: CPU seconds and memory for the test posts of 20 Newsgroups, and for a single post.
"""

import argparse
import json
import os
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from scipy.optimize import linear_sum_assignment

from topicgen import TopicModel
from topicgen.topic_model.posterior import Posterior

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "studies" / "calibration"
LENGTHS = (5, 20, 100, 1_000, 5_000)
LEVELS = (0.5, 0.8, 0.9, 0.95)
SELECTIONS = ("largest", "beforehand", "absent")
QUANTITIES = ("proportions", "tokens")
N_BINS = 20
MOST_LAGS = 12
SMALLEST = 1e-30
# Documents per call, so that the draws of long documents fit into memory.
PART = 500


def collection(part: str) -> sp.csr_matrix:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "20ng_5000"
    if folder.is_dir():
        return sp.load_npz(folder / f"{part}_bow.npz").tocsr()
    return planted(20, 2_000, 3_000, seed=7)[1]


# -- simulation --------------------------------------------------------------------------------


def coverage(model: TopicModel, length: int, n_documents: int, *, fast: bool) -> dict[str, Any]:
    """Return how often the intervals contain the truth, and its ranks among the draws."""
    counts: dict[str, Any] = {}
    for start in range(0, n_documents, PART):
        n = min(PART, n_documents - start)
        truth = model.simulate([length] * n, random_state=np.random.default_rng([length, start]))
        posterior = model.posterior(truth.counts, fast=fast, random_state=start)
        _add(counts, _compared(model, posterior, truth, np.random.default_rng(start)))
    return counts


def _compared(
    model: TopicModel, posterior: Posterior, truth: Any, random: np.random.Generator
) -> dict[str, Any]:
    n = len(posterior.n_tokens)
    rows = np.arange(n)
    absent = posterior.presence < 0.5
    absent[~absent.any(1), 0] = True  # if every topic is present, the first
    chosen = {
        "largest": posterior.proportions.argmax(1),
        "beforehand": random.choice(
            len(model.topic_share_), n, p=model.topic_share_ / model.topic_share_.sum()
        ),
        "absent": np.where(absent, random.random(absent.shape), -1.0).argmax(1),
    }
    found: dict[str, Any] = {}
    for of in QUANTITIES:
        true = getattr(truth, of)
        draws = posterior.sample(of=of)
        intervals = {level: posterior.interval(level, of=of) for level in LEVELS}
        for name, topic in chosen.items():
            here = true[rows, topic]
            drawn = draws[:, rows, topic]
            cell: dict[str, Any] = {"n": n, "covered": [], "claimed": [], "width": []}
            for low, high in intervals.values():
                low, high = low[rows, topic], high[rows, topic]
                cell["covered"].append(int(((low <= here) & (here <= high)).sum()))
                held = ((drawn >= low) & (drawn <= high)).sum(0) / (len(drawn) + 1)
                cell["claimed"].append(float(held.sum()))
                cell["width"].append(float((high - low).sum()))
            # Single precision has no smaller numbers: they are equal.
            here, drawn = np.maximum(here, SMALLEST), np.maximum(drawn, SMALLEST)
            below, equal = (drawn < here).sum(0), (drawn == here).sum(0)
            rank = (below + random.random(n) * (equal + 1)) / (len(drawn) + 1)
            cell["autocorrelation"] = float(_autocorrelation_times(drawn).sum())
            cell["ranks"] = np.histogram(rank, N_BINS, (0, 1))[0].tolist()
            within = [(abs(rank - 0.5) < level / 2).sum() for level in LEVELS]
            cell["randomised"] = [int(x) for x in within]
            found[f"{of} {name}"] = cell
    return found


def _autocorrelation_times(draws: np.ndarray) -> np.ndarray:
    """Return 1 + 2 sum of the autocorrelations above .03 of each document's draws, four chains."""
    if len(draws) < 4 * MOST_LAGS:
        return np.ones(draws.shape[1])
    chains = draws.reshape(-1, 4, draws.shape[1])
    deviations = chains - chains.mean((0, 1))
    variance = np.maximum((deviations**2).mean((0, 1)), 1e-300)
    time = np.ones(draws.shape[1])
    for lag in range(1, MOST_LAGS):
        correlation = (deviations[lag:] * deviations[:-lag]).mean((0, 1)) / variance
        time += 2 * np.where(correlation.mean() > 0.03, correlation, 0.0)
    return time


def _add(total: dict[str, Any], more: dict[str, Any]) -> None:
    for name, cell in more.items():
        before = total.setdefault(name, {key: np.zeros_like(x) for key, x in cell.items()})
        for key, value in cell.items():
            before[key] = (np.asarray(before[key]) + np.asarray(value)).tolist()


def simulation(n_topics: int, n_documents: int) -> dict[str, Any]:
    model = TopicModel(n_topics, random_state=0).fit(collection("train"))
    result: dict[str, Any] = {}
    for length in LENGTHS:
        for fast in (False, True):
            start = time.process_time()
            cells = coverage(model, length, n_documents, fast=fast)
            seconds = time.process_time() - start
            result[f"{length}{' fast' if fast else ''}"] = {"seconds": seconds, "cells": cells}
            print(f"K={n_topics} N={length} {'fast' if fast else ''} {seconds:.0f} s", flush=True)
    return result


# -- planted topics ----------------------------------------------------------------------------


def planted(
    n_topics: int, n_words: int, n_documents: int, seed: int
) -> tuple[np.ndarray, sp.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """Return topics, documents with negative binomial tokens of each, and their parameters."""
    random = np.random.default_rng(seed)
    topics = random.dirichlet(np.full(n_words, 0.02), n_topics)
    dispersion = np.resize([0.05, 0.3, 0.3, 0.05, 2.0], n_topics)
    mean = np.resize([8.0, 8.0, 16.0, 16.0, 12.0], n_topics)
    rates = random.gamma(dispersion, mean / dispersion, (n_documents, n_topics))
    tokens = random.poisson(rates)
    counts = sum(
        np.stack([random.multinomial(n, topics[k]) for n in tokens[:, k]]) for k in range(n_topics)
    )
    return topics, sp.csr_matrix(counts), tokens, dispersion, rates


def recovery(seed: int, likelihood: str) -> dict[str, Any]:
    """Fit a model to planted documents, and compare what it reports with what was planted."""
    topics, counts, tokens, dispersion, rates = planted(10, 1_000, 4_000, seed)
    n_training = 3_000
    training = counts[:n_training]
    model = TopicModel(10, likelihood=likelihood, random_state=seed).fit(training)
    order = _matched(model.components_, topics)
    info = model.get_topic_info().sort_values("topic").iloc[order]
    occupied = np.asarray(training.sum(1)).ravel() > 0
    seen = tokens[:n_training][occupied]
    share = seen / seen.sum(1, keepdims=True)
    truth = {
        "tokens": seen.mean(0),
        "presence": (seen > 0).mean(0),
        "amount": share.sum(0) / (seen > 0).sum(0),
        "dispersion": dispersion,
    }
    result: dict[str, Any] = {"seed": seed, "likelihood": likelihood}
    for name, true in truth.items():
        low, high = info[f"{name}_low"].to_numpy(), info[f"{name}_high"].to_numpy()
        result[name] = {
            "true": true.tolist(),
            "ratio": (info[name].to_numpy() / true).tolist(),
            "within": ((low <= true) & (true <= high)).tolist(),
        }
    new, unseen = counts[n_training:], tokens[n_training:]
    proportions = rates[n_training:] / rates[n_training:].sum(1, keepdims=True)
    posterior = model.posterior(new)
    rows, largest = np.arange(new.shape[0]), posterior.proportions[:, order].argmax(1)
    for of, true in (("tokens", unseen), ("proportions", proportions)):
        low, high = (end[:, order][rows, largest] for end in posterior.interval(0.9, of=of))
        within = (low <= true[rows, largest]) & (true[rows, largest] <= high)
        result[f"coverage of {of}"] = float(within.mean())
    return result


def _matched(components: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """Return, for each planted topic, the fitted topic that matches it."""
    planted_rows, fitted_rows = linear_sum_assignment(-np.sqrt(topics) @ np.sqrt(components).T)
    return fitted_rows[np.argsort(planted_rows)]


# -- cost --------------------------------------------------------------------------------------


def cost() -> dict[str, Any]:
    torch.set_num_threads(1)
    model = TopicModel(50, random_state=0).fit(collection("train"))
    test = collection("test")
    transforms, fasts, singles = [], [], []
    for _ in range(3):
        transforms.append(_seconds(lambda: model.transform(test)))
        fasts.append(_seconds(lambda: _both(model.posterior(test, fast=True))))
    for row in range(20):
        singles.append(_seconds(lambda row=row: model.posterior(test[row]).tokens))
    # The peak memory of the process so far is that of the fit.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    usual = _seconds(lambda: _both(model.posterior(test)))
    return {
        "documents": test.shape[0],
        "transform": statistics.median(transforms),
        "fast": statistics.median(fasts),
        "usual": usual,
        "single": statistics.median(singles),
        "gigabytes before": before,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _both(posterior: Posterior) -> Any:
    return posterior.tokens, posterior.proportions, posterior.interval(0.9)


def _seconds(work: Any) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


# -- report ------------------------------------------------------------------------------------


def report(results: dict[str, Any]) -> str:
    lines = ["# Calibration of the posterior", "", f"`{results['command']}`", ""]
    for key, part in results.items():
        if not key.startswith("K="):
            continue
        lines += [f"## Documents drawn from a fitted model, {key}", ""]
        lines += _coverage_table(part, fast=False)
        lines += [f"The same with `fast=True`, {key}:", "", *_coverage_table(part, fast=True)]
        lines += ["Mean width of the 90% interval of the largest topic's proportion:", ""]
        lines += _widths(part)
    if "planted" in results:
        lines += _planted_table(results["planted"])
    if "cost" in results:
        lines += _cost_table(results["cost"])
    return "\n".join(lines) + "\n"


def _coverage_table(part: dict[str, Any], *, fast: bool) -> list[str]:
    head = "| quantity | topic | tokens | " + " | ".join(f"{level:.0%}" for level in LEVELS)
    lines = [f"{head} | intervals |", "|---" * (4 + len(LEVELS)) + "|"]
    for of in QUANTITIES:
        for name in SELECTIONS:
            for length in LENGTHS:
                cell = part[f"{length}{' fast' if fast else ''}"]["cells"][f"{of} {name}"]
                shares = []
                for i in range(len(LEVELS)):
                    text = f"{cell['covered'][i] / cell['n']:.3f}"
                    if of == "tokens" and not fast:
                        text += f" of {cell['claimed'][i] / cell['n']:.3f}"
                        text += f" ({cell['randomised'][i] / cell['n']:.3f})"
                    shares.append(text)
                lines.append(
                    f"| {of} | {name} | {length:,} | " + " | ".join(shares) + f" | {cell['n']:,} |"
                )
    return [*lines, ""]


def _widths(part: dict[str, Any]) -> list[str]:
    cells = [part[str(length)]["cells"]["proportions largest"] for length in LENGTHS]
    widths = [cell["width"][2] / cell["n"] for cell in cells]
    times = [cell["autocorrelation"] / cell["n"] for cell in cells]
    slopes = np.diff(np.log(widths)) / np.diff(np.log(LENGTHS))
    return [
        "| tokens | " + " | ".join(f"{length:,}" for length in LENGTHS) + " |",
        "|---" * (1 + len(LENGTHS)) + "|",
        "| width | " + " | ".join(f"{width:.3f}" for width in widths) + " |",
        "| exponent from the previous length | | "
        + " | ".join(f"{slope:.2f}" for slope in slopes)
        + " |",
        "| autocorrelation time of its draws | " + " | ".join(f"{x:.1f}" for x in times) + " |",
        "",
    ]


def _planted_table(runs: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Planted topics, estimated",
        "",
        "Median of |ratio to the truth - 1| over topics and seeds, and in parentheses the share of "
        "the 95% intervals that contain the truth; then the share of new documents whose 90% "
        "interval for the largest topic contains the truth (.90 if the topics were known).",
        "",
        "| likelihood | planted dispersion | tokens | presence | amount | dispersion |",
        "|---" * 6 + "|",
    ]
    for likelihood in sorted({run["likelihood"] for run in runs}):
        mine = [run for run in runs if run["likelihood"] == likelihood]
        planted_dispersions = np.concatenate([run["dispersion"]["true"] for run in mine])
        for value in np.unique(planted_dispersions):
            here = planted_dispersions == value
            texts = []
            for name in ("tokens", "presence", "amount", "dispersion"):
                ratio = np.concatenate([run[name]["ratio"] for run in mine])[here]
                within = np.concatenate([run[name]["within"] for run in mine])[here]
                texts.append(f"{np.median(abs(ratio - 1)):.3f} ({within.mean():.2f})")
            lines.append(f"| {likelihood} | {value} | " + " | ".join(texts) + " |")
    lines += ["", "| likelihood | coverage of tokens | of proportions |", "|---|---|---|"]
    for run in runs:
        tokens, proportions = run["coverage of tokens"], run["coverage of proportions"]
        lines.append(
            f"| {run['likelihood']}, seed {run['seed']} | {tokens:.3f} | {proportions:.3f} |"
        )
    return [*lines, ""]


def _cost_table(cost: dict[str, Any]) -> list[str]:
    return [
        "## Cost",
        "",
        f"{cost['documents']:,} documents, K = 50, one core, CPU seconds:",
        "",
        "| transform | fast | default | a single document | gigabytes, before and after |",
        "|---" * 5 + "|",
        f"| {cost['transform']:.2f} | {cost['fast']:.2f} "
        f"({cost['fast'] / cost['transform']:.1f} x) | {cost['usual']:.1f} | "
        f"{cost['single']:.4f} | {cost['gigabytes before']:.2f}, {cost['gigabytes']:.2f} |",
        "",
    ]


def figure(results: dict[str, Any], path: Path) -> None:
    """Draw the rank histograms, which are flat where the posterior is calibrated."""
    from matplotlib.figure import Figure

    keys = [key for key in results if key.startswith("K=")]
    rows = [(key, of, name) for key in keys for of in QUANTITIES for name in SELECTIONS]
    fig = Figure(figsize=(9, 1.25 * len(rows) + 0.6), layout="constrained")
    axes = fig.subplots(len(rows), len(LENGTHS), squeeze=False, sharex=True)
    for number, (line, (key, of, name)) in enumerate(zip(axes, rows, strict=True)):
        for axis, length in zip(line, LENGTHS, strict=True):
            cell = results[key][str(length)]["cells"][f"{of} {name}"]
            expected = cell["n"] / N_BINS
            band = 2.58 * np.sqrt(expected * (1 - 1 / N_BINS))
            axis.axhspan(expected - band, expected + band, color="0.88", lw=0)
            axis.bar((np.arange(N_BINS) + 0.5) / N_BINS, cell["ranks"], 1 / N_BINS, color="#33658a")
            axis.set(yticks=[], xticks=[0, 1], ylim=(0, 2 * expected))
            for side in ("top", "right", "left"):
                axis.spines[side].set_visible(False)
            if number == 0:
                axis.set_title(f"{length:,} tokens", fontsize=9)
        line[0].set_ylabel(f"{key}\n{of}\n{name}", fontsize=7, rotation=0, ha="right", va="center")
    fig.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--documents", type=int, default=2_000, help="documents simulated per length"
    )
    parser.add_argument("--topics", type=int, nargs="*", default=[10, 50])
    parser.add_argument("--seeds", type=int, default=3, help="number of planted collections")
    parser.add_argument("--parts", nargs="*", default=["simulation", "planted", "cost"])
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / "calibration.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results["command"] = "python scripts/study_calibration.py"
    # First, because the memory measured is the peak of the whole process.
    if "cost" in arguments.parts:
        results["cost"] = cost()
    if "planted" in arguments.parts:
        results["planted"] = [
            recovery(seed, likelihood)
            for likelihood in ("multinomial", "poisson")
            for seed in range(arguments.seeds)
        ]
    if "simulation" in arguments.parts:
        for n_topics in arguments.topics:
            results[f"K={n_topics}"] = simulation(n_topics, arguments.documents)
    path.write_text(json.dumps(results) + "\n")
    text = report(results)
    (OUT / "calibration.md").write_text(text)
    if any(key.startswith("K=") for key in results):
        figure(results, OUT / "ranks.png")
    print(text)


if __name__ == "__main__":
    main()
