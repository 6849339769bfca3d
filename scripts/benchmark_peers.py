"""topicgen compared with its peers on 20 Newsgroups: the same split and run, several seeds.

For each seed every model is fitted in a separate process, so that peak memory can be measured. All
models are scored by the same functions: perplexity of the held-out halves of the test documents
given the other halves (document completion), NPMI of the top 10 words by co-occurrence in all
documents, topic diversity, purity and NMI of each test document's largest topic against its
newsgroup, seconds to fit (without imports) and to transform the observed halves, and the peak of
the process's resident memory up to the end of the fit, libraries and corpus included. The models
are set up for two cores; on a larger machine, `taskset -c 0,1` limits all of them to two.

    python scripts/benchmark_peers.py                              # K=50, 5 seeds: over an hour
    python scripts/benchmark_peers.py -k 100 200 --seeds 1 --models topicgen "topica LDA"
    python scripts/benchmark_peers.py --corpus 20ng_nvdm2000 --models topicgen
    python scripts/benchmark_peers.py --resume                     # continues a stopped run
    python scripts/benchmark_peers.py --again topicgen             # anew, beside the file's others
    python scripts/benchmark_peers.py --quick --seeds 1            # does everything run?

The corpora (from TopMost and NVDM) are read from $TOPICGEN_DATA, by default ../shared/data. Writes
a Markdown table, a JSON file with every run and a figure to --output; the JSON file is started
afresh unless --resume or --again is given. The settings of each peer are described in
scripts/peers.py.
"""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
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
    labels, of_train = (
        np.loadtxt(folder / f"{part}_labels.txt").astype(int) for part in ("test", "train")
    )
    return {
        **counts,
        "labels": labels,
        "train_labels": of_train,
        "vocabulary": (folder / "vocab.txt").read_text().split(),
    }


def held_out(corpus: dict, n: int, seed: int) -> dict:
    """Return a corpus whose test posts are n random training posts; the others train."""
    order = np.random.default_rng(seed).permutation(corpus["train"].shape[0])
    held, rest = np.sort(order[:n]), np.sort(order[n:])
    train, labels = corpus["train"], corpus["train_labels"][held]
    return {**corpus, "train": train[rest], "test": train[held], "labels": labels}


def load_nvdm(folder: Path) -> dict:
    words = [line.split()[0] for line in (folder / "vocab.new").read_text().splitlines()]
    corpus: dict = {"vocabulary": words}
    for part in ("train", "test"):
        # Arrays, because lists of Python numbers would dominate the peak memory of small models.
        rows, columns, values, labels = (array("i") for _ in range(4))
        with (folder / f"{part}.feat").open() as lines:
            for line in lines:
                label, *pairs = line.split()
                for pair in pairs:
                    column, count = pair.split(":")
                    rows.append(len(labels))
                    columns.append(int(column) - 1)
                    values.append(int(count))
                labels.append(int(label))
        shape = (len(labels), len(words))
        corpus[part] = sp.csr_matrix((values, (rows, columns)), shape=shape, dtype=int)
        corpus["labels"] = np.array(labels)
    return corpus


def measure(corpus: dict, name: str, k: int, seed: int, effort: float, device: str) -> dict:
    train, test, vocabulary = corpus["train"], corpus["test"], corpus["vocabulary"]
    model = None
    for library in LIBRARIES[name]:
        importlib.import_module(library)  # not part of the fit
    start = time.perf_counter()
    if name == "topicgen":
        topic_word, transform, model = fit_topicgen(train, vocabulary, k, seed, effort, device)
    else:
        topic_word, transform = PEERS[name](train, vocabulary, k, seed, effort)
    scores = {"fit s": time.perf_counter() - start, "peak MiB": peak_memory()}
    scores = {**score(corpus, topic_word, transform), **scores}  # the scoring needs memory too
    if model is not None:
        scores["ELBO perplexity"] = model.perplexity(test, "elbo")
    return {measure: float(value) for measure, value in scores.items()}


def peak_memory() -> float:
    """Return the peak of this process's resident memory in MiB (Linux).

    Not getrusage's ru_maxrss, which a process inherits from its parent.
    """
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


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
    """Return the scores of one fit, run in a separate process."""
    command = [sys.executable, __file__, "--corpus", arguments.corpus, "-k", str(k)]
    command += ["--topicgen-device", arguments.topicgen_device, "--one", name, str(seed)]
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


def installed(models: list[str]) -> list[str]:
    found = []
    for name in models:
        missing = [package for package in LIBRARIES[name] if not find_spec(package.split(".")[0])]
        if missing:
            print(f"{name} left out: {missing[0]} is not installed", file=sys.stderr)
        else:
            found.append(name)
    return found


def begin(arguments: argparse.Namespace, k: int, path: Path) -> dict:
    """Return the record to add runs to: a new one, or the one in the file when resuming."""
    record: dict = {
        "corpus": arguments.corpus,
        "k": k,
        "quick": arguments.quick,
        "cores": len(os.sched_getaffinity(0)),
        "versions": versions(),
    }
    if not ((arguments.resume or arguments.again) and path.exists()):
        return {**record, "runs": []}
    earlier = json.loads(path.read_text())
    differing = [key for key, value in record.items() if earlier.get(key) != value]
    if differing:
        sys.exit(f"{path} was made with other {', '.join(differing)}; run without --resume")
    earlier["runs"] = [run for run in earlier["runs"] if run["model"] not in arguments.again]
    return earlier


def complete(arguments: argparse.Namespace, models: list[str], record: dict, path: Path) -> None:
    """Run and record every fit that the record lacks, and write the file after each."""
    done = {(run["model"], run["seed"]) for run in record["runs"]}
    for seed in range(arguments.seeds):
        for name in models:
            scores = (name, seed) not in done and run_alone(arguments, name, record["k"], seed)
            if scores:
                record["runs"].append({"model": name, "seed": seed, **scores})
                write(record, path)
                line = ", ".join(f"{key} {value:.4g}" for key, value in scores.items())
                print(f"K={record['k']} seed {seed} {name}: {line}", file=sys.stderr, flush=True)


def write(record: dict, path: Path) -> None:
    unfinished = path.with_suffix(".tmp")  # a run stopped while writing loses no row
    unfinished.write_text(json.dumps(record, indent=1) + "\n")
    unfinished.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", choices=["20ng_5000", "20ng_nvdm2000"], default="20ng_5000")
    parser.add_argument("-k", type=int, nargs="+", default=[50])
    parser.add_argument("--seeds", type=int, default=5)
    names = ["topicgen", *PEERS]
    parser.add_argument("--models", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--topicgen-device", default="auto", metavar="DEVICE")
    parser.add_argument("--quick", action="store_true", help="a few iterations of each")
    parser.add_argument("--resume", action="store_true", help="keep the runs of the JSON file")
    parser.add_argument("--again", nargs="+", choices=names, default=[], metavar="NAME")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, seed = arguments.one
        effort = 0.02 if arguments.quick else 1.0
        corpus, device = load(arguments.corpus), arguments.topicgen_device
        print(json.dumps(measure(corpus, name, arguments.k[0], int(seed), effort, device)))
        return
    load(arguments.corpus)
    models = installed(arguments.again or arguments.models)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for k in arguments.k:
        suffix = "_quick" if arguments.quick else ""
        stem = arguments.output / f"peers_{arguments.corpus}_k{k}{suffix}"
        path = stem.with_suffix(".json")
        record = begin(arguments, k, path)
        complete(arguments, models, record, path)
        if not record["runs"]:
            sys.exit("no model ran; see above")
        print(report(record, stem))


if __name__ == "__main__":
    main()
