"""How many units a document's counts should have, for their noise to be worth what it says.

    python scripts/study_counts_width.py                # 20ng_5000, K=50, 3 seeds: two minutes

Topics and expected proportions are those of a fitted model and stay. Counts are drawn about them,
z_k ~ Poisson(n theta_k), from the observed half of every fourth test document, where n is a number
of units or a multiple of the tokens observed. Prints a Markdown table of means over
the seeds, and writes it to --output:

    joint        perplexity of the hidden half as a whole, log (1/S) sum_s p(hidden | z_s), S = 64:
                 a proper score of how wide the posterior is. It is a bound; where the noise is
                 large, more samples would lower the perplexity.
    one sample   E[log p(hidden | z)], what one sample predicts
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import torch
from benchmark_peers import load

from topicgen import TopicModel, evaluation
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.models.proportions import proportions
from topicgen.topic_model.inference import batches
from topicgen.training import generator

SAMPLES = 64
UNITS = (3, 10, 30, 100, 300, 1000)
MULTIPLES = (0.1, 0.3, 1.0, 3.0, 10.0)
HEADER = """# How wide counts should be

Printed by `scripts/study_counts_width.py`, whose head says what is measured: 20 Newsgroups, K = 50,
every fourth test post, means over three seeds.
"""


@torch.no_grad()
def predict(
    model: LatentCountModel,
    halves: list[tuple[SparseCounts, SparseCounts]],
    units: float,
    of_tokens: bool,
) -> tuple[float, float]:
    """Return the joint perplexity, and that of one sample."""
    topic_word, random = model.topic_word(), generator(0, "cpu")
    totals, n_hidden = torch.zeros(2, dtype=torch.float64), 0.0
    for observed, hidden in halves:
        theta = model.encode(observed, topic_word).proportions
        n = observed.n_tokens.unsqueeze(-1) * units if of_tokens else units
        draws = []
        for _ in range(SAMPLES):
            z = torch.poisson(n * theta, generator=random)
            draws.append(hidden.log_likelihood(proportions(z, model.smoothing), topic_word))
        each = torch.stack(draws)
        joint = each.logsumexp(0) - math.log(SAMPLES)
        totals += torch.stack([joint.sum(), each.mean(0).sum()])
        n_hidden += hidden.values.sum().item()
    joint, one = (-totals / n_hidden).exp().tolist()
    return joint, one


def rows() -> Iterator[tuple[str, float, bool]]:
    for units in UNITS:
        yield f"{units}", units, False
    for multiple in MULTIPLES:
        yield f"{multiple:g} times the tokens observed", multiple, True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("docs/studies/counts/width.md"))
    arguments = parser.parse_args()
    corpus = load("20ng_5000")
    observed, hidden = evaluation.split_tokens(corpus["test"][::4], random_state=0)
    halves = list(zip(batches(observed, "cpu"), batches(hidden, "cpu"), strict=True))
    found: dict[str, list[torch.Tensor]] = {name: [] for name, *_ in rows()}
    expected = []
    for seed in range(arguments.seeds):
        model = TopicModel(50, random_state=seed).fit(corpus["train"])
        doc_topic = model.transform(observed)
        expected.append(evaluation.completion_perplexity(doc_topic, model.components_, hidden))
        for name, units, of_tokens in rows():
            found[name].append(torch.tensor(predict(model.model_, halves, units, of_tokens)))
    lines = ["| units | joint | one sample |", "|---|---|---|"]
    for name, scores in found.items():
        joint, one = torch.stack(scores).mean(0).tolist()
        lines.append(f"| {name} | {joint:.0f} | {one:.0f} |")
    mean = sum(expected) / len(expected)
    lines.append(f"| no noise: the expected proportions | {mean:.0f} | {mean:.0f} |")
    table = "\n".join(lines)
    arguments.output.write_text(f"{HEADER}\n{table}\n")
    print(table)


if __name__ == "__main__":
    main()
