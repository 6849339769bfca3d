import pandas as pd
import pytest

from topicgen.visualization.suggestions_table import suggestions_table


def pairs(*suggested):
    pair = {"topic": 2, "other": 7, "label": "bank, rate", "other_label": "loan, rate"}
    pair |= {"similarity": 0.81, "cost": 0.011, "low": 0.004, "high": 0.018}
    return pd.DataFrame([pair | {"suggested": value} for value in suggested])


def test_a_star_is_explained_where_there_is_one():
    *rows, blank, meaning = suggestions_table(pairs(True, False)).splitlines()
    assert ["*" in row for row in rows] == [False, True, False]
    assert (blank, meaning) == ("", "* the two are probably one topic")


@pytest.mark.parametrize("n", [1, 3])
def test_without_a_star_the_table_says_what_that_means(n):
    text = suggestions_table(pairs(*[False] * n))
    assert "*" not in text
    assert text.splitlines()[-2:] == ["", "no two topics are probably one"]


def test_a_model_of_one_topic():
    assert suggestions_table(pd.DataFrame()) == "no two topics can be merged"
