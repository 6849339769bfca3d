import numpy as np
import pandas as pd
import pytest

from topicgen.selection.rule import is_conclusive, n_enough, recommended


def table(gap, stability, quality=(0.1, 0.3, 0.2, 0.1), gap_error=0.05):
    """Scores of 5, 10, 20 and 40 topics."""
    return pd.DataFrame(
        {
            "n_components": [5, 10, 20, 40],
            "gap": gap,
            "gap_error": gap_error,
            "stability": stability,
            "quality": quality,
        }
    )


@pytest.mark.parametrize(
    ("gap", "enough"),
    [
        ((0.3, 0.2, 0, 0.1), 20),
        ((0.3, 0.05, 0, 0.1), 10),
        ((0.3, 0.051, 0, 0.1), 20),
        ((0.04, 0.2, 0, 0.1), 5),
        ((0.3, 0.2, 0.1, 0), 40),
    ],
)
def test_enough_is_the_smallest_within_one_standard_error(gap, enough):
    assert n_enough(table(gap, 0.9)) == enough


@pytest.mark.parametrize(
    ("stability", "number", "conclusive"),
    [
        ((0.9, 0.8, 0.7, 0.9), 20, True),
        ((0.9, 0.8, 0.5, 0.9), 20, True),
        ((0.9, 0.8, 0.499, 0.9), 10, False),
        ((0.9, 0.4, 0.7, 0.2), 20, True),
        ((0.9, 0.4, 0.4, 0.9), 5, False),
        ((0.4, 0.3, 0.4, 0.9), 10, False),
        ((np.nan, np.nan, np.nan, np.nan), 10, False),
    ],
    ids=["all", "just", "not quite", "a dip", "the least", "none up to enough", "one seed"],
)
def test_the_most_that_are_stable_up_to_enough(stability, number, conclusive):
    """20 topics are enough; where no number up to there is stable, 10 have the highest quality."""
    rows = table((0.3, 0.2, 0, 0.1), stability)
    assert (recommended(rows), is_conclusive(rows)) == (number, conclusive)


def test_equal_qualities_give_the_least():
    assert recommended(table((0.3, 0.2, 0, 0.1), np.nan, quality=0.2)) == 5


@pytest.mark.parametrize(("gap", "number"), [((0, 0.1, 0.2, 0.3), 5), ((0.3, 0.2, 0.1, 0), 40)])
def test_an_end_of_the_grid_is_not_conclusive(gap, number):
    rows = table(gap, 0.9)
    assert (recommended(rows), is_conclusive(rows)) == (number, False)


def test_nothing_is_below_one_topic():
    rows = table((0, 0.1, 0.2, 0.3), 0.9).replace({"n_components": {5: 1}})
    assert (recommended(rows), is_conclusive(rows)) == (1, True)
    assert not is_conclusive(rows[:1])
