from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization import selection


@pytest.fixture
def table():
    scores = ["perplexity", "quality", "coherence", "diversity"]
    frame = pd.DataFrame({"n_components": [5, 10, 50], "stability": [0.9, 0.8, 0.4]})
    for i, score in enumerate(scores):
        frame[score] = [3.0 + i, 2.0, 1.0]
        frame[f"{score}_sd"] = 0.1
    return frame.assign(perplexity_error=0.2, seconds=[1.0, 2.0, 9.0])


def drawn(table, **options):
    return selection(SimpleNamespace(table=table, n_components=10), **options)


def lines(axis):
    return [line.get_xydata().tolist() for line in axis.lines]


@pytest.mark.parametrize("width", [3.4, 7.0])
def test_a_panel_for_each_score_with_the_recommended_number_marked(table, width):
    axes = drawn(table, width=width).axes
    assert [axis.texts[0].get_text() for axis in axes] == [
        "Perplexity", "Quality", "Stability", "Coherence", "Diversity", "Time",
    ]  # fmt: skip
    names = ["perplexity", "quality", "stability", "coherence", "diversity", "seconds"]
    for axis, name in zip(axes, names, strict=True):
        values = table[name].tolist()
        assert np.array([[5, values[0]], [10, values[1]], [50, values[2]]]).tolist() in lines(axis)
        assert [[10, values[1]]] in lines(axis)
    assert [tick.get_text() for tick in axes[-1].get_xticklabels()] == ["5", "10", "50"]


def test_bars_are_the_spread_over_seeds(table):
    bars = drawn(table).axes[1].containers[0].lines[2][0]
    spans = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(spans, 0.2)


def test_the_band_is_the_standard_error_of_the_perplexity(table):
    band = drawn(table).axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert np.isclose(band.min(), 0.8)
    assert np.isclose(band.max(), 3.2)


def test_what_one_seed_cannot_tell_is_said(table):
    table = table.assign(stability=np.nan, quality_sd=np.nan)
    stability = drawn(table).axes[2]
    assert "not available" in [text.get_text() for text in stability.texts]


def test_what_is_no_selection_is_refused(table):
    with pytest.raises(InputError, match="expected a Selection, got 7; pass what select_k"):
        selection(7)
