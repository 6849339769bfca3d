"""Training by two processes on two cores, compared with one process on one core.

    python scripts/benchmark_distributed.py [--documents 100000] [--words 20000] [--topics 50]
        [--batch-sizes 1024 2048 4096] [--epochs 2] [--processes 2]

Generates documents from planted topics, and fits the same model to them with one process and with
several, each process on a core of its own, at the same batch sizes of all processes together.
Prints for each batch size how many documents per second the training takes in, the ratio, how much
CPU time each takes per document, and how similar the topics are: the least cosine of a topic of one
model with its counterpart in the other. On a machine that does other work too, compare CPU times.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, load_npz, save_npz

MEAN_LENGTH = 120


def main() -> None:
    """Measure and print, or be one of the processes that are measured."""
    options = arguments()
    if options.folder:
        work(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        counts = planted(options.documents, options.words, options.topics)
        save_npz(Path(folder, "counts.npz"), counts, compressed=False)
        print(
            f"{options.documents:,} documents with {counts.nnz / options.documents:.0f} different "
            f"words on average, {options.words:,} words, {options.topics} topics, "
            f"{options.processes} processes"
        )
        print("batch   documents per second      ratio   CPU µs per document   least")
        print("          one    several                  one   each of several  cosine")
        for batch_size in options.batch_sizes:
            one, several = (
                measured(options, folder, n, batch_size) for n in (1, options.processes)
            )
            rate = options.documents * options.epochs
            cosines = (unit(one["topics"]) * unit(several["topics"])).sum(1)
            print(
                f"{batch_size:5d} {rate / one['seconds']:8.0f} {rate / several['seconds']:10.0f} "
                f"{one['seconds'] / several['seconds']:10.2f} {one['cpu'] / rate * 1e6:8.1f} "
                f"{several['cpu'] / rate * 1e6:17.1f} {cosines.min():7.4f}",
                flush=True,
            )


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in [
        ("documents", 100_000),
        ("words", 20_000),
        ("topics", 50),
        ("epochs", 2),
        ("processes", 2),
        ("batch-size", 0),
    ]:
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1024, 2048, 4096])
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(
    options: argparse.Namespace, folder: str, n_processes: int, batch_size: int
) -> dict[str, np.ndarray | float]:
    """Return how long a training takes, and its topics."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={n_processes}"]
    given = {"words": options.words, "topics": options.topics, "epochs": options.epochs}
    words = [f"--{name}={value}" for name, value in given.items()]
    subprocess.run(
        [
            sys.executable,
            *launcher,
            __file__,
            *words,
            f"--batch-size={batch_size}",
            f"--folder={folder}",
        ],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    times = json.loads(Path(folder, "times.json").read_text())
    return times | {"topics": np.load(Path(folder, "topics.npy"))}


def work(options: argparse.Namespace) -> None:
    """Train as one of several processes, and have the first write times and topics."""
    os.sched_setaffinity(0, {int(os.environ["LOCAL_RANK"]) % (os.cpu_count() or 1)})
    from topicgen import TopicModel
    from topicgen.training import Trainer, launched

    counts = csr_matrix(load_npz(Path(options.folder, "counts.npz")))
    run, spent = Trainer.run, {}

    def timed(*args: object, **more: object) -> None:
        start = time.perf_counter(), time.process_time()
        run(*args, **more)
        spent["seconds"] = time.perf_counter() - start[0]
        spent["cpu"] = time.process_time() - start[1]

    Trainer.run = timed
    with launched() as ranks:
        model = TopicModel(
            options.topics,
            max_epochs=options.epochs,
            batch_size=options.batch_size,
            random_state=0,
        ).fit(counts)
        spent["cpu"] = max(ranks.gather(spent["cpu"]))
        if ranks.is_first:
            Path(options.folder, "times.json").write_text(json.dumps(spent))
            np.save(Path(options.folder, "topics.npy"), model.components_)


def planted(n_documents: int, n_words: int, n_topics: int) -> csr_matrix:
    """Return documents of planted topics, in which words are as frequent as in a language."""
    random = np.random.default_rng(0)
    frequency = 1 / np.arange(1, n_words + 1)
    topics = frequency * random.gamma(0.1, size=(n_topics, n_words))
    topics /= topics.sum(1, keepdims=True)
    shares = random.dirichlet(np.full(n_topics, 3 / n_topics), n_documents)
    edges = topics.cumsum(1)
    columns, rows = [], []
    topic_of = [
        random.multinomial(n, row)
        for n, row in zip(lengths(random, n_documents), shares, strict=True)
    ]
    for topic, drawn in enumerate(np.stack(topic_of, 1)):
        uniform = random.random(drawn.sum())
        columns.append(np.searchsorted(edges[topic], uniform * edges[topic, -1]))
        rows.append(np.repeat(np.arange(n_documents), drawn))
    where = np.concatenate(rows), np.minimum(np.concatenate(columns), n_words - 1)
    counts = csr_matrix((np.ones(len(where[0])), where), shape=(n_documents, n_words))
    counts.sum_duplicates()
    return counts


def lengths(random: np.random.Generator, n_documents: int) -> np.ndarray:
    """Return how many tokens each document has: a few many times as many as most."""
    return random.poisson(MEAN_LENGTH * random.gamma(2, 0.5, n_documents)) + 5


def unit(rows: np.ndarray) -> np.ndarray:
    """Return the rows with a length of 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
