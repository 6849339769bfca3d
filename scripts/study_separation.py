"""How much perplexity the diversity of topics costs: the trade-off of `separation`.

    python scripts/study_separation.py                  # 20ng_5000, K=50, 3 seeds

Prints a Markdown table: document-completion perplexity, NPMI and diversity of the top 10 words,
purity and NMI, means over the seeds.
"""

import argparse

import pandas as pd
from benchmark_peers import load, score

from topicgen import TopicModel

SEPARATIONS = (0.0, 0.005, 0.01, 0.015, 0.03)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    corpus = load("20ng_5000")
    rows = []
    for separation in SEPARATIONS:
        for seed in range(arguments.seeds):
            model = TopicModel(arguments.k, separation=separation, random_state=seed)
            model.fit(corpus["train"])
            scores = score(corpus, model.components_, model.transform)
            rows.append({"separation": separation, **scores})
    table = pd.DataFrame(rows).groupby("separation").mean().round(3)
    print("| separation | " + " | ".join(table.columns) + " |")
    print("|---|" + "---|" * len(table.columns))
    for separation, row in table.iterrows():
        print(f"| {separation:g} | " + " | ".join(f"{value:g}" for value in row) + " |")


if __name__ == "__main__":
    main()
