"""What covariates cost: the time of a fit with 10 columns against one without.

    python scripts/benchmark_effects.py                       # three fits of each, in turn
    python scripts/benchmark_effects.py --documents 2000 --topics 10

Documents of 80 tokens are planted by scripts/planted_effects.py, 20,000 with 30 topics by default.
Prints the medians of the seconds of ``fit`` and of ``effects()`` in a process of one thread: CPU
time and, in parentheses, the time on the clock.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import torch
from planted_effects import Documents, Population

from topicgen import TopicModel

N_COLUMNS = 10


def documents(n_documents: int, n_topics: int, n_tokens: int) -> tuple[Documents, pd.DataFrame]:
    """Return planted documents, and columns of which the first has planted effects."""
    population = Population.random(
        "balanced", n_tokens=n_tokens, n_topics=n_topics, n_words=5_000, topics="flat"
    )
    random = np.random.default_rng(0)
    drawn = population.draw(n_documents, random)
    columns = {f"x{i}": random.normal(size=n_documents) for i in range(1, N_COLUMNS)}
    return drawn, pd.DataFrame({"x0": drawn.metadata["x"], **columns})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--topics", type=int, default=30)
    parser.add_argument("--tokens", type=int, default=80)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    drawn, metadata = documents(arguments.documents, arguments.topics, arguments.tokens)
    seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def timed(name: str, function: Callable[[], object]) -> None:
        start = time.process_time(), time.perf_counter()
        function()
        seconds[name].append((time.process_time() - start[0], time.perf_counter() - start[1]))

    formula = "~ " + " + ".join(metadata.columns)
    TopicModel(2, max_epochs=1, random_state=0).fit(drawn.counts[:100])  # imports
    for seed in range(arguments.repeats):
        plain = TopicModel(arguments.topics, random_state=seed)
        timed("fit without covariates", partial(plain.fit, drawn.counts))
        model = TopicModel(arguments.topics, prevalence=formula, random_state=seed)
        with_covariates = partial(model.fit, drawn.counts, metadata=metadata)
        timed(f"fit with {N_COLUMNS} columns", with_covariates)
        timed("effects", model.effects)
        for name, values in seconds.items():
            print(seed, name, *(f"{value:.1f}" for value in values[-1]), flush=True)
    print("\n| | CPU seconds (on the clock) | of the fit without |\n|---|---|---|")
    base = statistics.median(cpu for cpu, _ in seconds["fit without covariates"])
    for name, values in seconds.items():
        cpu, wall = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"| {name} | {cpu:.1f} ({wall:.1f}) | {cpu / base:.2f} |")


if __name__ == "__main__":
    main()
