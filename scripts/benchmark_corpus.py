"""How fast texts are counted, in how much memory, and how fast a model trains from disk.

    python scripts/benchmark_corpus.py                    # all three, an hour
    python scripts/benchmark_corpus.py speed --megabytes 4
    python scripts/benchmark_corpus.py memory --megabytes 10000
    python scripts/benchmark_corpus.py training --documents 2000000 --repeats 1

speed: ``topicgen corpus build``, by its own words and by CountVectorizer's pattern, and a script
with scikit-learn's CountVectorizer, on 4, 34 and 500 MB of raw 20 Newsgroups posts, repeated to the
size, with the same stop words and pruning; checks that the counts by the same pattern are
identical. Whole processes are measured, in turn, and medians are shown.
memory: ``topicgen corpus build -`` fed with generated text whose vocabulary keeps growing, of the
size asked for and of a tenth of it.
training: a corpus folder with planted topics, fitted from disk and from memory.

Every part is measured in a separate process. Memory is the peak resident memory of the process and
its children, sampled twenty times a second (Linux), with the files that they map and without: pages
of these are given back when memory is short. 20 Newsgroups is read from $TOPICGEN_DATA, by default
../shared/data.
"""

import argparse
import itertools
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix, load_npz
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from topicgen.corpus import Corpus
from topicgen.corpus.storage import new_corpus

# Megabytes, and how often each is measured.
SPEED_SIZES = {4: 9, 34: 5, 500: 3}
MIN_DF, MAX_DF = 5, 0.5
SKLEARN = r"(?u)\b\w\w+\b"
MAPPED, UNMAPPED = "peak MiB", "peak MiB without mapped files"
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
    with path.open("wb") as file:
        repeated = itertools.cycle(texts)
        while file.tell() < n_bytes:
            file.write(f"{next(repeated)}\n".encode())
        return file.tell()


# A script as a user of scikit-learn would write it.
COUNT_VECTORIZER = """
import sys, scipy.sparse
from sklearn.feature_extraction.text import CountVectorizer

path, counts, words, min_df, max_df = sys.argv[1:]
vectorizer = CountVectorizer(stop_words="english", min_df=int(min_df), max_df=float(max_df))
with open(path, encoding="utf-8", newline="\\n") as lines:
    matrix = vectorizer.fit_transform(lines)
scipy.sparse.save_npz(counts, matrix, compressed=False)
with open(words, "w", encoding="utf-8") as file:
    file.write("\\n".join(vectorizer.get_feature_names_out()))
"""


def speed(folder: Path, megabytes: int | None, repeats: int | None) -> dict:
    return {
        f"{size} MB": compare(folder, size, repeats or usual)
        for size, usual in SPEED_SIZES.items()
        if megabytes in (None, size)
    }


def compare(folder: Path, megabytes: int, repeats: int) -> dict:
    """Return seconds and memory of whole processes that count the same file, run in turn."""
    path, plain, whole = (folder / name for name in ("posts.txt", "plain", "whole"))
    counts, words = folder / "counts.npz", folder / "words.txt"
    size = write_newsgroups(path, megabytes * 10**6) / 1e6
    pruned = ["--min-df", str(MIN_DF), "--max-df", str(MAX_DF), "--max-features", "none"]
    # Those of scikit-learn: topicgen's English ones include the pieces of contractions.
    stop_words = folder / "stop_words.txt"
    stop_words.write_text("\n".join(sorted(ENGLISH_STOP_WORDS)), "utf-8")
    pruned += ["--stop-words", str(stop_words)]
    build = [sys.executable, "-m", "topicgen", "corpus", "build", str(path), *pruned]
    build += ["--quiet", "--overwrite", "-o"]
    commands = {
        "topicgen, whole words": [*build, str(whole)],
        "topicgen, pattern of CountVectorizer": [*build, str(plain), "--token-pattern", SKLEARN],
        "CountVectorizer": [
            *(sys.executable, "-c", COUNT_VECTORIZER, str(path), str(counts), str(words)),
            *(str(MIN_DF), str(MAX_DF)),
        ],
    }
    runs: dict[str, list[dict]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            runs[name].append(measured(command)[1])
            print(megabytes, name, runs[name][-1], file=sys.stderr, flush=True)
    corpus = Corpus.open(plain)
    is_same = words.read_text("utf-8").split("\n") == corpus.vocabulary
    is_same = is_same and (load_npz(counts) != corpus.counts).nnz == 0
    whole_words, ours, theirs = runs.values()
    return {
        "MB": size,
        "words": corpus.n_words,
        "counts as of CountVectorizer": is_same,
        **{name: {key: median(of_one, key) for key in of_one[0]} for name, of_one in runs.items()},
        "times as fast as CountVectorizer": ratios(theirs, ours),
        "whole words, times as fast as CountVectorizer": ratios(theirs, whole_words),
        "whole words, times as long as with the pattern": ratios(whole_words, ours),
    }


def median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def ratios(first: list[dict], second: list[dict]) -> dict:
    """Return the medians of ratios of runs that followed each other."""
    return {
        key: statistics.median(a[key] / b[key] for a, b in zip(first, second, strict=True))
        for key in ("wall seconds", "CPU seconds")
    }


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


def memory(folder: Path, megabytes: int) -> dict:
    found = {}
    built = str(folder / "built")
    build = [sys.executable, "-m", "topicgen", "corpus", "build", "-", "-o", built]
    for size in (megabytes // 10, megabytes):
        command = [sys.executable, __file__, "--part", "generate", str(size)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
            run = measured([*build, "--quiet", "--overwrite"], source.stdout)[1]
        words = Corpus.open(built).n_words
        found[f"{size} MB"] = {**run, "words": words, "MB/s": size / run["wall seconds"]}
    small, large = (found[f"{size} MB"][UNMAPPED] for size in (megabytes // 10, megabytes))
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


def alone(part: str, *arguments: str) -> dict:
    """Return what a part measures, and the peak memory of all its processes together."""
    printed, found = measured([sys.executable, __file__, "--part", part, *arguments])
    found = {**json.loads(printed.splitlines()[-1]), MAPPED: found[MAPPED]}
    print(part, *arguments, found, file=sys.stderr, flush=True)
    return found


def measured(command: list[str], stdin: object = None) -> tuple[str, dict]:
    """Return what a command prints, and the time and memory that it and its children take."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True) as process:
        peaks, is_over = {MAPPED: 0.0, UNMAPPED: 0.0}, threading.Event()

        def sample() -> None:
            while not is_over.wait(0.05):
                pids = [process.pid, *children(process.pid)]
                for name, kind in ((MAPPED, "VmRSS"), (UNMAPPED, "RssAnon")):
                    peaks[name] = max(peaks[name], sum(resident(pid, kind) for pid in pids))

        sampler = threading.Thread(target=sample)
        sampler.start()
        printed = process.stdout.read()
        status = process.wait()
        seconds = time.perf_counter() - start
        is_over.set()
        sampler.join()
    if status:
        sys.exit(f"{command} ended with status {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return printed, {"wall seconds": seconds, "CPU seconds": cpu, **peaks}


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def resident(pid: int, kind: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"{kind}:\s+(\d+)", status)
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
    parser.add_argument("--megabytes", type=int, help="of speed and memory [default: see above]")
    parser.add_argument("--documents", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, help="[default: 3, for small files more]")
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
                found = training(folder, arguments.documents, arguments.repeats or 3)
            elif what == "memory":
                found = memory(folder, arguments.megabytes or 10_000)
            else:
                found = speed(folder, arguments.megabytes, arguments.repeats)
            print("\n".join([f"{what}:", *lines_of(found, "  ")]), flush=True)


if __name__ == "__main__":
    main()
