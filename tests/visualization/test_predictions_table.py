import pandas as pd

from topicgen.visualization.predictions_table import predictions_table

WORDS = [["bank", "rates"], ["goal"]]


def predictions(values, estimates, half):
    n = len(values)
    estimates = pd.Series(estimates, dtype=float)
    return pd.DataFrame(
        {
            "topic": [0] * n + [1] * n,
            "x": list(values) * 2,
            "estimate": estimates,
            "low": estimates - half,
            "high": estimates + half,
        }
    )


def test_a_line_per_topic_and_a_column_per_value():
    found = predictions(["Con", "Lab"], [0.2, 0.1, 0.8, 0.9], 0.05)
    assert predictions_table(found, "x", WORDS).splitlines() == [
        "topic                   Con                   Lab  words",
        "    1  80.0% (75.0 to 85.0)  90.0% (85.0 to 95.0)  goal",
        "    0  20.0% (15.0 to 25.0)   10.0% (5.0 to 15.0)  bank, rates",
    ]


def test_many_values_go_into_several_tables():
    found = predictions(range(7), [0.5] * 14, 0.1)
    first, second = predictions_table(found, "x", WORDS).split("\n\n")
    assert first.splitlines()[0].split() == ["topic", "0", "1", "2", "3", "4", "words"]
    assert second.splitlines()[0].split() == ["topic", "5", "6", "words"]


def test_dates_are_days_and_numbers_have_few_digits():
    dates = pd.to_datetime(["1999-07-02 12:00", "2001-01-01 00:00"])
    head = predictions_table(predictions(dates, [0.5] * 4, 0.1), "x", WORDS).splitlines()[0]
    assert head.split() == ["topic", "1999-07-02", "2001-01-01", "words"]
    head = predictions_table(predictions([1 / 3], [0.5] * 2, 0.1), "x", WORDS).splitlines()[0]
    assert head.split()[1] == "0.333333"


def test_what_the_others_are_held_at_is_said_below():
    found = predictions(["Con", "Lab"], [0.2, 0.1, 0.8, 0.9], 0.05)
    found.attrs["held"] = "at channel = post (the most frequent)"
    tables, held = predictions_table(found, "x", WORDS).split("\n\n")
    assert tables.splitlines()[0].split() == ["topic", "Con", "Lab", "words"]
    assert held == "at channel = post (the most frequent)"
    narrow = predictions_table(found, "x", WORDS, width=20).split("\n\n")[-1]
    assert narrow == "at channel = post\n(the most frequent)"


def test_tokens_and_narrow_intervals():
    found = predictions(["a"], [123.4, 5.6], 10)
    table = predictions_table(found, "x", WORDS, in_percent=False)
    assert "123 (113 to 133)" in table
    narrow = predictions_table(predictions(["a"], [0.5, 0.5], 0.0004), "x", WORDS)
    assert "50.00% (49.96 to 50.04)" in narrow
