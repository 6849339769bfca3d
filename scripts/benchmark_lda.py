"""topicgen beside Gibbs LDA (tomotopy) on 20 Newsgroups, in one run.

Both are fitted to the same training documents and scored by the same functions: perplexity of the
held-out halves of the test documents given the other halves (document completion), NPMI of the top
10 words by co-occurrence in all documents, topic diversity, and the purity and NMI of each test
document's largest topic against its newsgroup.

    python scripts/benchmark_lda.py                 # K=50, 3 seeds, 1000 Gibbs iterations
    python scripts/benchmark_lda.py --seeds 1 --gibbs-iterations 100

The corpus is that of TopMost (V = 5,000), looked for in $TOPICGEN_DATA/20ng_5000.
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from topicgen import TopicModel, evaluation

TOP_N = 10


def load(folder: Path) -> dict:
    parts = ("train", "test")
    if not (folder / "vocab.txt").is_file():
        sys.exit(f"expected the corpus 20ng_5000, got no {folder / 'vocab.txt'}; set TOPICGEN_DATA")
    counts = {part: sp.load_npz(folder / f"{part}_bow.npz").tocsr().astype(int) for part in parts}
    labels = np.loadtxt(folder / "test_labels.txt").astype(int)
    vocabulary = (folder / "vocab.txt").read_text("utf-8").split()
    return {**counts, "labels": labels, "vocabulary": vocabulary}


def tokens(counts: sp.csr_matrix, vocabulary: list[str]) -> list[list[str]]:
    words = np.array(vocabulary, dtype=object)
    return [list(np.repeat(words[row.indices], row.data)) for row in counts]


def fit_topicgen(train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, _: int) -> tuple:
    model = TopicModel(k, random_state=seed).fit(train)
    return model.components_, model.transform


def fit_tomotopy(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, iterations: int
) -> tuple:
    import tomotopy

    model = tomotopy.LDAModel(k=k, alpha=0.1, eta=0.01, seed=seed)
    model.optim_interval = 10
    for document in tokens(train, vocabulary):
        if document:
            model.add_doc(document)
    model.train(iterations, workers=2)
    columns = {word: column for column, word in enumerate(vocabulary)}
    topic_word = np.full((k, len(vocabulary)), 1e-12)
    used = [columns[word] for word in model.used_vocabs]
    topic_word[:, used] = [model.get_topic_word_dist(topic) for topic in range(k)]

    def transform(counts: sp.csr_matrix) -> np.ndarray:
        doc_topic = np.tile(model.alpha / model.alpha.sum(), (counts.shape[0], 1))
        occupied = np.flatnonzero(np.diff(counts.indptr))
        documents = [model.make_doc(words) for words in tokens(counts[occupied], vocabulary)]
        doc_topic[occupied] = model.infer(documents, iterations=100, workers=2)[0]
        return doc_topic / doc_topic.sum(1, keepdims=True)

    return topic_word / topic_word.sum(1, keepdims=True), transform


def measure(fit: Callable, corpus: dict, k: int, seed: int, iterations: int) -> dict[str, float]:
    train, test, vocabulary = corpus["train"], corpus["test"], corpus["vocabulary"]
    start = time.perf_counter()
    topic_word, transform = fit(train, vocabulary, k, seed, iterations)
    seconds = time.perf_counter() - start
    observed, held_out = evaluation.split_tokens(test, random_state=0)
    start = time.perf_counter()
    doc_topic = transform(sp.csr_matrix(observed))
    transform_seconds = time.perf_counter() - start
    top = np.argsort(-topic_word, axis=1)[:, :TOP_N]
    topics = [[vocabulary[column] for column in row] for row in top]
    clusters = transform(test).argmax(1)
    every = sp.vstack([train, test]).tocsr()
    return {
        "perplexity": evaluation.completion_perplexity(doc_topic, topic_word, held_out),
        "NPMI@10": evaluation.coherence(topics, every, vocabulary=vocabulary),
        "diversity@10": evaluation.topic_diversity(topics),
        "purity": evaluation.purity(corpus["labels"], clusters),
        "NMI": evaluation.normalized_mutual_information(corpus["labels"], clusters),
        "fit s": seconds,
        "transform s": transform_seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gibbs-iterations", type=int, default=1000)
    arguments = parser.parse_args()
    root = Path(os.environ.get("TOPICGEN_DATA", "../shared/data"))
    corpus = load(root / "20ng_5000")
    fits = {"topicgen": fit_topicgen, "tomotopy LDA": fit_tomotopy}
    rows = []
    for seed in range(arguments.seeds):
        for name, fit in fits.items():
            with warnings.catch_warnings():
                # tomotopy tells that two workers make its result vary.
                warnings.simplefilter("ignore", RuntimeWarning)
                scores = measure(fit, corpus, arguments.k, seed, arguments.gibbs_iterations)
            rows.append({"model": name, "seed": seed, **scores})
            print(pd.DataFrame(rows[-1:]).round(3).to_string(index=False), file=sys.stderr)
    table = pd.DataFrame(rows).drop(columns="seed").groupby("model", sort=False)
    mean, spread = table.mean(), table.std().fillna(0.0)
    print(f"20 Newsgroups, K={arguments.k}, mean (sd) of {arguments.seeds} seeds\n")
    print("| model | " + " | ".join(mean.columns) + " |")
    print("|---|" + "---|" * len(mean.columns))
    for name in mean.index:
        cells = [
            f"{mean.loc[name, c]:.{3 if mean.loc[name, c] < 2 else 1}f} "
            f"({spread.loc[name, c]:.{3 if mean.loc[name, c] < 2 else 1}f})"
            for c in mean.columns
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    ratio = mean.loc["topicgen", "fit s"] / mean.loc["tomotopy LDA", "fit s"]
    print(f"\nfit time, topicgen / tomotopy: {ratio:.2f}")


if __name__ == "__main__":
    main()
