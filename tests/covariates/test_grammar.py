import pytest

from topicgen.covariates.expressions import Expression
from topicgen.errors import InputError

ATTACKS = [
    "__import__('os').system('touch /tmp/owned')",
    "x.__class__",
    "x.__class__.__bases__[0].__subclasses__()",
    "log(x.__array__())",
    "(lambda: 1)()",
    "lambda y: y",
    "[y for y in x]",
    "{y for y in x}",
    "sum(y for y in x)",
    "x[0]",
    "f'{x}'",
    "log(f'{x}')",
    "open('/etc/passwd')",
    "eval('1')",
    "log(open('/etc/passwd'))",
    "log(*x)",
    "log(**x)",
    "log(x)(x)",
    "s(x, df=__import__('os'))",
    "s(x, df=x)",
    "s(x, df=1 + 1)",
    "s(x, df=[[3]])",
    "C(x, levels=[x])",
    "C(x, Treatment(open('x')))",
    "C(x, contr.treatment('a'))",
    "(y := x)",
    "x if x else x",
    "x and x",
    "x in x",
    "1 < x < 3",
    "not x",
    "x @ x",
    "x << 100000",
    "...",
    "b'x'",
    "1j * x",
    "None",
    "{'a': x}",
    "await x",
    "yield x",
    "x; y",
    "x = 1",
    "import os",
    "x\n+ (",
    "",
    "s()",
    "s(x, 1, 2)",
    "s(x, df=1, df=2)",
    "s(x, 1, df=2)",
    "np.log(x)",
    "x * 1" + "0" * 400,
    "x * 1" + "0" * 5000,
    "x\0",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_is_not_a_formula_is_refused(text):
    with pytest.raises(InputError) as raised:
        Expression(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["(" * 300 + "x" + ")" * 300, "-" * 500 + "x", "x" + "+x" * 400, "x" * 1001]
)
def test_deep_and_long_expressions_are_refused(text):
    with pytest.raises(InputError, match=r"check its brackets|nested|at most 1000"):
        Expression(text)
