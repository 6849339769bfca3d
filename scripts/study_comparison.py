"""Whether comparisons of fitted models hold: of coherences, and of settings with several seeds.

    python scripts/study_comparison.py                    # one process, about fifteen minutes
    python scripts/study_comparison.py --fits 6 --samples 50

Fits 12 models of 20 topics to the training posts of 20 Newsgroups ($TOPICGEN_DATA/20ng_5000, as
TopMost publishes it), which differ only in their seeds, and scores them on the 7,532 test posts.
Prints Markdown tables of

1. how often tests at the 5% level say that settings differ although they are the same: one model
   against one over documents (``paired_test``), three against three over documents alone, and three
   against three over documents and seeds (``topicgen.compare``);
2. how much too low perplexity is because the epoch was chosen on the documents that ``fit`` scores;
3. the coverage of 95% intervals of the first model's NPMI, and of its difference from the second's,
   in reference texts drawn from the test posts with replacement. The truth is what such texts give
   on average for these topics. The candidates resample topics (version 0.1.0),
   documents, and halves of the documents (``topicgen.evaluation.coherence_scores``).
"""

import argparse
import copy
import time
import warnings
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from benchmark_peers import load
from scipy import stats
from scipy.sparse import csr_matrix
from study_significance import markdown

from topicgen import TopicModel
from topicgen.comparison.seeds import estimate, fits_of_ratios
from topicgen.evaluation import coherence_scores, paired_test
from topicgen.evaluation.coherence import measure_counts, topic_values
from topicgen.training import trainer

N_TOPICS, TOP_N = 20, 10
TEXTS = (100, 300, 1000, 7532)
DOCUMENTS = (30, 100, 1000, 7532)
N_DRAWS = 250


def fit(counts: csr_matrix, seed: int) -> tuple[TopicModel, list[dict]]:
    """Return a model, and the weights after each epoch."""
    states: list[dict] = []
    record = trainer.Trainer._record

    def recorded(self: trainer.Trainer, *args: Any) -> dict[str, float]:
        states.append(copy.deepcopy(self.model.state_dict()))
        return record(self, *args)

    with patch.object(trainer.Trainer, "_record", recorded):
        model = TopicModel(N_TOPICS, random_state=seed).fit(counts)
    return model, states


def drawn_topics(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the ends of the percentile interval over topics drawn with replacement."""
    known = values[~np.isnan(values)]
    means = rng.choice(known, (2000, known.size)).mean(axis=1)
    return np.quantile(means, [0.025, 0.975])


def drawn_documents(
    topics: list, texts: csr_matrix, words: list[str], rng: np.random.Generator
) -> np.ndarray:
    """Return the coherence in resamples of the documents, in 128 groups."""
    seed = np.random.default_rng(0)  # the same groups for both models
    counts = measure_counts(topics, texts, ["c_npmi"], None, words, "drop", 128, seed)["c_npmi"]
    times = rng.multinomial(128, np.full(128, 1 / 128), N_DRAWS).astype(float)
    total = (times @ counts.n_virtual)[:, None, None]
    shares = [np.tensordot(times, joint, 1) / total for joint in counts.joint]
    return np.nanmean(topic_values("c_npmi", shares), axis=0)


def coherences(models: list[TopicModel], test: csr_matrix, words: list, n_samples: int) -> str:
    tops = [[[words[int(w)] for w in topic] for topic in top_columns(m)] for m in models[:2]]
    rows = []
    for size in TEXTS:
        rng = np.random.default_rng(size)
        found: list[tuple] = []
        spent = 0.0
        for _ in range(n_samples):
            texts = test[rng.integers(test.shape[0], size=size)]
            options = {"vocabulary": words, "absent": "drop"}
            start = time.perf_counter()
            one, two = (coherence_scores(top, texts, "c_npmi", TOP_N, **options)[0] for top in tops)
            spent += time.perf_counter() - start
            seed = int(rng.integers(2**32))
            drawn = [
                drawn_documents(top, texts, words, np.random.default_rng(seed)) for top in tops
            ]
            ends = drawn_topics(one.per_topic, rng)
            found.append((one, two, drawn, ends))
        mean = np.mean([one.mean for one, *_ in found])
        gap = np.mean([one.mean - two.mean for one, two, *_ in found])
        t = stats.t.ppf(0.975, min(size, 128) - 1)

        def share(hits: list) -> float:
            return 100 * float(np.mean(hits))

        row = {
            "texts": size,
            "s.d. of NPMI": f"{np.std([one.mean for one, *_ in found]):.4f}",
            "topics": share([ends[0] <= mean <= ends[1] for *_, ends in found]),
            "documents": share(
                [abs(one.mean - mean) <= t * drawn[0].std() for one, _, drawn, _ in found]
            ),
            "halves": share([one.low <= mean <= one.high for one, *_ in found]),
            "s.d. of difference": f"{np.std([a.mean - b.mean for a, b, *_ in found]):.4f}",
            "documents, difference": share(
                [
                    abs(a.mean - b.mean - gap) <= t * (drawn[0] - drawn[1]).std()
                    for a, b, drawn, _ in found
                ]
            ),
            "halves, difference": share(
                [
                    abs(a.mean - b.mean - gap) <= t * np.nanstd(a.halves - b.halves)
                    for a, b, *_ in found
                ]
            ),
            "seconds": f"{spent / 2 / n_samples:.2f}",
        }
        rows.append(row)
    return markdown(pd.DataFrame(rows))


def top_columns(model: TopicModel) -> np.ndarray:
    return np.argsort(-model.components_, axis=1)[:, :TOP_N]


def seeds(models: list[TopicModel], test: csr_matrix, n_tests: int) -> str:
    scored = [model.document_log_likelihood(test) for model in models]
    n_tokens = scored[0][1]
    values = np.stack([log_p for log_p, _ in scored])[:, n_tokens > 0]
    n_tokens = n_tokens[n_tokens > 0].astype(float)
    rates = values.sum(axis=1) / n_tokens.sum()
    print(
        f"Perplexities of {len(models)} seeds: {np.exp(-rates).min():.1f} to "
        f"{np.exp(-rates).max():.1f}, standard deviation {np.exp(-rates).std(ddof=1):.1f}.\n"
    )
    rows = []
    for size in DOCUMENTS:
        rng = np.random.default_rng(size)
        p: dict[str, list[float]] = {
            "one against one, over documents": [],
            "three against three, over documents": [],
            "three against three, over documents and seeds": [],
        }
        for _ in range(n_tests):
            order = rng.permutation(len(models))
            one, two = order[:3], order[3:6]
            some = np.arange(n_tokens.size)
            if size < n_tokens.size:
                some = rng.integers(n_tokens.size, size=size)
            v, n = values[:, some], n_tokens[some]
            options = {"n_resamples": 999, "random_state": rng}
            single = paired_test(v[one[0]], v[two[0]], n, **options)
            means = paired_test(v[one].mean(0), v[two].mean(0), n, **options)
            both = estimate(fits_of_ratios(v[one], n), fits_of_ratios(v[two], n))
            for name, test_ in zip(p, (single, means, both), strict=True):
                p[name].append(test_.p_value)
        rejected = {name: 100 * np.mean(np.array(x) <= 0.05) for name, x in p.items()}
        rows.append({"documents": size} | rejected)
    return markdown(pd.DataFrame(rows))


def early_stopping(fits: list[tuple[TopicModel, list[dict]]], train: csr_matrix) -> str:
    """Return how much better an epoch scores on the documents that chose it than on others.

    Each model's validation documents are halved at random, many times: the epoch is chosen on one
    half, and its score there is compared with that of the epoch chosen on the other half. A half
    chooses more noisily than all documents do, so this is an upper estimate.
    """
    rows = []
    for model, states in fits:
        counts = train[model.validation_indices_]
        hierarchy = model.fitted_.on(torch.device("cpu"))
        before = copy.deepcopy(hierarchy.base.state_dict())
        scores = []
        for state in states:
            hierarchy.base.load_state_dict(state)
            log_p, n_tokens = model.document_log_likelihood(counts)
            scores.append(log_p)
        hierarchy.base.load_state_dict(before)
        values, n = np.stack(scores), n_tokens.astype(float)
        rng = np.random.default_rng(0)
        gains = []
        for _ in range(200):
            half = rng.permutation(n.size) < n.size // 2
            rate = values[:, half].sum(1) / n[half].sum()
            other = values[:, ~half].sum(1) / n[~half].sum()
            gains.append(rate.max() - rate[other.argmax()])
        best = int(values.sum(1).argmax()) + 1
        rows.append((best, len(states), 100 * float(np.mean(gains))))
    best, last, gain = map(np.array, zip(*rows, strict=True))
    return (
        f"best epoch {best.min()} to {best.max()} of {last.max()}; on the documents that chose it, "
        f"an epoch's perplexity is {gain.min():.2f}% to {gain.max():.2f}% lower than that of the "
        f"epoch that other documents choose (mean {gain.mean():.2f}%)."
    )


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "expected texts with all words of the topics")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=12, help="six or more")
    parser.add_argument("--samples", type=int, default=300, help="reference texts per number")
    args = parser.parse_args()
    corpus = load("20ng_5000")
    fits = [fit(corpus["train"], seed) for seed in range(args.fits)]
    models = [model for model, _ in fits]
    print(
        f"Rejections of settings that are the same, in %:\n\n{seeds(models, corpus['test'], 1000)}"
    )
    print(f"\n6 models of all posts: {early_stopping(fits[:6], corpus['train'])}")
    for n in (2000, 500):
        few = corpus["train"][:n]
        small = [fit(few, seed) for seed in range(6)]
        print(f"\n6 models of {n:,} posts: {early_stopping(small, few)}")
    table = coherences(models, corpus["test"], corpus["vocabulary"], args.samples)
    print(f"\nCoverage of 95% intervals of NPMI, in %:\n\n{table}")
