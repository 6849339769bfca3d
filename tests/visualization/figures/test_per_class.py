import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization import per_class


@pytest.fixture
def table():
    share = np.array([0.1, 0.2, 0.3, 0.5, 0.4, 0.3])
    return pd.DataFrame(
        {
            "topic": np.repeat([0, 1], 3),
            "class": ["tech", "arts", "$x^{2$"] * 2,
            "share": share,
            "low": share - 0.05,
            "high": share + 0.05,
            "words": [["bank"]] * 6,
        }
    )


def test_dots_are_shares_in_the_rows_of_their_classes(table):
    figure = per_class(table, topics={0: "health"})
    (axis,) = figure.axes
    assert axis.texts[0].get_text() == "0 health"
    assert [label.get_text() for label in axis.get_yticklabels()] == ["tech", "arts", "$x^{2$"]
    dots = np.asarray(axis.collections[-1].get_offsets())
    assert np.allclose(dots, [[10, 0], [20, 1], [30, 2]])
    ends = [segment[:, 0] for segment in axis.collections[-2].get_segments()]
    assert np.allclose(ends, [[5, 15], [15, 25], [25, 35]])
    figure.draw_without_rendering()


def test_all_panels_have_the_same_scale(table):
    one, two = per_class(table).axes
    assert one.texts[0].get_text() == "topic 1"
    assert one.get_xlim() == two.get_xlim()
    assert one.get_xlim()[1] > 55


def test_predictions_over_levels(table):
    predictions = table.rename(columns={"class": "party", "share": "estimate"}).assign(year=1999)
    axis = per_class(predictions).axes[0]
    assert axis.get_yticklabels()[0].get_text() == "tech"


def test_numbers_are_classes_too(table):
    years = per_class(table.assign(**{"class": [1, 2, 3] * 2}))
    assert years.axes[0].get_yticklabels()[2].get_text() == "3"


def test_too_many_classes(table):
    many = pd.concat([table.assign(**{"class": str(i)}) for i in range(51)])
    with pytest.raises(InputError, match=r"has 51 classes in 'class', but a figure can"):
        per_class(many)
