"""Speed of relaxed samples and gradients: topicgen, relaxit and the bare formula, in one run.

Forward and backward of one ``rsample`` for 256 x 50 latent variables, over supports of 16, 64 and
256 atoms, all on the same tensors, interleaved; medians. "bare" is
``torch.softmax((logits + gumbel) / t, -1) @ support`` with the noise drawn by
``-log(-log(rand))``; "bare, noise given" leaves out the drawing. relaxit is
GeneralizedGumbelSoftmaxNP of relaxit 1.2.1, constructed at each step because it computes its masses
on construction; "from rates" first makes a truncated Poisson distribution from rates, in all three.
Memory is the most that a forward and backward pass holds at once beyond its inputs.

    python scripts/benchmark_estimator.py                # two minutes
    python scripts/benchmark_estimator.py --threads 1
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import pandas as pd
import torch
from torch import Tensor
from torch.distributions import Distribution, Poisson
from torch.profiler import ProfilerActivity, profile

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated

BATCH = (256, 50)
SUPPORTS = (16, 64, 256)
TEMPERATURE = 0.5


class Masses:
    """The interface that relaxit needs of a distribution: the log-masses of its values."""

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits

    def log_prob(self, values: Tensor) -> Tensor:
        """Return the log-masses, whatever the values."""
        return self.logits


def gumbel(like: Tensor) -> Tensor:
    return -torch.log(-torch.log(torch.rand_like(like)))


def bare(logits: Tensor, support: Tensor, noise: Tensor) -> Tensor:
    return torch.softmax((logits + noise) / TEMPERATURE, -1) @ support


def relaxit(law: Masses | Distribution, values: Tensor) -> Tensor:
    from relaxit.distributions.GeneralizedGumbelSoftmax import GeneralizedGumbelSoftmaxNP

    temperature = torch.tensor(TEMPERATURE)
    return GeneralizedGumbelSoftmaxNP(law, values, tau=temperature).rsample_value()


def contenders(n: int) -> dict[str, tuple[Callable[[], Tensor], Tensor]]:
    """Return what to time: for each, a forward pass and the tensor to differentiate."""
    support = torch.arange(float(n))
    logits = torch.randn(*BATCH, n).log_softmax(-1).requires_grad_()
    rates = (torch.rand(BATCH) * n / 3 + 0.01).requires_grad_()
    noise = gumbel(logits.detach())
    values = support.expand(*BATCH, n)
    law = GeneralizedGumbelSoftmax(Finite(logits, support), TEMPERATURE)

    def from_rates() -> Tensor:
        truncated = Truncated(Poisson(rates), upper=n - 1)
        return GeneralizedGumbelSoftmax(truncated, TEMPERATURE).rsample()

    def bare_from_rates() -> Tensor:
        masses = Poisson(rates.unsqueeze(-1)).log_prob(support)
        return bare(masses, support, gumbel(masses.detach()))

    return {
        "topicgen": (law.rsample, logits),
        "bare": (lambda: bare(logits, support, gumbel(logits.detach())), logits),
        "bare, noise given": (lambda: bare(logits, support, noise), logits),
        "relaxit": (lambda: relaxit(Masses(logits), values), logits),
        "topicgen, from rates": (from_rates, rates),
        "bare, from rates": (bare_from_rates, rates),
        "relaxit, from rates": (lambda: relaxit(Poisson(rates.unsqueeze(-1)), values), rates),
    }


def step(forward: Callable[[], Tensor], parameter: Tensor) -> None:
    parameter.grad = None
    forward().sum().backward()


def peak_bytes(forward: Callable[[], Tensor], parameter: Tensor) -> int:
    """Return the peak memory of the step, from the allocator's own events."""
    step(forward, parameter)
    parameter.grad = None
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        forward().sum().backward()
    events = record.profiler.kineto_results.events()
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return most


def measure(n: int, repeats: int) -> pd.DataFrame:
    steps = contenders(n)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(repeats + 3):
        for name, (forward, parameter) in steps.items():
            start = time.perf_counter()
            step(forward, parameter)
            if repeat >= 3:
                seconds[name].append(time.perf_counter() - start)
    rows = [
        {
            "support": n,
            "what": name,
            "ms": 1e3 * median(seconds[name]),
            "peak MB": peak_bytes(*steps[name]) / 1e6,
        }
        for name in steps
    ]
    return pd.DataFrame(rows)


def with_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Add time and memory relative to topicgen's with the same starting tensor."""
    start = table["what"].str.endswith("from rates")
    own = table[table["what"].str.startswith("topicgen")].set_axis([False, True])
    for column in ("ms", "peak MB"):
        table[f"{column} / topicgen"] = table[column] / start.map(own[column])
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    tables = [with_ratios(measure(n, arguments.repeats)) for n in SUPPORTS]
    table = pd.concat(tables)
    print(f"{BATCH[0]} x {BATCH[1]} latents, float32, {arguments.threads} threads, CPU\n")
    print("| " + " | ".join(table.columns) + " |")
    print("|" + "---|" * len(table.columns))
    for row in table.itertuples(index=False):
        numbers = [f"{value:.2f}" for value in row[2:]]
        print(f"| {row[0]} | {row[1]} | " + " | ".join(numbers) + " |")


if __name__ == "__main__":
    main()
