"""Short texts: which words of a topic to list, and how well titles are predicted.

    python scripts/study_short_texts.py                         # 2 seeds, half an hour
    python scripts/study_short_texts.py --corpora titles --seeds 1 --topics 5

Titles are the distinct subjects of the posts of 20 Newsgroups (K = 50), read from
$TOPICGEN_DATA/20ng_raw/20news-bydate.tar.xz: 8,415 of them, six words each, of which two or three
are in the vocabulary ("titles": without English stop words; "titles, all words": with them). For
comparison: 20ng_5000 as benchmark_peers.py reads it (K = 50) and the articles of the BBC (K = 20).

1. Lists. The same fits, ranked by several measures: the share of distinct words among the top 10
   and 15, the NPMI and C_V of the top 10 over whole documents, and the total probability of the
   top 10. The reference for titles is the 18,846 posts, which no model saw. NPMI over the titles
   themselves is given too, to show that six words are a poor reference: "the", "in" and "for"
   occur together with everything. With --topics n, n topics are printed by each measure.
2. Prediction of titles: a tenth of them is held out (not the tenth that settings were chosen on).
   Perplexity of hidden halves and of single hidden words, and purity and NMI of the largest topic
   against the newsgroup over all titles; with and without the special treatment of short documents
   (``topicgen.training.schedule.are_short``).
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd
from benchmark_peers import load
from scipy.sparse import csr_matrix, vstack
from titles import load_titles

from topicgen import TopicModel, Vectorizer, evaluation
from topicgen.corpus import read_documents
from topicgen.corpus.catalog import find_card, locate
from topicgen.topic_model import settings
from topicgen.topic_model.word_measures import ranking, top_columns
from topicgen.training import automatic_epochs


class Texts(NamedTuple):
    """Counts of documents, and of those in which words of a topic should occur together."""

    counts: csr_matrix
    words: np.ndarray
    labels: np.ndarray
    reference: csr_matrix
    n_topics: int = 50


def titles(stop_words: str | None) -> Texts:
    every = load_titles(stop_words)
    words = every.vectorizer.get_feature_names_out()
    return Texts(every.counts, words, every.labels, every.reference)


def newsgroups() -> Texts:
    corpus = load("20ng_5000")
    every = vstack([corpus["train"], corpus["test"]]).tocsr()
    return Texts(corpus["train"], np.array(corpus["vocabulary"]), corpus["labels"], every)


def bbc() -> Texts:
    documents = list(read_documents(locate(find_card("bbc"))))
    vectorizer = Vectorizer()
    counts = csr_matrix(vectorizer.fit_transform([document.text for document in documents]))
    words = vectorizer.get_feature_names_out()
    return Texts(counts, words, np.array([]), counts, n_topics=20)


CORPORA: dict[str, Callable[[], Texts]] = {
    "titles": lambda: titles("english"),
    "titles, all words": lambda: titles(None),
    "bbc": bbc,
    "20ng_5000": newsgroups,
}


# -- lists ---------------------------------------------------------------------------------------


def rankings(model: TopicModel) -> dict[str, np.ndarray]:
    """Return what the words of each topic are ordered by, for each measure."""
    topics = model.components_
    whole = model.fitted_.evidence.topic_share @ topics
    of_package = {
        name: ranking(model.fitted_, *name.split(" ")[:1], *map(float, name.split(" ")[1:]))
        for name in ("probability", "score", "relevance .8", "relevance .6", "frex", "lift")
    }
    # Tokens beyond those that the whole collection would give, and these in standard errors.
    excess = topics - whole
    return of_package | {"excess": excess, "excess / s.e.": excess / np.sqrt(whole)}


def list_scores(texts: Texts, order: np.ndarray, topics: np.ndarray) -> dict[str, float]:
    top = np.stack([top_columns(of_topic, 15) for of_topic in order])
    words, names = texts.words[top].tolist(), list(texts.words)

    def coherence(counts: csr_matrix, measure: str) -> float:
        options = {"vocabulary": names, "window": "document", "top_n": 10}
        return evaluation.coherence(words, counts, measure, **options)

    return {
        "diversity@10": evaluation.topic_diversity(words, 10),
        "diversity@15": evaluation.topic_diversity(words, 15),
        "NPMI@10": coherence(texts.reference, "c_npmi"),
        "C_V@10": coherence(texts.reference, "c_v"),
        "NPMI@10, own": coherence(texts.counts, "c_npmi"),
        "mass@10": float(np.take_along_axis(topics, top[:, :10], 1).sum(1).mean()),
    }


def lists(texts: Texts, seeds: int, n_printed: int) -> pd.DataFrame:
    rows = []
    for seed in range(seeds):
        model = TopicModel(texts.n_topics, random_state=seed).fit(texts.counts)
        orders = rankings(model)
        for measure, order in orders.items():
            rows.append({"measure": measure, **list_scores(texts, order, model.components_)})
        for topic in range(0, texts.n_topics, max(1, texts.n_topics // max(n_printed, 1))):
            if seed == 0 and n_printed:
                print(f"topic {topic}")
                for measure, order in orders.items():
                    print(f"  {measure:14s}", *texts.words[top_columns(order[topic], 10)])
    return pd.DataFrame(rows).groupby("measure", sort=False).mean().reset_index()


# -- prediction ----------------------------------------------------------------------------------


def hidden_words(counts: csr_matrix, n_times: int = 6) -> tuple[csr_matrix, np.ndarray]:
    """Return titles of two tokens or more without one token, and the column of that token."""
    random = np.random.default_rng(0)
    some = counts[np.asarray(counts.sum(1)).ravel() >= 2]
    observed = vstack([some] * n_times).astype(float).tocsr()
    entries = [
        start + random.choice(stop - start, p=observed.data[start:stop] / total)
        for start, stop, total in zip(
            observed.indptr[:-1], observed.indptr[1:], observed.sum(1).A1, strict=True
        )
    ]
    hidden = observed.indices[entries].copy()
    observed.data[entries] -= 1
    observed.eliminate_zeros()
    return observed, hidden


def predictions(texts: Texts, seed: int) -> dict[str, float]:
    order = np.random.default_rng(7).permutation(texts.counts.shape[0])
    tenth = len(order) // 10
    test, train = texts.counts[order[:tenth]], texts.counts[order[2 * tenth :]]
    model = TopicModel(texts.n_topics, random_state=seed).fit(train)
    observed, held_out = evaluation.split_tokens(test, random_state=0)
    without, word = hidden_words(test)
    p = np.einsum("dk,kd->d", model.transform(without), model.components_[:, word])
    known = np.asarray(texts.counts.sum(1)).ravel() > 0
    clusters, labels = model.transform(texts.counts[known]).argmax(1), texts.labels[known]
    top = model.top_words(10, measure="score")
    names = list(texts.words)
    return {
        "perplexity, halves": evaluation.completion_perplexity(
            model.transform(observed), model.components_, held_out
        ),
        "perplexity, one word": float(np.exp(-np.log(p).mean())),
        "purity": evaluation.purity(labels, clusters),
        "NMI": evaluation.normalized_mutual_information(labels, clusters),
        "diversity@10 (score)": evaluation.topic_diversity(top_of(texts, top)),
        "NPMI@10 (score)": evaluation.coherence(
            top_of(texts, top), texts.reference, vocabulary=names, window="document"
        ),
        "epochs": len(model.history_["epoch"]),
    }


def top_of(texts: Texts, lists: list[list[str]]) -> list[list[str]]:
    """Return the words of lists of column numbers, as a model that was fitted to counts has."""
    return [[texts.words[int(column)] for column in words] for words in lists]


def compared(texts: Texts, seeds: int) -> pd.DataFrame:
    rows = []
    for seed in range(seeds):
        rows.append({"training": "of short documents", **predictions(texts, seed)})
        with (
            patch.object(settings, "are_short", lambda length: False),
            patch.object(settings, "extra_passes", lambda length: 1.0),
            patch.object(
                settings, "automatic_epochs", lambda n, size, length: automatic_epochs(n, size)
            ),
        ):
            rows.append({"training": "as of all others", **predictions(texts, seed)})
    return pd.DataFrame(rows).groupby("training", sort=False).mean().reset_index()


def markdown(table: pd.DataFrame) -> str:
    cells = [list(table), ["---"] * table.shape[1]]
    for row in table.itertuples(index=False):
        cells.append(
            [x if isinstance(x, str) else f"{x:.3f}" if abs(x) < 10 else f"{x:.1f}" for x in row]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=list(CORPORA))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--topics", type=int, default=0, help="topics to print by each measure")
    arguments = parser.parse_args()
    for name in arguments.corpora:
        texts = CORPORA[name]()
        print(f"\n## {name}: lists\n", flush=True)
        print(markdown(lists(texts, arguments.seeds, arguments.topics)), flush=True)
        if name.startswith("titles"):
            print(f"\n## {name}: prediction\n", flush=True)
            print(markdown(compared(texts, arguments.seeds)), flush=True)


if __name__ == "__main__":
    main()
