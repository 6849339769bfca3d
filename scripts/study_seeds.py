"""Topics with seed words, when the seeds are right and when they are wrong.

    python scripts/study_seeds.py                           # 20ng_5000 and planted, 3 seeds
    python scripts/study_seeds.py --seeds 1 --corpora planted --methods topicgen
    python scripts/study_seeds.py --report                  # print what has been measured so far

Goes on from the fits in the JSON file, so that it can be run in pieces, and writes a table for each
corpus to --output as well.

- **20ng_5000**: 20 Newsgroups as TopMost publishes it; K = 20, with seeds for every second group.
  The seeds of a group are the 10 words by which chi2 tells its training posts best.
- **planted**: 2,000 documents of 60 tokens for training and 1,000 for testing, from 12 topics of
  which 6 have seeds: the 10 words with the highest lift. A document's label is its largest topic.

Seeds are right; half of each list is replaced by words of other topics that have seeds (those after
the first ten, "half wrong", or their own seeds, "half swapped"); or all of them are ("all wrong").
"none" fits without seeds, and gives each list the topic that has its seeds afterwards (the best
assignment by mean log lift), as people do who look for their subjects among finished topics.

    F1           held-out documents with a label that has seeds, classified by the largest of the
                 topics with seeds; macro average, in percent
    perplexity   of all test documents, document completion (topicgen only)
    right, wrong the mean learnt strength of right and of wrong seeds (``get_seed_info``)
    CPU s        of the fit

KeyATM is topica's, with its defaults (weights by information theory, alpha estimated) but for 200
iterations in place of 1,500: on 20ng_5000 its F1 falls with more of them (right seeds, first seed:
74.4 after 20, 71.0 after 200, 68.1 after 1,500).
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from benchmark_peers import load
from peers import tokens
from scipy.optimize import linear_sum_assignment
from sklearn.feature_selection import chi2
from sklearn.metrics import f1_score

from topicgen import Corpus, TopicModel

N_SEEDS, N_RANKED = 10, 40
SETTINGS = ("right", "half wrong", "half swapped", "all wrong", "none")
OF_PEER = ("right", "half wrong")
N_PLANTED, N_PLANTED_WORDS, PLANTED_TOKENS = 12, 1_000, 60
METHODS = ("topicgen", "KeyATM")
CORPORA = ("20ng_5000", "planted")
COLUMNS = {"F1": 1, "perplexity": 0, "right": 2, "wrong": 2, "CPU s": 1}


class Task(NamedTuple):
    """Documents with labels, and the words of the labels that get seeds, best first."""

    train: sp.csr_matrix
    test: sp.csr_matrix
    vocabulary: list[str]
    test_labels: np.ndarray
    seeded: list[int]
    ranked: list[np.ndarray]
    n_topics: int


def newsgroups() -> Task:
    corpus = load("20ng_5000")
    train, labels = corpus["train"], corpus["train_labels"]
    seeded = list(range(0, 20, 2))
    present = (train > 0).astype(float)
    rates = np.stack([np.asarray(present[labels == c].mean(0)).ravel() for c in range(20)])
    ranked = []
    for label in seeded:
        score = np.where(rates[label] >= rates.mean(0), chi2(present, labels == label)[0], -1.0)
        ranked.append(np.argsort(-score)[:N_RANKED])
    words = corpus["vocabulary"]
    return Task(train, corpus["test"], words, corpus["labels"], seeded, ranked, 20)


def planted(seed: int) -> Task:
    random = np.random.default_rng(seed)
    frequency = 1 / (np.arange(N_PLANTED_WORDS) + 5.0)
    topics = random.dirichlet(60 * frequency / frequency.sum(), N_PLANTED)
    topics = 0.97 * topics + 0.03 * frequency / frequency.sum()
    theta = random.gamma(0.15, size=(3_000, N_PLANTED)) + 1e-6
    theta /= theta.sum(1, keepdims=True)
    counts = sp.csr_matrix(
        np.stack([random.multinomial(PLANTED_TOKENS, p) for p in theta @ topics])
    )
    seeded = list(range(N_PLANTED // 2))
    # Words that are rare everywhere have a high lift by chance.
    lift = topics / topics.mean(0) * (topics > 2 / N_PLANTED_WORDS)
    ranked = [np.argsort(-lift[topic])[:N_RANKED] for topic in seeded]
    words = [f"w{number}" for number in range(N_PLANTED_WORDS)]
    labels = theta.argmax(1)[2_000:]
    return Task(counts[:2_000], counts[2_000:], words, labels, seeded, ranked, N_PLANTED)


def seeds_of(task: Task, setting: str, seed: int) -> tuple[list[list[int]], list[set[int]]]:
    """Return the seeds of each topic, and which of them are wrong."""
    random = np.random.default_rng(seed)
    n_wrong = {"right": 0, "none": 0, "all wrong": N_SEEDS}.get(setting, N_SEEDS // 2)
    part = slice(0, N_SEEDS) if setting == "half swapped" else slice(N_SEEDS, N_RANKED)
    lists, wrong_sets = [], []
    for number, words in enumerate(task.ranked):
        right = random.permutation(words[:N_SEEDS])[n_wrong:].tolist()
        others = [each[part] for other, each in enumerate(task.ranked) if other != number]
        pool = np.setdiff1d(np.concatenate(others), words)
        wrong = random.choice(pool, n_wrong, replace=False).tolist()
        lists.append(right + wrong)
        wrong_sets.append(set(wrong))
    return lists, wrong_sets


def macro_f1(task: Task, theta: np.ndarray) -> float:
    """Return the F1 of classifying by the largest of the first topics, in percent."""
    known = np.isin(task.test_labels, task.seeded)
    found = np.array(task.seeded)[theta[known, : len(task.seeded)].argmax(1)]
    score = f1_score(task.test_labels[known], found, labels=task.seeded, average="macro")
    return 100 * float(score)


def fit_topicgen(task: Task, setting: str, seed: int) -> dict[str, float]:
    lists, wrong = seeds_of(task, setting, seed)
    seeds = {
        str(label): [task.vocabulary[word] for word in words]
        for label, words in zip(task.seeded, lists, strict=True)
    }
    corpus = Corpus(
        task.train.astype(int), task.vocabulary, list(map(str, range(task.train.shape[0])))
    )
    model = TopicModel(task.n_topics, seeds=None if setting == "none" else seeds, random_state=seed)
    start = time.process_time()
    model.fit(corpus)
    seconds = time.process_time() - start
    theta, strengths = model.transform(task.test), {}
    if setting == "none":
        lift = np.log(model.components_ / model.components_.mean(0))
        score = np.stack([lift[:, words].mean(1) for words in lists])
        first = linear_sum_assignment(-score)[1]
        theta = theta[:, first]
    else:
        info = model.get_seed_info()
        columns = {word: number for number, word in enumerate(task.vocabulary)}
        is_wrong = np.array(
            [columns[w] in wrong[k] for w, k in zip(info["word"], info["topic"], strict=True)]
        )
        strengths["right"] = float(info["strength"][~is_wrong].mean())
        strengths["wrong"] = float(info["strength"][is_wrong].mean())
    scores = {"F1": macro_f1(task, theta), "perplexity": model.perplexity(task.test)}
    return {**scores, **strengths, "CPU s": seconds}


def fit_keyatm(task: Task, setting: str, seed: int, iters: int) -> dict[str, float]:
    import topica

    lists, _ = seeds_of(task, setting, seed)
    keywords = {
        str(label): [task.vocabulary[word] for word in words]
        for label, words in zip(task.seeded, lists, strict=True)
    }
    model = topica.KeyATM(keywords, num_topics=task.n_topics, seed=seed)
    documents = tokens(task.train, task.vocabulary)
    start = time.process_time()
    model.fit(documents, iters=iters, progress=False, keep_theta_draws=False)
    seconds = time.process_time() - start
    theta = np.asarray(model.transform(tokens(task.test, task.vocabulary), seed=seed))
    return {"F1": macro_f1(task, theta), "CPU s": seconds}


def tables(fits: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown table for each corpus: means over seeds, the spread of F1 in brackets."""
    frame = pd.DataFrame(list(fits.values()))
    lines = []
    for corpus, of_corpus in frame.groupby("corpus", sort=False):
        lines += [f"## {corpus}", ""]
        header = ["", "seeds are", "fits", *COLUMNS]
        lines += ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] * 8) + " |"]
        order = {name: number for number, name in enumerate(SETTINGS)}
        groups = of_corpus.groupby(["method", "setting"], sort=False)
        for (method, setting), group in sorted(
            groups, key=lambda item: (item[0][0] != "topicgen", order[item[0][1]])
        ):
            cells = [method, setting, str(len(group))]
            for name, digits in COLUMNS.items():
                mean = group[name].mean() if name in group else np.nan
                cell = "" if np.isnan(mean) else f"{mean:.{digits}f}"
                spread = group[name].std() if name == "F1" else np.nan
                cells.append(cell if np.isnan(spread) else f"{cell} ({spread:.1f})")
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--corpora", nargs="+", default=CORPORA, choices=CORPORA)
    parser.add_argument("--settings", nargs="+", default=SETTINGS, choices=SETTINGS)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--peer-iters", type=int, default=200, help="of KeyATM")
    parser.add_argument("--json", type=Path, default=Path("docs/studies/seeds/seeds.json"))
    parser.add_argument("--output", type=Path, default=Path("docs/studies/seeds/seeds.md"))
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    fits = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    for corpus in () if arguments.report else arguments.corpora:
        fixed = newsgroups() if corpus == "20ng_5000" else None
        peer = f"KeyATM, {arguments.peer_iters} iterations"
        jobs = []
        if "topicgen" in arguments.methods:
            jobs += [("topicgen", setting) for setting in arguments.settings]
        if "KeyATM" in arguments.methods:
            jobs += [(peer, setting) for setting in OF_PEER if setting in arguments.settings]
        for seed in range(arguments.seeds):
            task = planted(seed) if fixed is None else fixed
            for method, setting in jobs:
                key = f"{corpus}, {method}, {setting}, {seed}"
                if key in fits:
                    continue
                if method == "topicgen":
                    scores = fit_topicgen(task, setting, seed)
                else:
                    scores = fit_keyatm(task, setting, seed, arguments.peer_iters)
                about = {"corpus": corpus, "method": method, "setting": setting, "seed": seed}
                fits[key] = about | {k: round(v, 4) for k, v in scores.items() if v == v}
                print(fits[key], file=sys.stderr, flush=True)
                arguments.json.write_text(json.dumps(fits, indent=1) + "\n")
    text = tables(fits)
    print(text)
    head = (
        "# Right and wrong seeds\n\nPrinted by `scripts/study_seeds.py`, whose head says what the"
    )
    arguments.output.write_text(f"{head} columns are.\n\n{text}")


if __name__ == "__main__":
    main()
