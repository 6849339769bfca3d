r"""Gradient estimators on problems small enough to know the exact gradient.

The problem is to minimise E[(z - t)^2] over the parameter of the distribution of one count (or of
one vector of counts): Poisson, binomial, negative binomial or multinomial. t is the mean of the
named distribution, and the start is elsewhere. Three things are measured:

1. moments: mean and variance of relaxed samples beside those of the distribution, by quadrature;
2. gradients: bias and standard deviation of one estimate at the start, against the exact gradient
   by enumeration, over temperatures and supports. GenGS's bias is exact by quadrature; everything
   else is a mean over draws, with 95% intervals. Learnt control variates are trained first;
3. training: the exact expected loss (enumerated, never relaxed) along Adam, mean and 95% interval
   over seeds, at temperature .5. Every estimator gets one sample per step, leave-one-out two.

    python scripts/study_synthetic.py            # about ten minutes on one core
    python scripts/study_synthetic.py --seeds 2 --steps 50 --draws 2000 --out elsewhere

Writes moments.csv, gradients.csv, training.csv, results.md and figure.png into
docs/studies/synthetic.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import synthetic_report
import torch
from scipy import stats
from torch import Tensor
from torch.distributions import (
    Binomial,
    Distribution,
    Geometric,
    Multinomial,
    NegativeBinomial,
    Poisson,
)

from topicgen.distributions import (
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    enumerated,
    relaxed_moments,
)
from topicgen.gradients import ESTIMATORS, Enumeration, GradientEstimator

TEMPERATURES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
TOLERANCES = (1e-2, 1e-4, 1e-6)
TRAINING_TEMPERATURE = 0.5
RELAXED = ("gengs", "gengs_st", "eat", "eat_sigmoid")
OTHERS = ("gaussian", "reinforce", "leave_one_out", "nvil", "muprop", "rebar", "relax")
LEARNT = ("nvil", "rebar", "relax")


@dataclass(frozen=True)
class Problem:
    """A distribution to fit to a target by least squares.

    Args:
        law: from unconstrained parameters, shape (..., n_parameters), to the distribution.
        start: the parameters at the start, shape (n_parameters,).
        target: t, a number or a vector.
        upper: the last atom in training, where the distribution is unbounded.
    """

    law: Callable[[Tensor], Distribution]
    start: Tensor
    target: Tensor
    upper: int = 0

    def loss(self, z: Tensor) -> Tensor:
        """Return (z - t)^2, summed over the counts of a vector."""
        square = (z - self.target).square()
        return square.sum(-1) if self.target.dim() else square

    def finite(self, parameters: Tensor, **truncation: float) -> Finite:
        """Return the distribution on finitely many atoms."""
        law = self.law(parameters)
        return Truncated(law, **truncation) if self.upper else enumerated(law)


def double(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


PROBLEMS = {
    "Poisson(20)": Problem(
        lambda p: Poisson(p[..., 0].exp()), double(np.log(10.0)), double(20.0)[0], upper=50
    ),
    "Binomial(20, .3)": Problem(
        lambda p: Binomial(20, logits=p[..., 0]), double(1.0), double(6.0)[0]
    ),
    "NegativeBinomial(3, .4)": Problem(
        lambda p: NegativeBinomial(3.0, logits=p[..., 0]), double(0.5), double(2.0)[0], upper=40
    ),
    "Multinomial(3, [.7, .2, .1])": Problem(
        lambda p: Multinomial(3, logits=p), double(0.0, 0.0, 0.0), double(2.1, 0.6, 0.3)
    ),
}

LAWS = {
    "Poisson(.2)": Poisson(double(0.2)[0]),
    "Poisson(1)": Poisson(double(1.0)[0]),
    "Poisson(5)": Poisson(double(5.0)[0]),
    "Poisson(20)": Poisson(double(20.0)[0]),
    "Geometric(.25)": Geometric(double(0.25)[0]),
    "NegativeBinomial(3, .4)": NegativeBinomial(3.0, probs=double(0.4)[0]),
}


def estimators(problem: Problem) -> Iterator[str]:
    """Yield the estimators that can be used for the distribution."""
    law = problem.law(problem.start)
    for name in (*RELAXED, *OTHERS):
        if name.startswith("eat") and not isinstance(law, Poisson | NegativeBinomial):
            continue
        if name == "gaussian" and law.event_shape:
            continue
        yield name


def make(name: str, problem: Problem, temperature: float) -> GradientEstimator:
    """Return the estimator, with one sample where one is enough."""
    options: dict[str, object] = {"n_samples": 2} if name == "leave_one_out" else {}
    if name in (*RELAXED, "rebar", "relax"):
        options["temperature"] = temperature
    if name in LEARNT:
        options["n_latents"] = max(1, problem.target.numel())
    return ESTIMATORS[name](**options).double()


def moments() -> pd.DataFrame:
    """Return the moments of relaxed samples of some distributions."""
    rows = []
    for name, base in LAWS.items():
        law = Truncated(base)
        for temperature in TEMPERATURES:
            mean, variance = relaxed_moments(GeneralizedGumbelSoftmax(law, temperature))
            own = {"mean": law.mean.item(), "variance": law.variance.item()}
            relaxed = {"relaxed mean": mean.item(), "relaxed variance": variance.item()}
            rows.append({"law": name, "temperature": temperature, **own, **relaxed})
    return pd.DataFrame(rows)


def exact_gradient(problem: Problem) -> Tensor:
    parameters = problem.start.clone().requires_grad_()
    law = problem.finite(parameters, tolerance=1e-12)
    Enumeration().surrogate(law, problem.loss).sum().backward()
    return parameters.grad


def relaxed_gradient(problem: Problem, temperature: float, tolerance: float) -> Tensor:
    """Return the gradient of the relaxed expectation, exact by quadrature."""
    parameters = problem.start.clone().requires_grad_()
    law = GeneralizedGumbelSoftmax(problem.finite(parameters, tolerance=tolerance), temperature)
    mean, variance = relaxed_moments(law)
    ((mean - problem.target).square() + variance).sum().backward()
    return parameters.grad


def drawn_gradients(
    estimator: GradientEstimator, problem: Problem, tolerance: float, draws: int
) -> Tensor:
    """Return independent estimates at the start, shape (draws, n_parameters)."""
    parameters = problem.start.expand(draws, -1).clone().requires_grad_()
    law = problem.finite(parameters, tolerance=tolerance)
    estimator.surrogate(law, problem.loss).sum().backward()
    return parameters.grad


def learn(estimator: GradientEstimator, problem: Problem) -> None:
    """Train an estimator's own parameters at the start of the problem."""
    optimizer = torch.optim.Adam(estimator.parameters(), lr=0.02)
    law = problem.finite(problem.start.expand(256, -1))
    for _ in range(200):
        optimizer.zero_grad()
        estimator.surrogate(law, problem.loss).mean().backward()
        optimizer.step()


def gradients(draws: int) -> pd.DataFrame:
    """Return bias and spread of every estimator, temperature and support."""
    rows = []
    for problem_name, problem in PROBLEMS.items():
        exact = exact_gradient(problem)
        for name in estimators(problem):
            for temperature in TEMPERATURES if name in RELAXED else (float("nan"),):
                estimator = make(name, problem, 0.5 if np.isnan(temperature) else temperature)
                if name in LEARNT:
                    learn(estimator, problem)
                is_swept = name == "gengs" and problem.upper
                for tolerance in TOLERANCES if is_swept else TOLERANCES[-1:]:
                    drawn = drawn_gradients(estimator, problem, tolerance, draws)
                    sd = drawn.var(0).sum().sqrt().item()
                    bias, width = drawn.mean(0) - exact, 1.96 * sd / np.sqrt(draws)
                    if name == "gengs":
                        bias = relaxed_gradient(problem, temperature, tolerance) - exact
                        width = 0.0
                    rows.append(
                        {
                            "problem": problem_name,
                            "estimator": name,
                            "temperature": temperature,
                            "tolerance": tolerance,
                            "atoms": len(problem.finite(problem.start, tolerance=tolerance).atoms),
                            "exact": exact.norm().item(),
                            "bias": bias.norm().item(),
                            "interval": width,
                            "sd": sd,
                            "rmse": float(np.hypot(bias.norm().item(), sd)),
                        }
                    )
            print(f"gradients: {problem_name}, {name}", file=sys.stderr)
    return pd.DataFrame(rows)


def train(name: str, problem: Problem, seed: int, n_steps: int) -> list[float]:
    """Return the exact expected loss at every step."""
    torch.manual_seed(seed)
    estimator = (
        Enumeration() if name == "enumeration" else make(name, problem, TRAINING_TEMPERATURE)
    )
    parameters = problem.start.clone().requires_grad_()
    optimizer = torch.optim.Adam([parameters, *estimator.parameters()], lr=0.02)
    losses = []
    for _ in range(n_steps):
        law = problem.finite(parameters, upper=problem.upper)
        with torch.no_grad():
            losses.append(Enumeration().surrogate(law, problem.loss).item())
        optimizer.zero_grad()
        estimator.surrogate(law, problem.loss).sum().backward()
        optimizer.step()
    return losses


def training(n_seeds: int, n_steps: int) -> pd.DataFrame:
    """Return the loss along training, averaged over ten steps, since single steps are noisy."""
    rows = []
    for problem_name, problem in PROBLEMS.items():
        for name in ("enumeration", *estimators(problem)):
            curves = np.array([train(name, problem, seed, n_steps) for seed in range(n_seeds)])
            for step in range(0, n_steps, 10):
                at = curves[:, step : step + 10].mean(1)
                rows.append(
                    {
                        "problem": problem_name,
                        "estimator": name,
                        "step": step,
                        "loss": at.mean(),
                        "interval": interval(at),
                    }
                )
            print(f"training: {problem_name}, {name}", file=sys.stderr)
    return pd.DataFrame(rows)


def interval(values: np.ndarray) -> float:
    """Return the half-width of the 95% interval of the mean (Student's t)."""
    n = len(values)
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--draws", type=int, default=50_000)
    parser.add_argument("--out", type=Path, default=Path("docs/studies/synthetic"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tables = {
        "moments": moments(),
        "gradients": gradients(arguments.draws),
        "training": training(arguments.seeds, arguments.steps),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(arguments.out / f"{name}.csv", index=False, float_format="%.6g")
    synthetic_report.write(arguments.out, **tables)
    print((arguments.out / "results.md").read_text("utf-8"))


if __name__ == "__main__":
    main()
