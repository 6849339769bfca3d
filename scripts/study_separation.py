"""How well topics can be told apart, and what it costs: the trade-off of `separation`.

    python scripts/study_separation.py                  # 20ng_5000, K=50, 3 seeds
    python scripts/study_separation.py --validation     # on training posts that are held out

Prints two Markdown tables of means over the seeds. The first has the perplexity of document
completion, purity and NMI of each test post's largest topic against its newsgroup, and what becomes
of five-word excerpts of long posts: the perplexity of the rest of the post, the share of excerpts
in the topic that has most of them, and the share in the topic of the whole post. The second has
NPMI@10 (co-occurrence in all posts), diversity@10 and TD@15 (shares of distinct words among the
first 10 and 15 of all topics) of lists ranked by each measure of ``top_words``.
"""

import argparse

import numpy as np
import pandas as pd
import scipy.sparse as sp
from benchmark_peers import held_out, load

from topicgen import TopicModel, evaluation
from topicgen.topic_model.word_measures import word_scores

# Which words count as shared, and the price of sharing them.
SETTINGS = (
    ("distinctive", 0.015),
    ("probability", 0.015),
    ("distinctive", 0.0),
    ("distinctive", 0.005),
    ("distinctive", 0.03),
    ("probability", 0.005),
)
MEASURES = ("probability", "score", "relevance", "frex")
HELD_OUT, LONG, EXCERPTS, WORDS = 1_500, 100, 500, 5


def excerpts(test: sp.csr_matrix) -> tuple[np.ndarray, sp.csr_matrix]:
    """Return some long posts, and some words of each, drawn without replacement."""
    random = np.random.default_rng(0)
    rows = np.flatnonzero(np.asarray(test.sum(1)).ravel() >= LONG)[:EXCERPTS]
    parts = np.zeros((len(rows), test.shape[1]), dtype=int)
    for part, row in zip(parts, rows, strict=True):
        post = test[row]
        tokens = np.repeat(post.indices, post.data)
        np.add.at(part, random.choice(tokens, WORDS, replace=False), 1)
    return rows, sp.csr_matrix(parts)


def measure_documents(model: TopicModel, corpus: dict) -> dict[str, float]:
    test = corpus["test"]
    observed, hidden = evaluation.split_tokens(test, random_state=0)
    topics = model.components_
    clusters = model.transform(test).argmax(1)
    rows, few = excerpts(test)
    of_few = model.transform(few)
    found = of_few.argmax(1)
    rest = sp.csr_matrix(test[rows] - few)
    rest.eliminate_zeros()
    return {
        "perplexity": evaluation.completion_perplexity(model.transform(observed), topics, hidden),
        "purity": evaluation.purity(corpus["labels"], clusters),
        "NMI": evaluation.normalized_mutual_information(corpus["labels"], clusters),
        "five words: perplexity": evaluation.completion_perplexity(of_few, topics, rest),
        "in one topic": np.bincount(found).max() / len(found),
        "in the post's topic": (found == clusters[rows]).mean(),
    }


def measure_lists(model: TopicModel, corpus: dict) -> list[dict]:
    vocabulary = np.array(corpus["vocabulary"])
    rows = []
    for measure in MEASURES:
        order = np.argsort(-word_scores(model.fitted_, measure), axis=1)
        ten, fifteen = (vocabulary[order[:, :n]].tolist() for n in (10, 15))
        npmi = evaluation.coherence(ten, corpus["every"], vocabulary=corpus["vocabulary"])
        rows.append(
            {
                "list": measure,
                "NPMI@10": npmi,
                "diversity@10": evaluation.topic_diversity(ten),
                "TD@15": evaluation.topic_diversity(fifteen, top_n=15),
            }
        )
    return rows


def show(rows: list[dict], keys: list[str]) -> None:
    table = pd.DataFrame(rows).groupby(keys, sort=False).mean().reset_index()
    print("| " + " | ".join(table.columns) + " |")
    print("|---" * len(table.columns) + "|")
    for row in table.itertuples(index=False):
        cells = (
            cell if isinstance(cell, str) else f"{cell:.0f}" if cell > 100 else f"{cell:.3f}"
            for cell in row
        )
        print("| " + " | ".join(cells) + " |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--settings", type=int, nargs="+", default=range(len(SETTINGS)))
    arguments = parser.parse_args()
    corpus = load("20ng_5000")
    if arguments.validation:
        corpus = held_out(corpus, HELD_OUT, seed=20)
    corpus["every"] = sp.vstack([corpus["train"], corpus["test"]]).tocsr()
    documents, lists = [], []
    keys = ["shared words", "separation"]
    for measure, separation in (SETTINGS[n] for n in arguments.settings):
        for seed in range(arguments.seeds):
            model = TopicModel(
                arguments.k,
                separation=separation,
                separation_measure=measure,
                random_state=seed,
            )
            model.fit(corpus["train"])
            named = dict(zip(keys, (measure, f"{separation:g}"), strict=True))
            documents.append({**named, **measure_documents(model, corpus)})
            lists += [{**named, **row} for row in measure_lists(model, corpus)]
    show(documents, keys)
    show(lists, [*keys, "list"])


if __name__ == "__main__":
    main()
