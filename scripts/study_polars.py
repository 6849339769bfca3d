"""Whether polars finds words as topicgen does, and how fast.

    python scripts/study_polars.py [--megabytes 40] [--repeats 3]

Both count the words of the same generated texts into a sparse matrix, the words in alphabetical
order: topicgen with its Vectorizer, polars with ``str.extract_all`` and ``group_by``, by the same
regular expression; on one core and on all. Each run has a process of its own, turn by turn; the
table has medians. A second collection has words of many scripts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, load_npz, save_npz

from topicgen.corpus.words.whole_words import PLAIN_PATTERN

# Python and Rust disagree on some characters of these: vowel signs, joiners, raised digits.
SCRIPTS = [
    "größer",
    "naïve",
    "Ελλάδα",
    "İstanbul",
    "москва",
    "हिन्दी",
    "नमस्ते",
    "ภาษาไทย",
    "日本語",
    "한국어",
    "x²",
    "עברית",
]


def generate(path: Path, megabytes: int, others: list[str]) -> None:
    """Write documents of 100 of Zipf's words, a line each; one word in ten is one of the others."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(
        ["".join(random.choice(letters, size)) for size in random.integers(2, 12, 50_000)]
    )
    chances = 1 / np.arange(10, len(words) + 10)
    chances /= chances.sum()
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * 10**6:
            tokens = random.choice(words, 200_000, p=chances).astype(object)
            if others:
                some = random.integers(0, len(tokens), len(tokens) // 10)
                tokens[some] = random.choice(others, len(some))
            file.writelines(" ".join(line) + ".\n" for line in tokens.reshape(-1, 100).tolist())


def count_topicgen(texts: list[str]) -> tuple[csr_matrix, list[str]]:
    from topicgen.corpus import Vectorizer

    vectorizer = Vectorizer(
        token_pattern=PLAIN_PATTERN, stop_words=None, min_df=1, max_df=1.0, max_features=None
    )
    return vectorizer.fit_transform(texts), vectorizer.get_feature_names_out().tolist()


def count_polars(texts: list[str]) -> tuple[csr_matrix, list[str]]:
    import polars as pl

    found = (
        pl.LazyFrame({"text": texts})
        .with_row_index("row")
        .select(
            "row", pl.col("text").str.to_lowercase().str.extract_all(PLAIN_PATTERN).alias("word")
        )
        .explode("word")
        .drop_nulls("word")
        .group_by("row", "word")
        .len()
        .collect()
    )
    words = found["word"].unique().sort()
    columns = found["word"].replace_strict(words, pl.arange(len(words), eager=True))
    shape = (len(texts), len(words))
    return csr_matrix((found["len"], (found["row"], columns)), shape=shape), words.to_list()


def run(library: str, path: str, out: str) -> None:
    """Count, and print how long it took; the counts are left in a file."""
    texts = Path(path).read_text("utf-8").splitlines()
    count = {"topicgen": count_topicgen, "polars": count_polars}[library]
    count(texts[:10])  # libraries are loaded
    start, before = time.perf_counter(), cpu_seconds()
    counts, words = count(texts)
    print(time.perf_counter() - start, cpu_seconds() - before)
    save_npz(f"{out}.npz", counts)
    Path(f"{out}.json").write_text(json.dumps(words))


def cpu_seconds() -> float:
    """Return the seconds that this process and those that it has ended took of the processors."""
    times = os.times()
    return sum(times[:4])


def measure(library: str, path: Path, out: Path, cores: set[int]) -> tuple[float, float]:
    command = [sys.executable, __file__, "--run", library, str(path), str(out)]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(len(cores))}
    pinned = ["taskset", "--cpu-list", ",".join(map(str, sorted(cores)))]
    done = subprocess.run([*pinned, *command], env=environment, stdout=subprocess.PIPE, check=True)
    seconds, of_processors = map(float, done.stdout.split())
    return seconds, of_processors


def compare(folder: Path) -> str:
    """Say whether both libraries left the same counts."""
    names = ("topicgen", "polars")
    ours, theirs = (json.loads((folder / f"{name}.json").read_text()) for name in names)
    if apart := sorted(set(ours) ^ set(theirs)):
        return f"no: {', '.join(apart[:4])} (of {len(apart)})"
    counts = [load_npz(folder / f"{name}.npz") for name in names]
    return "yes" if ours == theirs and (counts[0] != counts[1]).nnz == 0 else "no"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run(*arguments.run)
        return
    available = os.sched_getaffinity(0)
    print(
        "| words | cores | MB/s: topicgen | polars | MB per CPU second: topicgen | polars | same |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, others in (("Latin", []), ("many scripts", SCRIPTS)):
            path = folder / "texts"
            generate(path, arguments.megabytes, others)
            size = path.stat().st_size / 1e6
            for cores in ({min(available)}, available):
                runs: dict[str, list[tuple[float, float]]] = {"topicgen": [], "polars": []}
                for _ in range(arguments.repeats):
                    for library, of_one in runs.items():
                        of_one.append(measure(library, path, folder / library, cores))
                speeds = [
                    f"{size / statistics.median(run[kind] for run in of_one):.1f}"
                    for kind in (0, 1)
                    for of_one in runs.values()
                ]
                row = (name, str(len(cores)), *speeds, compare(folder))
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
