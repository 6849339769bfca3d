"""How high the evidence bound gets, and what words in bursts are worth.

    python scripts/study_bounds.py                       # 20ng_nvdm2000, K=50, 2 seeds
    python scripts/study_bounds.py --corpus 20ng_5000

Prints a Markdown table of the test documents for the default, for topics that climb the bound after
the training (``bound_epochs``), and for ``likelihood="negative_binomial"``, which also models the
lengths of documents, so that its bound includes them. Bounds are perplexities by whole counts: of
the corpus, and the mean over documents. Document completion is by each likelihood's own
conditional, given the observed half alone and in sequence. NPMI@10 (co-occurrence in all documents)
and diversity@10 are of lists by relevance; purity compares each document's largest topic with its
label.
"""

import argparse

import pandas as pd
import scipy.sparse as sp
from benchmark_peers import load

from topicgen import TopicModel, evaluation

SETTINGS = {
    "default": {},
    "bound_epochs=6": {"bound_epochs": 6},
    "negative_binomial": {"likelihood": "negative_binomial"},
}
COMPLETIONS = {
    "completion": "document_completion",
    "in sequence": "document_completion_in_sequence",
}


def measure(model: TopicModel, corpus: dict) -> dict[str, float]:
    test, vocabulary = corpus["test"], corpus["vocabulary"]
    every = sp.vstack([corpus["train"], test]).tocsr()
    # Fitted to counts without words, a model shows the numbers of the columns.
    words = [[vocabulary[int(column)] for column in row] for row in model.top_words(10)]
    bound = model.get_perplexities(test, methods=["elbo"]).iloc[0]
    completions = {
        name: model.perplexity(test, method=method) for name, method in COMPLETIONS.items()
    }
    return {
        "ELBO": bound["perplexity"],
        "per document": bound["per_document"],
        **completions,
        "NPMI@10": evaluation.coherence(words, every, vocabulary=vocabulary),
        "diversity@10": evaluation.topic_diversity(words),
        "purity": evaluation.purity(corpus["labels"], model.transform(test).argmax(1)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", choices=["20ng_nvdm2000", "20ng_5000"], default="20ng_nvdm2000")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    arguments = parser.parse_args()
    corpus = load(arguments.corpus)
    rows = []
    for name in arguments.settings:
        for seed in range(arguments.seeds):
            model = TopicModel(arguments.k, random_state=seed, **SETTINGS[name])
            model.fit(corpus["train"])
            rows.append({"setting": name, "seed": seed, **measure(model, corpus)})
    table = pd.DataFrame(rows)
    print("| " + " | ".join(table.columns) + " |", flush=True)
    print("|---" * len(table.columns) + "|")
    for row in rows:
        cells = (f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row.values())
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
