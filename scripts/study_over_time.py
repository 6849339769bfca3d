"""Whether the intervals of topics_over_time hold, and how often topic_changes errs.

    python scripts/study_over_time.py                    # everything, half an hour of one core
    python scripts/study_over_time.py --repeats 1 --parts coverage

Documents are planted with 10 topics whose words overlap (Dirichlet .1 over 1,000 words) and
negative binomial tokens, dispersions .05 to 2: most documents lack a topic, or are full of it.
Prints

- coverage: how often 95% intervals contain the true share, for groups of 1, 5, 20 and 100 of 2,000
  documents of 12 and 80 tokens, with the planted topics ("known") and with topics that a model
  learnt from the same documents ("learnt": of those that it found, cosine above .9). The log of
  each topic's rate varies over groups with a standard deviation of .6. "bootstrap" is the Bayesian
  bootstrap of the documents (Rubin, 1981) on the planted tokens themselves. "slope" is that of the
  estimated on the true shares.
- clusters: the same for groups of 25 authors with 4 documents each, which are alike (a Dirichlet
  concentration of 10 around the author's own shares); with and without ``cluster``.
- changes: how often a change is found of a topic without one (at most 5% at the level .95); and if
  the rate of a topic changes by a factor, how often a change of it is found ("found"), exactly one
  is ("one"), and the interval of one contains the true time ("within"). 40 periods of 25 documents;
  with noise, the rates also vary independently from period to period, by this standard deviation of
  their logarithms.
"""

import argparse
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment

from topicgen import TopicModel
from topicgen.effects.change_points import change_points
from topicgen.effects.group_tokens import GroupTokens, group_tokens

N_TOPICS, N_WORDS, N_DOCUMENTS = 10, 1_000, 2_000
DISPERSION = np.resize([0.05, 0.3, 0.3, 0.05, 2.0], N_TOPICS)
MEAN = np.resize([8.0, 8.0, 16.0, 16.0, 12.0], N_TOPICS)
LENGTHS = (12, 80)
N_POPULATION = 10_000
FOUND = 0.9


def population(random: np.random.Generator, means: np.ndarray, n: int) -> np.ndarray:
    """Return the topic proportions of n documents."""
    rates = random.gamma(DISPERSION, means / DISPERSION, (n, N_TOPICS)) + 1e-300
    return rates / rates.sum(1, keepdims=True)


def words(
    random: np.random.Generator, topics: np.ndarray, proportions: np.ndarray, length: int
) -> tuple[sp.csr_matrix, np.ndarray]:
    """Return documents, and how many of their tokens are of each topic."""
    n_tokens = np.maximum(random.poisson(length, len(proportions)), 1)
    tokens = np.stack([random.multinomial(*it) for it in zip(n_tokens, proportions, strict=True)])
    counts = sum(
        np.stack([random.multinomial(n, topics[k]) for n in tokens[:, k]]) for k in range(N_TOPICS)
    )
    return sp.csr_matrix(counts, dtype=np.float64), tokens


def with_topics(model: TopicModel, topics: np.ndarray) -> TopicModel:
    """Return a model with these topics, and all else as it was learnt."""
    weights = dict(model.fitted_.weights)
    logits = np.log(topics + 1e-12) - weights["log_frequency"]
    weights |= {"topic_logits": logits.astype(np.float32), "free": np.ones_like(weights["free"])}
    known = TopicModel(len(topics))
    known.fitted_ = replace(model.fitted_, weights=weights)
    return known


def of_groups(
    model: TopicModel, counts: sp.csr_matrix, groups: np.ndarray, clusters: np.ndarray | None = None
) -> GroupTokens:
    posterior = model.posterior(counts)
    n_groups = groups.max() + 1
    return group_tokens(posterior.blocks(), posterior.n_tokens, groups, n_groups, clusters)


def bootstrapped(
    random: np.random.Generator, tokens: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    ends = []
    for group in range(groups.max() + 1):
        here = tokens[groups == group]
        weighted = random.exponential(size=(1_000, len(here))) @ here
        share = weighted / weighted.sum(1, keepdims=True)
        ends.append(np.quantile(share, [0.025, 0.975], axis=0))
    low, high = np.stack(ends, axis=1)
    return low, high


def within(true: np.ndarray, ends: tuple[np.ndarray, np.ndarray], topics: np.ndarray) -> float:
    return float(((ends[0] <= true) & (true <= ends[1]))[:, topics].mean())


def slope(true: np.ndarray, share: np.ndarray, topics: np.ndarray) -> float:
    x, y = (values[:, topics] - values[:, topics].mean(0) for values in (true, share))
    return float((x * y).sum() / (x * x).sum())


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first, second = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (first, second))
    return first @ second.T


def coverage(size: int, length: int, seed: int) -> dict[str, float]:
    """Return how often the intervals of groups of this size contain the truth."""
    random = np.random.default_rng([size, length, seed])
    topics = random.dirichlet(np.full(N_WORDS, 0.1), N_TOPICS)
    groups = np.arange(N_DOCUMENTS) // size
    means = MEAN * np.exp(random.normal(0, 0.6, (groups.max() + 1, N_TOPICS)))
    true = np.stack([population(random, mean, N_POPULATION).mean(0) for mean in means])
    proportions = np.concatenate([population(random, mean, size) for mean in means])
    counts, tokens = words(random, topics, proportions, length)
    model = TopicModel(N_TOPICS, random_state=seed).fit(counts)
    similarity = cosines(topics, model.components_)
    order = linear_sum_assignment(similarity, maximize=True)[1]  # of the model's topics
    found = similarity[np.arange(N_TOPICS), order] > FOUND
    everything = np.ones(N_TOPICS, bool)
    cells = {"found": float(found.sum())}
    cells["bootstrap"] = within(true, bootstrapped(random, tokens, groups), everything)
    known = with_topics(model, topics[np.argsort(order)])
    for name, fitted, chosen in (("known", known, everything), ("learnt", model, found)):
        result = of_groups(fitted, counts, groups)
        low, high = (end[:, order] for end in result.interval(0.95))
        if chosen.any():
            cells[name] = within(true, (low, high), chosen)
            cells[f"{name} slope"] = slope(true, result.share[:, order], chosen)
    return cells


def clusters(length: int, seed: int) -> dict[str, float]:
    """Return how often intervals contain the truth if the documents of an author are alike."""
    random = np.random.default_rng([99, length, seed])
    topics = random.dirichlet(np.full(N_WORDS, 0.1), N_TOPICS)
    groups = np.arange(N_DOCUMENTS) // 100
    authors = np.arange(N_DOCUMENTS) // 4
    means = MEAN * np.exp(random.normal(0, 0.6, (groups.max() + 1, N_TOPICS)))
    true = np.stack([population(random, mean, N_POPULATION).mean(0) for mean in means])
    of_authors = np.concatenate([population(random, mean, 25) for mean in means])
    concentration = 10.0
    proportions = np.stack(
        [random.dirichlet(concentration * of + 1e-6) for of in of_authors[authors]]
    )
    counts, _ = words(random, topics, proportions, length)
    model = TopicModel(N_TOPICS, random_state=seed).fit(counts)
    order = linear_sum_assignment(cosines(topics, model.components_), maximize=True)[1]
    known = with_topics(model, topics[np.argsort(order)])
    everything = np.ones(N_TOPICS, bool)
    return {
        name: within(
            true,
            tuple(end[:, order] for end in of_groups(known, counts, groups, by).interval(0.95)),
            everything,
        )
        for name, by in (("cluster=authors", authors), ("without", None))
    }


def changes(factor: float, noise: float, length: int, seed: int) -> dict[str, float]:
    """Return how often changes are found in topics with and without one."""
    random = np.random.default_rng([int(100 * factor), int(100 * noise), length, seed])
    n_periods, size = 40, 25
    topics = random.dirichlet(np.full(N_WORDS, 0.1), N_TOPICS)
    groups = np.arange(n_periods * size) // size
    means = MEAN * np.exp(random.normal(0, noise, (n_periods, N_TOPICS)))
    at, changed = int(random.integers(8, 33)), int(random.integers(N_TOPICS))
    means[at:, changed] *= factor
    proportions = np.concatenate([population(random, mean, size) for mean in means])
    counts, _ = words(random, topics, proportions, length)
    model = TopicModel(N_TOPICS, random_state=seed).fit(counts)
    order = linear_sum_assignment(cosines(topics, model.components_), maximize=True)[1]
    found = of_groups(with_topics(model, topics[np.argsort(order)]), counts, groups)
    successes, failures = found.evidence()
    sizes = successes + failures - 1
    by_topic = [change_points(found.share[:, k], sizes[:, k]) for k in order]
    if factor == 1:
        return {"false": float(np.mean([len(of) > 0 for of in by_topic]))}
    of = by_topic[changed]
    held = [change.low <= at <= change.high for change in of]
    result = {"found": float(len(of) > 0), "one": float(len(of) == 1)}
    return result | ({"within": float(any(held))} if of else {})


def averages(cells: list[dict[str, float]]) -> str:
    names = list(dict.fromkeys(name for cell in cells for name in cell))
    means = {name: np.mean([cell[name] for cell in cells if name in cell]) for name in names}
    return "  ".join(f"{name} {mean:.3f}" for name, mean in means.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", default=["coverage", "clusters", "changes"])
    parser.add_argument("--repeats", type=int, default=4)
    arguments = parser.parse_args()
    seeds = range(arguments.repeats)
    if "coverage" in arguments.parts:
        for length in LENGTHS:
            for size in (1, 5, 20, 100):
                cells = averages([coverage(size, length, seed) for seed in seeds])
                print(f"coverage: {length} tokens, {size} documents: {cells}", flush=True)
    if "clusters" in arguments.parts:
        for length in LENGTHS:
            cells = averages([clusters(length, seed) for seed in seeds])
            print(f"clusters: {length} tokens: {cells}", flush=True)
    if "changes" in arguments.parts:
        for length in LENGTHS:
            for factor in (1.0, 0.5, 2.0, 4.0):
                for noise in (0.0, 0.4):
                    of_seeds = range(10 * arguments.repeats)
                    cells = averages([changes(factor, noise, length, seed) for seed in of_seeds])
                    print(
                        f"changes: {length} tokens, rate times {factor}, noise {noise}: {cells}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
