import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from topicgen.covariates import Covariates, Design
from topicgen.errors import InputError

N = 60


@pytest.fixture(scope="module")
def metadata():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "party": random.choice(["Con", "Lab", "SNP"], N),
            "year": random.integers(1990, 2010, N),
            "date": pd.date_range("1999-01-01", periods=N, freq="40D"),
            "author": random.choice(list("efgh"), N),
            "woman": random.random(N) < 0.5,
            "id": [f"d{k}" for k in range(N)],
        }
    )


FORMULAS = [
    "~ party * year + s(date) + (1 | author)",
    "~ woman + C(year > 2000):party",
    "~ scale(year) + poly(year, 2):woman",
    "~ (1 | author) + (1 | party)",
    "~ bs(year, df=4) + cr(date, df=3)",
]


def test_what_a_formula_gives(metadata):
    design, covariates = Design.of("~ party * year + (1 | author)", metadata, N)
    assert design.columns == (
        "party[T.Lab]",
        "party[T.SNP]",
        "year",
        "party[T.Lab]:year",
        "party[T.SNP]:year",
    )
    assert design.terms == ("party", "party", "year", "party:year", "party:year")
    assert design.variables == ("party", "year", "author")
    assert [(one.name, one.levels) for one in design.groupings] == [("author", tuple("efgh"))]
    is_lab = metadata["party"] == "Lab"
    np.testing.assert_array_equal(covariates.matrix[:, 3], is_lab * metadata["year"])
    assert covariates.matrix.dtype == np.float64
    np.testing.assert_array_equal(
        covariates.groups[0], metadata["author"].map({"e": 0, "f": 1, "g": 2, "h": 3})
    )
    assert len(covariates) == N


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_design_survives_json_and_reads_the_same(formula, metadata):
    design, covariates = Design.of(formula, metadata, N)
    again = Design.from_config(json.loads(json.dumps(design.to_config(), allow_nan=False)))
    assert again == design
    read = again.read(metadata, N)
    np.testing.assert_array_equal(read.matrix, covariates.matrix)
    for numbers, expected in zip(read.groups, covariates.groups, strict=True):
        np.testing.assert_array_equal(numbers, expected)
    few = again.read(metadata.iloc[7:9], 2)
    np.testing.assert_allclose(few.matrix, covariates.matrix[7:9], rtol=1e-12, atol=1e-12)


def test_only_random_intercepts(metadata):
    design, covariates = Design.of("~ (1 | author)", metadata, N)
    assert design.columns == design.terms == ()
    assert covariates.matrix.shape == (N, 0)
    assert design.variables == ("author",)


def test_a_new_level_of_a_random_intercept_is_minus_1(metadata):
    design, _ = Design.of("~ year + (1 | author)", metadata, N)
    new = pd.DataFrame({"year": [2000, 2001, 2002], "author": ["e", "new", None]})
    assert design.read(new, 3).groups[0].tolist() == [0, -1, -1]
    assert design.read(new[["year"]], 3).groups[0].tolist() == [-1, -1, -1]


def test_the_index_of_the_metadata_does_not_matter(metadata):
    shuffled = metadata.set_axis(metadata.index[::-1], axis=0)
    expected = Design.of(FORMULAS[0], metadata, N)[1].matrix
    np.testing.assert_array_equal(Design.of(FORMULAS[0], shuffled, N)[1].matrix, expected)


def test_dates_are_linear_per_year_or_smooth(metadata):
    design, covariates = Design.of("~ date", metadata, N)
    assert design.columns == ("date",)
    assert covariates.matrix[0, 0] == 1999
    assert covariates.matrix[9, 0] == pytest.approx(1999 + 360 / 365)
    strings = metadata.assign(date=metadata["date"].dt.strftime("%Y-%m-%d"))
    smooth = Design.of("~ s(date)", metadata, N)[1].matrix
    np.testing.assert_array_equal(Design.of("~ s(date)", strings, N)[1].matrix, smooth)


def test_all_columns(metadata):
    design, _ = Design.of("~ . - id - date + (1 | author)", metadata, N)
    assert design.columns == ("party[T.Lab]", "party[T.SNP]", "year", "woman")


class TestGrid:
    def test_others_are_typical(self, metadata):
        design, _ = Design.of("~ party * year + s(date) + woman + (1 | author)", metadata, N)
        grid = design.grid("year", 3)
        assert grid["year"].tolist() == pytest.approx(
            [
                metadata["year"].min(),
                (metadata["year"].min() + metadata["year"].max()) / 2,
                metadata["year"].max(),
            ]
        )
        assert set(grid["party"]) == {metadata["party"].mode()[0]}
        assert set(grid["woman"]) == {metadata["woman"].mode()[0]}
        assert abs(grid["date"][0] - metadata["date"].mean()) < pd.Timedelta("2D")
        assert list(grid.columns) == ["party", "year", "date", "woman"]
        covariates = design.read(grid, 3)
        assert isinstance(covariates, Covariates)
        assert covariates.groups[0].tolist() == [-1, -1, -1]

    def test_levels_and_dates(self, metadata):
        design, _ = Design.of("~ party + s(date) + woman", metadata, N)
        assert design.grid("party")["party"].tolist() == ["Con", "Lab", "SNP"]
        assert design.grid("woman")["woman"].tolist() == [False, True]
        dates = design.grid("date", 4)["date"]
        assert abs(dates[0] - metadata["date"].min()) < pd.Timedelta("2s")
        assert abs(dates[3] - metadata["date"].max()) < pd.Timedelta("2s")
        assert design.read(design.grid("date"), 50).matrix.shape == (50, 9)

    def test_a_number_as_a_factor_takes_its_levels(self, metadata):
        metadata = metadata.assign(year=[1999, 2003, 2001, 2001] * 15)
        design, _ = Design.of("~ C(year) + party", metadata, N)
        assert design.grid("year")["year"].tolist() == [1999, 2001, 2003]
        assert design.grid("party")["year"].tolist() == [2001] * 3
        assert design.read(design.grid("year"), 3).matrix[:, :2].tolist() == [
            [0, 0],
            [1, 0],
            [0, 1],
        ]

    def test_typical_values_survive_json(self, metadata):
        design, _ = Design.of("~ party + date", metadata, N)
        again = Design.from_config(json.loads(json.dumps(design.to_config())))
        assert again.typical() == design.typical()

    def test_a_variable_that_is_not_in_a_term(self, metadata):
        design, _ = Design.of("~ party + (1 | author)", metadata, N)
        with pytest.raises(InputError, match="a variable of prevalence, got 'author'; name one"):
            design.grid("author")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("~ partyy", "did you mean 'party'"),
        ("~ (1 | autor)", "did you mean 'author'"),
        ("~ id", r"60 levels of 60 documents; use \(1 \| id\)"),
        ("~ C(id)", r"use \(1 \| id\)"),
        ("~ year + I(2 * year)", "'year', 'I.2 . year.', one of which follows"),
        ("~ {party == 'Lab'} + party", "one of which follows from the others"),
        ("~ party * C(year) * s(date)", "more documents than columns"),
        ("~ I(year * 0)", "which is 0 for all of them"),
        ("~ C(date)", r"use s\(date\) for a curve"),
    ],
)
def test_designs_that_cannot_be_fitted(formula, message, metadata):
    with pytest.raises(InputError, match=message) as raised:
        Design.of(formula, metadata, N)
    assert "\n" not in str(raised.value)


def test_columns_need_distinct_names(metadata):
    metadata = metadata.assign(**{"party[T.Lab]": metadata["year"] ** 2})
    with pytest.raises(InputError, match=r"got 'party.T.Lab.' more than once"):
        Design.of("~ party + `party[T.Lab]`", metadata, N)


def test_no_metadata(metadata):
    with pytest.raises(InputError, match="needs, got none; pass metadata=df"):
        Design.of("~ party", None, N)
    design, _ = Design.of("~ party", metadata, N)
    with pytest.raises(InputError, match="got none"):
        design.read(None, 3)
    with pytest.raises(InputError, match="each of 3 documents, got 60 rows"):
        design.read(metadata, 3)


def test_new_documents_that_the_design_cannot_read(metadata):
    design, _ = Design.of("~ party + s(year)", metadata, N)
    with pytest.raises(InputError, match=r"a level of 'party' .*got 'UKIP' in row 0"):
        design.read(pd.DataFrame({"party": ["UKIP"], "year": [2000]}), 1)
    with pytest.raises(InputError, match="the column 'year'"):
        design.read(pd.DataFrame({"party": ["Con"]}), 1)


def test_curves(metadata):
    design, _ = Design.of("~ party * s(date, df=2) + year + poly(year, 2) - year", metadata, N)
    assert design.curves == {
        "s(date, df=2)": ("date",),
        "poly(year, 2)": ("year",),
        "party:s(date, df=2)": ("party", "date"),
    }


class TestTamperedConfig:
    @pytest.fixture
    def config(self, metadata):
        return Design.of("~ party + s(year)", metadata, N)[0].to_config()

    def test_code_is_refused(self, config):
        config["fitted_terms"][1]["factors"] = ["__import__('os').system('x')"]
        with pytest.raises(InputError, match="a call of something"):
            Design.from_config(config)

    def test_variables_that_are_not_there(self, config):
        config["variables"].pop()
        with pytest.raises(ValueError, match="no variable 'year'"):
            Design.from_config(config)

    def test_states_are_never_learnt_from_new_documents(self, config, metadata):
        config["states"] = {}
        with pytest.raises(ValueError, match="no state"):
            Design.from_config(config).read(metadata, N)

    def test_columns_that_do_not_belong(self, config, metadata):
        config["columns"] = config["columns"][::-1]
        with pytest.raises(ValueError, match="columns"):
            Design.from_config(config).read(metadata, N)

    def test_a_kind_that_does_not_exist(self, config):
        config["variables"][0]["kind"] = "code"
        with pytest.raises(ValueError, match="'code'"):
            Design.from_config(config)


def test_reading_needs_no_parser(metadata):
    config = Design.of(FORMULAS[0], metadata, N)[0].to_config()
    code = (
        "import json, sys\nimport pandas as pd\nfrom topicgen.covariates import Design\n"
        "design = Design.from_config(json.loads(sys.argv[1]))\n"
        "design.read(design.grid('year'), 50)\nassert 'formulaic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, json.dumps(config)], check=True)
