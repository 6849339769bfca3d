"""Study of effects of covariates on topics: whether the intervals contain what was planted.

    python scripts/study_effects.py                                # hours on one core
    python scripts/study_effects.py --designs balanced --datasets 2 --json part.json
    python scripts/study_effects.py --merge part.json other.json   # writes docs/studies/effects

Documents are planted by scripts/planted_effects.py, and fitted by

- topicgen: ``TopicModel(prevalence=...).effects()``;
- two-step: topicgen without covariates, then a regression of 40 posterior draws (OLS of shares,
  Poisson of tokens), pooled by Rubin's rules, with HC3 or, with authors, clustered errors;
- topica STM: ``topica.STM`` with the covariates, then ``topica.estimate_effect`` with 25 draws, as
  R's stm does it (``link="log"`` for the attention);
- tomotopy DMR: a Dirichlet multinomial regression on binary columns, then regressions of its shares
  as if they were known.

Each fitted topic is matched with a planted one (Hungarian algorithm on cosines), and found if the
cosine is above .9. "All" is every planted topic with its match, found or not. The slope is that of
the estimates on the truths through the origin. Null effects are those planted as zero: all of the
designs null and length (attention, share), and the amounts of unaffected topics in the others.
"""

import argparse
import itertools
import json
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from planted_effects import DESIGNS, PLANTINGS, QUANTITIES, TOPICS, Documents, Population
from scipy.optimize import linear_sum_assignment
from scipy.stats import t as student

OUT = Path(__file__).parent.parent / "docs" / "studies" / "effects"
LEVEL = 0.95
FOUND = 0.9
N_DRAWS = 40
HELD_OUT = 500
KEY = "design", "planting", "topics", "documents", "tokens", "method"
# Truths that are compared with the estimates of another quantity.
ESTIMATED = {"attention by document": "attention"}

# (n_topics, n_columns): estimate, lower and upper end.
Estimates = dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


# -- methods -------------------------------------------------------------------------------------


def fit_topicgen(
    population: Population, train: Documents, new: Documents, seed: int
) -> dict[str, Any]:
    from topicgen import TopicModel

    start = time.process_time()
    n_topics = len(population.topics)
    model = TopicModel(n_topics, prevalence=population.formula, random_state=seed)
    model.fit(train.counts, metadata=train.metadata)
    fitted = time.process_time() - start
    more = {} if population.cluster is None else {"cluster": train.metadata[population.cluster]}
    estimates = {
        "share": model.effects(kind="share", level=LEVEL, **more),
        "attention": model.effects(kind="log_rate", of="attention", level=LEVEL, **more),
        "amount": model.effects(kind="log_rate", of="amount", level=LEVEL, **more),
    }
    return {
        "topics": model.components_,
        "estimates": {name: _arrays(table, population) for name, table in estimates.items()},
        "seconds": time.process_time() - start,
        "fitting": fitted,
        "perplexity": model.perplexity(new.counts, metadata=new.metadata),
        "perplexity without": model.perplexity(new.counts),
    }


def _arrays(table: Any, population: Population) -> tuple[np.ndarray, ...]:
    """Return the columns of a tidy table as arrays of topics by terms."""
    wide = table.pivot(index="topic", columns="term", values=["estimate", "low", "high"])
    return tuple(
        wide[name][population.columns].to_numpy(float) for name in ("estimate", "low", "high")
    )


def fit_two_step(
    population: Population, train: Documents, new: Documents, seed: int
) -> dict[str, Any]:
    from topicgen import TopicModel

    start = time.process_time()
    model = TopicModel(len(population.topics), random_state=seed).fit(train.counts)
    fitted = time.process_time() - start
    posterior = model.posterior(train.counts, random_state=seed)
    x = train.metadata[population.columns].to_numpy(float)
    cluster = None
    if population.cluster is not None:
        cluster = train.metadata[population.cluster].cat.codes.to_numpy(int)
    shares = posterior.sample(N_DRAWS, of="proportions")
    tokens = posterior.sample(N_DRAWS)
    length = posterior.n_tokens
    read = length > 0
    return {
        "topics": model.components_,
        "estimates": {
            "share": pooled(shares, x, cluster),
            "attention": pooled(
                tokens[:, read],
                x[read],
                None if cluster is None else cluster[read],
                exposure=length[read],
            ),
            "amount": pooled(tokens, x, cluster, exposure=np.ones_like(length)),
        },
        "seconds": time.process_time() - start,
        "fitting": fitted,
        "perplexity": model.perplexity(new.counts),
    }


def fit_stm(population: Population, train: Documents, new: Documents, seed: int) -> dict[str, Any]:
    import topica

    from topicgen.evaluation import completion_perplexity, split_tokens

    counts, metadata = _occupied(train)
    x = metadata[population.columns].to_numpy(float)
    start = time.process_time()
    texts = _texts(counts)
    model = topica.STM(len(population.topics), seed=seed)
    model.fit(texts, prevalence=x, num_threads=1, progress=False)
    fitted = time.process_time() - start
    more: dict[str, Any] = {}
    if population.cluster is not None:
        more["cluster"] = metadata[population.cluster].astype(str).to_numpy()
    estimates = {}
    for quantity, link in (("share", "identity"), ("attention", "log")):
        table = topica.estimate_effect(
            model, x, feature_names=population.columns, ci=LEVEL, nsims=25, link=link, **more
        )
        estimates[quantity] = _of_topica(table.to_frame(), population)
    seconds = time.process_time() - start
    topics = _in_columns(model.topic_word, list(model.vocabulary), train.counts.shape[1])
    observed, held_out = split_tokens(new.counts)
    read = np.flatnonzero(np.asarray(observed.sum(1)).ravel())
    known = set(model.vocabulary)
    seen = [[w for w in text if w in known] for text in _texts(observed[read])]
    read = read[[len(text) > 0 for text in seen]]
    seen = [text for text in seen if text]
    new_x = new.metadata[population.columns].to_numpy(float)[read]
    held_out = held_out[read]
    return {
        "topics": topics,
        "estimates": estimates,
        "seconds": seconds,
        "fitting": fitted,
        "perplexity": completion_perplexity(
            topica.stm.transform(model, seen, prevalence=new_x), topics, held_out
        ),
        "perplexity without": completion_perplexity(model.transform(seen), topics, held_out),
    }


def _of_topica(table: Any, population: Population) -> tuple[np.ndarray, ...]:
    names = {"coef": "estimate", "ci_low": "low", "ci_high": "high", "feature": "term"}
    return _arrays(table.rename(columns=names), population)


def fit_dmr(population: Population, train: Documents, new: Documents, seed: int) -> dict[str, Any]:
    import tomotopy

    counts, metadata = _occupied(train)
    x = metadata[population.columns].to_numpy(float)
    if not np.isin(x, (0, 1)).all():
        return {}  # its features are labels
    start = time.process_time()
    model = tomotopy.DMRModel(k=len(population.topics), seed=seed)
    model.optim_interval, model.burn_in = 20, 200
    labels = ["".join(str(int(value)) for value in row) for row in x]
    for words, label in zip(_texts(counts), labels, strict=True):
        model.add_doc(words, metadata=label)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        model.train(1_000, workers=1)
    fitted = time.process_time() - start
    theta = np.array([document.get_topic_dist() for document in model.docs])
    topics = np.array([model.get_topic_word_dist(k) for k in range(model.k)])
    return {
        "topics": _in_columns(topics, list(model.used_vocabs), counts.shape[1]),
        "estimates": {
            "share": pooled(theta[None], x, None),
            "attention": pooled(theta[None], x, None, exposure=np.ones(len(x))),
        },
        "seconds": time.process_time() - start,
        "fitting": fitted,
    }


METHODS: dict[str, Callable[..., dict[str, Any]]] = {
    "topicgen": fit_topicgen,
    "two-step": fit_two_step,
    "topica STM": fit_stm,
    "tomotopy DMR": fit_dmr,
}


def _occupied(documents: Documents) -> tuple[sp.csr_matrix, Any]:
    rows = np.flatnonzero(np.diff(documents.counts.indptr))
    return documents.counts[rows], documents.metadata.iloc[rows]


def _texts(counts: sp.csr_matrix) -> list[list[str]]:
    return [[f"w{v}" for v in np.repeat(row.indices, row.data)] for row in counts]


def _in_columns(topics: Any, words: list[str], n_words: int) -> np.ndarray:
    full = np.zeros((len(topics), n_words))
    full[:, [int(word[1:]) for word in words]] = topics
    full += 1e-12
    return full / full.sum(1, keepdims=True)


# -- the two-step regression ---------------------------------------------------------------------


def pooled(
    draws: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray | None,
    *,
    exposure: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regress every draw of every topic, and pool the draws by Rubin's rules.

    Args:
        draws: shape (n_draws, n_documents, n_topics).
        x: the columns, shape (n_documents, n_columns).
        cluster: the cluster of each document, for clustered errors; None for HC3.
        exposure: for a Poisson regression, shape (n_documents,); None for OLS.

    Returns:
        Estimates, lower and upper ends, each of shape (n_topics, n_columns).
    """
    full = np.column_stack([np.ones(len(x)), x])
    m, _, n_topics = draws.shape
    found = np.empty((m, n_topics, full.shape[1]))
    variance = np.empty_like(found)
    for draw in range(m):
        for k in range(n_topics):
            found[draw, k], variance[draw, k] = regression(
                draws[draw, :, k], full, cluster, exposure
            )
    found, variance = found[..., 1:], variance[..., 1:]
    estimate, within = found.mean(0), variance.mean(0)
    known = (len(x) if cluster is None else cluster.max() + 1) - full.shape[1]
    between = (1 + 1 / m) * found.var(0, ddof=1) if m > 1 else np.zeros_like(within)
    total = within + between
    missing = np.maximum(between / total, 1e-9)
    # Degrees of freedom by Barnard and Rubin (1999).
    observed = known * (known + 1) / (known + 3) * (1 - missing)
    degrees = 1 / (missing**2 / max(m - 1, 1) + 1 / observed) if m > 1 else known
    margin = student.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(total)
    return estimate, estimate - margin, estimate + margin


def regression(
    y: np.ndarray, x: np.ndarray, cluster: np.ndarray | None, exposure: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients of OLS or of a Poisson regression, and their sandwich variances."""
    if exposure is None:
        weight = np.ones(len(x))
        b = np.linalg.lstsq(x, y, rcond=None)[0]
        residual = y - x @ b
    else:
        b = np.zeros(x.shape[1])
        b[0] = np.log(max(y.sum(), 0.5) / exposure.sum())
        for _ in range(50):
            mean = exposure * np.exp(np.clip(x @ b, -30, 30))
            step = np.linalg.solve(
                (x * mean[:, None]).T @ x + 1e-9 * np.eye(len(b)), x.T @ (y - mean)
            )
            b = b + np.clip(step, -2, 2)
            if abs(step).max() < 1e-8:
                break
        weight = exposure * np.exp(np.clip(x @ b, -30, 30))
        residual = y - weight
    bread = np.linalg.inv((x * weight[:, None]).T @ x + 1e-9 * np.eye(len(b)))
    if cluster is None:
        leverage = np.einsum("ij,jk,ik->i", x, bread, x) * weight
        scores = x * (residual / (1 - np.minimum(leverage, 0.99)))[:, None]
        scale = 1.0
    else:
        n_clusters = cluster.max() + 1
        scores = np.zeros((n_clusters, x.shape[1]))
        np.add.at(scores, cluster, x * residual[:, None])
        scale = n_clusters / (n_clusters - 1)
    return b, np.diag(scale * bread @ (scores.T @ scores) @ bread)


# -- runs ----------------------------------------------------------------------------------------


def matched(found: np.ndarray, planted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fitted topic of each planted one, and their cosines."""
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (planted, found)]
    cosine = unit[0] @ unit[1].T
    rows, columns = linear_sum_assignment(-cosine)
    order = np.empty(len(planted), int)
    order[rows] = columns
    return order, cosine[np.arange(len(planted)), order]


@lru_cache(maxsize=1)
def planted(
    design: str, planting: str, topics: str, n_documents: int, n_tokens: int, seed: int
) -> tuple[Population, Documents, Documents]:
    """Return a population, documents to fit, and others to predict."""
    population = Population.random(
        design, planting=planting, n_tokens=n_tokens, topics=topics, seed=seed
    )
    random = np.random.default_rng([seed, n_documents])
    return population, population.draw(n_documents, random), population.draw(HELD_OUT, random)


def run(
    design: str,
    planting: str,
    topics: str,
    n_documents: int,
    n_tokens: int,
    seed: int,
    method: str,
) -> dict[str, Any] | None:
    population, train, new = planted(design, planting, topics, n_documents, n_tokens, seed)
    wall = time.perf_counter()
    result = METHODS[method](population, train, new, seed)
    if not result:
        return None
    order, cosine = matched(result.pop("topics"), population.topics)
    rounded = {
        name: [np.round(part[order], 5).tolist() for part in parts]
        for name, parts in result.pop("estimates").items()
    }
    return {
        "design": design,
        "planting": planting,
        "topics": topics,
        "documents": n_documents,
        "tokens": n_tokens,
        "dataset": seed,
        "method": method,
        "wall": time.perf_counter() - wall,
        "cosine": np.round(cosine, 4).tolist(),
        "truth": {name: np.round(t, 5).tolist() for name, t in population.truth.items()},
        "estimates": rounded,
        **result,
    }


def sums(run: dict[str, Any], quantity: str) -> dict[str, dict[str, float]]:
    """Return sums over the intervals of one run, of found and of all topics."""
    estimate, low, high = map(np.array, run["estimates"][ESTIMATED.get(quantity, quantity)])
    truth = np.array(run["truth"][quantity])
    found = np.array(run["cosine"])[:, None] > FOUND
    covered = (low <= truth) & (truth <= high)
    null = truth == 0
    rejected = (low > 0) | (high < 0)
    result = {}
    for name, which in (
        ("found", np.broadcast_to(found, truth.shape)),
        ("all", np.ones_like(covered)),
    ):
        result[name] = {
            "n": int(which.sum()),
            "covered": float("nan") if np.isnan(low).any() else int(covered[which].sum()),
            "xy": float((estimate * truth)[which].sum()),
            "xx": float((truth**2)[which].sum()),
            "width": float((high - low)[which].sum()),
            "error": float(((estimate - truth) ** 2)[which].sum()),
            "nulls": int((null & which).sum()),
            "rejected": int((rejected & null & which).sum()),
        }
    return result


def cells(runs: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return sums over the data sets of each design, planting, size and method."""
    result: dict[tuple[Any, ...], dict[str, Any]] = {}
    groups = defaultdict(list)
    for each in runs:
        key = tuple(each[k] for k in KEY)
        groups[key].append(each)
    for key, group in groups.items():
        cell: dict[str, Any] = {
            "datasets": len(group),
            "topics": sum(len(each["cosine"]) for each in group),
            "found": sum(c > FOUND for each in group for c in each["cosine"]),
        }
        for name in ("seconds", "fitting", "perplexity", "perplexity without"):
            values = [each[name] for each in group if name in each]
            if values:
                cell[name] = float(np.mean(values))
        for quantity in QUANTITIES:
            estimated = ESTIMATED.get(quantity, quantity)
            parts = [sums(each, quantity) for each in group if estimated in each["estimates"]]
            if parts:
                cell[quantity] = {
                    which: {k: sum(part[which][k] for part in parts) for k in parts[0][which]}
                    for which in ("found", "all")
                }
        result[key] = cell
    return result


# -- report --------------------------------------------------------------------------------------


def report(runs: list[dict[str, Any]]) -> str:
    lines = ["# Effects of covariates: planted and estimated", ""]
    lines += [
        "`python scripts/study_effects.py`; what was planted, and how to read this, is in "
        "[README.md](README.md). Coverage of 95% intervals; the slope of estimates on truths "
        "through the origin; in parentheses, the number of intervals.",
        "",
    ]
    table = cells(runs)
    settings = sorted({key[:-1] for key in table}, key=lambda k: (-k[4], DESIGNS.index(k[0]), k))
    for setting in settings:
        design, planting, topics, n_documents, n_tokens = setting
        lines += [
            f"## {design}, {planting}, {topics}: {n_documents:,} documents of {n_tokens} tokens",
            "",
            *_header(),
        ]
        for method in METHODS:
            if (*setting, method) in table:
                lines += _rows(method, table[(*setting, method)])
        lines.append("")
    return "\n".join(lines)


def _header() -> list[str]:
    names = (
        "method", "quantity", "coverage", "coverage, all topics", "slope", "slope, all topics",
        "null effects rejected", "topics found", "seconds", "perplexity (without covariates)",
    )  # fmt: skip
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]


def _rows(method: str, cell: dict[str, Any]) -> Iterator[str]:
    first = True
    for quantity in QUANTITIES:
        if quantity not in cell:
            continue
        found, every = cell[quantity]["found"], cell[quantity]["all"]
        texts = [
            method if first else "",
            quantity,
            f"{_ratio(found, 'covered', 'n')} ({found['n']})",
            f"{_ratio(every, 'covered', 'n')} ({every['n']})",
            _ratio(found, "xy", "xx"),
            _ratio(every, "xy", "xx"),
            f"{_ratio(every, 'rejected', 'nulls')} ({every['nulls']})" if every["nulls"] else "",
        ]
        if first:
            texts += [f"{cell['found']} of {cell['topics']}", f"{cell['seconds']:.1f}"]
            with_, without = cell.get("perplexity"), cell.get("perplexity without")
            text = "" if with_ is None else f"{with_:.2f}"
            texts.append(text + ("" if without is None else f" ({without:.2f})"))
        else:
            texts += [""] * 3
        yield "| " + " | ".join(texts) + " |"
        first = False


def _ratio(sums: dict[str, float], above: str, below: str) -> str:
    value = sums[above] / sums[below] if sums[below] else float("nan")
    return "" if np.isnan(value) else f"{value:.3f}".replace("0.", ".", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", nargs="*", default=list(DESIGNS), choices=DESIGNS)
    parser.add_argument("--plantings", nargs="*", default=list(PLANTINGS), choices=PLANTINGS)
    parser.add_argument("--topics", nargs="*", default=["zipf"], choices=TOPICS)
    parser.add_argument("--tokens", type=int, nargs="*", default=[80, 12])
    parser.add_argument("--documents", type=int, help="1,000; 2,000 where there are 12 tokens")
    parser.add_argument("--datasets", type=int, help="20; 10 where there are 12 tokens")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=METHODS)
    parser.add_argument("--seed", type=int, default=0, help="of the first data set")
    parser.add_argument("--json", type=Path, help="where to keep the runs, one per line")
    parser.add_argument("--merge", type=Path, nargs="*", help="files of runs to report")
    arguments = parser.parse_args()
    runs = []
    if arguments.merge is not None:
        # Of a run that was repeated, the last counts.
        lines = [line for path in arguments.merge for line in path.read_text().splitlines()]
        runs = list(
            {tuple(r[k] for k in (*KEY, "dataset")): r for r in map(json.loads, lines)}.values()
        )
    if arguments.merge is None:
        for each in _runs(arguments):
            runs.append(each)
            if arguments.json:
                with arguments.json.open("a") as file:
                    file.write(json.dumps(each) + "\n")
    text = report(runs)
    print(text)
    if arguments.merge is not None or not arguments.json:
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / "effects.md").write_text(text + "\n")
        keyed = {", ".join(map(str, key)): cell for key, cell in cells(runs).items()}
        (OUT / "effects.json").write_text(json.dumps(keyed, indent=1) + "\n")


def _runs(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    settings = itertools.product(
        arguments.tokens, arguments.designs, arguments.plantings, arguments.topics
    )
    for n_tokens, design, planting, topics in settings:
        n_documents = arguments.documents or (2_000 if n_tokens < 40 else 1_000)
        n_datasets = arguments.datasets or (10 if n_tokens < 40 else 20)
        seeds = range(arguments.seed, arguments.seed + n_datasets)
        for seed, method in itertools.product(seeds, arguments.methods):
            each = run(design, planting, topics, n_documents, n_tokens, seed, method)
            if each is not None:
                n_found = sum(c > FOUND for c in each["cosine"])
                setting = f"{design} {planting} {topics} {n_tokens} {seed} {method}"
                print(f"{setting}: {n_found} found, {each['seconds']:.1f} s", flush=True)
                yield each


if __name__ == "__main__":
    main()
