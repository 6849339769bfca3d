import formulaic
import numpy as np
import pandas as pd
import pytest

from topicgen.covariates.design import Design

N = 200


@pytest.fixture(scope="module")
def metadata():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": random.choice(list("xyz"), N),
            "b": random.choice(["p", "q"], N),
            "c": random.choice([1, 2, 3], N),
            "k": pd.Categorical(random.choice(["hi", "lo"], N), categories=["lo", "hi"]),
            "t": random.random(N) < 0.4,
            "u": random.normal(size=N),
            "v": random.uniform(1, 5, N),
            "my w": random.normal(size=N),
        }
    )


@pytest.mark.parametrize(
    "formula",
    [
        "~ a * b",
        "~ a:b",
        "~ a + a:b",
        "~ b + a:b",
        "~ a:u",
        "~ u + a:u",
        "~ a * u * b",
        "~ a:b:u",
        "~ a / b",
        "~ (a + b + u) ** 2",
        "~ a * b - a",
        "~ a:b + u:a",
        "~ u:v:a + b",
        "~ a:b:t",
        "~ a * b * t * u",
        "~ a %in% b + u",
        "~ b:t + a",
        "~ k * t",
        "~ C(c) * u",
        "~ C(c):a",
        "~ exp(u):b + C(c):t",
        "~ C(a, levels=['z', 'y', 'x'])",
        "~ C(a, Treatment('y'))",
        "~ poly(u, 3)",
        "~ poly(u, 2):a",
        "~ center(v) + scale(log(u ** 2))",
        "~ bs(v, df=5)",
        "~ bs(u, df=6, degree=2)",
        "~ cr(v, df=4, constraints='center')",
        "~ I(u ** 2) + {u * v}",
        "~ log(`my w` ** 2) + `my w`:a",
        "~ {v > 3} + {a == 'x'}",
        "~ .",
    ],
)
def test_columns_are_those_of_formulaic(formula, metadata):
    design, covariates = Design.of(formula, metadata, N)
    expected = formulaic.model_matrix(formula, metadata).drop(columns="Intercept")
    assert list(design.columns) == list(expected.columns)
    np.testing.assert_allclose(covariates.matrix, expected.to_numpy(float), atol=1e-9)
