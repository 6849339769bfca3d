import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization import over_time


@pytest.fixture
def predictions():
    years = np.tile([1990.0, 2000.0, 2010.0], 2)
    estimate = np.array([0.1, 0.2, 0.3, 0.5, 0.4, 0.3])
    ends = {"low": estimate - 0.05, "high": estimate + 0.05}
    return pd.DataFrame(
        {"topic": np.repeat([0, 1], 3), "year": years, "estimate": estimate, **ends}
    )


def titles(figure):
    return [axis.texts[0].get_text() for axis in figure.axes]


def test_a_panel_for_each_topic_with_its_curve_in_percent(predictions):
    figure = over_time(predictions, topics={1: "war", 0: "health"})
    war, health = figure.axes
    assert titles(figure) == ["1 war", "0 health"]
    assert np.allclose(war.lines[0].get_xydata(), [[1990, 50], [2000, 40], [2010, 30]])
    assert np.allclose(health.lines[0].get_ydata(), [10, 20, 30])
    assert war.yaxis.get_major_formatter()(50) == "50%"


def test_the_largest_come_first_and_the_model_names_them(predictions, model_of):
    model = model_of(2, names=("money", "war"))
    assert titles(over_time(predictions, model)) == ["1 war", "0 money"]
    assert titles(over_time(predictions)) == ["topic 1", "topic 0"]


def test_the_band_reaches_from_low_to_high(predictions):
    (axis,) = over_time(predictions, topics=[1]).axes
    heights = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert np.isclose(heights.min(), 25)
    assert np.isclose(heights.max(), 55)
    assert axis.get_ylim()[0] == 0


def test_topics_over_time(trained):
    docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 10
    dates = pd.date_range("1999-01-01", periods=20, freq="MS")
    table = trained.topics_over_time(docs, dates, freq="year")
    figure = over_time(table, trained)
    assert len(figure.axes) == 3
    assert len(figure.axes[0].lines[0].get_xdata()) == 2
    figure.draw_without_rendering()
    assert figure.axes[-1].xaxis.get_major_formatter()(0)


def test_expected_tokens_are_not_in_percent(predictions):
    axis = over_time(predictions, kind="log_rate").axes[0]
    assert np.allclose(axis.lines[0].get_ydata(), [0.5, 0.4, 0.3])
    assert axis.yaxis.get_major_formatter()(0.5) == "0.5"


def test_a_period_without_documents_is_a_gap_and_a_lone_one_a_dot(predictions):
    table = predictions.rename(columns={"estimate": "share", "year": "time"})
    table.loc[1, ["share", "low", "high"]] = np.nan
    figure = over_time(table, topics=[0])
    assert figure.get_suptitle() == "share of the tokens"
    axis = figure.axes[0]
    assert np.isnan(axis.lines[0].get_ydata()[1])
    assert np.allclose(axis.lines[1].get_xydata(), [[1990, 10], [2010, 30]])
    one = over_time(table[table["time"] == 1990], topics=[0]).axes[0]
    assert np.allclose(one.lines[1].get_xydata(), [[1990, 10]])


def test_twenty_panels_at_most(predictions):
    many = pd.concat([predictions.assign(topic=predictions["topic"] + 2 * i) for i in range(150)])
    figure = over_time(many)
    assert len(figure.axes) == 20
    assert (
        figure.get_suptitle()
        == "expected share of a document's tokens; the 20 largest of 300 topics"
    )


def test_the_covariate_that_varies_is_found(predictions):
    table = predictions.assign(party="Con")
    assert over_time(table).get_supxlabel() == "year"


def test_it_says_what_the_others_are_held_at(predictions):
    predictions.attrs["held"] = "at district = Northfield, channel = post (the most frequent)"
    figure = over_time(predictions)
    meaning = "expected share of a document's tokens"
    assert figure.get_suptitle() == f"{meaning} {predictions.attrs['held']}"
    average = predictions.copy()
    average.attrs["held"] = "averaged over the documents with their own district and channel"
    in_words = over_time(average).get_suptitle().replace("\n", " ")
    assert in_words == f"{meaning}, {average.attrs['held']}"
    narrow = over_time(predictions, width=2.5)
    assert narrow.get_suptitle().replace("\n", " ") == figure.get_suptitle()
    narrow.draw_without_rendering()
    bounds = narrow._suptitle.get_window_extent()
    assert bounds.x1 <= narrow.bbox.x1
    assert bounds.y0 >= max(axis.get_tightbbox().y1 for axis in narrow.axes)


def test_which_covariate_has_to_be_said_where_several_vary(predictions):
    table = predictions.assign(month=[1, 2, 3] * 2)
    with pytest.raises(InputError, match=r"any of 'year', 'month' may be meant; name it in over="):
        over_time(table)
    assert over_time(table, over="month").get_supxlabel() == "month"


def test_what_is_not_there_is_named(predictions, model_of):
    with pytest.raises(InputError, match=r"the table has no column 'date', only"):
        over_time(predictions, over="date")
    with pytest.raises(InputError, match="the table has no column 'low'"):
        over_time(predictions.drop(columns="low"))
    with pytest.raises(InputError, match="topics has 7"):
        over_time(predictions, topics=[7])
    with pytest.raises(InputError, match="expected a table, got 'table'; pass the result of"):
        over_time("table")
    with pytest.raises(InputError, match="the table has no rows"):
        over_time(predictions.head(0))
    with pytest.raises(InputError, match=r"needs numbers or dates .* but 'year' has '1990.0'"):
        over_time(predictions.astype({"year": str}))
    with pytest.raises(InputError, match=r"kind must be one of 'share', .* got 'count'"):
        over_time(predictions, kind="count")
    with pytest.raises(InputError, match="the table has topic 1, but the topics of the model are"):
        over_time(predictions, model_of(1))
