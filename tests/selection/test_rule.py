import numpy as np
import pandas as pd
import pytest

from topicgen.selection.rule import best_predicting, is_conclusive, n_enough, recommended


def table(gap, stability, quality=(0.1, 0.3, 0.2, 0.1), gap_error=0.025):
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
def test_enough_is_the_smallest_within_two_standard_errors(gap, enough):
    assert n_enough(table(gap, 0.9)) == enough


def test_the_best_predicting_are_all_within_two_standard_errors():
    rows = best_predicting(table((0.04, 0.2, 0, 0.049), 0.9))
    assert rows["n_components"].tolist() == [5, 20, 40]


@pytest.mark.parametrize(
    ("stability", "number", "conclusive"),
    [
        ((0.9, 0.8, 0.7, 0.6), 20, True),
        ((0.9, 0.8, 0.5, 0.4), 20, True),
        ((0.9, 0.8, 0.6, 0.7), 40, False),
        ((0.9, 0.8, 0.499, 0.4), 10, False),
        ((0.9, 0.4, 0.4, 0.4), 5, False),
        ((0.4, 0.3, 0.4, 0.3), 10, False),
        ((np.nan, np.nan, np.nan, np.nan), 10, False),
    ],
    ids=["all", "just", "at the end", "not quite", "the least", "no number", "one seed"],
)
def test_the_most_stable_that_predicts_best_or_the_largest_stable_one(
    stability, number, conclusive
):
    """20 and 40 predict best; where no number up to 20 is stable, 10 have the highest quality."""
    rows = table((0.3, 0.2, 0, 0.04), stability)
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
