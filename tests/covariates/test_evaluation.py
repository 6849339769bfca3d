import numpy as np
import pytest

from topicgen.covariates.expressions import Expression
from topicgen.covariates.labels import Labels
from topicgen.errors import InputError

X = np.array([1.0, 2.0, 4.0])
PARTY = Labels(np.array([1, 0, 1]), ("Con", "Lab"))
DATE = np.array([1999.0, 1999.5, 2001.0])
COLUMNS = {
    "date": DATE,
    "x": X,
    "net income": X * 10,
    "party": PARTY,
    "flag": np.array([True, False, True]),
}


def evaluate(text):
    return Expression(text).evaluate(COLUMNS, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", X),
        ("`net income` / 10", X),
        ("log(x)", np.log(X)),
        ("I(x ** 2 - -x)", X**2 + X),
        ("x // 2 + x % 2", X // 2 + X % 2),
        ("sqrt(abs(-x)) + exp(x)", np.sqrt(X) + np.exp(X)),
        ("x >= 2", [0, 1, 1]),
        ("(x > 1) & ~(x == 4)", [0, 1, 0]),
        ("(x > 3) | flag", [1, 0, 1]),
        ("flag * x", [1, 0, 4]),
        ("party == 'Lab'", [1, 0, 1]),
        ("'Lab' != party", [0, 1, 0]),
        ("date >= '1999-07-01'", [0, 1, 1]),
        ("center(x)", X - X.mean()),
    ],
)
def test_values(text, expected):
    np.testing.assert_allclose(evaluate(text), expected)


def test_huge_powers_neither_hang_nor_fill_the_memory():
    with pytest.raises(InputError, match="it is inf in row 0"):
        evaluate("x * 9 ** 9 ** 9 ** 9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log(x - 1)", "it is -inf in row 0 .1 such values.; correct"),
        ("log(party)", "it needs numbers, but got text .'Con', 'Lab'.; name the column alone"),
        ("x + 'a'", "it needs numbers, but got text .'a'"),
        ("I(1)", "the same for every document"),
        ("party == 'SNP'", "'SNP', which is not a level; name one of 'Con', 'Lab'"),
        ("party > 'Con'", "compares levels"),
        ("C(party) + 1", "C.* is part of a larger factor"),
        ("s(poly(x, 2))", "s takes one column"),
        ("x & flag", "put each into brackets"),
        ("s(x, df=0)", "df is 0; give a whole number"),
        ("C(x, Treatment(3))", "3 is not a level; name one of 1, 2, 4"),
        ("C(x, levels=[1, 2])", "levels has no 4"),
        ("C(x, levels='a')", "write levels="),
    ],
)
def test_what_cannot_be_computed(text, message):
    with pytest.raises(InputError, match=message):
        evaluate(text)


def test_contrasts():
    states = {}
    labels = Expression("C(x, Treatment(2))").evaluate(COLUMNS, states)
    assert labels.levels == (1, 2, 4)
    assert labels.reference == 1
    assert states == {"C(x, Treatment(2))": {"levels": [1, 2, 4], "reference": 1}}
    assert evaluate("C(party, levels=['Lab', 'Con'])").levels == ("Lab", "Con")
    assert evaluate("C(flag)").levels == (False, True)


def test_a_contrast_keeps_its_levels_for_new_documents():
    states = {}
    expression = Expression("C(x)")
    expression.evaluate(COLUMNS, states)
    assert expression.evaluate({"x": np.array([4.0])}, states).codes.tolist() == [2]
    with pytest.raises(InputError, match=r"3 in row 0 is not a level of the fit \(1, 2, 4\)"):
        expression.evaluate({"x": np.array([3.0])}, states)


def test_states_are_kept_under_the_names_of_the_columns():
    states = {}
    Expression("scale(`net income`)").evaluate(COLUMNS, states)
    assert list(states) == ["scale(`net income`)"]
