"""Encoders compared: unfolded inference, an inference network, or both.

    python scripts/study_encoders.py                    # 20ng_5000, K=50, 3 seeds: an hour
    python scripts/study_encoders.py --part validation  # for choices: a part of the training posts
    python scripts/study_encoders.py --report           # print what has been measured so far

Every encoder is trained with both objectives and both kinds of inference. Fits that are in the JSON
file already are not repeated, so the study can be run in pieces. The corpus is read as in
scripts/benchmark_peers.py. Prints a Markdown table of means over the seeds, and writes the table
and every fit to --output:

    perplexity   document completion, E[theta] from the encoder
    own ELBO     perplexity of the evidence bound with the encoder's posterior, whole counts
    ELBO         the same after 15 steps of coordinate ascent
    IWAE         the importance-weighted bound with 20 samples of that posterior
    NPMI, diversity   of the top 10 words of topics
    purity, NMI   of documents by their main topic
    CPU s        of the fit

Bounds are measured on the first 1,000 posts.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import pandas as pd
import scipy.sparse as sp
import torch
from benchmark_peers import held_out, load, score, write
from benchmark_report import means

from topicgen import TopicModel
from topicgen.models import Hierarchy, evidence_bound
from topicgen.topic_model.inference import batches
from topicgen.training import generator

N_TOPICS = 50
MOST_BOUNDED, SAMPLES, WEIGHTED = 1_000, 5, 20
# The posts that choices are made on, of the training posts.
N_VALIDATION = 1_800

ENCODERS = ("unfolded", "network", "unfolded_network")
SETTINGS = {
    f"{encoder}, {objective}, {inference}": {
        "encoder": encoder,
        "objective": objective,
        "inference": inference,
    }
    for encoder in ENCODERS
    for objective in ("hidden_tokens", "elbo")
    for inference in ("explicit", "implicit")
    if encoder != "unfolded_network" or inference == "explicit"
}
# What is shown, with how many digits after the point.
COLUMNS = {
    "perplexity": 0,
    "own ELBO": 0,
    "ELBO": 0,
    "IWAE": 0,
    "NPMI@10": 3,
    "diversity@10": 3,
    "purity": 3,
    "NMI": 3,
    "CPU s": 0,
}


def corpus_for(part: str) -> dict:
    """Return the posts to train on, as "train", and those to measure, as "test"."""
    corpus = load("20ng_5000")
    return corpus if part == "test" else held_out(corpus, N_VALIDATION, seed=7)


def measure(corpus: dict, seed: int, options: dict) -> dict[str, float]:
    start = time.process_time()
    model = TopicModel(N_TOPICS, random_state=seed, **options).fit(corpus["train"])
    seconds = time.process_time() - start
    some = corpus["test"][:MOST_BOUNDED]
    return {
        **score(corpus, model.components_, model.transform),
        "own ELBO": own_bound(some, model.hierarchy_),
        "ELBO": model.perplexity(some, "elbo", n_samples=SAMPLES),
        "IWAE": model.perplexity(some, "iwae", n_samples=WEIGHTED),
        "CPU s": seconds,
    }


def own_bound(counts: sp.csr_matrix, hierarchy: Hierarchy) -> float:
    """Return the perplexity of the evidence bound with the encoder's own posterior."""
    random, total = generator(0, "cpu"), 0.0
    for batch in batches(counts, torch.device("cpu")):
        bound = evidence_bound(hierarchy.amortised(), batch, n_samples=SAMPLES, generator=random)
        total += bound.elbo.sum().item()
    return math.exp(-total / counts.sum())


def report(runs: list[dict]) -> str:
    """Return a table of the settings, means over the seeds."""
    frame = pd.DataFrame(runs)
    groups = dict(list(frame.groupby("setting")))
    # Seconds are measured on an idle machine, or not at all.
    columns = {name: digits for name, digits in COLUMNS.items() if name in frame}
    lines = [
        "| encoder | objective | inference | " + " | ".join(columns) + " | seeds |",
        "|---|---|---|" + "---|" * (len(columns) + 1),
    ]
    for setting in filter(groups.__contains__, SETTINGS):
        group = groups[setting]
        cells = [*setting.split(", "), *means(group, columns), str(len(group))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--part", choices=["test", "validation"], default="test")
    names = list(SETTINGS)
    parser.add_argument("--settings", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--report", action="store_true", help="fit nothing")
    parser.add_argument("--output", type=Path, default=Path("docs/studies/encoders"))
    arguments = parser.parse_args()
    path = arguments.output / f"encoders_{arguments.part}.json"
    arguments.output.mkdir(parents=True, exist_ok=True)
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    done = {(run["setting"], run["seed"]) for run in runs}
    corpus = None if arguments.report else corpus_for(arguments.part)
    # Seed by seed, so that a run cut short has a whole table.
    for seed in range(arguments.seeds):
        for name in arguments.settings:
            if corpus is None or (name, seed) in done:
                continue
            scores = measure(corpus, seed, SETTINGS[name])
            runs.append({"setting": name, "seed": seed, **scores})
            write(
                {"corpus": "20ng_5000", "part": arguments.part, "k": N_TOPICS, "runs": runs}, path
            )
            shown = ", ".join(f"{key} {value:.4g}" for key, value in scores.items())
            print(f"{name}, seed {seed}: {shown}", file=sys.stderr, flush=True)
    if not runs:
        sys.exit(f"nothing has been measured in {path}; run without --report")
    text = report(runs)
    path.with_suffix(".md").write_text(f"{text}\n")
    print(text)


if __name__ == "__main__":
    main()
