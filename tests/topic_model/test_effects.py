"""``TopicModel(prevalence=...)``: from fit to effects, with planted documents.

Statistical tests are seeded. Planted effects are many standard errors away from 0.
"""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.models import imputation

N = 160
COLUMNS = ["topic", "term", "estimate", "std_error", "low", "high"]
FORMULA = "~ party + s(year, df=3) + (1 | author)"
LETTERS = "abcdefghijklmnopqrst"
ANIMALS, MONEY = ([f"{name}{letter}" for letter in LETTERS] for name in ("animal", "money"))
ONE_OF_EACH = "animala moneya"


@pytest.fixture(scope="module", autouse=True)
def few_sweeps():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputation, "_MOST_SWEEPS", 20)
        yield


@pytest.fixture(scope="module")
def frame():
    """Lab writes of animals in three of four words, Con in one of four; years do not matter."""
    random = np.random.default_rng(0)
    parties = ["Con", "Lab"] * (N // 2)
    texts = []
    for party in parties:
        share = random.beta(*((1.5, 0.5) if party == "Lab" else (0.5, 1.5)))
        n = random.binomial(14, share)
        words = [*random.choice(ANIMALS, n), *random.choice(MONEY, 14 - n)]
        texts.append(" ".join(words))
    return pd.DataFrame(
        {
            "text": texts,
            "party": parties,
            "year": random.integers(1990, 2020, N),
            "author": np.array(list("abcdefghijklmnop"))[np.arange(N) // 10],
            "paper": np.array(list("xyz"))[np.arange(N) % 3],
        }
    )


def metadata(frame):
    return frame[["party", "year", "author", "paper"]]


@pytest.fixture(scope="module")
def model(frame):
    return TopicModel(2, prevalence=FORMULA, max_epochs=6, random_state=0).fit(frame)


@pytest.fixture(scope="module")
def animals(model):
    [topic] = [k for k, words in enumerate(model.top_words(3)) if set(words) & set(ANIMALS)]
    return topic


@pytest.fixture(scope="module")
def plain(frame):
    return TopicModel(2, max_epochs=3, random_state=0).fit(frame)


# -- effects ---------------------------------------------------------------------------------


def test_planted_effects_are_found(model, animals):
    table = model.effects()
    assert table.columns.tolist() == COLUMNS
    assert table["topic"].tolist() == [0] * 4 + [1] * 4
    assert table["term"].iloc[0] == "party[T.Lab]"
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()
    of_party = table[table["term"] == "party[T.Lab]"].set_index("topic")
    # Of the tokens of a document, .75 against .25: a log ratio of 1.1.
    assert of_party.loc[animals, "low"] < np.log(3) < of_party.loc[animals, "high"]
    assert of_party.loc[1 - animals, "high"] < 0
    share = model.effects("share").set_index(["topic", "term"]).loc[(animals, "party[T.Lab]")]
    assert share["low"] < 0.5 < share["high"]
    assert share["low"] > 0.2


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("share", "attention"),
        ("presence", "attention"),
        ("log_rate", "amount"),
        ("log_amount", "attention"),
        ("log_amount", "amount"),
    ],
)
def test_every_kind_of_effect(model, kind, of):
    for table in (
        model.effects(kind, of=of),
        model.predict_prevalence("party", kind=kind, of=of),
        model.contrast({"party": "Lab"}, {"party": "Con"}, kind=kind, of=of),
    ):
        assert np.isfinite(table[["estimate", "std_error", "low", "high"]]).all(axis=None)


def test_a_higher_level_is_wider(model):
    assert (model.effects(level=0.99)["high"] > model.effects(level=0.5)["high"]).all()


def test_clusters_are_columns_or_values(model, frame):
    by_name, default = model.effects(cluster="author"), model.effects()
    pd.testing.assert_frame_equal(by_name, default)  # the random intercept
    by_value = model.effects(cluster=frame["paper"])
    pd.testing.assert_frame_equal(by_value, model.effects(cluster="paper"))
    assert not np.allclose(by_value["std_error"], default["std_error"])


def test_the_mean_covariates_have_the_mean_share(model, frame):
    known = model.fitted_.imputed.covariates.matrix
    assert known.shape == (N, 4)
    draws = model.fitted_.imputed.draws
    assert draws.n_draws > 5
    assert draws.n_documents == N
    np.testing.assert_array_equal(draws.lengths, 14.0)
    both = model.effects("share")["estimate"].to_numpy().reshape(2, 4)
    np.testing.assert_allclose(both.sum(0), 0, atol=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.effects("shares"), "kind must be one of"),
        (lambda m: m.effects(level=2), "level must be between 0 and 1, got 2"),
        (lambda m: m.effects("share", of="amount"), "of='amount' goes with a rate"),
        (lambda m: m.effects(cluster="nobody"), "'party', 'year', 'author', 'paper'"),
        (lambda m: m.effects(cluster=[1, 2]), "expected cluster with 160 values, .* got 2"),
        (lambda m: m.predict_prevalence("age"), "expected a variable of prevalence, got 'age'"),
        (lambda m: m.predict_prevalence({"party": ["Lab"]}), "'year'"),
        (lambda m: m.contrast({"age": 1}, {"party": "Con"}), "got 'age'"),
        (lambda m: m.transform(["animala"], metadata={"party": ["Green"], "year": [1]}), "'Green'"),
        (lambda m: m.transform(["animala"], metadata={"party": ["Lab"]}), "'year'"),
        (lambda m: m.transform(["animala"], metadata={"party": ["Lab"] * 2}), "2"),
        (lambda m: m.transform(["animala"], metadata={"party": [None], "year": [2000]}), "party"),
    ],
)
def test_errors_are_one_line(model, call, message):
    with pytest.raises(InputError, match=message) as caught:
        call(model)
    assert "\n" not in str(caught.value)


# -- predictions -----------------------------------------------------------------------------


def test_prevalence_over_a_variable(model, animals):
    by_party = model.predict_prevalence("party").set_index(["topic", "party"])
    assert by_party.loc[(animals, "Lab"), "low"] > by_party.loc[(animals, "Con"), "high"]
    over_years = model.predict_prevalence("year")
    assert len(over_years) == 100
    assert over_years.columns.tolist() == [
        "topic", "party", "year", "estimate", "std_error", "low", "high",
    ]  # fmt: skip
    np.testing.assert_allclose(over_years.groupby("year")["estimate"].sum(), 1.0)
    band = model.predict_prevalence("year", simultaneous=True)
    assert ((band["high"] - band["low"]) >= (over_years["high"] - over_years["low"]) - 1e-12).all()


def test_prevalence_at_values_of_ones_own(model):
    at = pd.DataFrame({"party": ["Con", "Lab"], "year": [2000, 2000]})
    table = model.predict_prevalence(at)
    assert table["party"].tolist() == ["Con", "Lab"] * 2
    pd.testing.assert_frame_equal(model.predict_prevalence(at.to_dict("list")), table)
    difference = table["estimate"].to_numpy().reshape(2, 2) @ [-1, 1]
    contrast = model.contrast({"party": "Lab"}, {"party": "Con"})
    np.testing.assert_allclose(contrast["estimate"], difference, rtol=1e-6)


# -- documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", [FORMULA, "~ party"])
def test_fit_transform_is_transform(frame, formula):
    model = TopicModel(2, prevalence=formula, max_epochs=2, random_state=0)
    found = model.fit_transform(frame)
    np.testing.assert_allclose(found, model.transform(frame), rtol=1e-10)
    separately = model.transform(frame["text"], metadata=metadata(frame))
    np.testing.assert_array_equal(separately, model.transform(frame))


def test_covariates_say_what_to_expect(model, animals):
    texts = [ONE_OF_EACH] * 3
    known = {"party": ["Lab", "Con", "Con"], "year": [2005] * 3, "author": ["b", "a", "new"]}
    lab, con, new = model.transform(texts, metadata=known)[:, animals]
    [average] = model.transform(texts[:1])[:, animals]
    assert con < average < lab
    assert new < average
    # An author need not be known.
    del known["author"]
    without = model.transform(texts, metadata=known)[:, animals]
    np.testing.assert_allclose(without[1], new)
    np.testing.assert_allclose(model.transform(texts, metadata=known).sum(1), 1.0)


def test_documents_without_covariates_are_average(model, frame):
    alone = model.transform(frame["text"])
    np.testing.assert_array_equal(model.transform(frame[["text", "paper"]]), alone)
    assert not np.allclose(model.transform(frame), alone)


def test_every_form_of_documents(model, frame):
    known = metadata(frame)
    expected = model.transform(frame)
    counts = model.vectorizer_.transform(frame["text"])
    np.testing.assert_allclose(model.transform(counts, metadata=known), expected)
    np.testing.assert_allclose(
        model.transform(list(frame["text"]), metadata=known.to_dict("list")), expected
    )


def test_the_posterior_uses_covariates(model, frame, animals):
    known = {"party": ["Lab", "Con"], "year": [2005, 2005]}
    with_them = model.posterior([ONE_OF_EACH] * 2, metadata=known)
    without = model.posterior([ONE_OF_EACH] * 2)
    assert with_them.proportions[0, animals] > with_them.proportions[1, animals] + 0.1
    np.testing.assert_allclose(without.proportions[0], without.proportions[1], atol=0.25)
    np.testing.assert_allclose(with_them.tokens.sum(1), 2)
    fast = model.posterior(frame, fast=True)
    np.testing.assert_allclose(fast.tokens.sum(1), 14)


@pytest.mark.parametrize("method", ["document_completion", "elbo", "iwae", "ais"])
def test_the_perplexity_uses_covariates(model, frame, method):
    texts, known = frame["text"][:20], metadata(frame)[:20]
    options = {} if method == "document_completion" else {"n_samples": 5}
    found = model.perplexity(texts, method, metadata=known, **options)
    assert 15 < found < 60
    assert found != model.perplexity(texts, method, **options)
    assert model.perplexity(frame[:20], method, **options) == found


def test_covariates_predict_short_documents_better(model, frame):
    assert model.perplexity(frame) < model.perplexity(frame["text"])
    table = model.get_perplexities(frame["text"], "document_completion", metadata=metadata(frame))
    assert table["perplexity"][0] == pytest.approx(model.perplexity(frame))
    log_likelihood, _ = model.document_log_likelihood(frame["text"], metadata=metadata(frame))
    assert len(log_likelihood) == N


def test_document_info_is_of_the_proportions(model, frame):
    info = model.get_document_info(frame)
    np.testing.assert_allclose(info["share"], model.transform(frame).max(1))
    assert {"party", "year"} <= set(info.columns)


# -- a matrix in place of a formula ----------------------------------------------------------


@pytest.fixture(scope="module")
def dummies(frame):
    return np.column_stack([frame["party"] == "Lab", frame["year"]]).astype(float)


@pytest.fixture(scope="module")
def of_matrix(frame, dummies):
    return TopicModel(2, prevalence=dummies, max_epochs=6, random_state=0).fit(frame["text"])


def test_a_matrix_has_effects(of_matrix, frame, dummies):
    table = of_matrix.effects()
    names = table["term"].tolist()[:2]
    assert len(table) == 4
    assert (table[table["term"] == names[0]]["low"] > 0).sum() == 1
    by_formula = TopicModel(2, prevalence="~ party + year", max_epochs=6, random_state=0)
    by_formula.fit(frame)
    np.testing.assert_array_equal(by_formula.components_, of_matrix.components_)
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(by_formula.effects()[column], table[column], rtol=1e-6)


def test_a_matrix_for_new_documents(of_matrix, frame, dummies):
    with_them = of_matrix.transform(frame["text"], metadata=dummies)
    assert not np.allclose(with_them, of_matrix.transform(frame["text"]))
    known = pd.DataFrame(dummies, columns=of_matrix.fitted_.prevalence.design.columns)
    np.testing.assert_allclose(of_matrix.transform(frame["text"], metadata=known), with_them)


def test_a_matrix_is_saved_with_what_was_learnt(of_matrix, frame, dummies, tmp_path):
    of_matrix.save(tmp_path / "m")
    loaded = TopicModel.load(tmp_path / "m")
    assert loaded.prevalence is None
    pd.testing.assert_frame_equal(loaded.effects(), of_matrix.effects())
    np.testing.assert_array_equal(
        loaded.transform(frame["text"], metadata=dummies),
        of_matrix.transform(frame["text"], metadata=dummies),
    )
    with pytest.raises(InputError, match=r"partial_fit cannot update .* fitted with prevalence"):
        loaded.partial_fit(frame["text"])


def test_counts_with_metadata(frame):
    counts = csr_matrix(np.eye(10).repeat(N // 10, 0) + 1)
    model = TopicModel(2, prevalence="~ party", max_epochs=2, random_state=0)
    model.fit(counts, metadata=metadata(frame))
    assert len(model.effects()) == 2
    assert model.transform(counts, metadata=metadata(frame)).shape == (N, 2)


def test_rows_without_words_have_no_effects(frame):
    counts = np.ones((N, 4))
    counts[::2] += [3, 0, 0, 0]
    counts[[3, 10]] = 0
    model = TopicModel(2, prevalence="~ year", max_epochs=2, random_state=0)
    model.fit(counts, metadata=metadata(frame))
    imputed = model.fitted_.imputed
    assert sorted(set(range(N)) - set(imputed.rows)) == [3, 10]
    assert (imputed.draws.n_documents, imputed.n_rows) == (N - 2, N)
    np.testing.assert_array_equal(imputed.covariates.matrix[:, 0], frame["year"][imputed.rows])
    assert len(model.effects(cluster=frame["paper"])) == 2
    pd.testing.assert_frame_equal(
        model.effects(cluster=frame["paper"]), model.effects(cluster="paper")
    )


# -- saving ----------------------------------------------------------------------------------


def test_effects_after_loading(model, frame, tmp_path):
    model.save(tmp_path / "m")
    loaded = TopicModel.load(tmp_path / "m")
    assert loaded.prevalence == FORMULA
    pd.testing.assert_frame_equal(loaded.effects(), model.effects())
    for kind in ("share", "presence", "log_amount"):
        pd.testing.assert_frame_equal(loaded.effects(kind), model.effects(kind))
    pd.testing.assert_frame_equal(
        loaded.predict_prevalence("year", simultaneous=True),
        model.predict_prevalence("year", simultaneous=True),
    )
    np.testing.assert_array_equal(loaded.transform(frame), model.transform(frame))
    assert loaded.perplexity(frame, "elbo") == model.perplexity(frame, "elbo")
    by_value = loaded.effects(cluster=frame["paper"])
    pd.testing.assert_frame_equal(by_value, model.effects(cluster="paper"))
    with pytest.raises(InputError, match="column 'paper' is not stored in the model") as caught:
        loaded.effects(cluster="paper")
    assert "\n" not in str(caught.value)


def test_a_damaged_folder_is_refused_in_one_line(model, tmp_path, reseal):
    model.save(tmp_path / "m")
    path = tmp_path / "m" / "config.json"
    config = json.loads(path.read_text())
    config["prevalence"]["center"] = [0.0]
    path.write_text(json.dumps(config))
    reseal(tmp_path / "m")
    with pytest.raises(InputError, match="do not belong together") as caught:
        TopicModel.load(tmp_path / "m")
    assert "\n" not in str(caught.value)


def test_a_clone_finds_the_same(of_matrix, frame):
    again = clone(of_matrix).fit(frame["text"])
    pd.testing.assert_frame_equal(again.effects(), of_matrix.effects())
    np.testing.assert_array_equal(again.components_, of_matrix.components_)


# -- what does not go together ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("latent", "likelihood"),
    [
        ("poisson", "multinomial"),
        ("binomial", "poisson"),
        ("geometric", "negative_binomial"),
        ("negative_binomial", "poisson"),
    ],
)
def test_every_family_and_likelihood(frame, latent, likelihood):
    model = TopicModel(
        2,
        latent=latent,
        likelihood=likelihood,
        prevalence="~ party + (1 | author)",
        max_epochs=2,
        random_state=0,
    ).fit(frame)
    assert np.isfinite(model.effects("share")[["estimate", "low", "high"]]).all(axis=None)
    assert np.isfinite(model.perplexity(frame, "elbo"))
    assert model.posterior(frame[:5], fast=True).tokens.sum() == 70


@pytest.mark.parametrize(
    "options",
    [{"inference": "implicit"}, {"refinement": 2}, {"background": True}, {"learn_prior": False}],
    ids=lambda o: next(iter(o)),
)
def test_with_other_options(frame, options):
    model = TopicModel(3, prevalence="~ party", max_epochs=2, random_state=0, **options)
    found = model.fit_transform(frame)
    np.testing.assert_allclose(found, model.transform(frame), rtol=1e-8)
    assert len(model.effects()) == 3
    assert np.isfinite(model.effects()["std_error"]).all()


def test_effects_need_prevalence(plain):
    for call in (
        plain.effects,
        lambda: plain.predict_prevalence("party"),
        lambda: plain.contrast({"party": "Lab"}, {"party": "Con"}),
    ):
        with pytest.raises(
            InputError, match="fitted without covariates, so it has no effects"
        ) as e:
            call()
        assert "\n" not in str(e.value)


def test_effects_need_a_fit():
    for call in (
        TopicModel(2, prevalence="~ a").effects,
        lambda: TopicModel(2).predict_prevalence("a"),
        lambda: TopicModel(2).contrast({}, {}),
    ):
        with pytest.raises(NotFittedError):
            call()


def test_partial_fit_is_refused(model, frame, plain):
    with pytest.raises(InputError, match="partial_fit cannot estimate effects, got prevalence="):
        model.partial_fit(frame)
    before = model.fitted_
    other = TopicModel(2, max_epochs=2)
    other._adopt(before)
    with pytest.raises(
        InputError, match=r"partial_fit cannot update .* fitted with prevalence"
    ) as e:
        other.partial_fit(frame)
    assert "\n" not in str(e.value)
    assert other.fitted_ is before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"prevalence": "~ party", "upper_components": (1,)},
            "prevalence and upper_components both",
        ),
        ({"prevalence": "~ age"}, "'age'"),
        ({"prevalence": "party ~ year"}, r"."),
        ({"prevalence": "~ party +"}, r"."),
        ({"prevalence": ""}, "prevalence must be a formula"),
        ({"prevalence": 3}, "prevalence must be a formula"),
        ({"prevalence": np.ones((3, 2))}, "3"),
        ({"prevalence": np.full((N, 1), np.nan)}, r"."),
        ({"prevalence": "~ year + I(2 * year)"}, r"."),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(frame, options, message):
    model = TopicModel(2, max_epochs=1, **options)
    with pytest.raises(InputError, match=message) as caught:
        model.fit(frame)
    assert "\n" not in str(caught.value)
    assert not hasattr(model, "fitted_")


def test_prevalence_needs_metadata(frame):
    with pytest.raises(InputError, match="metadata") as caught:
        TopicModel(2, prevalence="~ party").fit(frame["text"])
    assert "\n" not in str(caught.value)


def test_without_prevalence_nothing_is_added(plain):
    assert plain.fitted_.prevalence is None
    assert plain.fitted_.imputed is None
    assert not any("prevalence" in name for name in plain.fitted_.weights)


def test_an_interrupt_among_the_draws_keeps_what_was_trained(frame, monkeypatch):
    from topicgen.topic_model import outcome

    impute = outcome.impute_tokens

    def interrupted_once(*args, **options):
        monkeypatch.setattr(outcome, "impute_tokens", impute)
        raise KeyboardInterrupt

    monkeypatch.setattr(outcome, "impute_tokens", interrupted_once)
    model = TopicModel(2, prevalence="~ party", max_epochs=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(frame)
    assert len(model.effects()) == 2
