"""The results of ``study_synthetic.py`` as Markdown tables, a plain reading and a figure."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure

RELAXED = ("gengs", "gengs_st", "eat", "eat_sigmoid")


def write(folder: Path, moments: pd.DataFrame, gradients: pd.DataFrame, training: pd.DataFrame):
    """Write results.md and figure.png."""
    widest = gradients[gradients["tolerance"] == gradients["tolerance"].min()]
    parts = [
        "# Gradient estimators on small problems",
        "Minimise E[(z - t)^2]; `python scripts/study_synthetic.py` measures and writes this page. "
        "All gradient figures are in units of the exact gradient's norm; ± is a 95% interval.",
        "![Error of one gradient estimate over the temperature, and loss along training]"
        "(figure.png)",
        "## What it says",
        "\n".join(f"- {line}" for line in [*losses_of_gengs(widest), *endings(training)]),
        "## Gradient at the start, each estimator at the temperature of its least error",
        markdown(best(widest), ["problem", "estimator", "temperature", "bias", "sd", "rmse"]),
        "## GenGS over temperatures and supports",
        markdown(
            scaled(gradients[gradients["estimator"] == "gengs"]),
            ["problem", "atoms", "temperature", "bias", "sd"],
        ),
        "## Moments of relaxed samples (exact)",
        markdown(moments, list(moments.columns)),
        "## Loss at the end of training",
        markdown(last(training), ["problem", "estimator", "loss"]),
    ]
    (folder / "results.md").write_text("\n\n".join(parts) + "\n", "utf-8")
    figure(widest, training).savefig(folder / "figure.png", dpi=110)


def scaled(gradients: pd.DataFrame) -> pd.DataFrame:
    """Divide by the exact gradient, and write the bias with its interval."""
    table = gradients.copy()
    for column in ("bias", "interval", "sd", "rmse"):
        table[column] /= table["exact"]
    table["bias"] = [
        f"{row.bias:.3f}" + (f" ± {row.interval:.3f}" if row.interval else "")
        for row in table.itertuples()
    ]
    return table


def best(gradients: pd.DataFrame) -> pd.DataFrame:
    """Return each estimator at the temperature with its smallest error, best first."""
    index = gradients.groupby(["problem", "estimator"], sort=False)["rmse"].idxmin()
    table = scaled(gradients.loc[index])
    order = {name: number for number, name in enumerate(gradients["problem"].unique())}
    return table.sort_values(["problem", "rmse"], key=lambda c: c.map(order).fillna(c))


def last(training: pd.DataFrame) -> pd.DataFrame:
    table = training[training["step"] == training["step"].max()].copy()
    table["loss"] = [f"{row.loss:.3f} ± {row.interval:.3f}" for row in table.itertuples()]
    return table


def losses_of_gengs(gradients: pd.DataFrame) -> list[str]:
    """Describe, from the numbers, where GenGS's gradient is worse than that of others."""
    lines = []
    for problem, table in gradients.groupby("problem", sort=False):
        gengs = table[table["estimator"] == "gengs"].set_index("temperature")
        reinforce = table[table["estimator"] == "reinforce"].iloc[0]
        noisier = gengs.index[gengs["sd"] > reinforce["sd"]]
        if len(noisier):
            lines.append(
                f"**{problem}**: at temperatures up to {noisier.max():g} one GenGS gradient is "
                f"noisier than plain REINFORCE's (sd {gengs['sd'][noisier.max()]:.3g} against "
                f"{reinforce['sd']:.3g})."
            )
        least = table.groupby("estimator")["rmse"].min().sort_values()
        ahead = [name for name in least.index if least[name] < least["gengs"]]
        lines.append(
            f"**{problem}**: least error in one dimension: {least.index[0]} "
            f"({least.iloc[0] / reinforce['exact']:.2f}); GenGS at its best temperature has "
            f"{least['gengs'] / reinforce['exact']:.2f}, behind {', '.join(ahead) or 'none'}."
        )
    return lines


def endings(training: pd.DataFrame) -> list[str]:
    """Describe how far each training ends from the loss of the exact gradient."""
    lines = []
    for problem, table in training[training["step"] == training["step"].max()].groupby(
        "problem", sort=False
    ):
        table = table.set_index("estimator")
        exact = table["loss"]["enumeration"]
        excess = (table["loss"] - exact).drop("enumeration").sort_values()
        outside = [
            f"{name} (+{value:.3g})"
            for name, value in excess.items()
            if value > table["interval"][name]
        ]
        lines.append(
            f"**{problem}**: trained to {exact:.3f} by the exact gradient; "
            + (f"significantly above it end {', '.join(outside)}." if outside else "all reach it.")
        )
    return lines


def markdown(table: pd.DataFrame, columns: list[str]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for values in table[columns].itertuples(index=False):
        cells = ["-" if value != value else cell(value) for value in values]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def figure(gradients: pd.DataFrame, training: pd.DataFrame) -> Figure:
    """Draw error over temperature above, and loss along training below."""
    problems = list(gradients["problem"].unique())
    names = [name for name in training["estimator"].unique() if name != "enumeration"]
    colours = dict(zip(names, colormaps["tab20"].colors, strict=False))
    drawing = Figure(figsize=(4 * len(problems), 8), layout="constrained")
    axes = drawing.subplots(2, len(problems), squeeze=False)
    for column, problem in enumerate(problems):
        above, below = axes[:, column]
        for name, table in gradients[gradients["problem"] == problem].groupby("estimator"):
            error = table["rmse"] / table["exact"]
            if name in RELAXED:
                above.plot(table["temperature"], error, "o-", color=colours[name], ms=3)
            else:
                above.axhline(error.iloc[0], color=colours[name], ls="--", lw=1)
        above.set(xscale="log", yscale="log", title=problem, xlabel="temperature")
        curves = training[training["problem"] == problem]
        floor = curves["loss"].min()
        for name in names:
            table = curves[curves["estimator"] == name]
            if table.empty:
                continue
            style = "-" if name in RELAXED else "--"
            excess = np.maximum(table["loss"] - floor, 1e-3)
            below.plot(table["step"], excess, style, color=colours[name], label=name, lw=1.2)
        below.set(yscale="log", xlabel="step")
    axes[0, 0].set_ylabel("rmse of one gradient / exact gradient")
    axes[1, 0].set_ylabel("expected loss above the least seen")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return drawing
