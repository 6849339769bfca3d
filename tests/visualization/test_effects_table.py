import math

import numpy as np
import pandas as pd
import pytest

from topicgen.visualization.effects_table import effects_table

WORDS = [["bank", "rates"], ["goal"], ["song", "band"]]


def effects(term, estimates, error):
    estimates = np.array(estimates)
    return pd.DataFrame(
        {
            "topic": range(len(estimates)),
            "term": term,
            "estimate": estimates,
            "std_error": error,
            "low": estimates - 2 * error,
            "high": estimates + 2 * error,
        }
    )


def test_a_table_per_term_with_the_largest_effect_first():
    table = pd.concat([effects("year", [0.1, -0.5, 0.7], 0.1), effects("age", [0, 1, 2], 0.1)])
    first, second, note = effects_table(table.sort_values("topic"), WORDS).split("\n\n")
    assert first.splitlines()[0] == "year"
    assert [line.split()[0] for line in first.splitlines()[2:]] == ["2", "0", "1"]
    assert second.splitlines()[0] == "age"
    assert [line.split()[0] for line in second.splitlines()[2:]] == ["2", "1", "0"]
    assert note == "* the 95% interval excludes 0"
    assert first.splitlines()[2].endswith("  song, band")


def test_the_reference_of_a_level_is_named():
    table = effects("district[T.Mill Hill]", [0.1, 0.2, 0.3], 0.1)
    assert effects_table(table, WORDS).splitlines()[0] == "district: Mill Hill"
    table.attrs["references"] = {"district": "Harbour"}
    assert effects_table(table, WORDS).splitlines()[0] == "district: Mill Hill vs Harbour"


def test_stars_and_ratios():
    lines = effects_table(effects("year", [0.0, math.log(2), -1.0], 0.1), WORDS).splitlines()
    assert lines[2].split()[1:] == [
        "+0.69", "+0.49", "to", "+0.89", "*", "2.00", "1.64", "to", "2.44", "goal",
    ]  # fmt: skip
    assert "*" not in lines[3]
    assert "-1.20 to -0.80 *" in lines[4]
    assert len({line.index(" to ") for line in lines[2:5]}) == 1


def test_shares_have_no_ratio_and_another_level_is_named():
    lines = effects_table(effects("year", [0.05, 0.1, 0], 0.01), WORDS, "share", 0.9).splitlines()
    assert lines[1].split() == ["topic", "share", "90%", "interval", "words"]
    assert lines[2].split() == ["1", "+0.100", "+0.080", "to", "+0.120", "*", "goal"]
    assert lines[-1] == "* the 90% interval excludes 0"


@pytest.mark.parametrize(("error", "shown"), [(0.5, "+0.12"), (0.004, "+0.1235")])
def test_digits_follow_the_width_of_the_intervals(error, shown):
    assert f" {shown} " in effects_table(effects("year", [0.12346] * 3, error), WORDS)


def test_unknown_and_huge_effects():
    table = effects("year", [math.nan, 800.0, -800.0], 1.0)
    lines = effects_table(table, WORDS).splitlines()
    assert lines[2].split()[-5:] == ["inf", "inf", "to", "inf", "goal"]
    assert lines[3].endswith("0.00  0.00 to 0.00  song, band")
    assert lines[4].split() == ["0", "-", "-", "-", "-", "bank,", "rates"]
