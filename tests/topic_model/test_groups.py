"""Topics over time and per class, from documents in every form."""

import datetime

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError

N = 120
YEARS = 2000 + np.arange(N) // 20  # of 20 documents each; a third is of each topic


@pytest.fixture(scope="module")
def model(planted_texts):
    return TopicModel(3, random_state=0).fit(planted_texts)


@pytest.fixture(scope="module")
def topics(model, planted_texts):
    """The model's topic of each of the planted ones, whose documents take turns."""
    return model.transform(planted_texts[:3]).argmax(1)


@pytest.fixture(scope="module")
def rising(planted_texts):
    """Rows of documents, with those of the first planted topic more frequent from 2003 on."""
    row = np.arange(N)
    return np.where((YEARS >= 2003) & (row % 2 == 0), row - row % 3, row)


def test_the_table_over_time(model, planted_texts, topics):
    table = model.topics_over_time(planted_texts, YEARS)
    assert table.columns.tolist() == [
        "topic", "time", "share", "low", "high", "tokens", "documents", "words",
    ]  # fmt: skip
    assert table["topic"].tolist() == np.repeat(range(3), 6).tolist()
    assert table["time"].tolist() == list(range(2000, 2006)) * 3
    assert (table["documents"] == 20).all()
    np.testing.assert_allclose(table.groupby("time")["share"].sum(), 1)
    np.testing.assert_allclose(table["tokens"], table["share"] * 20 * 40)
    np.testing.assert_allclose(table["share"], 1 / 3, atol=0.06)
    assert (table["low"] < table["share"]).all()
    assert (table["share"] < table["high"]).all()
    assert (table["high"] - table["low"]).between(0.2, 0.5).all()  # of 20 documents of one topic
    first = table[table["topic"] == topics[0]]
    assert all(len(words) == 5 and all(word < "qak" for word in words) for words in first["words"])


def test_shares_that_rise(model, planted_texts, topics, rising):
    texts = [planted_texts[row] for row in rising]
    table = model.topics_over_time(texts, YEARS).set_index(["topic", "time"])
    before, after = table.loc[(topics[0], 2000)], table.loc[(topics[0], 2005)]
    assert after["share"] == pytest.approx(2 / 3, abs=0.1)
    assert before["high"] < after["share"]
    truth = (rising % 3 == 0).reshape(6, 20).mean(1) * 0.95 + 0.05 / 3
    here = table.loc[topics[0]]
    assert ((here["low"] <= truth) & (truth <= here["high"])).all()


def test_levels_are_of_the_intervals(model, planted_texts):
    wide = model.topics_over_time(planted_texts, YEARS, level=0.99)
    narrow = model.topics_over_time(planted_texts, YEARS, level=0.5)
    assert ((wide["high"] - wide["low"]) > 2 * (narrow["high"] - narrow["low"])).all()
    pd.testing.assert_series_equal(wide["share"], narrow["share"])


def test_every_form_of_documents_and_timestamps(model, planted_texts, tmp_path):
    expected = model.topics_over_time(planted_texts, YEARS)
    frame = pd.DataFrame({"text": planted_texts, "year": YEARS}, index=np.arange(N)[::-1])
    named = [
        Document(text, str(row)).with_metadata({"year": int(year)})
        for row, (text, year) in enumerate(zip(planted_texts, YEARS, strict=True))
    ]
    corpus = Corpus.from_documents(named, model.vectorizer_, fit=False)
    counts = model.vectorizer_.transform(planted_texts)
    for X, timestamps, options in (
        (frame, "year", {}),
        (corpus, "year", {}),
        (counts, "year", {"metadata": frame}),
        (planted_texts, "when", {"metadata": {"when": YEARS}}),
        ((text for text in planted_texts), frame["year"], {}),
    ):
        found = model.topics_over_time(X, timestamps, **options)
        pd.testing.assert_frame_equal(found, expected)
    dates = [datetime.date(year, 5, 17) for year in YEARS.tolist()]
    dated = model.topics_over_time(planted_texts, dates, freq="year")
    assert dated["time"].dt.year.tolist() == expected["time"].tolist()
    pd.testing.assert_frame_equal(dated.drop(columns="time"), expected.drop(columns="time"))


def test_a_model_with_covariates_expects_what_its_documents_have(planted_texts):
    """Its posterior is that of the documents' own prior, so that the covariates are needed."""
    frame = pd.DataFrame({"text": planted_texts, "year": YEARS, "first": np.arange(N) % 3 == 0})
    model = TopicModel(3, prevalence="~ first", max_epochs=3, random_state=0).fit(frame)
    table = model.topics_over_time(frame, "year")
    posterior = model.posterior(frame)
    expected = posterior.tokens.reshape(6, 20, 3).sum(1).T.ravel()
    np.testing.assert_allclose(table["tokens"], expected)
    with pytest.raises(InputError, match="first"):
        model.topics_over_time(planted_texts, "year", metadata=frame[["year"]])


def test_the_same_seed_gives_the_same_table(model, planted_texts):
    first, same, other = (
        model.topics_over_time(planted_texts, YEARS, n_draws=8, random_state=seed)
        for seed in (3, 3, 4)
    )
    pd.testing.assert_frame_equal(first, same)
    assert not first["share"].equals(other["share"])


def test_periods_without_known_words_have_no_share(model, planted_texts):
    texts = ["zebra", *planted_texts[1:20], "", *planted_texts[21:]]
    years = np.array([1997, *YEARS[1:20], 1999, *YEARS[21:]])
    table = model.topics_over_time(texts, years, freq="year")
    early = table[table["time"] < 2000]
    assert early["documents"].tolist() == [0] * 9
    assert early[["share", "low", "high"]].isna().all(axis=None)
    assert (early["tokens"] == 0).all()
    assert table[table["time"] >= 2000]["share"].notna().all()


def test_similar_documents_of_a_cluster_widen_the_intervals(model, planted_texts):
    texts = [planted_texts[row // 10 % 3] for row in range(N)]  # ten times the same
    alone = model.topics_over_time(texts, np.repeat([2000, 2001], 60), freq="year")
    clusters = np.arange(N) // 10
    together = model.topics_over_time(
        texts, np.repeat([2000, 2001], 60), freq="year", cluster=clusters
    )
    width = (together["high"] - together["low"]) / (alone["high"] - alone["low"])
    assert (width > 1.5).all()
    named = model.topics_over_time(
        texts,
        np.repeat([2000, 2001], 60),
        freq="year",
        cluster="author",
        metadata={"author": [f"a{c}" for c in clusters]},
    )
    pd.testing.assert_frame_equal(named, together)


def test_the_table_per_class(model, planted_texts, topics):
    classes = pd.Series(["x", "y", "y"] * 40)  # x has all of the first planted topic
    table = model.topics_per_class(planted_texts, classes, top_n=3).set_index(["topic", "class"])
    assert table.columns.tolist() == [
        "share", "low", "high", "difference", "difference_low", "difference_high", "tokens",
        "documents", "words",
    ]  # fmt: skip
    here = table.loc[topics[0]]
    assert here["documents"].tolist() == [40, 80]
    assert here.loc["x", "share"] > 0.9
    assert here.loc["y", "share"] < 0.1
    np.testing.assert_allclose(here["difference"], [1, -1] * np.abs(here["difference"]))
    assert here.loc["x", "difference_low"] > 0.8
    assert here.loc["y", "difference_high"] < -0.8
    assert all(len(words) == 3 for words in table["words"])
    frame = pd.DataFrame({"text": planted_texts, "party": classes})
    again = model.topics_per_class(frame, "party", top_n=3)
    pd.testing.assert_frame_equal(again.set_index(["topic", "class"]), table)


def test_a_single_class_differs_from_nothing(model, planted_texts):
    table = model.topics_per_class(planted_texts, ["x"] * N)
    assert table["difference"].isna().all()
    assert table["share"].sum() == pytest.approx(1)


def test_changes(model, planted_texts, topics):
    row = np.arange(N)
    texts = [planted_texts[at] for at in np.where(row >= 60, row - row % 3, row)]
    table = model.topic_changes(texts, 1990 + row // 6, freq="year")
    assert set(table["topic"]) == {0, 1, 2}
    assert (table["time"] == 2000).all()
    assert ((table["low"] <= 2000) & (table["high"] >= 2000)).all()
    here = table[table["topic"] == topics[0]].iloc[0]
    assert here["before"] == pytest.approx(1 / 3, abs=0.1)
    assert here["after"] > 0.8
    assert len(model.topic_changes(planted_texts, 1990 + row // 6, freq="year")) == 0


@pytest.mark.parametrize(
    ("timestamps", "options", "message"),
    [
        ("year", {}, "timestamps='year' names a metadata column, but these documents have no m"),
        (
            "when",
            {"metadata": {"year": YEARS}},
            "timestamps='when' is not .*; choose one of 'year'",
        ),
        (YEARS[1:], {}, "expected timestamps with 120 values, .*, got 119; pass the values of th"),
        (np.ones((N, 2)), {}, r"one value for each document, got a ndarray of shape \(120, 2\)"),
        ([None, *YEARS[1:]], {}, r"got 1 missing \(the first in row 0\)"),
        (YEARS, {"cluster": "author"}, "cluster='author' names a metadata column, but"),
        (YEARS, {"cluster": [None] * N}, "expected cluster without missing values, got 120"),
        (YEARS, {"level": 95}, "level must be between 0 and 1, got 95; use for example 0.95"),
        (YEARS, {"metadata": {"year": [1]}}, "expected metadata with 120 rows"),
        (YEARS, {"n_draws": 0}, "n_draws"),
        (YEARS, {"freq": "monthly"}, "freq must be one of"),
    ],
)
def test_what_cannot_be_used(timestamps, options, message, model, planted_texts):
    for method in (model.topics_over_time, model.topic_changes):
        with pytest.raises(InputError, match=message):
            method(planted_texts, timestamps, **options)


def test_classes_that_cannot_be_used(model, planted_texts):
    with pytest.raises(InputError, match="expected classes without missing values, got 1"):
        model.topics_per_class(planted_texts, ["x"] * (N - 1) + [None])
    with pytest.raises(InputError, match="classes='party' names a metadata column"):
        model.topics_per_class(planted_texts, "party")
    with pytest.raises(InputError, match="at least 1 word per topic, got 0"):
        model.topics_per_class(planted_texts, ["x"] * N, top_n=0)
