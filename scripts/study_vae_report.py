"""The tables of the VAE study and their reading, from the rows of its runs."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from study_vae_model import RIVALS

METRICS = {"nelbo": "Negative ELBO", "iwae": "100-sample IWAE bound"}
NOTES = {"vimco": "vimco (5-sample bound)"}
REFERENCE = "gengs"
DASH = "\N{EN DASH}"


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write the report as Markdown."""
    parts = ["# VAE study", _settings(rows)]
    for dataset in rows["dataset"].unique():
        parts += _section(dataset, rows[rows["dataset"] == dataset])
    path.write_text("\n\n".join(parts) + "\n", "utf-8")


def _settings(rows: pd.DataFrame) -> str:
    steps = ", ".join(f"{d}: {g['steps'].max()}" for d, g in rows.groupby("dataset", sort=False))
    return (
        f"Printed by `scripts/study_vae.py`, whose head says what is measured. {len(rows)} runs, "
        f"{rows['seed'].nunique()} seeds; training steps: {steps}. All scores are in nats per test "
        "image, with hard samples; lower is better. Mean ± half-width of the 95% interval over "
        "seeds (t distribution); the lowest mean in bold; a dash where there is no run. "
        "vimco optimises the 5-sample bound, not the ELBO. The IWAE bound is of the first 300 test "
        "images (1,000 with `--full`). So few steps rank the estimators by how fast they learn, "
        "which is hard on the noisy ones; where they end is for `--full` to tell."
    )


def _section(dataset: str, rows: pd.DataFrame) -> list[str]:
    parts = [f"## {dataset}"]
    for metric, title in METRICS.items():
        parts += [f"### {title}", _table(rows, metric), _reading(rows, metric)]
    return [*parts, "### How they train", _diagnostics(rows)]


def half_width(values: pd.Series) -> float:
    """Return the half-width of the mean's 95% interval, NaN for a single value."""
    n = values.count()
    return stats.t.ppf(0.975, n - 1) * values.std() / n**0.5 if n > 1 else float("nan")


def _interval(values: pd.Series, sign: str = "") -> str:
    if values.isna().any():
        return "diverged"
    half = half_width(values)
    spread = "" if np.isnan(half) else f" ± {half:.1f}"
    return f"{values.mean():{sign}.1f}{spread}"


def _markdown(header: list[str], lines: list[list[str]]) -> str:
    rule = ["---"] * len(header)
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *lines])


def present(rows: pd.DataFrame) -> list[str]:
    """Return the estimators that have rows, in the study's order."""
    return [name for name in RIVALS if name in set(rows["estimator"])]


def _table(rows: pd.DataFrame, metric: str) -> str:
    cells = dict(list(rows.groupby(["estimator", "prior"])[metric]))
    priors = list(rows["prior"].unique())
    best = _best(rows, metric)
    lines = []
    for name in present(rows):
        line = [NOTES.get(name, name)]
        for prior in priors:
            text = _interval(cells[name, prior]) if (name, prior) in cells else DASH
            line.append(f"**{text}**" if best[prior] == name else text)
        lines.append(line)
    return _markdown(["", *priors], lines)


def _best(rows: pd.DataFrame, metric: str) -> dict[str, str]:
    """Return the estimator with the lowest mean, for each prior."""
    means = rows.groupby(["prior", "estimator"], sort=False)[metric].mean().unstack(0)
    return means.idxmin().to_dict()


def differences(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return each score minus that of the reference with the same prior and seed."""
    scores = rows.pivot(index=["prior", "seed"], columns="estimator", values=metric)
    return scores.sub(scores[REFERENCE], axis=0).drop(columns=REFERENCE)


def _reading(rows: pd.DataFrame, metric: str) -> str:
    """Describe in words and a table how the rivals compare with the reference."""
    best = pd.Series(_best(rows, metric)).value_counts()
    words = "Lowest mean: " + ", ".join(f"{name} ({n} of {best.sum()})" for name, n in best.items())
    if REFERENCE not in present(rows):
        return words + "."
    lines = []
    for name, column in differences(rows, metric).items():
        signs = [_sign(group) for _, group in column.groupby("prior")]
        mean = _interval(column.groupby("seed").mean(), "+")
        lines.append([str(name), mean, str(signs.count(-1)), str(signs.count(1))])
    lines.sort(key=lambda line: float(line[1].split()[0].replace("diverged", "inf")))
    head = [
        f"less {REFERENCE}",
        "mean over priors",
        "priors where lower",
        "priors where higher",
    ]
    return (
        f"{words}. Against {REFERENCE}, seed by seed (negative: the rival is better). A prior is "
        "counted where the 95% interval of the paired difference excludes 0, as one in forty does "
        f"by chance on either side.\n\n{_markdown(head, lines)}"
    )


def _sign(values: pd.Series) -> int:
    half = half_width(values)
    return int(np.sign(values.mean())) if abs(values.mean()) > half else 0


def _diagnostics(rows: pd.DataFrame) -> str:
    means = rows.groupby("estimator")[["kl", "gap", "ms_per_step"]].mean()
    lines = [
        [NOTES.get(name, name), *(f"{x:.1f}" if np.isfinite(x) else DASH for x in means.loc[name])]
        for name in present(rows)
    ]
    table = _markdown(["mean over priors", "KL", "hard less trained-on", "ms a step"], lines)
    return (
        "KL in nats; by how many nats hard samples are worse than those that the estimator trains "
        f"on (a dash where they are the same); the time of a step on a busy core.\n\n{table}"
    )
