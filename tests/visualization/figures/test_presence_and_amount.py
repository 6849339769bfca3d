import numpy as np
import pytest

from topicgen.visualization import presence_and_amount


def drawn(axis):
    """Return the dots and the ends of the intervals, row by row."""
    dots = axis.collections[-1].get_offsets()
    segments = axis.collections[-2].get_segments()
    ends = np.array([segment[:, 0] for segment in segments if len(segment)])
    return np.asarray(dots), ends


def test_dots_and_intervals_are_those_of_the_model(model_of):
    model = model_of(5)
    for axis, name in zip(presence_and_amount(model).axes, ("presence", "amount"), strict=True):
        middle, low, high = 100 * getattr(model.evidence.occurrence, name)
        dots, ends = drawn(axis)
        np.testing.assert_allclose(dots, np.column_stack([middle, range(5)]))
        np.testing.assert_allclose(ends, np.column_stack([low, high]))


def test_rows_are_topics_the_largest_on_top(model_of):
    model = model_of(5)
    left, right = presence_and_amount(model).axes
    rows = [label.get_text() for label in left.get_yticklabels()]
    assert rows == [f"{k} {model.label(k)}" for k in range(5)]
    assert left.get_ylim() == right.get_ylim() == (4.5, -0.5)


def test_a_topic_without_tokens_has_no_amount(model_of):
    model = model_of(2)
    model.evidence.occurrence.amount[:, 1] = np.nan
    dots, ends = drawn(presence_and_amount(model).axes[1])
    assert np.isfinite(dots[0]).all()
    assert np.isnan(dots[1, 0])
    assert np.isfinite(ends).all(1).sum() == 1


@pytest.mark.parametrize(("n", "rows"), [(1, 1), (50, 50), (300, 50)])
def test_at_most_fifty_topics(model_of, n, rows):
    figure = presence_and_amount(model_of(n))
    assert len(figure.axes[0].get_yticks()) == rows
    assert figure.get_suptitle() == ("the 50 largest of 300 topics" if n == 300 else "")
