"""The table and the figure of scripts/benchmark_peers.py."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.transforms import Bbox
from scipy import stats

# For each panel of the figure: the measure, and whether higher is better.
PANELS = (("perplexity", False), ("NPMI@10", True), ("diversity@10", True), ("NMI", True))

OURS, THEIRS = "#c0392b", "#4a5a6a"
# Candidate offsets of a label from its point, in typographic points, the best first.
PLACES = ((7, 5), (7, -11), (-7, 5), (-7, -11), (7, 17), (7, -23), (-7, 17), (-7, -23))


def report(record: dict, stem: Path) -> str:
    """Write STEM.md and STEM.png, and return the table."""
    runs = pd.DataFrame(record["runs"])
    text = table(record, runs)
    stem.with_suffix(".md").write_text(text + "\n")
    draw(record, runs, stem.with_suffix(".png"))
    return text


def table(record: dict, runs: pd.DataFrame) -> str:
    """Return a Markdown table of means and their 95% intervals (Student's t over the seeds)."""
    measures = [column for column in runs.columns if column not in ("model", "seed")]
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    lines = [
        f"{record['corpus']}, K={record['k']}, seeds: {runs.seed.nunique()}, cores: "
        f"{record['cores']}; mean ± half the 95% interval. {versions}.",
        "",
        "| model | " + " | ".join(measures) + " |",
        "|---|" + "---|" * len(measures),
    ]
    for model, group in runs.groupby("model", sort=False):
        cells = [cell(group[measure].dropna()) for measure in measures]
        lines.append(f"| {model} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(values: pd.Series) -> str:
    if values.empty:
        return ""
    digits = 3 if abs(values.mean()) < 2 else 1 if abs(values.mean()) < 200 else 0
    half = half_interval(values)
    return f"{values.mean():.{digits}f}" + ("" if half is None else f" ± {half:.{digits}f}")


def means(group: pd.DataFrame, digits: dict[str, int]) -> list[str]:
    """Return the means of columns as cells, the first with its standard deviation over the rows."""
    cells = [f"{group[name].mean():.{n}f}" for name, n in digits.items()]
    if len(group) > 1:
        cells[0] += f" ({group[next(iter(digits))].std():.1f})"
    return cells


def half_interval(values: pd.Series) -> float | None:
    if len(values) < 2:
        return None
    return float(stats.t.ppf(0.975, len(values) - 1) * values.std() / np.sqrt(len(values)))


def draw(record: dict, runs: pd.DataFrame, path: Path) -> None:
    """Draw quality against the time to fit, one panel per measure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8), constrained_layout=True)
    for axis, (measure, more_is_better) in zip(axes.flat, PANELS, strict=True):
        draw_points(axis, runs, measure)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.margins(x=0.3, y=0.15)
        axis.set_xlabel("seconds to fit")
        better = "higher" if more_is_better else "lower"
        axis.set_title(f"{measure} ({better} is better)", loc="left", fontsize=11)
        if measure == "perplexity":
            axis.set_yscale("log")
            axis.yaxis.set_major_formatter("{x:.0f}")
            axis.yaxis.set_minor_formatter("{x:.0f}")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"{record['corpus']}, K = {record['k']}, seeds: {runs.seed.nunique()}, cores: "
        f"{record['cores']}; bars are 95% intervals of the mean"
    )
    figure.canvas.draw()  # fixes the places that the labels are to keep clear of
    for axis in axes.flat:
        label_points(axis)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def draw_points(axis: Any, runs: pd.DataFrame, measure: str) -> None:
    for model, group in runs.groupby("model", sort=False):
        ours = model == "topicgen"
        axis.errorbar(
            group["fit s"].mean(),
            group[measure].mean(),
            half_interval(group[measure]) or 0.0,
            half_interval(group["fit s"]) or 0.0,
            fmt="o",
            color=OURS if ours else THEIRS,
            markersize=8 if ours else 6,
            capsize=3,
            label=model,
        )


def label_points(axis: Any) -> None:
    """Label each point at the first free place next to it."""
    bars, names = axis.get_legend_handles_labels()
    points = [bar.lines[0].get_xydata()[0] for bar in bars]
    taken = [Bbox.from_extents(*(p - 5), *(p + 5)) for p in axis.transData.transform(points)]
    for point, name in zip(points, names, strict=True):
        label = axis.annotate(
            name,
            point,
            xytext=PLACES[0],
            textcoords="offset points",
            fontsize=9,
            color=OURS if name == "topicgen" else THEIRS,
            fontweight="bold" if name == "topicgen" else "normal",
        )
        for place in PLACES:
            label.set(position=place, ha="left" if place[0] > 0 else "right")
            box = label.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                break
        taken.append(box)
