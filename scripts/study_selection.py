"""Rules that choose the number of topics, on corpora with a known number and on real ones.

    python scripts/study_selection.py                # one process, 44 minutes on a busy core
    python scripts/study_selection.py --processes 2
    python scripts/study_selection.py --saved          # the rules again, on the saved scores

Prints the number that each rule chooses for each corpus and what ``Selection.reason`` says about
it, and writes both, with all scores and a figure for BBC News, to docs/studies/selection. Corpora
that are already in scores.csv are not fitted again: delete the file to begin anew.

Planted corpora have 2,500 documents ("more documents": 10,000) of 65 tokens on average, over 1,500
words. A topic has 120 words of decreasing frequency, drawn at random, so that some words belong to
several topics. Shapes:

- clean: nothing else;
- background: 40% of all tokens (30% in those below) come from a Zipf distribution shared by all;
- unequal: the expected sizes of the topics are 1, 1/2, 1/3, ... of the largest;
- overlap: the topics come in families of five, which share half of their tokens;
- short: documents of 10 tokens.

20 Newsgroups is 3,000 of TopMost's training posts, read from $TOPICGEN_DATA/20ng_5000.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
from benchmark_peers import load
from scipy.sparse import csr_matrix

from topicgen import Corpus, Selection, visualization
from topicgen.corpus import Vectorizer, read_documents
from topicgen.corpus.catalog import find_card, locate
from topicgen.selection import rule, score_grid
from topicgen.selection.reason import reason
from topicgen.visualization.selection_table import selection_table

FOLDER = Path(__file__).parent.parent / "docs/studies/selection"
SCORES = FOLDER / "scores.csv"
SHAPES = ("clean", "background", "unequal", "overlap", "short")
# The number of topics, the shape and the number of documents.
PLANTED = {f"{shape}, {k}": (k, shape, 2_500) for shape in SHAPES for k in (10, 25, 40)}
# Do more documents help where stability is low? A few numbers of topics and two seeds show it.
MORE = {
    "overlap, 40, more documents": (40, "overlap", 10_000),
    "short, 25, more documents": (25, "short", 10_000),
}
MORE_GRID = (10, 25, 40)
REAL = ("BBC news", "20 Newsgroups")
SMALL_GRID = (3, 5, 7, 10, 15, 20, 30)
GRID = (5, 10, 15, 20, 25, 30, 40, 50)
REAL_GRID = (5, 10, 15, 20, 30, 50, 75)
N_WORDS, N_OWN, FAMILY = 1_500, 120, 5


def planted(k: int, shape: str, n_documents: int) -> csr_matrix:
    """Return documents of k topics, with Dirichlet proportions of 0.1 per topic on average."""
    random = np.random.default_rng([k, SHAPES.index(shape)])
    noise = {"clean": 0, "background": 0.4}.get(shape, 0.3)
    zipf = random.permutation(1 / np.arange(1, N_WORDS + 1))
    topics = _topics(k, random)
    if shape == "overlap":
        topics = (topics + _topics(-(-k // FAMILY), random)[np.arange(k) // FAMILY]) / 2
    words = (1 - noise) * topics + noise * zipf / zipf.sum()
    sizes = 1 / np.arange(1, k + 1) if shape == "unequal" else np.ones(k)
    proportions = random.dirichlet(0.1 * k * sizes / sizes.sum(), n_documents)
    lengths = random.negative_binomial(3, 3 / (3 + 60), n_documents) + 5
    if shape == "short":
        lengths[:] = 10
    return csr_matrix(
        [random.multinomial(*d) for d in zip(lengths, proportions @ words, strict=True)]
    )


def _topics(k: int, random: np.random.Generator) -> np.ndarray:
    own = 1 / np.arange(3, N_OWN + 3)
    topics = np.zeros((k, N_WORDS))
    for topic in topics:
        topic[random.choice(N_WORDS, N_OWN, replace=False)] = own / own.sum()
    return topics


def corpus(name: str) -> csr_matrix | Corpus:
    if name not in REAL:
        return planted(*(PLANTED | MORE)[name])
    if name == "BBC news":
        return Corpus.from_documents(read_documents(locate(find_card("bbc"))), Vectorizer())
    data = load("20ng_5000")
    rows = np.random.default_rng(0).permutation(data["train"].shape[0])[:3_000]
    return Corpus(data["train"][rows], data["vocabulary"], list(map(str, rows)))


def grid(name: str) -> tuple[int, ...]:
    if name in REAL:
        return REAL_GRID
    if name in MORE:
        return MORE_GRID
    return SMALL_GRID if PLANTED[name][0] == 10 else GRID


def scores(name: str) -> pd.DataFrame:
    """Return the table of scores of a corpus, with its name and number of held-out documents."""
    torch.set_num_threads(1)
    n_seeds = 2 if name in MORE else 3
    selection = Selection(score_grid(corpus(name), grid(name), n_seeds=n_seeds))
    n_held_out = selection.points[0].n_tokens.size
    return selection.table.assign(corpus=name, n_held_out=n_held_out).set_index("corpus")


def fit_all(n_processes: int) -> None:
    """Write the scores of each corpus as soon as they are known."""
    known = set(pd.read_csv(SCORES)["corpus"]) if SCORES.exists() else set()
    names = [
        name for name in (*REAL, *reversed(PLANTED), *MORE) if name not in known
    ]  # longest first
    with ProcessPoolExecutor(n_processes) as pool:
        for table in pool.map(scores, names):
            table.round(5).to_csv(SCORES, mode="a", header=not SCORES.exists())
            print(f"{table.index[0]} is done", flush=True)


def best(column: str) -> Callable[[pd.DataFrame], int]:
    return lambda table: int(table.loc[table[column].idxmax(), "n_components"])


def up_to_enough(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows up to the first one within one standard error of the best prediction."""
    return table[: int(np.argmax(table["gap"] <= table["gap_error"])) + 1]


def near(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a perplexity within 2% of the lowest."""
    return table[np.expm1(table["gap"]) <= 0.02]


def recurring(table: pd.DataFrame, cost: float) -> int:
    """Return the number with the most recurring topics, minus a cost for each other topic."""
    rows = up_to_enough(table)
    score = rows["n_components"] * (rows["stability"] - cost * (1 - rows["stability"]))
    return int(rows.loc[score.idxmax(), "n_components"])


def stable(least: float) -> Callable[[pd.DataFrame], int]:
    """Return the rule: the largest number with this stability, up to one standard error."""

    def choose(table: pd.DataFrame) -> int:
        rows = up_to_enough(table)
        found = rows[rows["stability"] >= least]
        return int(found["n_components"].iloc[-1]) if len(found) else best("quality")(rows)

    return choose


def prediction_or_quality(table: pd.DataFrame) -> int:
    """Return the number that is enough if it is inside the grid, else that of highest quality."""
    enough = int(up_to_enough(table)["n_components"].iloc[-1])
    return enough if enough < table["n_components"].iloc[-1] else best("quality")(table)


RULES: dict[str, Callable[[pd.DataFrame], int]] = {
    "least perplexity": lambda table: int(table.loc[table["gap"].idxmin(), "n_components"]),
    "within 1 s.e.": lambda table: int(up_to_enough(table)["n_components"].iloc[-1]),
    "within 2 s.e.": rule.n_enough,
    "within 2%": lambda table: int(near(table)["n_components"].iloc[0]),
    "quality": best("quality"),
    "stability": best("stability"),
    "quality up to 1 s.e.": lambda table: best("quality")(up_to_enough(table)),
    "stability up to 1 s.e.": lambda table: best("stability")(up_to_enough(table)),
    "stability within 2%": lambda table: best("stability")(near(table)),
    "1 s.e. inside the grid, else quality": prediction_or_quality,
    "most recurring topics": lambda table: recurring(table, 0),
    "recurring minus others": lambda table: recurring(table, 1),
    "largest of stability >= .4": stable(0.4),
    "largest of stability >= .5": stable(0.5),
    "largest of stability >= .6": stable(0.6),
    "stability within 2 s.e. (topicgen)": rule.recommended,
}


def choices(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row per corpus with each rule's choice, and two rows that count the hits."""
    chosen = pd.DataFrame(
        {
            name: {title: choose(table) for title, choose in RULES.items()}
            for name, table in tables.items()
        }
    ).T
    steps = pd.DataFrame({name: _steps_off(name, chosen.loc[name]) for name in PLANTED}).T
    text = chosen.astype(str)
    unsure = [name for name, table in tables.items() if not rule.is_conclusive(table)]
    text.loc[unsure, text.columns[-1]] += " ?"
    text.loc[f"right, of {len(steps)}"] = (steps == 0).sum().astype(str)
    text.loc["at most one step of the grid off"] = (steps <= 1).sum().astype(str)
    return text.rename_axis("planted").reset_index()


def conclusive(tables: dict[str, pd.DataFrame]) -> str:
    """Return how often topicgen's choice is right where it is conclusive, and where it is not."""
    lines = []
    for expected, title in ((True, "conclusive"), (False, "not conclusive")):
        names = [name for name in PLANTED if rule.is_conclusive(tables[name]) is expected]
        steps = [
            int(_steps_off(name, pd.Series([rule.recommended(tables[name])])).iloc[0])
            for name in names
        ]
        lines.append(
            f"{title}: {len(steps)} of {len(PLANTED)} planted corpora; right in {steps.count(0)}, "
            f"one step of the grid off in {steps.count(1)}"
        )
    return "\n\n".join(lines)


def _steps_off(name: str, chosen: pd.Series) -> pd.Series:
    k = PLANTED[name][0]
    place = grid(name).index
    return chosen.map(lambda size: abs(place(size) - place(k)))


def markdown(table: pd.DataFrame) -> str:
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--saved", action="store_true", help="fit nothing, use the saved scores")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not arguments.saved:
        fit_all(arguments.processes)
    saved = dict(iter(pd.read_csv(SCORES).groupby("corpus")))
    tables = {name: saved[name].reset_index(drop=True) for name in (*PLANTED, *MORE, *REAL)}
    text = markdown(choices(tables))
    reasons = [
        f"- {name}: {reason(table, table['n_held_out'].iloc[0])}" for name, table in tables.items()
    ]
    text = "\n".join([text, "", conclusive(tables), "", *reasons, ""])
    (FOLDER / "choices.md").write_text(text, "utf-8")
    print(text)
    bbc = tables["BBC news"]
    chosen = SimpleNamespace(table=bbc, n_components=rule.recommended(bbc))
    visualization.selection(chosen).savefig(FOLDER / "bbc.png", dpi=150)
    print(selection_table(bbc, rule.recommended(bbc)))


if __name__ == "__main__":
    main()
