"""``content``: topics with words of their own in groups of documents."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError

N = 240


@pytest.fixture(scope="module")
def frame():
    """Two topics; where animals purr at home, they hunt in the wood."""
    random = np.random.default_rng(0)
    animals = {"home": "cats dogs purr purr sleep", "wood": "cats dogs hunt hunt sleep"}
    money = "banks rates loans credit interest"
    texts, places = [], []
    for row in range(N):
        place = "home" if row % 2 else "wood"
        words = (animals[place] if row % 4 < 2 else money).split()
        texts.append(" ".join(random.choice(words, 12)))
        places.append(place)
    return pd.DataFrame({"text": texts, "place": places, "row": range(N)})


@pytest.fixture(scope="module")
def model(frame):
    return TopicModel(2, content="place", random_state=0).fit(frame)


@pytest.fixture(scope="module")
def animals(model):
    [topic] = [k for k, words in enumerate(model.top_words(3)) if "cats" in words]
    return topic


def test_words_given_a_group(model, animals):
    home = model.get_topic(animals, 5, given={"place": "home"}).set_index("word")
    wood = model.get_topic(animals, 5, given={"place": "wood"}).set_index("word")
    assert home.columns.tolist() == ["probability", "log_ratio", "low", "high"]
    assert home.index[0] == "purr"
    assert wood.index[0] == "hunt"
    assert home.loc["purr", "low"] > 0
    assert home.loc["cats", "low"] < 0 < home.loc["cats", "high"]
    for table in (home, wood):
        assert table["probability"].is_monotonic_decreasing
        assert table["probability"].sum() <= 1
        assert ((table["low"] < table["log_ratio"]) & (table["log_ratio"] < table["high"])).all()
    both = model.get_topic(animals, 5)
    assert both.columns.tolist() == ["word", "probability", "relevance"]


def test_words_that_differ_most(model, animals):
    table = model.get_content_info(2)
    assert table.columns.tolist() == [
        "topic", "place", "word", "probability", "log_ratio", "low", "high",
    ]  # fmt: skip
    assert table["topic"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert table["place"].tolist() == ["home", "home", "wood", "wood"] * 2
    assert set(table[table["topic"] == animals]["word"]) == {"purr", "hunt"}
    other = table[table["topic"] != animals]
    assert ((other["low"] <= 0) & (other["high"] >= 0)).all()
    wide = model.get_content_info(2, level=0.999)
    assert (wide["high"] > table["high"]).all()


def test_content_leaves_the_topics_as_they_are(model, frame):
    plain = TopicModel(2, random_state=0).fit(frame)
    np.testing.assert_array_equal(plain.components_, model.components_)
    np.testing.assert_array_equal(plain.transform(frame), model.transform(frame))


def test_every_form_of_documents(model, frame, animals):
    expected = model.get_content_info()
    named = [
        Document(text, str(row)).with_metadata({"place": place})
        for row, (text, place) in enumerate(zip(frame["text"], frame["place"], strict=True))
    ]
    corpus = Corpus.from_documents(named, model.vectorizer_, fit=False)
    for X, metadata in ((corpus, None), (frame["text"].tolist(), frame[["place"]])):
        found = clone(model).fit(X, metadata=metadata).get_content_info()
        pd.testing.assert_frame_equal(found, expected)


def test_counts_without_words(model, frame):
    counts = model.vectorizer_.transform(frame["text"])
    plain = clone(model).fit(counts, metadata=frame[["place"]])
    assert plain.get_content_info(1)["word"].str.isdigit().all()


def test_with_covariates_on_prevalence(frame):
    both = TopicModel(2, content="place", prevalence="~ row", random_state=0).fit(frame)
    [topic] = [k for k, words in enumerate(both.top_words(3)) if "cats" in words]
    assert both.get_topic(topic, 1, given={"place": "home"})["word"].tolist() == ["purr"]


def test_groups_are_saved(model, frame, tmp_path):
    model.save(tmp_path / "m")
    loaded = TopicModel.load(tmp_path / "m")
    assert loaded.content == "place"
    pd.testing.assert_frame_equal(loaded.get_content_info(), model.get_content_info())
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    assert config["content"] == {"column": "place", "levels": ["home", "wood"]}


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ([1999, 2004], [1999, 2004]),
        ([True, False], [False, True]),
        (
            pd.to_datetime(["1999-01-01", "2004-01-01"]),
            ["1999-01-01 00:00:00", "2004-01-01 00:00:00"],
        ),
        (pd.Categorical(["b", "a"], ["b", "a"]), ["b", "a"]),
    ],
    ids=str,
)
def test_groups_may_be_named_by_anything(values, levels, frame, tmp_path):
    column = pd.Series(values).take(np.arange(N) % 2).reset_index(drop=True)
    model = TopicModel(2, content="g", max_epochs=1, random_state=0)
    model.fit(frame["text"], metadata=pd.DataFrame({"g": column}))
    model.save(tmp_path / "m")
    found = TopicModel.load(tmp_path / "m").get_content_info(1)["g"].unique()
    assert found.tolist() == levels
    assert len(model.get_topic(0, 3, given={"g": levels[1]})) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"given": {"party": "home"}},
            "differ by 'place', got given=.*; fit it with content='p",
        ),
        (
            {"given": {"place": "sea"}},
            "no 'place' with the value 'sea'; choose one of 'home',",
        ),
        (
            {"given": "home"},
            "given must be a column with one .*, such as {'place': 'home",
        ),
        ({"given": {"place": "home", "row": 1}}, "given must be a column with one of its values"),
        ({"given": {}}, "given must be"),
        ({"given": {"place": ["home"]}}, "knows no 'place' with the value"),
        ({"given": {"place": "home"}, "level": 2}, "level must be between 0 and 1, got 2"),
        ({"given": {"place": "home"}, "k": 9}, "topics are numbered from 0 to 1, got 9"),
        ({"given": {"place": "home"}, "top_n": 0}, "at least 1 word per topic, got 0"),
    ],
)
def test_what_cannot_be_asked(options, message, model):
    with pytest.raises(InputError, match=message):
        model.get_topic(**{"k": 0} | options)


def test_models_without_groups(frame):
    plain = TopicModel(2, max_epochs=1, random_state=0).fit(frame)
    for ask in (plain.get_content_info, lambda: plain.get_topic(0, given={"place": "home"})):
        with pytest.raises(InputError, match=r"without groups .*; fit it with content='\.\.\.'"):
            ask()


@pytest.mark.parametrize(
    ("content", "metadata", "message"),
    [
        ("party", {"place": ["a", "b"] * 120}, "content='party' is not a metadata column; choose"),
        ("place", None, "content='place' names a metadata column, but these documents have no"),
        (
            "place",
            {"place": ["a", None] * 120},
            "expected content='place' without missing values",
        ),
        ("place", {"place": ["a"] * N}, "content='place' has the same value in all documents"),
        ("place", {"place": range(N)}, "content='place' has 240 different values, and at most 50"),
        (3, None, "content must be the name of a metadata column, or None, got 3"),
        ("", None, "content must be the name of a metadata column"),
    ],
)
def test_content_that_cannot_be_used(content, metadata, message, frame):
    model = TopicModel(2, content=content, max_epochs=1, random_state=0)
    with pytest.raises(InputError, match=message):
        model.fit(frame["text"], metadata=metadata)
    assert "fitted_" not in vars(model)


def test_partial_fit_has_no_groups(frame):
    with pytest.raises(InputError, match="partial_fit cannot compare the words of gr"):
        TopicModel(2, content="place").partial_fit(frame)


def test_further_documents_would_make_the_words_of_groups_wrong(model, frame):
    other = TopicModel(2)
    other._adopt(model.fitted_)
    with pytest.raises(InputError, match=r"partial_fit cannot update .* fitted with content"):
        other.partial_fit(frame)
