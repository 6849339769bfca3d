"""The tables and the figure of the topic-model study."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator

from topicgen.visualization.figures import style

HEADER = """# Gradient estimators in topic models: all tables

Printed by `scripts/study_topic_models.py`, whose head says what is measured; what it shows is in
[README.md](README.md). Means over the seeds, with their standard deviation in brackets; the best
mean of a column is bold.
"""
# Where there is nothing to show.
NOTHING = "\N{EN DASH}"

EPOCHS = 8  # of most fits
DRAWS = 100  # of each gradient
NOTES = {"vimco": "vimco (4-sample bound)"}
# What is shown: its title, the digits after the point, and whether less is better.
METRICS = {
    "elbo": ("ELBO, perplexity", 0, True),
    "iwae": ("IWAE (50 samples), perplexity", 0, True),
    "completion": ("Document completion, perplexity", 0, True),
    "npmi": ("NPMI", 3, False),
    "diversity": ("Topic diversity", 3, False),
}
FAMILY = {"poisson": "Poisson", "negative_binomial": "NB"}
SETTING = ["corpus", "encoder", "inference", "latent", "units", "n_layers", "n_epochs"]
# Groups of settings that share a table, and what a column of it is called.
GROUPS: dict[str, tuple[Callable[[pd.DataFrame], pd.Series], list[str]]] = {
    "Network, implicit (20 Newsgroups)": (
        lambda rows: _plain(rows) & (rows["inference"] == "implicit"),
        ["latent", "units"],
    ),
    "Network, explicit (20 Newsgroups)": (
        lambda rows: _plain(rows) & (rows["inference"] == "explicit"),
        ["latent", "units"],
    ),
    "Other corpus, depth and encoder (10 units)": (
        lambda rows: ~_plain(rows),
        ["corpus", "n_layers", "encoder", "latent", "n_epochs"],
    ),
}


def _by_estimator(rows: pd.DataFrame, values: str) -> pd.DataFrame:
    """Return a table with a row for each setting and seed, and a column for each estimator."""
    return rows.pivot_table(index=[*SETTING, "seed"], columns="estimator", values=values)


def _plain(rows: pd.DataFrame) -> pd.Series:
    is_20ng = (rows["corpus"] == "20ng") & (rows["encoder"] == "network")
    return is_20ng & (rows["n_layers"] == 1) & (rows["n_epochs"] == EPOCHS)


def write(folder: Path, results: list[dict], gradients: list[dict], order: Sequence[str]) -> None:
    """Write results.md and figure.png."""
    if not results:
        return
    rows, found = pd.DataFrame(results), pd.DataFrame(gradients)
    if "n_epochs" not in rows:
        rows["n_epochs"] = EPOCHS
    rows["n_epochs"] = rows["n_epochs"].fillna(EPOCHS).astype(int)
    if len(found):
        noise = found["variance"] / DRAWS
        found["bias"] = found["bias"].where((noise <= 0.1) | (found["bias"] > 5 * noise))
    alike = rows[(rows["encoder"] == "network") & (rows["n_epochs"] == EPOCHS)]
    parts = [*_scores(rows, order), *_against(alike, order), *_training(alike, order)]
    if len(found):
        parts += _gradients(found, order)
    (folder / "results.md").write_text("\n".join([HEADER, *parts]).rstrip() + "\n")
    draw(rows, found, order, folder / "figure.png")


def _scores(rows: pd.DataFrame, order: Sequence[str]) -> Iterator[str]:
    for group, (which, columns) in GROUPS.items():
        part = rows[which(rows)]
        if len(part):
            yield f"## {group}\n"
            yield _seeds(part, columns)
            for metric, (title, digits, is_less) in METRICS.items():
                yield f"### {title}\n\n{_table(part, columns, metric, digits, is_less, order)}\n"


def _seeds(part: pd.DataFrame, columns: list[str]) -> str:
    counts = part.groupby([*columns, "estimator"])["seed"].nunique()
    shown = {}
    for key, values in counts.groupby(level=columns):
        least, most = values.min(), values.max()
        shown[_label(key)] = f"{least}" if least == most else f"{least} to {most}"
    return "Seeds: " + "; ".join(f"{name}: {n}" for name, n in shown.items()) + ".\n"


def _label(key: Any) -> str:
    names = {"20ng": "20NG", "r52": "R52", 1: "1 layer", 2: "2 layers", **FAMILY}
    names |= {8: "8 epochs", 32: "32 epochs"}
    parts = [key] if isinstance(key, str) else list(key)
    return ", ".join(
        f"{value:g}" if isinstance(value, float) else str(names.get(value, value))
        for value in parts
    )


def _table(
    part: pd.DataFrame,
    columns: list[str],
    metric: str,
    digits: int,
    is_less: bool,
    order: Sequence[str],
) -> str:
    keys = sorted(part.groupby(columns).groups, key=lambda key: [str(k).zfill(5) for k in key])
    groups = dict(list(part.groupby([*columns, "estimator"])[metric]))
    lines = ["| | " + " | ".join(map(_label, keys)) + " |", "|---|" + "---|" * len(keys)]
    means = {
        (*key, name): groups[(*key, name)].mean()
        for key in keys
        for name in order
        if (*key, name) in groups
    }
    for name in order:
        cells = []
        for key in keys:
            if (*key, name) not in means:
                cells.append(NOTHING)
                continue
            mean, values = means[(*key, name)], groups[(*key, name)]
            best = (min if is_less else max)(means[k] for k in means if k[:-1] == key)
            cell = f"{mean:,.{digits}f}"
            cell = f"**{cell}**" if mean == best else cell
            cells.append(cell + (f" ({values.std():.{digits}f})" if len(values) > 1 else ""))
        if any(cell != NOTHING for cell in cells):
            lines.append(f"| {NOTES.get(name, name)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _against(rows: pd.DataFrame, order: Sequence[str]) -> Iterator[str]:
    """Compare each estimator with GenGS, seed by seed, in nats per token."""
    yield "## Against gengs\n"
    yield (
        "Nats per token by which an estimator's perplexity is higher than that of gengs (below 0: "
        "it is better), the mean over the pairs of fits of the network with the same setting and "
        f"seed, all of {EPOCHS} epochs, and in how many of these pairs it is better.\n"
    )
    yield "| less gengs | ELBO | better in | IWAE | better in | completion | better in |"
    yield "|---|---|---|---|---|---|---|"
    for name in order:
        cells = []
        for metric in ("elbo", "iwae", "completion"):
            logs = np.log(_by_estimator(rows, metric))
            if name == "gengs" or name not in logs:
                continue
            less = (logs[name] - logs["gengs"]).dropna()
            cells += [f"{less.mean():+.3f}", f"{int((less < 0).sum())} of {len(less)}"]
        if cells:
            yield f"| {NOTES.get(name, name)} | " + " | ".join(cells) + " |"
    yield ""


def _training(rows: pd.DataFrame, order: Sequence[str]) -> Iterator[str]:
    yield "## How they train\n"
    yield (
        "Means over the settings of the network: KL in nats per document; the gap in nats per "
        "token between whole counts and what the estimator trains on; the CPU time of training "
        "over that of gengs with the same setting and seed; the pace of the network (--tune).\n"
    )
    rows = rows.copy()
    rows["gap"] = np.log(rows["elbo"] / rows["trained_on"])
    times = _by_estimator(rows, "seconds")
    yield "| | KL | gap | time | pace |\n|---|---|---|---|---|"
    for name in order:
        own = rows[rows["estimator"] == name]
        if len(own):
            ratio = (times[name] / times["gengs"]).dropna().median()
            gap = own["gap"].mean()
            yield (
                f"| {NOTES.get(name, name)} | {own['kl'].mean():.1f} | "
                f"{NOTHING if gap == 0 else format(gap, '.3f')} | {ratio:.2f} | "
                f"{own['pace'].iloc[0]:g} |"
            )
    yield ""


def _gradients(found: pd.DataFrame, order: Sequence[str]) -> Iterator[str]:
    yield "## The gradient in the network's weights\n"
    yield (
        "At the weights that an estimator (the first line of a column) has after half of its "
        "epochs, for one batch of 256 training documents: the trace of the covariance of 100 draws "
        "and the squared bias, both over the squared length of the true gradient. With a bias of 1 "
        "an estimator is as far off as no step at all; it is left out "
        "where noise hides it. VIMCO's is the gradient of another bound.\n"
    )
    for column, title in (("variance", "Variance"), ("bias", "Squared bias")):
        keys = ["trained_by", "inference", "latent", "units"]
        yield f"### {title}\n"
        settings = list(dict.fromkeys(map(tuple, found[keys].to_numpy().tolist())))
        heads = (f"{by}: {i}, {FAMILY[latent]}, {n:g}" for by, i, latent, n in settings)
        yield "| | " + " | ".join(heads) + " |\n|---|" + "---|" * len(settings)
        for name in order:
            own = found[found["estimator"] == name]
            for temperature in own["temperature"].unique():
                some = own[own["temperature"].isin([temperature])]
                values = {tuple(row[keys]): row[column] for _, row in some.iterrows()}
                label = NOTES.get(name, name)
                if not pd.isna(temperature):
                    label += f", τ = {temperature:g}"
                cells = (_shown(values.get(s)) for s in settings)
                yield f"| {label} | " + " | ".join(cells) + " |"
        yield ""


def _shown(value: float | None) -> str:
    if value is None or pd.isna(value):
        return NOTHING
    # A square that is estimated may be below 0 by its noise.
    return f"{value:,.0f}" if value >= 10 else f"{max(value, 0.0):.2f}"


# The greatest difference that the figure shows, in nats per token, and the least bias.
_CUT, _LEAST = 0.35, 1e-3
NOISES = {"variance": "variance of the gradient", "bias": "squared bias of the gradient"}
_FAMILIES = "ELBO; dots: Poisson, squares: NB"
_UNITS = "triangle down: 3 units, dot: 10, up: 30"


def draw(rows: pd.DataFrame, found: pd.DataFrame, order: Sequence[str], path: Path) -> None:
    """Draw the bounds in nats per token above the best, the noise of the gradients, and times."""
    plain, names = rows[_plain(rows)], list(order)
    settings = {
        f"{inference}, {units:g} units": part
        for inference, units in product(("implicit", "explicit"), (3.0, 10.0, 30.0))
        if len(part := plain[(plain["inference"] == inference) & (plain["units"] == units)])
    }
    noises = NOISES if len(found) else {}
    figure, axes = style.panels(len(settings) + len(noises) + 1, 7.0, 1.9, narrowest=2.2)
    panels = iter(axes)
    for title, part in settings.items():
        _bounds(next(panels), part, names, title)
    for column, title in noises.items():
        _noise(next(panels), found, names, column, title)
    _times(next(panels), plain, names)
    style.finished(figure).savefig(path)


def _rows(axis: Any, names: list[str], title: str, meaning: str) -> None:
    style.stripes(axis, len(names))
    indent = style.rows(axis, names, 80)
    style.title(axis, title, indent=indent, meaning=meaning)


def _bounds(axis: Any, part: pd.DataFrame, names: list[str], title: str) -> None:
    """Draw the bounds of a setting; what is cut has an arrow at the edge."""
    _rows(axis, names, title, _FAMILIES)
    for shift, latent, color, marker in (
        (-0.15, "poisson", style.INK, "o"),
        (0.15, "negative_binomial", style.ACCENT, "s"),
    ):
        # Pairs of the same seed: not all estimators have all seeds.
        logs = np.log(
            part[part["latent"] == latent].pivot(columns="estimator", index="seed", values="elbo")
        )
        if "gengs" not in logs:
            continue
        own = logs.sub(logs["gengs"], axis=0).mean()
        above, at = (own - own.min()).reindex(names), np.arange(len(names)) + shift
        is_far = (above > _CUT).to_numpy()
        for which, shape in ((~is_far, marker), (is_far, ">")):
            shown = above[which].clip(upper=_CUT)
            axis.scatter(shown, at[which], s=9, color=color, marker=shape, linewidths=0)
    axis.set_xlim(-0.02, 1.04 * _CUT)
    axis.set_xlabel("nats per token above the best", fontsize=style.SMALL)


def _noise(axis: Any, found: pd.DataFrame, names: list[str], column: str, title: str) -> None:
    _rows(axis, names, title, _UNITS)
    is_shown = (found["inference"] == "implicit") & (found["latent"] == "poisson")
    own = found[is_shown & (found["trained_by"] == "gengs")]
    own = own[own["temperature"].isna() | (own["temperature"] == 0.5)]
    for units, marker in ((3.0, "v"), (10.0, "o"), (30.0, "^")):
        values = own[own["units"] == units].set_index("estimator")[column].reindex(names)
        at = np.arange(len(names))
        axis.scatter(
            values.clip(lower=_LEAST), at, s=11, color=style.INK, marker=marker, linewidths=0
        )
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(numticks=5))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:,g}" if value < 1e5 else "10⁶")
    axis.minorticks_off()
    axis.set_xlabel("implicit, Poisson; over |g| squared", fontsize=style.SMALL)


def _times(axis: Any, rows: pd.DataFrame, names: list[str]) -> None:
    _rows(axis, names, "training time", "CPU, over that of gengs")
    times = _by_estimator(rows, "seconds")
    ratios = times.div(times["gengs"], axis=0).median().reindex(names)
    axis.scatter(ratios, np.arange(len(names)), s=9, color=style.INK, linewidths=0)
    axis.set_xlim(left=0)
