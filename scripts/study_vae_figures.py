"""The figure and the sample images of the VAE study."""

from pathlib import Path
from typing import TypeAlias

import images
import matplotlib
import numpy as np
import pandas as pd
from PIL import Image
from study_vae_model import RIVALS
from study_vae_report import METRICS, NOTES, half_width, present

matplotlib.use("Agg")
from matplotlib import pyplot as plt

# Of each data set, prior and estimator: 3 decoded prior samples and 2 reconstructions, (5, 784).
Pictures: TypeAlias = dict[tuple[str, str, str], np.ndarray]

# What the figure shows of a column, in nats above its best.
SPAN = 40.0


def draw_scores(rows: pd.DataFrame, path: Path) -> None:
    """Draw the means and their intervals, in nats above the best of each prior."""
    datasets, names = list(rows["dataset"].unique()), present(rows)
    figure, axes = plt.subplots(
        len(METRICS),
        len(datasets),
        figsize=(5.5 * len(datasets), 10),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for line, (metric, title) in zip(axes, METRICS.items(), strict=True):
        for axis, dataset in zip(line, datasets, strict=True):
            axis.set_title(f"{dataset}: {title}")
            _draw_panel(axis, rows[rows["dataset"] == dataset], metric, names)
    for axis in axes[-1]:
        axis.set_xlabel(f"nats per image above the prior's best (cut at {SPAN:g})")
    first = axes[0, 0]
    first.set_yticks(range(len(names)), [NOTES.get(name, name) for name in names])
    first.set_xlim(-3, SPAN + 3)
    first.invert_yaxis()
    first.legend(fontsize="small")
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_panel(axis: plt.Axes, rows: pd.DataFrame, metric: str, names: list[str]) -> None:
    priors = list(rows["prior"].unique())
    for k, prior in enumerate(priors):
        column = rows[rows["prior"] == prior].groupby("estimator")[metric]
        means, halves = column.mean().reindex(names), column.apply(half_width).reindex(names)
        above = (means - means.min()).clip(upper=SPAN)
        heights = np.arange(len(names)) + 0.12 * (k - (len(priors) - 1) / 2)
        axis.errorbar(above, heights, xerr=halves.fillna(0), fmt="o", ms=3, lw=1, label=prior)
    axis.grid(axis="x", alpha=0.3)


def draw_samples(drawn: Pictures, path: Path) -> None:
    """Draw the pictures, a row for each estimator and a block of columns for each prior."""
    datasets = list(dict.fromkeys(key[0] for key in drawn))
    figure, axes = plt.subplots(
        len(datasets), figsize=(13, 6.8 * len(datasets)), squeeze=False, layout="constrained"
    )
    for axis, dataset in zip(axes.flat, datasets, strict=True):
        part = {key[1:]: pictures for key, pictures in drawn.items() if key[0] == dataset}
        _draw_mosaic(axis, part)
        axis.set_title(f"{dataset}: 3 prior samples and 2 reconstructions for each prior")
    figure.savefig(path, dpi=80)
    plt.close(figure)
    with Image.open(path) as picture:
        grey = picture.convert("L")
    grey.save(path, optimize=True)


def _draw_mosaic(axis: plt.Axes, drawn: dict[tuple[str, str], np.ndarray]) -> None:
    priors = list(dict.fromkeys(prior for prior, _ in drawn))
    names = [name for name in RIVALS if any((prior, name) in drawn for prior in priors)]
    blank = np.ones_like(next(iter(drawn.values())))
    rows = [[drawn.get((prior, name), blank) for prior in priors] for name in names]
    axis.imshow(np.vstack([np.hstack([_strip(cell) for cell in row]) for row in rows]), cmap="gray")
    width, height = _strip(blank).shape[1], images.SIDE + 1
    axis.set_xticks(width * (np.arange(len(priors)) + 0.5), priors)
    axis.set_yticks(height * (np.arange(len(rows)) + 0.5), names)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _strip(pictures: np.ndarray) -> np.ndarray:
    """Return pictures side by side, with white lines between them and a wider one at the end."""
    square = pictures.reshape(-1, images.SIDE, images.SIDE)
    framed = np.pad(square, ((0, 0), (0, 1), (0, 1)), constant_values=1.0)
    return np.pad(np.hstack(list(framed)), ((0, 0), (0, 6)), constant_values=1.0)
