import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization.curves import curve_figure


@pytest.fixture
def predictions():
    years = np.tile([1990.0, 2000.0, 2010.0], 2)
    estimate = np.array([0.1, 0.2, 0.3, 0.5, 0.4, 0.3])
    ends = {"low": estimate - 0.05, "high": estimate + 0.05}
    return pd.DataFrame(
        {"topic": np.repeat([0, 1], 3), "year": years, "estimate": estimate, **ends}
    )


def test_a_panel_for_each_topic_with_its_curve_in_percent(predictions):
    figure = curve_figure(predictions, "year", {"war": 1, "health": 0})
    war, health = figure.axes
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["war", "health"]
    assert np.allclose(war.lines[0].get_xydata(), [[1990, 50], [2000, 40], [2010, 30]])
    assert np.allclose(health.lines[0].get_ydata(), [10, 20, 30])


def test_the_band_reaches_from_low_to_high(predictions):
    (axis,) = curve_figure(predictions, "year", {"war": 1}).axes
    heights = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert np.isclose(heights.min(), 25)
    assert np.isclose(heights.max(), 55)
    assert axis.get_ylim()[0] == 0


def test_topics_over_time_are_shown_too(predictions):
    table = predictions.rename(columns={"estimate": "share", "year": "time"})
    assert len(curve_figure(table, "time", dict.fromkeys("abcd", 0)).axes) == 6


def test_what_is_not_there_is_named(predictions):
    with pytest.raises(InputError, match=r"expected predictions with a column 'date'"):
        curve_figure(predictions, "date", {"war": 1})
    with pytest.raises(InputError, match=r"no topic 7"):
        curve_figure(predictions, "year", {"war": 7})
