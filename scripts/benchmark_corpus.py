"""How fast texts are counted, in how much memory, and how fast a model trains from disk.

    python scripts/benchmark_corpus.py                    # all three, an hour
    python scripts/benchmark_corpus.py speed --megabytes 500
    python scripts/benchmark_corpus.py memory --megabytes 10000
    python scripts/benchmark_corpus.py training --documents 2000000 --repeats 1

speed: ``build_corpus`` and scikit-learn's CountVectorizer on raw 20 Newsgroups posts, repeated to
the size asked for, with the same token pattern, stop words and pruning, from the same file; checks
that the counts are identical; runs alternate, and medians are shown.
memory: ``topicgen corpus build -`` fed with generated text whose vocabulary keeps growing, of the
size asked for and of a tenth of it.
training: a corpus folder with planted topics, fitted from disk and from memory.

Every part is measured in a separate process. Memory is the peak resident memory of the process and
its children, sampled twenty times a second (Linux); mapped files count. 20 Newsgroups is read from
$TOPICGEN_DATA, by default ../shared/data.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix

from topicgen.corpus import Corpus, Vectorizer, read_documents
from topicgen.corpus.build import build_corpus
from topicgen.corpus.storage import new_corpus
from topicgen.corpus.words.whole_words import PLAIN_PATTERN

MIN_DF, MAX_DF = 5, 0.5
N_TOPICS, N_WORDS, N_TOKENS = 20, 5_000, 60


# -- speed ---------------------------------------------------------------------------------------


def write_newsgroups(path: Path, n_bytes: int) -> int:
    """Write the posts, one per line, repeated to the size; return the number of bytes."""
    data = Path(os.environ.get("TOPICGEN_DATA", "../shared/data"))
    archive = data / "20ng_raw" / "20news-bydate.tar.xz"
    if not archive.is_file():
        sys.exit(f"expected 20 Newsgroups, got no {archive}; set TOPICGEN_DATA")
    with tarfile.open(archive) as files:
        posts = [files.extractfile(file).read() for file in files if file.isfile()]
    texts = [" ".join(post.decode("latin-1").split()) for post in posts]
    lines = "".join(f"{text}\n" for text in texts).encode()
    repeats = -(-n_bytes // len(lines))
    with path.open("wb") as file:
        for _ in range(repeats):
            file.write(lines)
    return repeats * len(lines)


def build_ours(path: str, folder: str, max_features: str) -> dict:
    vectorizer = Vectorizer(
        token_pattern=PLAIN_PATTERN,
        min_df=MIN_DF,
        max_df=MAX_DF,
        max_features=most(max_features),
    )
    start = time.perf_counter()
    build_corpus(read_documents(path), vectorizer, folder, overwrite=True)
    return {"seconds": time.perf_counter() - start}


def build_theirs(path: str, folder: str, max_features: str) -> dict:
    from sklearn.feature_extraction.text import CountVectorizer

    start = time.perf_counter()
    vectorizer = CountVectorizer(
        token_pattern=PLAIN_PATTERN,
        stop_words="english",
        min_df=MIN_DF,
        max_df=MAX_DF,
        max_features=most(max_features),
    )
    with open(path, encoding="utf-8", newline="\n") as lines:
        counts = vectorizer.fit_transform(lines)
    seconds = time.perf_counter() - start
    corpus = Corpus.open(folder)
    words = vectorizer.get_feature_names_out().tolist()
    same = words == corpus.vocabulary
    different = counts != corpus.counts if same else None
    # Among words as frequent as the last one kept, scikit-learn picks any, topicgen the first.
    totals = dict(zip(words, np.asarray(counts.sum(0)).ravel().tolist(), strict=True))
    apart = set(words) ^ set(corpus.vocabulary)
    ties = {totals.get(word, min(totals.values())) for word in apart} <= {min(totals.values())}
    return {
        "seconds": seconds,
        "same": bool(same and different.nnz == 0),
        "words": len(words),
        "same but for ties": bool(ties),
    }


def most(max_features: str) -> int | None:
    return None if max_features == "none" else int(max_features)


def speed(folder: Path, megabytes: int, repeats: int) -> dict:
    path, built = folder / "newsgroups.txt", folder / "built"
    size = write_newsgroups(path, megabytes * 10**6) / 1e6
    found: dict = {"MB": size}
    for max_features in ("none", "20000"):
        runs: dict[str, list[dict]] = {"ours": [], "theirs": []}
        for _ in range(repeats):
            for name in runs:
                runs[name].append(alone(f"build_{name}", str(path), str(built), max_features))
        found[f"max_features={max_features}"] = {
            name: {
                "MB/s": size / statistics.median(run["seconds"] for run in of_one),
                "peak MiB": max(run["peak MiB"] for run in of_one),
                **{key: of_one[0][key] for key in of_one[0] if key not in ("seconds", "peak MiB")},
            }
            for name, of_one in runs.items()
        }
        both = found[f"max_features={max_features}"]
        both["ratio"] = both["ours"]["MB/s"] / both["theirs"]["MB/s"]
    return found


# -- memory --------------------------------------------------------------------------------------


def generate(megabytes: str) -> None:
    """Write documents of Zipf-distributed words to standard output; one in a thousand is new."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(
        ["".join(random.choice(letters, random.integers(2, 12))) for _ in range(10**5)]
    )
    chances = 1 / np.arange(10, len(words) + 10)
    chances /= chances.sum()
    written = n_new = 0
    while written < int(megabytes) * 10**6:
        tokens = random.choice(words, 200_000, p=chances).astype(object)
        new = random.integers(0, len(tokens), len(tokens) // 1_000)
        tokens[new] = [f"new{number}word" for number in range(n_new, n_new + len(new))]
        n_new += len(new)
        text = "".join(" ".join(line) + "\n" for line in tokens.reshape(-1, 100).tolist())
        for _ in range(5):  # generating takes longer than counting
            sys.stdout.write(text)
            written += len(text)


def build_stdin(folder: str) -> dict:
    start = time.perf_counter()
    build_corpus(read_documents("-"), Vectorizer(), folder, overwrite=True)
    return {"seconds": time.perf_counter() - start, "words": Corpus.open(folder).n_words}


def memory(folder: Path, megabytes: int, repeats: int) -> dict:
    found = {}
    for size in (megabytes // 10, megabytes):
        command = [sys.executable, __file__, "--part", "generate", str(size)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
            run = alone("build_stdin", str(folder / "built"), stdin=source.stdout)
        found[f"{size} MB"] = {**run, "MB/s": size / run["seconds"]}
    small, large = (found[f"{size} MB"]["peak MiB"] for size in (megabytes // 10, megabytes))
    return {**found, "ratio of peaks": large / small}


# -- training ------------------------------------------------------------------------------------


def planted() -> np.ndarray:
    return np.random.default_rng(1).dirichlet(np.full(N_WORDS, 0.02), N_TOPICS)


def write_planted(folder: Path, n_documents: int) -> None:
    random, topics = np.random.default_rng(0), planted()
    cumulative = topics.cumsum(1)
    with new_corpus(folder, overwrite=True) as writer:
        for start in range(0, n_documents, 20_000):
            n = min(20_000, n_documents - start)
            shares = random.dirichlet(np.full(N_TOPICS, 0.1), n).cumsum(1)
            topic = (random.random((n, N_TOKENS, 1)) > shares[:, None]).sum(-1).ravel()
            topic = np.minimum(topic, N_TOPICS - 1)
            word, draw = np.empty(len(topic), dtype=np.int32), random.random(len(topic))
            for k in range(N_TOPICS):
                of_topic = topic == k
                word[of_topic] = np.searchsorted(cumulative[k], draw[of_topic])
            word = np.minimum(word, N_WORDS - 1)
            ones = np.ones(len(word), dtype=np.int32)
            starts = np.arange(0, len(word) + 1, N_TOKENS)
            counts = csr_matrix((ones, word, starts), shape=(n, N_WORDS))
            counts.sum_duplicates()
            writer.add_counts(counts)
            for number in range(start, start + n):
                writer.add_name(str(number))
        writer.finish([f"w{i}" for i in range(N_WORDS)])


def train(folder: str, where: str) -> dict:
    from topicgen import TopicModel  # loads torch, which must not count in the other parts

    corpus = Corpus.open(folder)
    if where == "memory":
        counts = corpus.counts
        parts = [np.array(part) for part in (counts.data, counts.indices, counts.indptr)]
        corpus = Corpus(csr_matrix(tuple(parts), shape=counts.shape), corpus.vocabulary, corpus.ids)
    start = time.perf_counter()
    model = TopicModel(N_TOPICS, random_state=0).fit(corpus)
    seconds = time.perf_counter() - start
    unit = [
        rows / np.linalg.norm(rows, axis=1, keepdims=True)
        for rows in (planted(), model.components_)
    ]
    cosine = unit[0] @ unit[1].T
    rows, columns = linear_sum_assignment(-cosine)
    return {
        "seconds": seconds,
        "documents/s": corpus.n_documents * model.n_epochs_ / seconds,
        "epochs": model.n_epochs_,
        "least cosine to planted": float(cosine[rows, columns].min()),
    }


def training(folder: Path, n_documents: int, repeats: int) -> dict:
    write_planted(folder / "planted", n_documents)
    runs: dict[str, list[dict]] = {"disk": [], "memory": []}
    for _ in range(repeats):
        for where, of_one in runs.items():
            of_one.append(alone("train", str(folder / "planted"), where))
    found: dict = {
        where: {key: statistics.median(run[key] for run in of_one) for key in of_one[0]}
        for where, of_one in runs.items()
    }
    found["speed ratio"] = found["disk"]["documents/s"] / found["memory"]["documents/s"]
    return found


# -- running -------------------------------------------------------------------------------------


def alone(part: str, *arguments: str, stdin: object = None) -> dict:
    """Return what a part measures, and the peak memory of all its processes together."""
    command = [sys.executable, __file__, "--part", part, *arguments]
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True) as process:
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, sum(resident(pid) for pid in [process.pid, *children(process.pid)]))
            time.sleep(0.05)
        if process.returncode:
            sys.exit(f"{part} ended with status {process.returncode}")
        found = {**json.loads(process.stdout.read().splitlines()[-1]), "peak MiB": peak}
    print(part, *arguments, found, file=sys.stderr, flush=True)
    return found


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def lines_of(found: dict, indent: str = "") -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from lines_of(value, indent + "  ")
        else:
            yield (
                f"{indent}{key}: {value:,.4g}"
                if isinstance(value, float)
                else f"{indent}{key}: {value}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["speed", "memory", "training"])
    parser.add_argument("--megabytes", type=int, help="[default: 500 for speed, 10000 for memory]")
    parser.add_argument("--documents", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3, help="of speed and training")
    parser.add_argument("--folder", type=Path, help="[default: a temporary one]")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        name, *rest = arguments.part
        result = globals()[name](*rest)
        if result is not None:
            print(json.dumps(result))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        folder = Path(temporary)
        for what in arguments.what:
            if what == "training":
                found = training(folder, arguments.documents, arguments.repeats)
            else:
                size = arguments.megabytes or {"speed": 500, "memory": 10_000}[what]
                found = {"speed": speed, "memory": memory}[what](folder, size, arguments.repeats)
            print("\n".join([f"{what}:", *lines_of(found, "  ")]), flush=True)


if __name__ == "__main__":
    main()
