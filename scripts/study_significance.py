"""How often tests between models err and intervals miss the truth, with 10 to 300 documents.

    python scripts/study_significance.py                  # one process, three minutes
    python scripts/study_significance.py --repeats 500

Prints how often (1) tests at the 5% level reject a true difference of 0, which is also how often
the 95% intervals of the same methods miss the truth, and (2) 95% intervals of perplexity cover the
truth. Documents are drawn from known populations. Lengths are log-normal with the
spread of the hidden halves of the 7,532 test posts of 20 Newsgroups, sd(log N) = .78 and median 34.
The differences of the scores are

    normal, gamma, log-normal   of documents of one length; gamma of shape 1, log-normal of sigma 1
    lengths                     normal per token, with noise of variance N
    lengths, correlated         the same, and better by .1 nats per token if lengths grow e-fold
    lengths, skewed             log-normal (sigma .7) per token

The candidates are Student's t; sign flips (the test up to version 0.1.0, with Student's interval);
Fieller's t, which studentises at the hypothesis; Hall's (1992) cubic transformation of t, for its
skewness; BCa; the equal-tailed and the symmetric bootstrap-t; and the wider of the two, which
``topicgen.evaluation`` uses. "topicgen" is that function itself.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from topicgen.evaluation import paired_test, perplexity, perplexity_interval

SIZES = (10, 30, 100, 300)
SPREAD, MEDIAN = 0.78, 34
# Data sets that share the candidates' resamples.
SHARED = 50
N_RESAMPLES = 999
# Fewer than topicgen's own 9,999, to save time.
OWN_RESAMPLES = 1999

Arrays = tuple[np.ndarray, np.ndarray]


def lengths(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.ceil(np.exp(rng.normal(np.log(MEDIAN), SPREAD, shape)))


def of_one_length(draw: Callable, mean: float) -> Callable:
    def population(rng: np.random.Generator, shape: tuple[int, int]) -> Arrays:
        return draw(rng, shape) - mean, np.ones(shape)

    return population


def varied(rng: np.random.Generator, shape: tuple[int, int], slope: float = 0) -> Arrays:
    n = lengths(rng, shape)
    noise = n * rng.normal(0, 0.05, shape) + np.sqrt(n) * rng.normal(0, 0.5, shape)
    # E[N log N] / E[N] of log-normal lengths: rounded up, they are larger by a half, hardly more.
    return noise + slope * n * (np.log(n) - CENTRE), n


def correlated(rng: np.random.Generator, shape: tuple[int, int]) -> Arrays:
    return varied(rng, shape, slope=0.1)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> Arrays:
    n = lengths(rng, shape)
    return 0.2 * n * (rng.lognormal(0, 0.7, shape) - np.exp(0.7**2 / 2)), n


_N = lengths(np.random.default_rng(0), (1, 4_000_000))
CENTRE = float((_N * np.log(_N)).sum() / _N.sum())
DIFFERENCES = {
    "normal": of_one_length(lambda rng, shape: rng.normal(size=shape), 0),
    "gamma": of_one_length(lambda rng, shape: rng.gamma(1, size=shape), 1),
    "log-normal": of_one_length(lambda rng, shape: rng.lognormal(size=shape), np.exp(0.5)),
    "lengths": varied,
    "lengths, correlated": correlated,
    "lengths, skewed": skewed,
}


def t_statistic(d: np.ndarray, n: np.ndarray) -> Arrays:
    """Return t of the ratio, and the residuals."""
    size = d.shape[1]
    rest = d - (d.sum(1) / n.sum(1))[:, None] * n
    return d.mean(1) / np.sqrt((rest**2).sum(1) / (size * (size - 1))), rest


def hall(t: np.ndarray, rest: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return t transformed to remove the effect of the skewness of the residuals.

    Studentising t at the estimate instead of the truth adds cov(e, N) / (M s).
    """
    size = rest.shape[1]
    s = rest.std(1, ddof=1)
    skewness = (rest**3).mean(1) / s**3
    shift = (rest * n).mean(1) / (n.mean(1) * s)
    a = (skewness / 3 - shift) / np.sqrt(size)
    a = np.where(np.abs(a) < 1e-9, 1e-9, a)
    return ((1 + a * t) ** 3 - 1) / (3 * a) + skewness / 6 / np.sqrt(size)


def p_values(rng: np.random.Generator, d: np.ndarray, n: np.ndarray) -> dict[str, np.ndarray]:
    """Return p of each candidate for each data set (row); the true difference is 0."""
    size = d.shape[1]
    t, rest = t_statistic(d, n)
    fieller = np.sqrt(size) * d.mean(1) / d.std(1, ddof=1)
    p = {
        "Student's t": 2 * stats.t.sf(np.abs(t), size - 1),
        "sign flips": np.empty(len(d)),
        "Fieller's t": 2 * stats.t.sf(np.abs(fieller), size - 1),
        "Hall's transformation": 2 * stats.t.sf(np.abs(hall(t, rest, n)), size - 1),
        "BCa": np.empty(len(d)),
        "bootstrap-t, equal-tailed": np.empty(len(d)),
        "bootstrap-t, symmetric": np.empty(len(d)),
    }
    for begin in range(0, len(d), SHARED):
        part = slice(begin, begin + SHARED)
        signs = rng.choice([-1.0, 1.0], (N_RESAMPLES, size))
        flipped = np.abs(signs @ d[part].T) >= np.abs(d[part].sum(1)) * (1 - 1e-12)
        p["sign flips"][part] = (flipped.sum(0) + 1) / (N_RESAMPLES + 1)
        times = rng.multinomial(size, np.full(size, 1 / size), N_RESAMPLES).astype(float)
        e, m = rest[part], n[part]
        value, tokens, ee, em, mm = (times @ x.T for x in (e, m, e * e, e * m, m * m))
        ratio = value / tokens
        variance = np.maximum(ee - 2 * ratio * em + ratio**2 * mm, 1e-300)
        drawn = value / np.sqrt(variance * size / (size - 1))
        above, below = ((drawn >= t[part]).sum(0) + 1, (drawn <= t[part]).sum(0) + 1)
        large = (np.abs(drawn) >= np.abs(t[part])).sum(0) + 1
        p["bootstrap-t, equal-tailed"][part] = 2 * np.minimum(above, below) / (N_RESAMPLES + 1)
        p["bootstrap-t, symmetric"][part] = large / (N_RESAMPLES + 1)
        p["BCa"][part] = bca(ratio, d[part].sum(1) / m.sum(1), e)
    equal, symmetric = p["bootstrap-t, equal-tailed"], p["bootstrap-t, symmetric"]
    p["bootstrap-t, the wider"] = np.maximum(equal, symmetric)
    return p


def bca(drawn: np.ndarray, estimate: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return p of the BCa interval (DiCiccio and Efron, 1996): its level where it reaches 0."""
    least = 0.5 / len(drawn)

    def z(share: np.ndarray) -> np.ndarray:
        return stats.norm.ppf(np.clip(share, least, 1 - least))

    bias = z((drawn < 0).mean(0))  # drawn is the deviation from the estimate
    acceleration = (rest**3).sum(1) / (6 * (rest**2).sum(1) ** 1.5)
    w = z((drawn < -estimate).mean(0)) - bias
    return 2 * stats.norm.sf(np.abs(w / (1 + acceleration * w) - bias))


def own_p_value(d: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> float:
    return paired_test(d, 0 * d, n, n_resamples=OWN_RESAMPLES, random_state=rng).p_value


def tests(sizes: tuple[int, ...], n_repeats: int, seed: int) -> pd.DataFrame:
    rows = []
    for size in sizes:
        rejected: dict[str, dict[str, float]] = {}
        for name, population in DIFFERENCES.items():
            rng = np.random.default_rng([seed, size])
            d, n = population(rng, (n_repeats, size))
            own = [own_p_value(a, b, rng) for a, b in zip(d, n, strict=True)]
            found = p_values(rng, d, n) | {"topicgen": np.array(own)}
            for candidate, p in found.items():
                rejected.setdefault(candidate, {})[name] = 100 * np.mean(p <= 0.05)
        rows += [{"documents": size, "test": test} | row for test, row in rejected.items()]
    return pd.DataFrame(rows)


def rates(rng: np.random.Generator, shape: tuple[int, int], slope: float, skew: bool) -> Arrays:
    """Return log-likelihoods of mean -7 nats per token, and lengths."""
    n = lengths(rng, shape)
    doc = (rng.gamma(2, size=shape) - 2) / np.sqrt(2) if skew else rng.normal(size=shape)
    noise = rng.normal(0, 1.5, shape) * np.sqrt(n)
    return -7 * n - 0.6 * n * doc + noise + slope * n * (np.log(n) - CENTRE), n


SCORES = {
    "one length": lambda rng, shape: (
        -7 * MEDIAN + MEDIAN * rng.normal(0, 0.6, shape),
        np.full(shape, float(MEDIAN)),
    ),
    "lengths": lambda rng, shape: rates(rng, shape, 0, skew=False),
    "lengths, correlated": lambda rng, shape: rates(rng, shape, 0.2, skew=False),
    "lengths, skewed": lambda rng, shape: rates(rng, shape, 0, skew=True),
}


def perplexities(sizes: tuple[int, ...], n_repeats: int, seed: int) -> pd.DataFrame:
    rows, truth = [], np.exp(7)
    for size in sizes:
        covered: dict[str, dict[str, float]] = {}
        for name, population in SCORES.items():
            rng = np.random.default_rng([seed, size, 1])
            hits: dict[str, list[bool]] = {}
            for log_p, n in zip(*population(rng, (n_repeats, size)), strict=True):
                found = perplexity(log_p, n)
                error = found.standard_error
                margin = stats.t.ppf(0.975, size - 1) * error / found.corpus
                ends = {
                    "± 1.96 s.e.": (found.corpus - 1.96 * error, found.corpus + 1.96 * error),
                    "Student's t on the log scale": found.corpus * np.exp([-margin, margin]),
                    "perplexity_interval": perplexity_interval(
                        log_p, n, n_resamples=OWN_RESAMPLES, random_state=rng
                    ),
                }
                for way, (low, high) in ends.items():
                    hits.setdefault(way, []).append(low <= truth <= high)
            for way, hit in hits.items():
                covered.setdefault(way, {})[name] = 100 * np.mean(hit)
        rows += [{"documents": size, "interval": way} | row for way, row in covered.items()]
    return pd.DataFrame(rows)


def seconds(size: int) -> float:
    rng = np.random.default_rng(0)
    d, n = varied(rng, (1, size))
    start = time.perf_counter()
    paired_test(d[0], 0 * d[0], n[0])
    return time.perf_counter() - start


def markdown(table: pd.DataFrame) -> str:
    cells = [list(table), ["---"] * table.shape[1]]
    for row in table.itertuples(index=False):
        cells.append([f"{x:.1f}" if isinstance(x, float) else str(x) for x in row])
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2000, help="data sets per cell")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    error = 100 * np.sqrt(0.05 * 0.95 / args.repeats)
    print(f"Rejections of a true hypothesis at the 5% level, in % (standard error {error:.1f}):\n")
    print(markdown(tests(SIZES, args.repeats, args.seed)))
    print(f"\nCoverage of 95% intervals of perplexity, in % (standard error {error:.1f}):\n")
    print(markdown(perplexities(SIZES, args.repeats, args.seed)))
    seconds(100)
    print(f"\nA test of 7,532 documents takes {1000 * seconds(7532):.0f} ms.")
