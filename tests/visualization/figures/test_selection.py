import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from topicgen.visualization.selection_figure import selection_figure


@pytest.fixture
def table():
    scores = ["perplexity", "quality", "coherence", "diversity"]
    frame = pd.DataFrame({"n_components": [5, 10, 50], "stability": [0.9, 0.8, 0.4]})
    for i, score in enumerate(scores):
        frame[score] = [3.0 + i, 2.0, 1.0]
        frame[f"{score}_sd"] = 0.1
    return frame.assign(perplexity_error=0.2, seconds=[1.0, 2.0, 9.0])


def lines(axis):
    return [line.get_xydata().tolist() for line in axis.lines]


def test_a_panel_for_each_score_with_the_recommended_number_marked(table):
    axes = selection_figure(table, 10).axes
    assert [axis.get_title(loc="left") for axis in axes] == [
        "Perplexity", "Quality", "Stability", "Coherence", "Diversity", "Time",
    ]  # fmt: skip
    names = ["perplexity", "quality", "stability", "coherence", "diversity", "seconds"]
    for axis, name in zip(axes, names, strict=True):
        values = table[name].tolist()
        assert np.array([[5, values[0]], [10, values[1]], [50, values[2]]]).tolist() in lines(axis)
        assert [[10, values[1]]] in lines(axis)
    assert [tick.get_text() for tick in axes[-1].get_xticklabels()] == ["5", "10", "50"]


def test_bars_are_the_spread_over_seeds(table):
    bars = selection_figure(table, 10).axes[1].containers[0].lines[2][0]
    spans = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(spans, 0.2)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_can_be_written(table, kind):
    written = io.BytesIO()
    selection_figure(table, 10).savefig(written, format=kind)
    assert len(written.getvalue()) > 1000


def test_what_one_seed_cannot_tell_is_said(table):
    table = table.assign(stability=np.nan, quality_sd=np.nan)
    stability = selection_figure(table, 10).axes[2]
    assert [text.get_text() for text in stability.texts] == ["not available"]


def test_no_global_state_is_touched():
    code = (
        "import sys, topicgen.visualization.selection_figure as figure\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib, pandas\n"
        # To ask it for the backend, as its own items() does, would choose one.
        "before = list(dict.items(matplotlib.rcParams))\n"
        "columns = ['n_components', 'perplexity', 'perplexity_error', 'quality', 'stability',\n"
        "           'coherence', 'diversity', 'seconds']\n"
        "figure.selection_figure(pandas.DataFrame([[2] + [1.0] * 7], columns=columns), 2)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert before == list(dict.items(matplotlib.rcParams))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
