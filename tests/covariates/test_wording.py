import pandas as pd
import pytest

from topicgen.covariates.wording import term_text, typical_text, values_text


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("district[T.Mill Hill]", "district: Mill Hill vs Harbour"),
        ("C(year)[T.2001]", "C(year): 2001 vs 1999"),
        ("year:district[T.Mill Hill]", "year × district: Mill Hill vs Harbour"),
        (
            "district[T.Old Town]:C(year)[T.2001]",
            "district: Old Town vs Harbour × C(year): 2001 vs 1999",
        ),
        ("hour[T.10:30]:age", "hour: 10:30 × age"),
        ("s(date, df=3)[1]", "s(date, df=3)[1]"),
        ("district[Harbour]:age", "district[Harbour] × age"),
        ("old district[T.x]", "old district: x"),
        ("a\x1b[T.b]", "a\\x1b: b"),
    ],
)
def test_a_level_is_named_with_its_reference(term, text):
    assert term_text(term, {"district": "Harbour", "C(year)": "1999"}) == text


def test_values():
    values = {"date": pd.Timestamp("2021-12-26 11:00"), "woman": True, "age": 41.256, "n": 3}
    assert values_text(values) == "date = 2021-12-26, woman = True, age = 41.26, n = 3"


def test_typical_values_are_means_or_the_most_frequent():
    date = {"date": pd.Timestamp("2021-12-26")}
    assert typical_text(date) == "at date = 2021-12-26 (the mean)"
    assert typical_text({**date, "age": 40.0}).endswith(" (the means)")
    assert typical_text({"woman": False}) == "at woman = False (the most frequent)"
    assert typical_text({**date, "woman": False}).endswith(
        "(the most frequent; numbers and dates at their means)"
    )
