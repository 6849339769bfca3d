"""What layers above the topics contribute, on 20 Newsgroups.

Prints a table of the bounds on the test documents, for the same topics alone, under 20 nodes, and
under 20 and 5 nodes; then the tree of the first seed.

    python scripts/study_depth.py                  # K=50, 3 seeds
    python scripts/study_depth.py --seeds 1

The corpus is TopMost's (V = 5,000), read from $TOPICGEN_DATA/20ng_5000.
"""

import argparse
import sys

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from benchmark_peers import load

from topicgen import Corpus, TopicModel
from topicgen.models import Hierarchy, SparseCounts, evidence_bound, importance_bound
from topicgen.training import generator

UPPER = (20, 5)


def bound(hierarchy: Hierarchy, test: sp.csr_matrix, n_samples: int) -> dict[str, float]:
    """Return the terms of the bound in nats per document, and its perplexity."""
    parts, importance, draws = [], [], generator(0, "cpu")
    for start in range(0, test.shape[0], 500):
        of = {
            "hierarchy": hierarchy,
            "counts": SparseCounts.from_csr(test[start : start + 500], torch.float64),
            "generator": draws,
        }
        terms = evidence_bound(**of, n_samples=n_samples)
        parts.append(torch.stack([terms.log_likelihood, terms.kl, terms.elbo]))
        importance.append(importance_bound(**of, n_samples=2 * n_samples))
    log_likelihood, kl, elbo = torch.cat(parts, 1).mean(1).tolist()
    return {
        "perplexity": float(np.exp(-elbo * test.shape[0] / test.sum())),
        "ELBO": elbo,
        "log-likelihood": log_likelihood,
        "KL": kl,
        "importance bound": torch.cat(importance).mean().item(),
    }


def markdown(table: pd.DataFrame) -> str:
    lines = [["layers", *table.columns], ["---"] * (1 + table.shape[1])]
    lines += [[name, *row] for name, row in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=5)
    arguments = parser.parse_args()
    corpus = load("20ng_5000")
    train, test = corpus["train"], corpus["test"]
    training = Corpus(train, corpus["vocabulary"], list(map(str, range(train.shape[0]))))
    rows, tree = [], None
    for seed in range(arguments.seeds):
        model = TopicModel(arguments.k, upper_components=UPPER, random_state=seed)
        model.fit(training)
        tree = model.get_topic_tree(8) if tree is None else tree
        # Layers are trained from the lowest up and never change the layers below.
        for depth in range(len(UPPER) + 1):
            hierarchy = Hierarchy(model.model_, list(model.hierarchy_.layers[:depth]))
            scores = bound(hierarchy, test, arguments.samples)
            rows.append({"layers": str((arguments.k, *UPPER[:depth])), **scores})
            print(seed, rows[-1], file=sys.stderr)
    table = pd.DataFrame(rows).groupby("layers", sort=False)
    mean, spread = table.mean(), table.std().fillna(0.0)
    cells = {
        name: [f"{m:.2f} ± {s:.2f}" for m, s in zip(mean[name], spread[name], strict=True)]
        for name in mean.columns
    }
    print(markdown(pd.DataFrame(cells, index=mean.index)))
    print()
    for row in tree.sort_values("layer", ascending=False, kind="stable").itertuples():
        parent = "" if pd.isna(row.parent) else f" < {row.parent} ({row.weight:.2f})"
        print(f"- {row.layer}.{row.topic}{parent}: {' '.join(row.words)}")


if __name__ == "__main__":
    main()
