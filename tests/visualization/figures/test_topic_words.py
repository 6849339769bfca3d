import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.topic_model.word_measures import ranking, top_columns
from topicgen.visualization import topic_words


def words(axis):
    return [label.get_text() for label in axis.get_yticklabels()]


def test_bars_are_probabilities_in_per_cent(model_of):
    model = model_of(3)
    axis = topic_words(model, [1], n=4).axes[0]
    order = top_columns(ranking(model)[1], 4)
    bars = [bar.get_width() for bar in axis.patches]
    np.testing.assert_allclose(bars, 100 * model.components[1, order])
    assert words(axis) == [f"word{column}" for column in order]
    low, high = axis.get_ylim()
    assert low > high  # the best word is on top
    assert axis.get_xlim()[0] == 0
    assert axis.texts[0].get_text() == f"1 {model.label(1)}"


def test_the_twenty_largest_topics_are_shown(model_of):
    figure = topic_words(model_of(50))
    assert len(figure.axes) == 20
    assert [int(axis.texts[0].get_text().split()[0]) for axis in figure.axes] == list(range(20))
    assert figure.get_suptitle() == "the 20 largest of 50 topics"


@pytest.mark.parametrize(("width", "columns"), [(3.4, 2), (7.0, 4)])
def test_panels_fill_the_width(model_of, width, columns):
    figure = topic_words(model_of(8), width=width)
    assert figure.get_figwidth() == width
    starts = {axis.get_subplotspec().colspan.start for axis in figure.axes}
    assert len(starts) == columns


def test_titles_start_inside_the_figure(model_of):
    figure = topic_words(model_of(8), width=3.4)
    figure.draw_without_rendering()
    for axis in figure.axes:
        box = axis.texts[0].get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width


def test_counts_without_words(model_of):
    assert words(topic_words(model_of(1, vocabulary=None), n=2).axes[0])[0].isdigit()


def test_a_very_long_word_is_cut(model_of):
    axis = topic_words(model_of(1, ["w" * 1_000_000, "b"])).axes[0]
    cut = next(word for word in words(axis) if word != "b")
    assert cut.endswith("…")
    assert len(cut) < 60


def test_what_is_wrong_is_refused(model_of):
    with pytest.raises(InputError, match="expected at least 1 word per topic, got 0"):
        topic_words(model_of(2), n=0)
    with pytest.raises(InputError, match="topics has 2"):
        topic_words(model_of(2), [2])
