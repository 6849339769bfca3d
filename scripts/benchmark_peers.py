"""topicgen beside its peers on 20 Newsgroups: one split, one run, several seeds.

For each seed every model is fitted in a process of its own, so that its peak memory is its own. The
measures are the same functions for all: perplexity of the held-out halves of the test documents
given the other halves (document completion), NPMI of the top 10 words by co-occurrence in all
documents, topic diversity, purity and NMI of each test document's largest topic against its
newsgroup, seconds to fit and to transform, and the peak of the resident memory.

    python scripts/benchmark_peers.py                              # K=50, 5 seeds: an hour
    python scripts/benchmark_peers.py -k 100 200 --seeds 1 --models topicgen "topica LDA"
    python scripts/benchmark_peers.py --corpus 20ng_nvdm2000 --models topicgen
    python scripts/benchmark_peers.py --quick --seeds 1            # does everything run?

The corpora (those of TopMost and of NVDM) are looked for in $TOPICGEN_DATA, else ../shared/data.
Writes a Markdown table, a JSON file with every run and a figure to --output. How each peer is set
is said in scripts/peers.py.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from benchmark_report import report
from peers import LIBRARIES, PEERS, fit_topicgen

from topicgen import evaluation

TOP_N = 10
PACKAGES = ("topicgen", "torch", "scikit-learn", "gensim", "tomotopy", "topica")


def load(name: str) -> dict:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / name
    if not folder.is_dir():
        sys.exit(f"expected the corpus {name}, got no {folder}; set TOPICGEN_DATA")
    return load_nvdm(folder) if name == "20ng_nvdm2000" else load_topmost(folder)


def load_topmost(folder: Path) -> dict:
    counts = {
        part: sp.load_npz(folder / f"{part}_bow.npz").tocsr().astype(int)
        for part in ("train", "test")
    }
    labels = np.loadtxt(folder / "test_labels.txt").astype(int)
    return {**counts, "labels": labels, "vocabulary": (folder / "vocab.txt").read_text().split()}


def load_nvdm(folder: Path) -> dict:
    words = [line.split()[0] for line in (folder / "vocab.new").read_text().splitlines()]
    corpus: dict = {"vocabulary": words}
    for part in ("train", "test"):
        rows, columns, values, labels = [], [], [], []
        for line in (folder / f"{part}.feat").read_text().splitlines():
            label, *pairs = line.split()
            for pair in pairs:
                column, count = pair.split(":")
                rows.append(len(labels))
                columns.append(int(column) - 1)
                values.append(int(count))
            labels.append(int(label))
        shape = (len(labels), len(words))
        corpus[part] = sp.csr_matrix((values, (rows, columns)), shape=shape)
        corpus["labels"] = np.array(labels)
    return corpus


def measure(corpus: dict, name: str, k: int, seed: int, effort: float, device: str) -> dict:
    train, test, vocabulary = corpus["train"], corpus["test"], corpus["vocabulary"]
    model = None
    importlib.import_module(LIBRARIES[name])  # not part of the fit
    start = time.perf_counter()
    if name == "topicgen":
        topic_word, transform, model = fit_topicgen(train, vocabulary, k, seed, effort, device)
    else:
        topic_word, transform = PEERS[name](train, vocabulary, k, seed, effort)
    fit_seconds = time.perf_counter() - start
    scores = score(corpus, topic_word, transform)
    scores["fit s"] = fit_seconds
    scores["peak MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if model is not None:
        scores["ELBO perplexity"] = model.perplexity(test, "elbo")
    return {measure: float(value) for measure, value in scores.items()}


def score(corpus: dict, topic_word: np.ndarray, transform: Callable) -> dict[str, float]:
    test, vocabulary = corpus["test"], corpus["vocabulary"]
    observed, held_out = evaluation.split_tokens(test, random_state=0)
    start = time.perf_counter()
    doc_topic = transform(sp.csr_matrix(observed))
    seconds = time.perf_counter() - start
    top = np.argsort(-topic_word, axis=1)[:, :TOP_N]
    topics = [[vocabulary[column] for column in row] for row in top]
    clusters = transform(test).argmax(1)
    every = sp.vstack([corpus["train"], test]).tocsr()
    return {
        "perplexity": evaluation.completion_perplexity(doc_topic, topic_word, held_out),
        "NPMI@10": evaluation.coherence(topics, every, vocabulary=vocabulary),
        "diversity@10": evaluation.topic_diversity(topics),
        "purity": evaluation.purity(corpus["labels"], clusters),
        "NMI": evaluation.normalized_mutual_information(corpus["labels"], clusters),
        "transform s": seconds,
    }


def run_alone(arguments: argparse.Namespace, name: str, k: int, seed: int) -> dict | None:
    """Return the scores of one fit, made in a process of its own."""
    command = [sys.executable, __file__, "--corpus", arguments.corpus, "-k", str(k)]
    command += ["--device", arguments.device, "--one", name, str(seed)]
    if arguments.quick:
        command.append("--quick")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name} left out: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def versions() -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", choices=["20ng_5000", "20ng_nvdm2000"], default="20ng_5000")
    parser.add_argument("-k", type=int, nargs="+", default=[50])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=["topicgen", *PEERS])
    parser.add_argument("--device", default="auto", help="for topicgen")
    parser.add_argument("--quick", action="store_true", help="a few iterations of each")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, seed = arguments.one
        effort = 0.02 if arguments.quick else 1.0
        corpus = load(arguments.corpus)
        print(
            json.dumps(measure(corpus, name, arguments.k[0], int(seed), effort, arguments.device))
        )
        return
    load(arguments.corpus)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for k in arguments.k:
        stem = arguments.output / f"peers_{arguments.corpus}_k{k}"
        record: dict = {
            "corpus": arguments.corpus,
            "k": k,
            "cores": len(os.sched_getaffinity(0)),
            "versions": versions(),
            "runs": [],
        }
        for seed in range(arguments.seeds):
            for name in arguments.models:
                scores = run_alone(arguments, name, k, seed)
                if scores is not None:
                    record["runs"].append({"model": name, "seed": seed, **scores})
                    stem.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
                    line = ", ".join(f"{key} {value:.4g}" for key, value in scores.items())
                    print(f"K={k} seed {seed} {name}: {line}", file=sys.stderr, flush=True)
        print(report(record, stem))


if __name__ == "__main__":
    main()
