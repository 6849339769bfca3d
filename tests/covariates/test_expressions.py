from topicgen.covariates.expressions import Expression


def test_names():
    assert Expression("`net income`").name == "net income"
    assert Expression("log(`net income` + x) * x").variables == ("net income", "x")
    assert Expression("`x` + C(`a b`)").variables == ("x", "a b")


def test_names_in_backticks_never_clash_with_others():
    assert Expression("quoted0 + `a b` + quoted1").variables == ("quoted0", "a b", "quoted1")


def test_what_a_factor_is():
    assert Expression("C(`a b`)").contrasted == "a b"
    assert Expression("C(x > 1)").contrasted is None
    assert Expression("s(x, df=3)").is_curve
    assert not Expression("log(x)").is_curve
