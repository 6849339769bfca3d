import pytest

from topicgen.covariates.formulas import Formula, formula_variables
from topicgen.errors import InputError


def terms(text, available=None):
    found = Formula.of(text, available).terms
    return [":".join(factor.name for factor in term) for term in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~ a", ["a"]),
        ("a + b", ["a", "b"]),
        ("~ a * b", ["a", "b", "a:b"]),
        ("~ a:b + c", ["c", "a:b"]),
        ("~ (a + b + c) ** 2 - b:c", ["a", "b", "c", "a:b", "a:c"]),
        ("~ a / b", ["a", "a:b"]),
        ("~ s(x,df = 4) + log(y)", ["s(x, df=4)", "log(y)"]),
        ("~ `my column` * b", ["my column", "b", "my column:b"]),
        ("~ {(a > 1) | (b < 2)} + I(~(a > 1))", ["(a > 1) | (b < 2)", "I(~(a > 1))"]),
        ("~ {a == '(1 | b) ~ |'}", ["a == '(1 | b) ~ |'"]),
        ("~ 1 + a", ["a"]),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


def test_random_intercepts_are_set_apart():
    formula = Formula.of("~ a + (1 | author)+( 1|`the outlet` )")
    assert formula.groupings == ("author", "the outlet")
    assert formula.variables == ("a",)
    assert Formula.of("(1 | author)").terms == ()


def test_the_dot_means_all_columns_but_those_of_groupings():
    assert terms("~ . - b", ["a", "b", "my c"]) == ["a", "my c"]
    assert terms("~ . + (1 | b)", ["a", "b"]) == ["a"]
    assert terms("~ a*.", ["a", "b"]) == ["a", "b", "a:b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got '', which has none; leave prevalence out"),
        ("~", "leave prevalence out"),
        ("~ 1", "leave prevalence out"),
        ("~ a - a", "leave prevalence out"),
        ("~ 0 + a", "leave out 0 and -1: the intercept .* stays"),
        ("~ a - 1", "leave out 0 and -1"),
        ("topic ~ a", "leave out the left side"),
        ("poly(__import__('os').system('x')) ~ a", "leave out the left side"),
        ("~ a ~ b", "leave out the left side"),
        ("~ a +", "Operator `.` has .*; check its operators"),
        ("~ (a", "check its operators and brackets"),
        ("~ a b", "Missing operator between `a` and `b`"),
        ("~ a, b", "Unknown operator"),
        ("~ `a", "check its operators"),
        ("~ s(a", "check its operators"),
        ("~ 'a'", "String literals"),
        ("~ 2 * a", "Numeric literals"),
        ("~ 2:a", "write .2 . x. for a multiple of x"),
        ("~ a | b", r"only in a random intercept such as \(1 \| author\)"),
        ("~ (a | b)", "random slopes are not available"),
        ("~ (0 + a | b)", "random slopes are not available"),
        ("~ (1 | a) + b + (1 | a)", r"\(1 \| a\) comes twice"),
        ("~ [a ~ b]", "leave out the left side"),
        ("~ a[0]", "a subscript"),
        ("~ poly(__import__('os').system('x'))", "a call of something"),
        ("~ {__import__('os').system('x')}", "a call of something"),
        ("~ {a.b()}", "a call of something"),
        ("~ lag(a)", "the function 'lag'"),
        ("~ " + "a+" * 6000 + "a", "at most 10,000 characters"),
        ("~ " + "(" * 4000 + "a", "check its"),
    ],
)
def test_what_is_not_a_formula(text, message):
    with pytest.raises(InputError, match=message) as raised:
        Formula.of(text, ["a", "b"])
    assert "\n" not in str(raised.value)


def test_variables_without_data():
    assert formula_variables("~ log(`my x`) * b + (1 | c)") == ("my x", "b", "c")
    assert formula_variables("~ . + log(a)") is None
