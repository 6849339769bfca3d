import numpy as np
import pandas as pd
import pytest

from topicgen.covariates import Design
from topicgen.covariates.averages import average_rows
from topicgen.errors import InputError

N = 60


@pytest.fixture(scope="module")
def metadata():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "party": random.choice(["Con", "Lab", "SNP"], N, p=[0.2, 0.5, 0.3]),
            "year": random.integers(1990, 2020, N),
            "age": random.normal(50, 10, N),
            "woman": random.random(N) < 0.4,
            "date": pd.Timestamp("2001-01-01") + pd.to_timedelta(random.integers(0, 4000, N), "D"),
        }
    )


def by_hand(design, metadata, at):
    """Set the values in all documents, read them as new documents, and average."""
    rows = []
    for _, values in at.iterrows():
        changed = metadata.assign(**values.to_dict())
        rows.append(design.read(changed, len(changed)).matrix.mean(0))
    return np.array(rows)


@pytest.mark.parametrize(
    "formula",
    [
        "~ party + year + s(date, df=4)",
        "~ party * s(date, df=4) + woman",
        "~ s(date, df=4) + s(date, df=4):party + party + age",
        "~ party * woman * date",
        "~ C(party, 'SNP') * date + bs(age, df=3) * date",
        "~ woman:year + age + woman + date",
        "~ date + party:age",
    ],
)
def test_it_is_the_mean_over_documents_with_the_date_set(metadata, formula):
    design, covariates = Design.of(formula, metadata, N)
    at = design.grid("date", 4)[["date"]]
    found = average_rows(design, covariates.matrix, at)
    np.testing.assert_allclose(found, by_hand(design, metadata, at), atol=1e-9)


def test_several_variables_are_set_and_levels_too(metadata):
    design, covariates = Design.of("~ party * age + year", metadata, N)
    at = pd.DataFrame({"party": ["Lab", "SNP"], "year": [2000, 2010]})
    found = average_rows(design, covariates.matrix, at)
    np.testing.assert_allclose(found, by_hand(design, metadata, at))
    assert found[0].tolist() == pytest.approx(
        [1, 0, metadata["age"].mean(), 2000, metadata["age"].mean(), 0]
    )


@pytest.mark.parametrize(
    ("formula", "at", "message"),
    [
        ("~ party + year", {"yeer": [2000]}, "'yeer'; did you mean 'year'"),
        ("~ party:date", {"date": ["2001-01-01"]}, "needs 'party' as a term of its own"),
        ("~ party + {age * year}", {"age": [50.0]}, "cannot set 'age' alone, .* uses 'year'"),
        ("~ party + year", {"party": ["Green"]}, "expected a level of 'party'"),
    ],
)
def test_what_cannot_be_averaged_is_refused(metadata, formula, at, message):
    design, covariates = Design.of(formula, metadata, N)
    with pytest.raises(InputError, match=message):
        average_rows(design, covariates.matrix, pd.DataFrame(at))
