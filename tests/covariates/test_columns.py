import pandas as pd
import pytest

from topicgen.covariates.columns import column_of, kind_of, scalar
from topicgen.errors import InputError


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5], "number"),
        ([True, False], "boolean"),
        (["a", "b"], "factor"),
        (["1999", "2000"], "factor"),
        (["1999-01", "2000-12-31 10:00"], "date"),
        (["1999-01-01", "unknown"], "factor"),
        (pd.Categorical([1, 2]), "factor"),
        (pd.period_range("1999", periods=2, freq="Y"), "date"),
    ],
)
def test_kinds(values, kind):
    assert kind_of("x", pd.Series(values)) == kind


def test_levels_are_values_of_python():
    assert [scalar(value) for value in (2.0, 2.5, "a", True, pd.Timestamp("1999-01-01"))] == [
        2, 2.5, "a", True, "1999-01-01 00:00:00",
    ]  # fmt: skip


def test_a_column_that_does_not_exist_is_named_with_close_ones():
    metadata = pd.DataFrame({"party": [1], "year": [2]})
    with pytest.raises(InputError, match=r"'partyy' .*'party', 'year'; did you mean 'party'"):
        column_of(metadata, "partyy")
    with pytest.raises(InputError, match="did you mean 'year'"):
        column_of(metadata, "YEAR")
    with pytest.raises(InputError, match="name one of these"):
        column_of(metadata, "speaker")
