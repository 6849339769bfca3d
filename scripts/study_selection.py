"""Rules that choose the number of topics, on corpora with a known number and on real ones.

    python scripts/study_selection.py                  # two processes, under ten minutes
    python scripts/study_selection.py --seeds 1

Prints the number that each rule chooses for each corpus, and writes it with all scores and a figure
for BBC News to docs/studies/selection. Planted corpora have topics of 150 words with decreasing
frequencies, drawn with overlaps from 2,000; 40% of all tokens come from a Zipf distribution shared
by all documents. In "uneven" corpora the largest topic is five times the smallest. 20 Newsgroups is
3,000 of TopMost's training posts, read from $TOPICGEN_DATA/20ng_5000.
"""

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from benchmark_peers import load
from scipy.sparse import csr_matrix

from topicgen import Corpus, Selection
from topicgen.corpus import Vectorizer, read_documents
from topicgen.corpus.catalog import find_card, locate
from topicgen.selection import score_grid
from topicgen.visualization.selection_figure import selection_figure

FOLDER = Path(__file__).parent.parent / "docs/studies/selection"
PLANTED = {
    f"{k} planted, {shape}": (k, n_documents, shape)
    for n_documents, shape in ((500, "even"), (1500, "uneven"))
    for k in (5, 10, 20)
}
REAL = ("BBC news", "20 Newsgroups")
PLANTED_GRID = (3, 5, 7, 10, 15, 20, 30)
REAL_GRID = (5, 10, 15, 20, 30, 50, 75)

N_WORDS, N_OWN, NOISE, LENGTH = 2_000, 150, 0.4, 80


def planted(k: int, n_documents: int, shape: str) -> csr_matrix:
    """Return documents of k topics, with Dirichlet proportions of 0.1 per topic on average."""
    random = np.random.default_rng(1_000 * k + n_documents)
    zipf = random.permutation(1 / np.arange(1, N_WORDS + 1))
    own = 1 / np.arange(3, N_OWN + 3)
    topics = np.zeros((k, N_WORDS))
    for topic in topics:
        topic[random.choice(N_WORDS, N_OWN, replace=False)] = own / own.sum()
    words = (1 - NOISE) * topics + NOISE * zipf / zipf.sum()
    sizes = np.geomspace(1, 5, k) if shape == "uneven" else np.ones(k)
    proportions = random.dirichlet(0.1 * k * sizes / sizes.sum(), n_documents)
    lengths = random.negative_binomial(3, 3 / (3 + LENGTH), n_documents) + 5
    return csr_matrix(
        [random.multinomial(*d) for d in zip(lengths, proportions @ words, strict=True)]
    )


def corpus(name: str) -> csr_matrix | Corpus:
    if name in PLANTED:
        return planted(*PLANTED[name])
    if name == "BBC news":
        return Corpus.from_documents(read_documents(locate(find_card("bbc"))), Vectorizer())
    data = load("20ng_5000")
    rows = np.random.default_rng(0).permutation(data["train"].shape[0])[:3_000]
    return Corpus(data["train"][rows], data["vocabulary"], list(map(str, rows)))


def select(name: str, n_seeds: int) -> Selection:
    torch.set_num_threads(1)
    grid = PLANTED_GRID if name in PLANTED else REAL_GRID
    return Selection(score_grid(corpus(name), grid, n_seeds=n_seeds))


def best(column: str) -> Callable[[pd.DataFrame], int]:
    return lambda table: int(table.loc[table[column].idxmax(), "n_components"])


def enough(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows up to the first one within one standard error of the best prediction."""
    return table[: int(np.argmax(table["gap"] <= table["gap_error"])) + 1]


def near(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a perplexity within 2% of the lowest."""
    return table[np.expm1(table["gap"]) <= 0.02]


def smallest_of_ties(table: pd.DataFrame) -> int:
    """Return the smallest number whose quality the seeds cannot distinguish from the best."""
    top = table.loc[table["quality"].idxmax()]
    error = np.hypot(table["quality_sd"], top["quality_sd"])
    return int(table.loc[top["quality"] - table["quality"] <= error, "n_components"].iloc[0])


RULES: dict[str, Callable[[pd.DataFrame], int]] = {
    "least perplexity": lambda table: int(table.loc[table["gap"].idxmin(), "n_components"]),
    "least within one s.e. of it": lambda table: int(enough(table)["n_components"].iloc[-1]),
    "least within 2% of it": lambda table: int(near(table)["n_components"].iloc[0]),
    "coherence": best("coherence"),
    "quality": best("quality"),
    "stability": best("stability"),
    "quality within 2%": lambda table: best("quality")(near(table)),
    "stability within 2%": lambda table: best("stability")(near(table)),
    "stability up to one s.e.": lambda table: best("stability")(enough(table)),
    "least of ties in quality, up to one s.e.": lambda table: smallest_of_ties(enough(table)),
    "quality up to one s.e. (topicgen)": lambda table: best("quality")(enough(table)),
}


def choices(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per rule: its choices, and in how many planted corpora it is right."""
    rows = []
    for rule, choose in RULES.items():
        chosen = {name: choose(table) for name, table in tables.items()}
        right = sum(chosen[name] == PLANTED[name][0] for name in PLANTED)
        rows.append({"rule": rule, **chosen, "right": f"{right} of {len(PLANTED)}"})
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    names = [*REAL, *PLANTED]  # the longest first
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        found = list(pool.map(select, names, [arguments.seeds] * len(names)))
    selections = {name: found[names.index(name)] for name in (*PLANTED, *REAL)}
    tables = {name: selection.table for name, selection in selections.items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    scores = pd.concat([table.assign(corpus=name) for name, table in tables.items()])
    scores.set_index("corpus").round(5).to_csv(FOLDER / "scores.csv")
    text = markdown(choices(tables))
    (FOLDER / "choices.md").write_text(text + "\n", "utf-8")
    print(text)
    for name, selection in selections.items():
        print(f"\n{name}: {selection.reason}")
    bbc = selections["BBC news"]
    selection_figure(bbc.table, bbc.n_components).savefig(FOLDER / "bbc.png", dpi=150)


if __name__ == "__main__":
    main()
