"""What the page says, without a browser."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from topicgen import Corpus, TopicModel, evaluation
from topicgen.errors import InputError
from topicgen.reporting import report
from topicgen.reporting.choice import choose_documents
from topicgen.reporting.document_topics import watch_documents
from topicgen.reporting.over_time import dated, find_dates
from topicgen.reporting.page import as_json
from topicgen.reporting.plain_numbers import axis_of, labels_of, significant
from topicgen.reporting.topic_words import relevant_words
from topicgen.topic_model.draws import Draws


def data_of(page):
    found = re.search(
        '<script type="application/json" id="data">(.*?)</script>', page.html, re.DOTALL
    )
    return json.loads(found[1])


# -- words ---------------------------------------------------------------------------------------


def test_relevant_words_are_those_of_every_setting():
    """By hand: of two words at a time, at any mixture of probability and lift."""
    random = np.random.default_rng(0)
    components = random.dirichlet(np.full(40, 0.3), 5)
    share = random.dirichlet(np.ones(5))
    found = relevant_words(components, share, n=4)
    overall = share @ components
    for k in range(5):
        shown = set(found.columns[found.of_topics[k]])
        for part in (0.0, 0.3, 0.6, 1.0):
            relevance = np.log(components[k]) - (1 - part) * np.log(overall)
            assert set(np.argsort(-relevance)[:4]) <= shown


def test_uses_of_a_word_are_shared_out_among_the_topics():
    components = np.array([[0.8, 0.2], [0.2, 0.8]])
    found = relevant_words(components, np.array([0.75, 0.25]), n=2)
    # 0.75 x 0.8 = .6 of the first word's .65 come from the first topic.
    assert found.uses[0] == pytest.approx([0.6 / 0.65, 0.05 / 0.65])


def test_a_word_of_probability_0_is_no_word_of_a_topic():
    found = relevant_words(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0.5, 0.5]), n=2)
    assert found.of_topics[0].tolist() == [0]


def test_words_come_in_the_order_asked_for():
    components = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    share = np.array([0.5, 0.5])
    found = relevant_words(components, share, n=1, order=np.array([[0, 2, 1], [3, 1, 2]]))
    assert found.columns[found.of_topics[0]].tolist() == [1, 0]  # nor is the second left out
    assert found.columns[found.of_topics[1]].tolist() == [0, 2]


def test_the_page_has_the_models_own_lists_of_words(news, fitted):
    texts, metadata = news
    page = report(fitted, texts, metadata=metadata)
    data = data_of(page)
    for topic, words in zip(data["topics"], fitted.top_words(5), strict=True):
        assert [data["words"]["text"][place] for place in topic["words"][:5]] == words
    diversity = evaluation.topic_diversity(fitted.top_words(25))
    (shown,) = re.findall("Diversity of the topics.*?([0-9]+%)", page.html, re.DOTALL)
    assert shown == f"{diversity:.0%}"


# -- documents -----------------------------------------------------------------------------------


def test_the_sample_holds_typical_documents_and_is_random_otherwise():
    random = np.random.default_rng(0)
    typicality = random.random((1_000, 3))
    choice = choose_documents(typicality, 400, random)
    assert len(choice.rows) == 400 == len(set(choice.rows))
    for k in range(3):
        assert set(np.argsort(-typicality[:, k])[:20]) <= set(choice.rows)
    # Of 1,000 seeds, a mean this far off (4 standard errors) would come up in 0.06 on average.
    sample = typicality[choice.rows[choice.is_random], 0]
    error = np.sqrt(1 / 12 / len(sample))
    assert abs(sample.mean() - 0.5) < 4 * error


def test_all_of_a_small_collection_is_shown():
    choice = choose_documents(np.ones((7, 2)), 7, np.random.default_rng(0))
    assert choice.rows.tolist() == list(range(7))
    assert choice.is_random.all()


@pytest.mark.parametrize("most", [1, 2, 5])
def test_few_places_are_all_used(most):
    choice = choose_documents(
        np.random.default_rng(0).random((50, 9)), most, np.random.default_rng(1)
    )
    assert len(choice.rows) == most


def test_topics_of_documents_with_their_intervals():
    tokens = np.zeros((160, 2, 3), dtype=np.uint16)
    tokens[:, 0] = [7, 3, 0]
    tokens[::2, 0] = [6, 4, 0]
    draws = Draws(tokens / 10, tokens, np.full((160, 2), 10.0))
    found = []
    blocks = list(watch_documents([draws], np.array([10.0, 0.0]), 60.0, found))
    assert blocks[0][0] == slice(0, 2)
    assert found[0].topics.tolist() == [0, 1]
    assert found[0].tokens.tolist() == [6.5, 3.5]
    assert (found[0].low.tolist(), found[0].high.tolist()) == ([6, 3], [7, 4])
    assert found[1].topics.size == 0


def test_tokens_of_a_document_sum_to_its_length(news, fitted):
    texts, metadata = news
    found = data_of(report(fitted, texts, metadata=metadata))["documents"]
    for length, flat in zip(found["lengths"], found["topics"], strict=True):
        listed = sum(flat[1::4]) / 10
        assert listed <= length + 0.5
        assert listed >= 0.9 * length
        assert all(low <= high for low, high in zip(flat[2::4], flat[3::4], strict=True))


# -- time ----------------------------------------------------------------------------------------


def test_the_only_column_of_dates_is_found():
    dates = pd.to_datetime(["1999-05-17", "2001-01-01"])
    assert find_dates(pd.DataFrame({"when": dates, "votes": [1999, 2001]})) == "when"
    assert find_dates(pd.DataFrame({"Year": [1999, 2001], "party": ["a", "b"]})) == "Year"
    assert find_dates(pd.DataFrame({"votes": [1999, 2001]})) is None
    assert find_dates(pd.DataFrame({"a": dates, "b": dates})) is None
    assert find_dates(pd.DataFrame({"text": ["1999 was good", "so was 2001"]})) is None
    assert find_dates(pd.DataFrame({"day": ["1999-05-17", None, "2000-01-01"]})) == "day"
    assert find_dates(pd.DataFrame({"tags": [["a"], ["b"]]})) is None
    assert find_dates(None) is None


def test_documents_without_a_date_are_left_out_of_the_curve():
    times, is_there = dated(pd.DataFrame({"day": ["1999-05-17", None, "", "2000-01-01"]}), "day")
    assert is_there.tolist() == [True, False, False, True]
    assert times.astype("M8[D]").astype(str).tolist() == ["1999-05-17", "2000-01-01"]


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (None, "no metadata"),
        (pd.DataFrame({"party": ["a", "b"]}), "'party'"),
        (pd.DataFrame({"day": ["soon", "late"]}), "column 'day'"),
        (pd.DataFrame({"day": [None, None]}), "no date"),
    ],
)
def test_a_column_without_dates_is_refused(metadata, words):
    with pytest.raises(InputError, match=words):
        dated(metadata, "day")


def test_axes_of_dates_are_decimal_years():
    dates = pd.DatetimeIndex(["2000-01-01", "2001-07-02"])
    assert axis_of(dates) == [2000, pytest.approx(2001.4986, abs=1e-3)]
    assert labels_of(dates) == ["2000-01-01", "2001-07-02"]
    assert labels_of(pd.Index([1990.0, 2000.5])) == ["1990", "2000.5"]


def test_shares_over_time_are_those_of_topics_over_time(news, fitted):
    texts, metadata = news
    data = data_of(report(fitted, texts, metadata=metadata))
    table = fitted.topics_over_time(texts, "date", metadata=metadata)
    expected = table[table["topic"] == 2]["share"].to_numpy()
    found = np.array(data["time"]["topics"][2][0]) / 1e5
    # Both are posterior means, of different draws.
    assert found == pytest.approx(expected, abs=0.02)


# -- the page ------------------------------------------------------------------------------------


def test_similar_topics_are_those_of_the_model(news, fitted):
    texts, metadata = news
    topics = data_of(report(fitted, texts, metadata=metadata))["topics"]
    for k, topic in enumerate(topics):
        found = fitted.similar_topics(k, n=len(topic["near"]))
        assert [j for j, _ in topic["near"]] == found["topic"].tolist()
        expected = found["similarity"].round(2).tolist()
        assert [similarity for _, similarity in topic["near"]] == expected


def test_data_cannot_end_its_script_element():
    text = as_json({"a": "</script><!-- & \u2028 \u2029 'x'"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028 \u2029 'x'"}


def test_numbers_have_few_digits():
    assert significant(0.0123456) == 0.0123
    assert significant(2.0) == 2
    assert significant(float("nan")) is None


def test_curves_and_ratios_say_what_they_are_compared_with(news, fitted):
    texts, metadata = news
    data = data_of(report(fitted, texts, metadata=metadata))
    typical = fitted.fitted_.prevalence.design.typical()
    of_party, of_date = data["curves"]
    assert of_party["others"] == f"at date = {typical['date']:%Y-%m-%d} (the mean)"
    assert of_date["others"] == f"at party = {typical['party']} (the most frequent)"
    assert data["effects"]["references"] == ["party = Left"]


def test_expected_shares_are_those_of_the_command(news, fitted):
    texts, metadata = news
    of_party = data_of(report(fitted, texts, metadata=metadata))["curves"][0]
    table = fitted.predict_prevalence("party")
    assert of_party["labels"] == table["party"][table["topic"] == 0].tolist()
    for k, triple in enumerate(of_party["topics"]):
        expected = table.loc[table["topic"] == k, ["estimate", "low", "high"]].to_numpy().T
        np.testing.assert_allclose(np.array(triple) / 1e5, expected, atol=1e-5)


def test_only_the_columns_asked_for_are_on_the_page(news, fitted):
    texts, metadata = news
    page = report(fitted, texts, metadata=metadata, columns=["votes"])
    assert [column["name"] for column in data_of(page)["documents"]["columns"]] == ["votes"]
    none = report(fitted, texts, metadata=metadata, columns=[])
    assert data_of(none)["documents"]["columns"] == []
    assert data_of(none)["curves"]  # the model knows of the covariates all the same


def test_texts_may_come_with_counts():
    counts = csr_matrix(np.random.default_rng(0).poisson(2.0, (20, 2)))
    corpus = Corpus(counts, ["bank", "rate"], list(map(str, range(20))))
    model = TopicModel(2, max_epochs=2, random_state=0).fit(corpus)
    texts = [f"The bank's rate {row}." for row in range(20)]
    shown = data_of(report(model, corpus, texts=texts))["documents"]
    assert shown["excerpts"] == texts
    asked = []
    data_of(report(model, corpus, texts=lambda rows: asked.extend(rows) or [""] * len(rows)))
    assert asked == list(range(20))
    with pytest.raises(InputError, match="expected 20 texts"):
        report(model, corpus, texts=texts[:3])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": 7}, "title"),
        ({"most_documents": 0}, "most_documents"),
        ({"over_time": "when"}, "when"),
        ({"columns": ["colour"]}, "colour"),
    ],
)
def test_arguments_are_checked(news, fitted, options, words):
    texts, metadata = news
    with pytest.raises(InputError, match=words):
        report(fitted, texts, metadata=metadata, **options)


def test_counts_have_to_be_whole_numbers():
    counts = np.random.default_rng(0).poisson(2.0, (20, 3))
    model = TopicModel(2, max_epochs=2, random_state=0).fit(counts)
    with pytest.warns(UserWarning, match="fractions"), pytest.raises(InputError, match="whole"):
        report(model, counts * 0.5)


def test_documents_without_a_known_word_can_be_reported_on():
    model = TopicModel(2, max_epochs=2, random_state=0).fit(["cats purr", "dogs bark"] * 20)
    found = data_of(report(model, ["", "zzz"]))
    assert found["documents"]["lengths"] == [0, 0]
    assert found["documents"]["topics"] == [[], []]
    assert [topic["passages"] for topic in found["topics"]] == [[], []]


def test_any_kind_of_metadata_is_shown():
    model = TopicModel(2, max_epochs=2, random_state=0).fit(["cats purr", "dogs bark"] * 20)
    metadata = {
        "when": pd.to_datetime(["2001-01-01", None]),
        "flag": [True, None],
        "list": [[1, 2], "x"],
        "half": [0.5, float("inf")],
    }
    columns = data_of(report(model, ["cats", "dogs"], metadata=metadata))["documents"]["columns"]
    cells = {
        one["name"]: one.get("numbers") or [one["levels"][place] for place in one["cells"]]
        for one in columns
    }
    assert cells["when"] == ["2001-01-01", ""]
    assert cells["flag"] == ["True", ""]
    assert cells["list"] == ["[1, 2]", "x"]
    assert cells["half"] == [0.5, None]


def test_saving(news, fitted, tmp_path):
    page = report(fitted, news[0], metadata=news[1])
    path = tmp_path / "page.html"
    assert page.save(path) == path
    with pytest.raises(InputError, match="already exists"):
        page.save(path)
    page.save(path, overwrite=True)
    assert path.read_text("utf-8") == page.html
    assert "MB" in repr(page)


def test_nothing_on_the_page_comes_from_elsewhere(news, fitted):
    html = report(fitted, news[0], metadata=news[1]).html
    before_data = html[: html.index('id="data"')]
    assert not re.search(r"(?:src|href)=[\"'](?!#)", before_data)
    assert "@import" not in html
    assert "url(" not in before_data
    assert "default-src 'none'" in html
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", html)


# -- embeddings ------------------------------------------------------------------------------


def test_a_report_reads_the_embeddings_of_its_documents():
    import numpy as np

    from topicgen import TopicModel
    from topicgen.errors import InputError
    from topicgen.reporting import report

    docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
    embeddings = np.random.default_rng(0).normal(size=(40, 3))
    model = TopicModel(2, max_epochs=2, random_state=0).fit(docs, embeddings=embeddings)
    page = report(model, docs, embeddings=embeddings)
    assert page.html.startswith("<!doctype html>")
    with pytest.raises(InputError, match="embeddings of 3 dimensions and needs those of"):
        report(model, docs)
