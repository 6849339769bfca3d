"""Coherences compared with gensim's: speed, agreement and memory.

    python scripts/benchmark_coherence.py                      # about ten minutes
    python scripts/benchmark_coherence.py --out docs/benchmarks/coherence.md

The reference texts are token lists: the raw training posts of 20 Newsgroups, headers and all, in
lower-case words of letters; and 20ng_5000, with its tokens shuffled within each document. Both
packages score the same topics, from a topicgen model with 50 topics fitted to the corpus. Each run
is timed from token lists to the values of the topics, alternating between the packages; gensim's
CoherenceModel gets one process and a Dictionary made beforehand. In the row "from counts" both get
the counts instead.

Memory is measured in a separate process (Linux): what is resident before and after the token lists
are read, and the peak from then on. Each token of the posts is a separate string, as the pattern
finds it; each token of 20ng_5000 refers to its word in the vocabulary, eight bytes in a list. The
data is read from $TOPICGEN_DATA, by default ../shared/data.
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
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from scipy.sparse import load_npz
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.evaluation import coherence, coherence_scores

MEASURES, TOP_N, TIMED = ("u_mass", "c_uci", "c_npmi", "c_v"), (5, 10, 20), 10
DATA = Path(os.environ.get("TOPICGEN_DATA", "../shared/data"))


def read_posts() -> list[list[str]]:
    archive = DATA / "20ng_raw" / "20news-bydate.tar.xz"
    if not archive.is_file():
        sys.exit(f"expected 20 Newsgroups, got no {archive}; set TOPICGEN_DATA")
    with tarfile.open(archive) as files:
        posts = [
            files.extractfile(file).read().decode("latin-1").lower()
            for file in files
            if file.isfile() and "bydate-train" in file.name
        ]
    return [re.findall("[a-z]+", post) for post in posts]


def read_shuffled() -> list[list[str]]:
    folder = DATA / "20ng_5000"
    if not folder.is_dir():
        sys.exit(f"expected 20ng_5000, got no {folder}; set TOPICGEN_DATA")
    words = (folder / "vocab.txt").read_text().split()
    random = np.random.default_rng(0)
    rows = load_npz(folder / "train_bow.npz").tocsr()
    return [
        [words[i] for i in random.permutation(np.repeat(row.indices, row.data.astype(int)))]
        for row in rows
    ]


CORPORA = {
    "20 Newsgroups, raw posts": read_posts,
    "20ng_5000, shuffled tokens": read_shuffled,
}


def find_topics(texts: list[list[str]], n_topics: int) -> list[list[str]]:
    """Return the top words of a model of the words in at least 5 texts and at most 15% of them."""
    from topicgen import TopicModel

    vectorizer = CountVectorizer(
        analyzer=lambda text: text, min_df=5, max_df=0.15, max_features=20_000
    )
    counts = vectorizer.fit_transform(texts)
    words = vectorizer.get_feature_names_out()
    model = TopicModel(n_topics, random_state=0).fit(counts)
    top = np.argsort(-model.components_, axis=1)[:, : max(TOP_N)]
    return [[str(words[i]) for i in row] for row in top]


def timed(run: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def compare(ours: Callable, theirs: Callable, n_ours: int, n_theirs: int) -> list[str]:
    """Return the cells of a row: both medians, their ratio, and the largest differences."""
    seconds: tuple[list[float], list[float]] = [], []
    for turn in range(max(n_ours, n_theirs)):
        for times, run, n in zip(seconds, (ours, theirs), (n_ours, n_theirs), strict=True):
            if turn < n:
                took, found = timed(lambda run=run: run(TIMED))
                times.append(took)
                if run is theirs:
                    at_timed = found
    differences = [
        np.abs(np.subtract(ours(n), at_timed if n == TIMED else theirs(n))).max() for n in TOP_N
    ]
    mine, other = map(statistics.median, seconds)
    cells = [f"{mine:.3f}", f"{other:.2f}", f"{other / mine:.1f}"]
    return cells + [f"{difference:.0e}" for difference in differences]


def rows_of(texts: list[list[str]], topics: list[list[str]], dictionary: Dictionary, args) -> list:
    def theirs(measure: str, **reference) -> Callable:
        return lambda n: CoherenceModel(
            topics=[topic[:n] for topic in topics],
            dictionary=dictionary,
            coherence=measure,
            topn=n,
            processes=1,
            **reference,
        ).get_coherence_per_topic()

    rows = []
    for measure in MEASURES:
        ours = lambda n, m=measure: coherence(topics, texts, m, True, top_n=n)  # noqa: E731
        cells = compare(ours, theirs(measure, texts=texts), args.repeats, args.gensim_repeats)
        rows.append([measure, *cells])
    vectorizer = CountVectorizer(analyzer=lambda text: text)
    counts = vectorizer.fit_transform(texts)
    words = vectorizer.get_feature_names_out().tolist()
    bags = [dictionary.doc2bow(text) for text in texts]
    cells = compare(
        lambda n: coherence(topics, counts, "u_mass", True, top_n=n, vocabulary=words),
        theirs("u_mass", corpus=bags),
        args.repeats,
        args.gensim_repeats,
    )
    return [*rows, ["u_mass, from counts", *cells]]


def resident(which: str) -> float:
    """Return the resident memory in MiB, now (VmRSS) or at its peak so far (VmHWM)."""
    return int(re.search(rf"{which}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def measure_memory(texts_file: str, topics_file: str, shared: str) -> None:
    """Print the memory of the token lists, and the peak with all scores, in MiB."""
    topics = json.loads(Path(topics_file).read_text())
    # What the first call allocates permanently must not count as memory of the texts.
    coherence_scores(topics, topics, MEASURES, TOP_N)
    before = resident("VmRSS")
    with open(texts_file) as lines:
        if shared == "shared":
            texts = [[sys.intern(word) for word in line.split()] for line in lines]
        else:
            texts = [line.split() for line in lines]
    lists = resident("VmRSS") - before
    coherence_scores(topics, texts, MEASURES, TOP_N)
    print(json.dumps({"lists": lists, "peak": resident("VmHWM") - before}))


def memory_of(texts: list[list[str]], topics: list[list[str]], shared: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "texts.txt", Path(folder) / "topics.json"]
        paths[0].write_text("".join(f"{' '.join(text)}\n" for text in texts))
        paths[1].write_text(json.dumps(topics))
        command = [sys.executable, __file__, "--memory", *map(str, paths), shared]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def section(name: str, args: argparse.Namespace) -> str:
    texts = CORPORA[name]()
    topics = find_topics(texts, args.topics)
    took_dictionary, dictionary = timed(lambda: Dictionary(texts))
    rows = rows_of(texts, topics, dictionary, args)
    every = [
        timed(lambda: coherence_scores(topics, texts, MEASURES, TOP_N))[0]
        for _ in range(args.repeats)
    ]
    memory = memory_of(texts, topics, "own" if name.startswith("20 ") else "shared")
    heads = ["measure", f"topicgen s, top {TIMED}", "gensim s", "ratio"]
    heads += [f"difference, top {n}" for n in TOP_N]
    table = [heads, ["---"] * len(heads), *rows]
    lines = [f"| {' | '.join(row)} |" for row in table]
    lines += [
        "",
        f"All four measures x top {', '.join(map(str, TOP_N))}, with intervals, in one pass: "
        f"{statistics.median(every):.3f} s. gensim's Dictionary, not counted above: "
        f"{took_dictionary:.2f} s.",
        f"Memory of that pass: {memory['lists']:.1f} MiB of token lists, {memory['peak']:.1f} MiB "
        f"with them at the peak, {memory['peak'] / memory['lists']:.2f} times the lists.",
    ]
    n_tokens = sum(map(len, texts))
    title = f"## {name}: {len(texts):,} documents, {n_tokens:,} tokens, {len(topics)} topics"
    return "\n".join([title, "", *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topics", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5, help="of topicgen's runs")
    parser.add_argument("--gensim-repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a Markdown file to write as well")
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory:
        return measure_memory(*args.memory)
    head = (
        "# Coherences compared with gensim's\n\n"
        "Printed by `python scripts/benchmark_coherence.py`; the head of the script says how.\n"
        "Times are medians in seconds; differences are the largest over all topics.\n"
    )
    report = "\n".join([head, *(section(name, args) for name in CORPORA)])
    print(report)
    if args.out:
        args.out.write_text(report)
    return None


if __name__ == "__main__":
    main()
