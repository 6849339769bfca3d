import numpy as np
import pytest
from matplotlib.text import Text

from topicgen.visualization import topic_map, topic_positions


def circles(figure):
    return figure.axes[0].patches


def boxes(figure):
    """Return the places of all text on the map, in pixels."""
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in figure.axes[0].texts]


def test_circles_are_where_the_topics_are(model_of):
    model = model_of(20)
    centres = [circle.center for circle in circles(topic_map(model))]
    np.testing.assert_allclose(centres, topic_positions(model.components))


def test_areas_are_in_proportion_to_shares(model_of):
    model = model_of(20)
    areas = np.array([circle.radius for circle in circles(topic_map(model))]) ** 2
    np.testing.assert_allclose(areas / areas.sum(), model.evidence.topic_share)


def test_both_axes_have_the_same_scale(model_of):
    figure = topic_map(model_of(20))
    axis = figure.axes[0]
    size = axis.get_position().size * figure.get_size_inches()
    np.testing.assert_allclose(np.ptp(axis.get_xlim()) / size[0], np.ptp(axis.get_ylim()) / size[1])


@pytest.mark.parametrize("width", [3.4, 7.0])
def test_each_of_twenty_topics_has_its_label_and_none_overlap(model_of, width):
    model = model_of(20)
    figure = topic_map(model, width=width)
    written = [text.get_text().replace("\n", " ") for text in figure.axes[0].texts]
    for k in range(20):
        assert any(text.split(" ")[0] == str(k) for text in written)
    assert sum(" " in text for text in written) >= (20 if width == 7 else 14)
    found = boxes(figure)
    frame = figure.axes[0].get_window_extent()
    for i, box in enumerate(found):
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert not any(box.overlaps(other) for other in found[:i])


@pytest.mark.parametrize("n", [1, 2, 50, 300])
def test_any_number_of_topics(model_of, n):
    figure = topic_map(model_of(n))
    assert len(circles(figure)) == n
    assert any(text.get_text().startswith("0") for text in figure.axes[0].texts)


def test_identical_topics(model_of):
    model = model_of(3)
    weights = {**model.weights, "topic_logits": np.zeros((3, model.n_words))}
    figure = topic_map(model_of(3, weights=weights))
    assert len({circle.center for circle in circles(figure)}) == 1
    assert len(figure.axes[0].texts) >= 3


def test_the_key_says_what_areas_and_distances_are(model_of):
    key = [text.get_text() for text in topic_map(model_of(3)).axes[1].texts]
    assert "of the tokens" in key
    assert any(text.startswith("distance 0.") for text in key)
    assert "the map shows 100% of the squared distances" in key


def test_names_are_labels(model_of):
    figure = topic_map(model_of(2, names=("money", None)))
    assert "0 money" in [text.get_text() for text in figure.findobj(Text)]
