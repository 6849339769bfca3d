"""Whether words that are said to differ between groups do differ.

    python scripts/study_content.py              # three minutes of one core

- planted: 2,000 documents of 60 or 12 tokens in two groups, 5 topics over 1,000 words, whose log
  probabilities differ between the groups with a standard deviation of 0, .2 or .5. Where words come
  in bursts, each document draws its own words of a topic around the group's. Prints how often 95%
  intervals of the log ratios contain the truth ("covered"), how many of them exclude 0 ("differ"),
  and how many of these contain the truth and have its sign.
- speeches: the State of the Union addresses since 1945 by party (sotu_paragraphs.csv.xz in
  $TOPICGEN_DATA/metadata, else ../shared/data/metadata): the standard deviation of the log ratios
  of each topic with parties and with random groups of paragraphs, how much better it explains the
  words than no difference, and how much better a Dirichlet prior around the topic does (both in
  nats): medians over the topics, and their range. Then the words that surely differ most.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import special

from topicgen import TopicModel
from topicgen.effects.content import fit_content

N_DOCUMENTS, N_TOPICS, N_WORDS = 2_000, 5, 1_000


def planted(random: np.random.Generator, deviation: float, length: int, *, bursts: bool) -> str:
    topics = random.dirichlet(np.full(N_WORDS, 0.1), N_TOPICS)
    groups = np.arange(N_DOCUMENTS) % 2
    words = topics * np.exp(random.normal(0, deviation, (2, *topics.shape)))
    words /= words.sum(2, keepdims=True)
    proportions = random.dirichlet(np.full(N_TOPICS, 0.2), N_DOCUMENTS)
    rows = []
    for theta, group in zip(proportions, groups, strict=True):
        row = np.zeros(N_WORDS)
        for n, p in zip(random.multinomial(length, theta), words[group], strict=True):
            here = random.gamma(50 * p + 1e-12) if bursts else p
            row += random.multinomial(n, here / here.sum())
        rows.append(row)
    counts = sp.csr_matrix(np.array(rows))
    found = fit_content(counts, proportions, topics, groups, "group", ["a", "b"])
    true = np.log(words / words.mean(0))
    covered, differ, right = [], [], []
    for group in range(2):
        for k in range(N_TOPICS):
            low, high = found.interval(group, k, 0.95)
            truth = true[group, k, found.words[k]]
            covered.append((low <= truth) & (truth <= high))
            differ.append((low > 0) | (high < 0))
            right.append(np.sign(truth) == np.sign(low + high))
    covered, differ, right = (np.concatenate(values) for values in (covered, differ, right))
    shown = f"covered {covered.mean():.3f}, differ {differ.mean():.3f}"
    if differ.any():
        shown += f", of these covered {covered[differ].mean():.3f}"
        shown += f", of the right sign {right[differ].mean():.3f}"
    return shown


def log_likelihood(shape: np.ndarray, observed: np.ndarray, expected: np.ndarray) -> float:
    rising = special.gammaln(shape + observed) - special.gammaln(shape)
    scaled = -shape * np.log1p(expected / shape) - observed * np.log(shape + expected)
    return float((rising + scaled).sum())


def compared(observed: np.ndarray) -> tuple[float, float, float]:
    """Return the best deviation, and the gains of a common and of a Dirichlet prior, in nats."""
    observed = observed[:, observed.sum(0) >= 1]
    total = observed.sum(1, keepdims=True)
    base = observed.sum(0) / total.sum()
    expected = total * base
    observed = expected + (observed - expected) / np.sqrt(1 - total / total.sum())
    observed = np.maximum(observed, 0)
    grid = np.exp(np.linspace(np.log(0.5), np.log(1e8), 60))
    common = [log_likelihood(np.full_like(base, a), observed, expected) for a in grid]
    dirichlet = [log_likelihood(np.maximum(a * base, 0.5), observed, expected) for a in grid]
    best = int(np.argmax(common))
    gains = (max(of) - of[-1] for of in (common, dirichlet))
    return float(grid[best] ** -0.5), *gains


def speeches() -> None:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "metadata"
    path = folder / "sotu_paragraphs.csv.xz"
    if not path.is_file():
        print(f"skipped: {path} is missing; set TOPICGEN_DATA to the folder that has it")
        return
    frame = pd.read_csv(path).query("date >= '1945'").reset_index(drop=True)
    model = TopicModel(20, content="party", random_state=0).fit(frame)
    counts = model.vectorizer_.transform(frame["text"])
    proportions = model.posterior(counts, n_draws=20).proportions
    parties = (frame["party"] == "Republican").to_numpy()
    weighted = counts.multiply(1 / np.maximum(proportions @ model.components_, 1e-300)).tocsr()
    of_parties = {"parties": parties, "random": np.random.default_rng(0).permutation(parties)}
    for name, is_second in of_parties.items():
        tokens = [
            (weighted[rows].T @ proportions[rows]).T * model.components_
            for rows in (~is_second, is_second)
        ]
        found = np.array([compared(np.stack(of)) for of in zip(*tokens, strict=True)])
        medians, least, most = np.median(found, 0), found.min(0), found.max(0)
        print(
            f"{name}: deviation {medians[0]:.2f} ({least[0]:.2f} to {most[0]:.2f}); better than no "
            f"difference by {medians[1]:.0f} nats ({least[1]:.0f} to {most[1]:.0f}), Dirichlet "
            f"{medians[2]:.0f} ({least[2]:.0f} to {most[2]:.0f})"
        )
    info = model.get_content_info(8)
    for topic, words in enumerate(model.top_words(6)):
        print(f"\n{topic}: {' '.join(words)}")
        for party, of in info[info["topic"] == topic].groupby("party"):
            surely = of[(of["low"] > 0) | (of["high"] < 0)]
            more = surely[surely["low"] > 0]
            shown = ", ".join(
                f"{row.word} {row.log_ratio:+.1f} ({row.low:+.1f} to {row.high:+.1f})"
                for row in more.itertuples()
            )
            print(f"  {party}: {shown or 'nothing for sure'}")


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    random = np.random.default_rng(0)
    for deviation in (0.0, 0.2, 0.5):
        for length in (60, 12):
            for bursts in (False, True):
                shown = planted(random, deviation, length, bursts=bursts)
                of = "in bursts" if bursts else "independent"
                print(f"deviation {deviation}, {length} tokens, {of}: {shown}", flush=True)
    speeches()


if __name__ == "__main__":
    main()
