"""The laws that the tests share, each with its masses by scipy or numpy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from scipy.special import gammaln, log_softmax, softmax
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Geometric,
    Multinomial,
    NegativeBinomial,
    OneHotCategorical,
    Poisson,
)

from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    Truncated,
    ZeroInflatedPoisson,
    enumerated,
)

DOUBLE = torch.float64
N_ROWS = 3
# Of each row: together a million of each law.
N_DRAWS = 333_334

RATES = np.array([0.3, 4.0, 30.0])
SIZES = np.array([2.0, 5.0, 9.0])
LOG_ODDS = np.array([-2.0, 0.0, 1.0])
CHANCES = np.array([0.9, 0.5, 0.2])
GATES = np.array([0.0, 0.3, 0.9])
DISPERSIONS = np.array([0.8, 1.0, 2.5])
SHARES = np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5], [1 / 3, 1 / 3, 1 / 3]])
LOGITS = np.random.default_rng(0).normal(size=(3, 5)) * 3
HOLES = np.array([[0.0, -np.inf, 1.0], [-np.inf, 0.0, -np.inf], [0.5, 0.0, -np.inf]])
HEAVY_RATES = np.array([25.0, 28.0, 33.0])


def doubles(*values) -> torch.Tensor:
    return torch.tensor(values, dtype=DOUBLE)


def clamped(laws, lower: int, upper: int) -> np.ndarray:
    """Return the masses of min(max(X, lower), upper), shape (laws, upper - lower + 1)."""
    if lower == upper:
        return np.ones((len(laws), 1))
    inner = np.arange(lower + 1, upper)
    return np.array([[law.cdf(lower), *law.pmf(inner), law.sf(upper - 1)] for law in laws])


def conway_maxwell_poisson(rate: float, dispersion: float) -> stats.rv_discrete:
    counts = np.arange(2000)
    masses = softmax(counts * np.log(rate) - dispersion * gammaln(counts + 1))
    return stats.rv_discrete(values=(counts, masses / masses.sum()))


def poissons(rates=RATES):
    return [stats.poisson(rate) for rate in rates]


def negative_binomials():
    # scipy counts the failures before the successes, and torch the successes before the failures.
    return [stats.nbinom(*row) for row in zip(SIZES, 1 / (1 + np.exp(LOG_ODDS)), strict=True)]


def geometrics():
    return [stats.nbinom(1, chance) for chance in CHANCES]


def binomials():
    return [stats.binom(12, chance) for chance in CHANCES]


def zero_inflated(lower: int, upper: int) -> np.ndarray:
    surely_zero = (np.arange(lower, upper + 1) == max(lower, 0)).astype(float)
    counted = clamped(poissons(), lower, upper)
    return GATES[:, None] * surely_zero + (1 - GATES[:, None]) * counted


@dataclass(frozen=True)
class Case:
    """A law of batch shape (3,), and its masses computed without topicgen.

    Args:
        name: what the test run prints.
        make: returns the law, from a function that makes a tensor of an array of parameters.
        masses: returns the masses of an array of atoms in ascending order, shape (3, n).
        is_batched_by_torch: whether torch's law takes an empty batch.
    """

    name: str
    make: Callable[[Callable[[np.ndarray], torch.Tensor]], Distribution]
    masses: Callable[[np.ndarray], np.ndarray]
    is_batched_by_torch: bool = True

    def law(self, dtype: torch.dtype = DOUBLE) -> Finite:
        return self.make(lambda x: torch.tensor(x, dtype=dtype))

    def empty_law(self, dtype: torch.dtype = DOUBLE) -> Finite:
        return self.make(lambda x: torch.tensor(x[:0], dtype=dtype))

    def expected(self, law: Finite) -> np.ndarray:
        return self.masses(law.atoms.double().numpy())


def truncated(name, base, laws, lower=0, upper=12, **options) -> Case:
    return Case(
        name,
        lambda tensor: Truncated(base(tensor), lower, upper, **options),
        lambda atoms: clamped(laws(), int(atoms[0]), int(atoms[-1])),
    )


def poisson(tensor, rates=RATES):
    return Poisson(tensor(rates))


def negative_binomial(tensor):
    return NegativeBinomial(tensor(SIZES), logits=tensor(LOG_ODDS))


def geometric(tensor):
    return Geometric(tensor(CHANCES))


def binomial(tensor):
    return Binomial(12, tensor(CHANCES))


CASES = [
    truncated("poisson", poisson, poissons),
    truncated("poisson from 2 to 9", poisson, poissons, lower=2, upper=9),
    truncated("poisson with a chosen upper end", poisson, poissons, upper=None, tolerance=1e-3),
    truncated(
        "poisson with two chosen ends",
        lambda tensor: poisson(tensor, HEAVY_RATES),
        lambda: poissons(HEAVY_RATES),
        lower=None,
        upper=None,
        tolerance=1e-2,
    ),
    truncated("poisson on one atom", poisson, poissons, lower=3, upper=3),
    truncated("negative binomial", negative_binomial, negative_binomials),
    truncated("geometric", geometric, geometrics),
    truncated("geometric from 1 to 4", geometric, geometrics, lower=1, upper=4),
    truncated("binomial from 0 to 9", binomial, binomials, upper=9),
    truncated("binomial", binomial, binomials, upper=12),
    Case(
        "zero-inflated poisson",
        lambda tensor: Truncated(ZeroInflatedPoisson(tensor(GATES), tensor(RATES)), upper=12),
        lambda atoms: zero_inflated(0, 12),
    ),
    truncated(
        "conway-maxwell-poisson",
        lambda tensor: ConwayMaxwellPoisson(tensor(RATES), tensor(DISPERSIONS)),
        lambda: [conway_maxwell_poisson(*row) for row in zip(RATES, DISPERSIONS, strict=True)],
    ),
    Case(
        "binomial of torch",
        lambda tensor: enumerated(Binomial(4, tensor(CHANCES))),
        lambda atoms: np.array([stats.binom(4, chance).pmf(atoms) for chance in CHANCES]),
        is_batched_by_torch=False,
    ),
    Case(
        "multinomial of torch",
        lambda tensor: enumerated(Multinomial(3, tensor(SHARES))),
        lambda atoms: np.array([stats.multinomial(3, shares).pmf(atoms) for shares in SHARES]),
        is_batched_by_torch=False,
    ),
    Case(
        "categorical of torch",
        lambda tensor: enumerated(Categorical(logits=tensor(LOGITS))),
        lambda atoms: softmax(LOGITS, -1),
        is_batched_by_torch=False,
    ),
    Case(
        "one-hot categorical of torch",
        lambda tensor: enumerated(OneHotCategorical(tensor(SHARES))),
        lambda atoms: np.array([stats.multinomial(1, shares).pmf(atoms) for shares in SHARES]),
        is_batched_by_torch=False,
    ),
    Case(
        "bernoulli of torch",
        lambda tensor: enumerated(Bernoulli(tensor(CHANCES))),
        lambda atoms: np.array([stats.bernoulli(chance).pmf(atoms) for chance in CHANCES]),
    ),
    Case(
        "free masses",
        lambda tensor: Finite(tensor(LOGITS), doubles(-2.0, 0.0, 0.5, 3.0, 10.0)),
        lambda atoms: np.exp(log_softmax(LOGITS, -1)),
    ),
    Case(
        "free masses with impossible atoms",
        lambda tensor: Finite(tensor(HOLES), torch.tensor([0, 1, 4])),
        lambda atoms: softmax(HOLES, -1),
    ),
    Case(
        "one free atom",
        lambda tensor: Finite(tensor(LOGITS[:, :1]), doubles(2.0)),
        lambda atoms: np.ones((3, 1)),
    ),
    Case(
        "free masses on matrices",
        lambda tensor: Finite(tensor(LOGITS[:, :3]), torch.arange(12).reshape(3, 2, 2)),
        lambda atoms: softmax(LOGITS[:, :3], -1),
    ),
]

# Hard samples are drawn in two ways from each row of each law, and all are tested together.
N_CHI_SQUARE_TESTS = 2 * N_ROWS * len(CASES)
CHI_SQUARE_LEVEL = 1e-3 / N_CHI_SQUARE_TESTS


def chi_square_pvalue(observed: np.ndarray, masses: np.ndarray) -> float:
    """Return the p-value of Pearson's test, after pooling the cells expected below 5 counts.

    Counts of an impossible cell give 0, and a single cell that holds all of them gives 1.
    """
    n_draws = observed.sum()
    if observed[masses == 0].any():
        return 0.0
    observed, expected = observed[masses > 0], masses[masses > 0] * n_draws
    order = np.argsort(expected)
    observed, expected = observed[order], expected[order]
    n_pooled = int((expected < 5).sum())
    if n_pooled and expected[:n_pooled].sum() < 5:
        n_pooled += 1
    if n_pooled:
        observed = np.append(observed[n_pooled:], observed[:n_pooled].sum())
        expected = np.append(expected[n_pooled:], expected[:n_pooled].sum())
    if len(expected) == 1:
        return 1.0
    statistic = ((observed - expected) ** 2 / expected).sum()
    return float(stats.chi2.sf(statistic, len(expected) - 1))


def counts_of_atoms(draws: torch.Tensor, atoms: torch.Tensor) -> np.ndarray:
    """Return how often each atom was drawn, shape (3, n), from draws of shape (N, 3, *event).

    Every draw must be an atom.
    """
    keys = atoms.double().reshape(len(atoms), -1)
    places = draws.double().reshape(*draws.shape[:2], -1)
    # A number for each vector, the same as for an atom only where all of its entries are.
    code = 1000.0 ** torch.arange(keys.shape[-1], dtype=DOUBLE)
    keys, places = keys @ code, places @ code
    order = keys.argsort()
    index = torch.searchsorted(keys[order], places.T.contiguous()).clamp(max=len(keys) - 1)
    assert torch.equal(keys[order][index], places.T), "a draw is no atom"
    counts = [row.bincount(minlength=len(keys)) for row in order[index]]
    return torch.stack(counts).numpy()
