"""How close the bounds of the likelihood come to it, and in what time.

    python scripts/benchmark_perplexity.py                # 50 topics, 500 documents, ten minutes
    python scripts/benchmark_perplexity.py --documents 100 --topics 20

On test documents of 20 Newsgroups (20ng_5000, in $TOPICGEN_DATA, else ../shared/data), where the
truth is not known: the higher bound is the better one. Then on as many documents that the fitted
model has made itself, with the same lengths: the counts that they were made of are exact samples of
the posterior, from which annealing walks down to an upper bound. The truth is between the two
(Grosse, Ghahramani and Adams, 2015).
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from benchmark_peers import load
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.models import (
    SparseCounts,
    annealed_bound,
    evidence_bound,
    importance_bound,
)
from topicgen.models.proportions import proportions
from topicgen.training import generator

TEMPERATURES = (10, 30, 100, 300)


def documents_of(model: TopicModel, lengths: np.ndarray) -> tuple[SparseCounts, torch.Tensor]:
    """Return documents of these lengths that the model makes, and the counts they are made of."""
    shape = torch.Size([len(lengths)])
    z = model.model_.prior.sample(shape, generator=generator(0, "cpu"))
    mixture = proportions(z, model.model_.smoothing) @ model.model_.topic_word()
    random = np.random.default_rng(0)
    rows = [
        random.multinomial(n, p) for n, p in zip(lengths, mixture.detach().numpy(), strict=True)
    ]
    return SparseCounts.from_csr(csr_matrix(np.array(rows)), torch.float64), z


def bounds(model: TopicModel, counts: SparseCounts) -> dict[str, Callable[[], torch.Tensor]]:
    of = {"hierarchy": model.hierarchy_, "counts": counts, "generator": generator(1, "cpu")}
    methods = {"ELBO, 10 samples": lambda: evidence_bound(**of, n_samples=10).elbo}
    for n in (100, 1000):
        methods[f"IWAE, {n:,} samples"] = partial(importance_bound, **of, n_samples=n)
    for n in TEMPERATURES:
        methods[f"AIS, {n:,} temperatures"] = partial(annealed_bound, **of, n_temperatures=n)
    return methods


def row(name: str, counts: SparseCounts, bound: Callable[[], torch.Tensor]) -> str:
    start = time.perf_counter()
    value = bound()
    seconds = time.perf_counter() - start
    perplexity = (-value.sum() / counts.n_tokens.sum()).exp().item()
    return f"| {name} | {perplexity:.1f} | {value.mean().item():.2f} | {seconds:.1f} |"


def report(n_topics: int, n_documents: int) -> str:
    corpus = load("20ng_5000")
    train, test = corpus["train"], corpus["test"]
    test = test[np.random.default_rng(0).permutation(test.shape[0])[:n_documents]]
    model = TopicModel(n_topics, random_state=0).fit(train)

    # Many small steps: threads would wait for each other longer than they work.
    torch.set_num_threads(1)
    real = SparseCounts.from_csr(csr_matrix(test), torch.float64)
    made, z = documents_of(model, np.asarray(test.sum(1)).ravel().astype(int))
    head = "| bound | perplexity | nats per document | s |\n|---|---|---|---|"
    lines = [f"{n_documents} test documents of 20 Newsgroups, {n_topics} topics:", "", head]
    lines += [row(name, real, bound) for name, bound in bounds(model, real).items()]
    lines += ["", "As many documents made by the model, from above too:", "", head]
    lines += [row(name, made, bound) for name, bound in bounds(model, made).items()]
    for n in TEMPERATURES:
        above = row(
            f"AIS from above, {n:,} temperatures",
            made,
            partial(
                annealed_bound,
                model.hierarchy_,
                made,
                n_temperatures=n,
                start=[z],
                generator=generator(2, "cpu"),
            ),
        )
        lines.append(above)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topics", type=int, default=50)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--out", type=Path, help="a Markdown file to write the tables to as well")
    options = parser.parse_args()
    tables = report(options.topics, options.documents)
    print(tables)
    if options.out:
        options.out.write_text(
            "# How close the bounds of the likelihood come to it\n\n"
            "`python scripts/benchmark_perplexity.py` prints this.\n\n" + tables + "\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
