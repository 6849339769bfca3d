"""What a user meets who asks a model what covariates have to do with its topics."""

import json

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model import settling

ECONOMY = ["tax", "budget", "growth", "economy", "inflation", "jobs", "wages", "trade"]
HEALTH = ["virus", "hospital", "doctor", "nurse", "health", "patient", "vaccine", "clinic"]


def planted(n=60, length=15, seed=0):
    """Return documents of two parties, one of which writes more of the economy."""
    random = np.random.default_rng(seed)
    is_lab = random.integers(2, size=n)
    docs = [
        " ".join(
            random.choice(ECONOMY) if random.random() < (0.75 if lab else 0.3)
            else random.choice(HEALTH)
            for _ in range(length)
        )
        for lab in is_lab
    ]  # fmt: skip
    metadata = pd.DataFrame(
        {
            "party": np.where(is_lab, "Lab", "Con"),
            "x": random.normal(size=n),
            "date": pd.date_range("2001-01-31", periods=n, freq="W"),
            "author": [f"a{row % 12}" for row in range(n)],
        }
    )
    return docs, metadata


DOCS, METADATA = planted()


def fit(prevalence="~ party + x", k=2, docs=DOCS, metadata=METADATA, **parameters):
    options = {"max_epochs": 3, "random_state": 0} | parameters
    return TopicModel(k, prevalence=prevalence, **options).fit(docs, metadata=metadata)


@pytest.fixture(scope="module")
def fitted():
    return fit("~ party + x + date + (1 | author)")


@pytest.fixture(scope="module")
def of_matrix():
    return fit(METADATA["x"].to_numpy()[:, None], metadata=None)


# -- estimates stay finite -----------------------------------------------------------------------


def test_a_topic_without_tokens_leaves_all_coefficients_finite():
    effects = fit("~ party", k=3, background=True).effects("share")
    assert np.isfinite(effects.drop(columns=["topic", "term"])).all(axis=None)


def test_nearly_as_many_columns_as_documents_leave_all_coefficients_finite():
    random = np.random.default_rng(0)
    columns = pd.DataFrame(random.normal(size=(60, 55))).add_prefix("c")
    effects = fit("~ .", metadata=columns).effects("share")
    assert np.isfinite(effects["estimate"]).all()


@pytest.mark.parametrize("kind", ["share", "log_rate"])
def test_what_cannot_vary_has_an_interval_of_no_width(kind):
    only = fit("~ party", k=1).effects(kind)
    assert np.allclose(only[["estimate", "low", "high"]], 0, atol=1e-12)


def test_a_contrast_of_equal_values_is_zero(fitted):
    table = fitted.contrast({"party": "Lab"}, {"party": "Lab"})
    assert (table[["estimate", "low", "high"]] == 0).all(axis=None)


# -- which documents belong together -------------------------------------------------------------


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        (5, "cluster with a value for each document, got 5"),
        (True, "cluster with a value for each document, got True"),
        ({"a": 1}, "cluster with a value for each document"),
        (set(range(60)), "cluster with a value for each document"),
        (np.zeros((60, 1)), r"one value for each document, got a ndarray of shape \(60, 1\)"),
        (METADATA[["author"]], r"one value for each document, got a DataFrame of shape \(60, 1\)"),
        ([[1]] * 60, "cluster of one type, got list"),
        ([1, 2], "cluster with 60 values, one for each document in the same order, got 2"),
        ([None, *"a" * 59], "got 1 missing"),
        ([1] * 60, "into two or more groups, got one value for all"),
    ],
)
def test_clusters_that_cannot_be_used(fitted, cluster, message):
    with pytest.raises(InputError, match=message):
        fitted.effects(cluster=cluster)


def test_clusters_by_name_and_by_value_are_the_same(fitted):
    by_name = fitted.effects("share", cluster="author")
    for values in (METADATA["author"], list(METADATA["author"]), iter(METADATA["author"])):
        pd.testing.assert_frame_equal(fitted.effects("share", cluster=values), by_name)


def test_a_random_intercept_of_one_level_is_refused():
    with pytest.raises(InputError, match="a column 'group' that differs between documents"):
        fit("~ party + (1 | group)", metadata=METADATA.assign(group="all"))


# -- values of covariates ------------------------------------------------------------------------


def test_a_date_of_a_contrast_may_be_text_or_a_timestamp(fitted):
    as_text = fitted.contrast({"date": "2001-05-01"}, {"date": "2002-03-01"})
    mixed = fitted.contrast({"date": "2001-05-01"}, {"date": pd.Timestamp("2002-03-01")})
    pd.testing.assert_frame_equal(mixed, as_text)


@pytest.mark.parametrize("wrong", ["Lab", None, ["party"]])
def test_a_contrast_is_of_mappings(fitted, wrong):
    with pytest.raises(InputError, match="two mappings from variables of the formula to values"):
        fitted.contrast(wrong, {"party": "Con"})


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (pd.DataFrame({"party": [], "x": [], "date": []}), "got one without rows"),
        (
            pd.DataFrame([["Lab", "Con", 1]], columns=["party", "party", "x"]),
            "distinct column names, got 'party' more than once",
        ),
    ],
)
def test_grids_that_cannot_be_used(fitted, grid, message):
    with pytest.raises(InputError, match=message):
        fitted.predict_prevalence(grid)


def test_one_document_of_an_unknown_level_is_spoken_of_as_one(fitted):
    with pytest.raises(InputError, match="leave this document out"):
        fitted.transform(DOCS[:1], metadata=METADATA[:1].assign(party="Lib"))


def test_columns_have_to_differ_among_the_documents_with_words():
    docs = [
        doc if party == "Lab" else "" for doc, party in zip(DOCS, METADATA["party"], strict=True)
    ]
    with pytest.raises(InputError, match=r"^among the \d+ documents with words: .*party\[T.Lab\]"):
        fit("~ party", docs=docs)
    same_there = np.where(METADATA["party"] == "Lab", 2 * METADATA["x"], METADATA["x"] ** 2)
    with pytest.raises(InputError, match=r"^among the \d+ documents with words: .*'x', 'z'"):
        fit("~ x + z", docs=docs, metadata=METADATA.assign(z=same_there))


def test_numbers_out_of_all_proportion_are_refused():
    for factor in (1e200, 1e-200):
        with pytest.raises(InputError, match="numbers of a usual size in 'x'"):
            fit("~ x", metadata=METADATA.assign(x=METADATA["x"] * factor))


def test_text_with_dates_that_are_not_iso_names_the_remedy():
    days = METADATA["date"].dt.strftime("%d/%m/%Y")
    with pytest.raises(InputError, match=r"convert it with pandas.to_datetime"):
        fit("~ s(day)", metadata=METADATA.assign(day=days))


# -- matrices ------------------------------------------------------------------------------------


def test_the_metadata_of_a_model_of_a_matrix_are_numbers_everywhere(of_matrix):
    numbers = np.array([[0.5], [-1.0]])
    expected = of_matrix.transform(DOCS[:2], metadata=numbers)
    for metadata in (numbers.tolist(), {"x0": [0.5, -1.0]}, pd.DataFrame({"x0": [0.5, -1.0]})):
        assert np.array_equal(of_matrix.transform(DOCS[:2], metadata=metadata), expected)
    info = of_matrix.get_document_info(DOCS[:2], metadata=numbers)
    assert info["x0"].tolist() == [0.5, -1.0]
    assert np.allclose(info["share"], expected.max(1))
    table = of_matrix.topics_over_time(
        DOCS[:2], [1999, 2000], freq="year", metadata=numbers, n_draws=2
    )
    assert table["time"].tolist() == [1999, 2000] * 2


def test_metadata_without_the_columns_of_a_matrix_are_refused_with_those_it_has(of_matrix):
    with pytest.raises(InputError, match=r"the column 'x0' that prevalence uses, got 'a'"):
        of_matrix.transform(DOCS[:2], metadata=pd.DataFrame({"a": [0.0, 1.0]}))
    with pytest.raises(InputError, match=r"columns of 2 numbers, got one of shape \(3,\)"):
        of_matrix.transform(DOCS[:2], metadata={"x0": [0.0, 1.0, 2.0]})


# -- interrupts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["settle_topics", "_train", "completion_perplexity"])
def test_an_interrupt_while_topics_settle_keeps_those_that_were_trained(monkeypatch, step):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    expected = TopicModel(2, prevalence="~ party", max_epochs=3, random_state=0)
    with monkeypatch.context() as patch:
        patch.setattr("topicgen.topic_model.fitting.settle", lambda *args, **options: None)
        expected.fit(DOCS, metadata=METADATA)
    monkeypatch.setattr(settling, step, interrupt)
    model = TopicModel(2, prevalence="~ party", max_epochs=3, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(DOCS, metadata=METADATA)
    assert np.array_equal(model.components_, expected.components_)
    pd.testing.assert_frame_equal(model.effects("share"), expected.effects("share"))


# -- arguments of tables -------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "a", True, None])
def test_numbers_of_words_that_cannot_be_used(fitted, wrong):
    for ask in (
        lambda: fitted.top_words(wrong),
        lambda: fitted.get_topic(0, wrong),
        lambda: fitted.topics_per_class(DOCS, METADATA["party"], top_n=wrong, n_draws=2),
    ):
        with pytest.raises(InputError, match="at least 1 word per topic"):
            ask()


@pytest.mark.parametrize("wrong", [-1, 2, 1.0, True, None])
def test_topics_that_do_not_exist(fitted, wrong):
    with pytest.raises(InputError, match="topics are numbered from 0 to 1"):
        fitted.get_topic(wrong)


def test_a_date_without_hyphens_is_not_taken_for_a_year(fitted):
    with pytest.raises(InputError, match="expected a date such as '1999-12-31', got '20010131'"):
        fitted.topics_over_time(DOCS[:2], ["20010131", "20010201"])


# -- a model folder is data ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    metadata = METADATA.assign(year=[1999, 2000, 2001] * 20)
    formula = "~ party + s(x, df=3) + C(year) + (1 | author)"
    model = fit(formula, metadata=metadata, content="party", seeds={"economy": ["tax"]})
    path = tmp_path_factory.mktemp("models") / "model"
    model.save(path)
    return path


def use(folder):
    model = TopicModel.load(folder)
    model.transform(DOCS, metadata=METADATA.assign(year=1999))
    model.predict_prevalence("x")
    model.contrast({"party": "Lab"}, {"party": "Con"})
    model.get_topic(0, given={"party": "Con"})
    model.get_seed_info()


def test_a_folder_that_nobody_touched_can_be_used(folder):
    use(folder)


@pytest.mark.parametrize("wrong", [None, [], {}, "__import__('os').abort()", -1, [[1]], {"a": 1}])
@pytest.mark.parametrize(
    "place",
    [
        ("prevalence", "design", "fitted_terms", 0, "factors"),
        ("prevalence", "design", "fitted_terms", 0, "factors", 0),
        ("prevalence", "design", "fitted_terms", 1, "products"),
        ("prevalence", "design", "groupings", 0, "levels"),
        ("prevalence", "design", "variables", 0, "levels"),
        ("prevalence", "design", "variables", 1, "typical"),
        ("prevalence", "design", "variables", 1, "high"),
        ("prevalence", "design", "states", "s(x, df=3)"),
        ("prevalence", "design", "states", "s(x, df=3)", "knots"),
        ("prevalence", "design", "states", "C(year)", "levels"),
        ("prevalence", "center"),
        ("content", "levels"),
        ("seeds", "economy"),
    ],
    ids=lambda place: ".".join(map(str, place)) if isinstance(place, tuple) else None,
)
def test_a_tampered_folder_is_refused_in_one_line(folder, tmp_path, place, wrong, reseal):
    config = json.loads((folder / "config.json").read_text())
    part = config
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = wrong
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config))
    reseal(tmp_path)
    with pytest.raises(InputError) as error:
        use(tmp_path)
    assert "\n" not in str(error.value)
