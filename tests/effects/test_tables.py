"""Tables of effects, from planted documents of which one draw is given.

Statistical tests are seeded, with error rates of one in a thousand.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from topicgen.covariates import Design
from topicgen.effects import (
    Imputed,
    Quantity,
    TokenDraws,
    contrast_table,
    effect_table,
    prediction_table,
    regress,
    tables,
)
from topicgen.errors import InputError

N = 300
SHARE, RATE = Quantity("share", "attention"), Quantity("log_rate", "attention")
PRESENCE, AMOUNT = Quantity("presence", "attention"), Quantity("log_rate", "amount")
ENDS = ["estimate", "low", "high"]


def planted(formula="~ party + year", n_draws=2):
    random = np.random.default_rng(0)
    metadata = pd.DataFrame(
        {
            "party": random.choice(["Con", "Lab"], N),
            "year": random.integers(1990, 2020, N).astype(float),
            "author": np.arange(N) % 60,
        }
    )
    is_lab = (metadata["party"] == "Lab").to_numpy()
    weight = np.column_stack(
        [np.where(is_lab, 2.0, 1.0), np.exp((metadata["year"] - 2005) / 20), np.ones(N)]
    )
    rates = random.gamma(2 * weight)
    shares, lengths = rates / rates.sum(1, keepdims=True), random.integers(10, 40, N)
    draws = TokenDraws.of(random.multinomial(lengths, shares) for _ in range(n_draws))
    design, covariates = Design.of(formula, metadata, N)
    return Imputed(draws, design, covariates, np.arange(N), N, metadata)


@pytest.fixture(scope="module")
def imputed():
    return planted()


def test_values_outside_those_of_the_documents_are_warned_of(imputed):
    message = r"^year: 2060 lies above the largest of the documents, 2019: year is continued as a"
    with pytest.warns(UserWarning, match=message) as caught:
        contrast_table(imputed, SHARE, {"year": 2060}, {"year": 2000})
    assert len(caught) == 1
    with pytest.warns(UserWarning, match=message):
        prediction_table(imputed, SHARE, pd.DataFrame({"year": [2000, 2060]}), average=True)


# -- effects ---------------------------------------------------------------------------------


def test_an_average_over_the_documents_is_that_of_their_predictions():
    """By hand: all documents at one year, the mean of their regressions' predictions."""
    imputed = planted("~ party * year")
    years = pd.DataFrame({"year": [1995.0, 2010.0]})
    table = prediction_table(imputed, SHARE, years, average=True)
    tokens = np.mean([imputed.draws.draw(s) for s in range(2)], 0)
    shares = tokens / tokens.sum(1, keepdims=True)
    is_lab = (imputed.metadata["party"] == "Lab").to_numpy(float)
    year = imputed.metadata["year"].to_numpy()

    def columns(year):
        return np.column_stack([np.ones(N), is_lab, year, is_lab * year])

    coefficients = np.linalg.lstsq(columns(year), shares, rcond=None)[0]
    means = [(columns(np.full(N, at)) @ coefficients).mean(0) for at in years["year"]]
    assert table["topic"].tolist() == [0, 0, 1, 1, 2, 2]
    np.testing.assert_allclose(table["estimate"], np.array(means).T.ravel(), atol=1e-6)
    weights = np.array([columns(np.full(N, at)).mean(0) for at in years["year"]])
    estimates = regress(imputed.draws, imputed.covariates.matrix, SHARE)
    _, errors, _ = estimates.of(weights)
    np.testing.assert_allclose(table["std_error"], errors.ravel(), rtol=1e-6)
    half = estimates.half_width(weights, 0.95).ravel()
    np.testing.assert_allclose((table["high"] - table["low"]) / 2, half, rtol=1e-6)


def test_without_interactions_an_average_is_between_the_levels(imputed):
    frame = pd.DataFrame({"party": ["Con", "Lab"], "year": 2000.0})
    con, lab = prediction_table(imputed, SHARE, frame)["estimate"].to_numpy().reshape(3, 2).T
    average = prediction_table(imputed, SHARE, frame[["year"]].head(1), average=True)["estimate"]
    of_lab = (imputed.metadata["party"] == "Lab").mean()
    np.testing.assert_allclose(average, (1 - of_lab) * con + of_lab * lab)


def test_rates_are_not_averaged(imputed):
    with pytest.raises(InputError, match=r"average=True \(--average\) goes with kind='share'"):
        prediction_table(imputed, RATE, pd.DataFrame({"year": [2000.0]}), average=True)
    with pytest.raises(InputError, match="average must be True or False, got 'yes'"):
        prediction_table(imputed, SHARE, pd.DataFrame({"year": [2000.0]}), average="yes")


def test_a_table_of_predictions_says_what_is_held(imputed):
    grid, typical = imputed.design.grid("year", 3), imputed.design.typical()
    held = f"at party = {typical['party']} (the most frequent)"
    assert prediction_table(imputed, SHARE, grid).attrs["held"] == held
    other = {"Con": "Lab", "Lab": "Con"}[typical["party"]]
    at_other = prediction_table(imputed, SHARE, grid.assign(party=other))
    assert at_other.attrs["held"] == f"at party = {other}"
    both = prediction_table(
        imputed, SHARE, pd.DataFrame({"party": ["Con", "Lab"], "year": [1991, 1992]})
    )
    assert both.attrs["held"] == ""
    average = prediction_table(imputed, SHARE, grid[["year"]], average=True)
    assert average.attrs["held"] == "averaged over the documents with their own party"


def test_effects_name_their_references(imputed):
    assert effect_table(imputed, RATE).attrs["references"] == {"party": "Con"}


def test_a_row_for_each_topic_and_term(imputed):
    table = effect_table(imputed, RATE)
    assert table.columns.tolist() == ["topic", "term", "estimate", "std_error", "low", "high"]
    assert table["topic"].tolist() == [0, 0, 1, 1, 2, 2]
    assert table["term"].tolist() == ["party[T.Lab]", "year"] * 3
    found = regress(imputed.draws, imputed.covariates.matrix, RATE)
    np.testing.assert_allclose(table["estimate"], found.coefficients[:, 1:].ravel())
    variance = np.diagonal(found.covariance, axis1=1, axis2=2)[:, 1:]
    np.testing.assert_allclose(table["std_error"], np.sqrt(variance).ravel())
    half = stats.t.ppf(0.975, found.of(np.eye(3)[1:])[2]).ravel() * table["std_error"]
    np.testing.assert_allclose(table["high"] - table["estimate"], half)
    np.testing.assert_allclose(table["estimate"] - table["low"], half)


def test_planted_effects_are_found(imputed):
    table = effect_table(imputed, SHARE).set_index(["topic", "term"])
    assert table.loc[(0, "party[T.Lab]"), "low"] > 0
    assert table.loc[(1, "year"), "low"] > 0
    assert table.loc[(2, "party[T.Lab]"), "high"] < 0


def test_a_higher_level_is_wider(imputed):
    narrow, wide = (effect_table(imputed, RATE, level=level) for level in (0.5, 0.99))
    np.testing.assert_array_equal(narrow["estimate"], wide["estimate"])
    assert (wide["high"] > narrow["high"]).all()
    assert (wide["low"] < narrow["low"]).all()


def test_clusters_of_authors(imputed):
    alone, clustered = effect_table(imputed, RATE), effect_table(imputed, RATE, cluster="author")
    np.testing.assert_allclose(alone["estimate"], clustered["estimate"])
    assert not np.allclose(alone["std_error"], clustered["std_error"])
    with_groups = planted("~ party + year + (1 | author)")
    default = effect_table(with_groups, RATE)
    np.testing.assert_allclose(default["std_error"], clustered["std_error"])


def test_years_in_thousands(imputed):
    other = planted("~ party + I(year / 1000)")
    one, other = effect_table(imputed, RATE), effect_table(other, RATE)
    years = one["term"] == "year"
    ratio = np.where(years, 1000.0, 1.0)
    for column in ("estimate", "std_error", "low", "high"):
        np.testing.assert_allclose(other[column], one[column] * ratio, rtol=1e-5, atol=1e-9)


def test_a_formula_with_groups_alone_has_no_effects():
    with pytest.raises(InputError, match=r"expected a formula with covariates, got '~ \(1 \|") as e:
        effect_table(planted("~ (1 | author)"), RATE)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("level", [0, 1, 95, "0.95", None, True, float("nan")])
def test_levels_are_checked(imputed, level):
    with pytest.raises(InputError, match="level must be between 0 and 1, got") as caught:
        effect_table(imputed, RATE, level=level)
    assert "\n" not in str(caught.value)


# -- predictions -----------------------------------------------------------------------------


AT = pd.DataFrame({"party": ["Con", "Lab", "Lab"], "year": [2000.0, 2000.0, 2010.0]})


def test_predictions_are_linear_functions_of_the_coefficients(imputed):
    table = prediction_table(imputed, SHARE, AT)
    assert table.columns.tolist() == [
        "topic",
        "party",
        "year",
        "estimate",
        "std_error",
        "low",
        "high",
    ]
    assert table["topic"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert table["party"].tolist() == ["Con", "Lab", "Lab"] * 3
    found = regress(imputed.draws, imputed.covariates.matrix, SHARE)
    z = np.array([[1, 0, 2000], [1, 1, 2000], [1, 1, 2010.0]])
    np.testing.assert_allclose(table["estimate"], (found.coefficients @ z.T).ravel(), rtol=1e-9)
    variance = [np.diag(z @ covariance @ z.T) for covariance in found.covariance]
    np.testing.assert_allclose(table["std_error"], np.sqrt(variance).ravel(), rtol=1e-4)
    # Shares of all topics sum to 1.
    np.testing.assert_allclose(table.groupby(["party", "year"])["estimate"].sum(), 1.0)


def test_predictions_of_groups_are_their_means():
    one = planted("~ party")
    table = prediction_table(one, SHARE, pd.DataFrame({"party": ["Con", "Lab"]}))
    shares = one.draws.mean / one.draws.lengths[:, None]
    for party, rows in table.groupby("party"):
        own = (one.metadata["party"] == party).to_numpy()
        np.testing.assert_allclose(rows["estimate"], shares[own].mean(0))


def test_a_rate_is_predicted_in_tokens(imputed):
    one = planted("~ party")
    at = pd.DataFrame({"party": ["Con", "Lab"]})
    attention, amount = (prediction_table(one, quantity, at) for quantity in (RATE, AMOUNT))
    own = (one.metadata["party"] == "Lab").to_numpy()
    tokens = one.draws.mean[own]
    is_lab = attention["party"] == "Lab"
    per_token = tokens.sum(0) / one.draws.lengths[own].sum()
    np.testing.assert_allclose(attention.loc[is_lab, "estimate"], per_token, rtol=1e-6)
    np.testing.assert_allclose(amount.loc[is_lab, "estimate"], tokens.mean(0), rtol=1e-6)
    for table in (attention, amount):
        assert (table["low"] > 0).all()
        # The interval is symmetric for the logarithm.
        np.testing.assert_allclose(table["low"] * table["high"], table["estimate"] ** 2)


def test_shares_and_probabilities_stay_between_0_and_1(imputed):
    far = pd.DataFrame({"party": ["Con", "Lab"], "year": [1000.0, 3000.0]})
    for quantity in (SHARE, PRESENCE):
        with pytest.warns(UserWarning, match="year: 1000 lies below"):
            table = prediction_table(imputed, quantity, far)
        assert table[ENDS].min(axis=None) == 0
        assert table[ENDS].max(axis=None) == 1


def test_bands_that_hold_everywhere_are_wider(imputed):
    at = pd.DataFrame({"party": ["Con"] * 20, "year": np.linspace(1990, 2019, 20)})
    pointwise, band = (
        prediction_table(imputed, RATE, at, simultaneous=simultaneous)
        for simultaneous in (False, True)
    )
    np.testing.assert_array_equal(pointwise["estimate"], band["estimate"])
    np.testing.assert_array_equal(pointwise["std_error"], band["std_error"])
    assert (band["high"] > pointwise["high"]).all()
    assert (band["low"] < pointwise["low"]).all()
    # A line has two parameters: the band is no wider than Scheffé's, nor than Bonferroni's.
    factor = (np.log(band["high"] / band["estimate"]) / band["std_error"]).to_numpy()[::20]
    z = np.column_stack([np.ones(20), imputed.design.read(at, 20).matrix])
    degrees = regress(imputed.draws, imputed.covariates.matrix, RATE).of(z)[2].min(1)
    assert (factor < 1.02 * np.sqrt(2 * stats.f.ppf(0.95, 2, degrees))).all()
    assert (factor < stats.t.ppf(1 - 0.025 / 20, degrees)).all()
    again = prediction_table(imputed, RATE, at, simultaneous=True)
    pd.testing.assert_frame_equal(again, band)


def test_a_band_of_one_point_is_an_interval(imputed):
    pointwise, band = (
        prediction_table(imputed, SHARE, AT[:1], simultaneous=simultaneous)
        for simultaneous in (False, True)
    )
    half, expected = (table["high"] - table["estimate"] for table in (band, pointwise))
    # 10,000 simulations know the quantile to about 1.2% (one standard error).
    np.testing.assert_allclose(half, expected, rtol=0.05)


def test_the_band_is_the_quantile_of_the_largest_error():
    """Two independent groups of very many documents: the quantile has a closed form."""
    covariance = np.diag([1.0, 1.0])[None]
    estimates = tables.Estimates(np.zeros((1, 2)), covariance, covariance, 1, 1e9)
    found = tables._critical_values(estimates, np.eye(2), 0.95)
    expected = stats.norm.ppf((1 + np.sqrt(0.95)) / 2)
    np.testing.assert_allclose(found, expected, rtol=0.03)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (pd.DataFrame({"party": ["Con"]}), "'year'"),
        (pd.DataFrame({"party": ["Green"], "year": [2000.0]}), "'Green'"),
        (AT.assign(topic=1), "covariates with names other than 'topic', .* got 'topic'"),
    ],
)
def test_values_that_cannot_be_predicted_at(imputed, at, message):
    with pytest.raises(InputError, match=message) as caught:
        prediction_table(imputed, SHARE, at)
    assert "\n" not in str(caught.value)


# -- contrasts -------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", [SHARE, RATE], ids=["share", "rate"])
def test_a_contrast_of_two_levels_is_the_effect(imputed, quantity):
    table = contrast_table(imputed, quantity, {"party": "Lab"}, {"party": "Con"})
    assert table.columns.tolist() == ["topic", "estimate", "std_error", "low", "high"]
    effects = effect_table(imputed, quantity)
    effects = effects[effects["term"] == "party[T.Lab]"]
    for column in ("estimate", "std_error", "low", "high"):
        np.testing.assert_allclose(table[column], effects[column], rtol=1e-9)


def test_a_contrast_of_many_years_is_so_many_effects(imputed):
    table = contrast_table(imputed, RATE, {"year": 2010}, {"year": 2000})
    effects = effect_table(imputed, RATE)
    effects = effects[effects["term"] == "year"]
    np.testing.assert_allclose(table["estimate"], 10 * effects["estimate"], rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], 10 * effects["std_error"], rtol=1e-9)
    back = contrast_table(imputed, RATE, {"year": 2000}, {"year": 2010})
    np.testing.assert_allclose(back["estimate"], -table["estimate"])
    np.testing.assert_allclose(back["low"], -table["high"])


def test_a_contrast_is_at_typical_values_of_the_others():
    one = planted("~ party * year")
    typical = one.design.typical()["year"]
    found = contrast_table(one, SHARE, {"party": "Lab"}, {"party": "Con"})
    explicit = contrast_table(
        one, SHARE, {"party": "Lab", "year": typical}, {"party": "Con", "year": typical}
    )
    pd.testing.assert_frame_equal(found, explicit)
    other = contrast_table(
        one, SHARE, {"party": "Lab", "year": 1990}, {"party": "Con", "year": 1990}
    )
    assert not np.allclose(found["estimate"], other["estimate"])


def test_nothing_differs_from_itself(imputed):
    table = contrast_table(imputed, SHARE, {"party": "Lab"}, {"party": "Lab"})
    assert (table[["estimate", "std_error", "low", "high"]] == 0).all(axis=None)


def test_a_contrast_of_something_else(imputed):
    with pytest.raises(InputError, match="expected variables of the formula, got 'age'") as caught:
        contrast_table(imputed, SHARE, {"age": 3}, {"party": "Con"})
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="'Green'"):
        contrast_table(imputed, SHARE, {"party": "Green"}, {"party": "Con"})


def test_clusters_that_the_covariates_tell_apart_are_refused(imputed):
    """The errors of each would sum to 0, and the standard errors would be 0."""
    party = imputed.covariates.matrix[:, 0]
    clusters = np.zeros(imputed.n_rows, dtype=int)
    clusters[imputed.rows] = party
    with pytest.raises(InputError, match="clusters that the covariates do not tell apart"):
        effect_table(imputed, Quantity.named("share", "attention"), cluster=clusters)
