"""Topics that survive a new fit: how alike they are before and after, and what that costs.

    python scripts/study_refit.py                             # bbc and 20ng_5000, 5 seeds
    python scripts/study_refit.py --seeds 1 --corpora bbc --changes words
    python scripts/study_refit.py --report                    # print what has been measured so far

Goes on from the fits in the JSON file, so that it can be run in pieces, and writes a table for each
corpus to --output as well. A model is fitted, all its topics are named, and it is fitted again with
another seed after a change:

    words       seven more stop words, the most frequent words that are left
    documents   a tenth more documents
    topics      five more topics
    separation  the penalty for shared words is .1 in place of the default

with K = 20 on the BBC articles (400 of them for testing) and K = 50 on 20 Newsgroups as TopMost
publishes it, in these ways:

    cold         refit(warm_start=False): a new fit, whose topics are only matched
    start        topics start at those before
    low rate     likewise, with a tenth of the learning rate
    short        likewise, with a quarter of the epochs and three tenths of the learning rate
    hold 0.1 ... refit(): likewise, with the usual training; each earlier token counts 0.1 ...

    similarity   1 - JSD of matched topics: the mean, and the minimum over topics
    words        the average Jaccard index of their ten most probable words, stop words left out
    names        of K, those found on the topic of the same number
    perplexity   of the test documents, document completion, as a ratio to that of the cold fit with
                 the same seed
    NPMI         of the ten most probable words, in the documents of the fit
    overlap      the mean cosine of two topics
    seconds      of the new fit

All are means over seeds, with standard deviations in brackets.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from benchmark_peers import load

from topicgen import Corpus, TopicModel, Vectorizer
from topicgen.corpus.catalog import find_card, locate
from topicgen.evaluation import coherence, match_topics
from topicgen.training import former_topics

CORPORA = {"bbc": 20, "20ng_5000": 50}
CHANGES = ("words", "documents", "topics", "separation")
WAYS: dict[str, tuple[float, dict[str, Any]]] = {
    "start": (0.0, {}),
    "low rate": (0.0, {"learning_rate": 0.02, "patience": 100}),
    "short": (0.0, {"learning_rate": 0.06, "max_epochs": 5}),
    "hold 0.1": (0.1, {}),
    "hold 0.3": (0.3, {}),
    "hold 1": (1.0, {}),
}
FEW = ("cold", "start", "hold 0.3", "hold 1")
COLUMNS = {
    "similarity": 3,
    "minimum": 3,
    "words": 2,
    "names": 1,
    "ratio": 3,
    "NPMI": 3,
    "overlap": 3,
    "seconds": 0,
}


class Task(NamedTuple):
    """Documents before and after a change, and what the new fit changes."""

    before: Corpus
    after: Corpus
    test: Corpus
    changes: dict[str, Any]


def counted(counts: sp.csr_matrix, words: list[str]) -> Corpus:
    return Corpus(counts, words, list(map(str, range(counts.shape[0]))))


def bbc() -> tuple[Corpus, Corpus]:
    """Return the articles to train on and to test on."""
    files = sorted(Path(locate(find_card("bbc"))).rglob("*.txt"))
    texts = [file.read_text("utf-8", "replace") for file in files]
    order = np.random.default_rng(0).permutation(len(texts))
    vectorizer = Vectorizer()
    train = vectorizer.fit_transform([texts[i] for i in order[400:]])
    test = vectorizer.transform([texts[i] for i in order[:400]])
    words = vectorizer.get_feature_names_out().tolist()
    return counted(train, words), counted(test, words)


def newsgroups() -> tuple[Corpus, Corpus]:
    corpus = load("20ng_5000")
    words = list(corpus["vocabulary"])
    return counted(corpus["train"], words), counted(corpus["test"], words)


def task_of(change: str, train: Corpus, test: Corpus, k: int) -> Task:
    if change == "words":
        common = np.argsort(-np.asarray(train.counts.sum(0)).ravel())[:7]
        left = np.delete(np.arange(train.n_words), common)
        words = [train.vocabulary[column] for column in left]
        return Task(train, train.with_vocabulary(words), test.with_vocabulary(words), {})
    if change == "documents":
        order = np.random.default_rng(1).permutation(train.n_documents)
        return Task(train[np.sort(order[: round(len(order) / 1.1)])], train, test, {})
    changes = {"topics": {"n_components": k + 5}, "separation": {"separation": 0.1}}
    return Task(train, train, test, changes[change])


def cosines(topic_word: np.ndarray) -> float:
    unit = topic_word / np.linalg.norm(topic_word, axis=1, keepdims=True)
    cosine = unit @ unit.T
    return float(cosine[~np.eye(len(unit), dtype=bool)].mean())


def measure(task: Task, before: TopicModel, way: str, seed: int) -> dict[str, float]:
    model = TopicModel(before.n_components)
    model.fitted_ = before.fitted_
    weight, options = WAYS.get(way, (0.0, {}))
    former_topics.EARLIER_TOKEN = weight
    start = time.perf_counter()
    found = model.refit(
        task.after,
        warm_start=way != "cold",
        random_state=seed + 100,
        **task.changes,
        **options,
    )
    seconds = time.perf_counter() - start
    matched = found.dropna(subset=["topic", "before"])
    kept = matched[matched["topic"] == matched["before"]]
    known = set(model.vocabulary_)
    words = [[w for w in topic if w in known][:10] for topic in before.top_words(20)]
    pairs = pairs_of(before, model)
    return {
        "similarity": float(pairs.mean()),
        "minimum": float(pairs.min()),
        "words": float(match_topics(words, model.top_words(10)).similarity.mean()),
        "names": len(kept),
        "perplexity": model.perplexity(task.test),
        "NPMI": float(coherence(model.top_words(10), task.after)),
        "overlap": cosines(model.components_),
        "epochs": model.n_epochs_,
        "seconds": seconds,
    }


def pairs_of(before: TopicModel, after: TopicModel) -> np.ndarray:
    """Return the similarity of each topic before to the one that it is matched with."""
    column = {word: number for number, word in enumerate(after.vocabulary_)}
    shared = np.array([(i, column[w]) for i, w in enumerate(before.vocabulary_) if w in column])
    p, q = before.components_[:, shared[:, 0]], after.components_[:, shared[:, 1]]
    return match_topics(p / p.sum(1, keepdims=True), q / q.sum(1, keepdims=True)).similarity


def tables(fits: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown table for each corpus and change."""
    frame = pd.DataFrame(list(fits.values()))
    cold = frame[frame["way"] == "cold"].set_index(["corpus", "change", "seed"])["perplexity"]
    key = pd.MultiIndex.from_frame(frame[["corpus", "change", "seed"]])
    frame["ratio"] = frame["perplexity"] / cold.reindex(key).to_numpy()
    lines = []
    for (corpus, change), group in frame.groupby(["corpus", "change"], sort=False):
        lines += [f"## {corpus}, {change}", ""]
        header = ["", "fits", *COLUMNS]
        lines += ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] * len(header)) + " |"]
        for way in ["cold", *WAYS]:
            runs = group[group["way"] == way]
            if not len(runs):
                continue
            cells = [way, str(len(runs))]
            for name, digits in COLUMNS.items():
                spread = f" ({runs[name].std():.{digits}f})" if len(runs) > 1 else ""
                cells.append(f"{runs[name].mean():.{digits}f}{spread}")
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA), choices=CORPORA)
    parser.add_argument("--changes", nargs="+", default=CHANGES, choices=CHANGES)
    parser.add_argument("--ways", nargs="+", default=None, choices=["cold", *WAYS])
    parser.add_argument("--json", type=Path, default=Path("docs/studies/refit/refit.json"))
    parser.add_argument("--output", type=Path, default=Path("docs/studies/refit/refit.md"))
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    fits = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    read: dict[str, Callable[[], tuple[Corpus, Corpus]]] = {"bbc": bbc, "20ng_5000": newsgroups}
    for corpus in () if arguments.report else arguments.corpora:
        k = CORPORA[corpus]
        train, test = read[corpus]()
        for seed in range(arguments.seeds):
            models: dict[int, TopicModel] = {}
            for change in arguments.changes:
                task = task_of(change, train, test, k)
                ways = arguments.ways or (["cold", *WAYS] if change == "words" else FEW)
                for way in ways:
                    name = f"{corpus}, {change}, {way}, {seed}"
                    if name in fits:
                        continue
                    size = task.before.n_documents
                    if size not in models:
                        models[size] = TopicModel(k, random_state=seed).fit(task.before)
                        names = tuple(f"topic {number}" for number in range(k))
                        models[size].fitted_ = replace(models[size].fitted_, names=names)
                    scores = measure(task, models[size], way, seed)
                    about = {"corpus": corpus, "change": change, "way": way, "seed": seed}
                    fits[name] = about | {key: round(v, 4) for key, v in scores.items()}
                    print(fits[name], file=sys.stderr, flush=True)
                    arguments.json.write_text(json.dumps(fits, indent=1) + "\n")
    text = tables(fits)
    print(text)
    head = (
        "# Topics before and after\n\nPrinted by `scripts/study_refit.py`, whose head says what the"
        " columns are."
    )
    arguments.output.write_text(f"{head}\n\n{text}")


if __name__ == "__main__":
    main()
