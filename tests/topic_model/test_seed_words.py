"""Topics with names and seed words, from the parameter to what is learnt and saved."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.seed_words import SeedWords, checked_seeds

VOCABULARY = ["growth", "tax", "taxes", "virus", "doctor", "Tax", "a*b", "goal"]
# The planted topics have the words qaa to qaj, qak to qat, and qau to qbd.
SEEDS = {"last": ["qau", "qav", "qb*"], "first": ["qaa", "qab", "qac"]}
OWN = [set(range(20, 30)), set(range(10))]


@pytest.fixture(scope="module")
def fitted(planted_texts):
    return TopicModel(3, seeds=SEEDS, random_state=0, max_epochs=10).fit(planted_texts)


def refuses(parts, function, *args, **options):
    with pytest.raises(InputError) as caught:
        function(*args, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert ";" in message, message
    for part in parts:
        assert part in message, message


# -- which words they are --------------------------------------------------------------------------


def test_patterns_stand_for_all_words_that_match():
    found = SeedWords.of({"economy": ["tax*", "growth", "tax"], "health": ["?irus"]}, VOCABULARY)
    assert found.words == {"economy": ["tax", "taxes", "growth"], "health": ["virus"]}
    assert [columns.tolist() for columns in found.columns(VOCABULARY)] == [[1, 2, 0], [3]]
    assert found.names(4) == ["economy", "health", None, None]


def test_a_word_of_the_vocabulary_is_no_pattern():
    assert SeedWords.of({"odd": ["a*b"]}, [*VOCABULARY, "acb"]).words == {"odd": ["a*b"]}


def test_a_word_may_be_in_two_lists():
    found = SeedWords.of({"a": ["tax", "goal"], "b": ["tax"]}, VOCABULARY)
    assert found.words == {"a": ["tax", "goal"], "b": ["tax"]}


def test_unknown_seeds_are_named_in_one_warning():
    with pytest.warns(UserWarning, match="seeds that are not in the vocabulary") as caught:
        found = SeedWords.of({"a": ["Growth", "tax"], "b": ["zzz*", "goal"]}, VOCABULARY)
    assert found.words == {"a": ["tax"], "b": ["goal"]}
    (warning,) = caught
    assert "'Growth' of 'a' (the vocabulary has 'growth'), 'zzz*' of 'b'" in str(warning.message)


def test_many_unknown_seeds_are_counted():
    with pytest.warns(UserWarning, match="'x9' of 'a' and 3 more; "):
        SeedWords.of({"a": ["tax", *(f"x{number}" for number in range(13))]}, VOCABULARY)


def test_a_topic_without_known_seeds_is_refused():
    refuses(["'b'", "8 words", "['zzz']"], SeedWords.of, {"a": ["tax"], "b": ["zzz"]}, VOCABULARY)


@pytest.mark.parametrize("pattern", ["*", "?????*", "[a-z]*"])
def test_a_pattern_that_matches_half_of_the_vocabulary_is_refused(pattern):
    refuses([repr(pattern), "'a'", "of the 8 words"], SeedWords.of, {"a": [pattern]}, VOCABULARY)


def test_counts_without_words_are_refused(planted_counts):
    refuses(["seeds need a vocabulary"], TopicModel(3, seeds={"a": ["x"]}).fit, planted_counts)


# -- the parameter ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seeds", "parts"),
    [
        (["tax"], ["seeds must be a mapping", "'tax'"]),
        ("economy", ["seeds must be a mapping", "'economy'"]),
        ({}, ["at least one topic", "{}"]),
        ({"a": "tax"}, ["seeds['a'] must be a list", "'tax'"]),
        ({"a": 3}, ["seeds['a'] must be a list", "3"]),
        ({"a": {"tax": 1}}, ["seeds['a'] must be a list"]),
        ({"a": iter(["tax"])}, ["seeds['a'] must be a list"]),
        ({"a": []}, ["seeds['a'] must have at least one word"]),
        ({"a": ["tax", 3]}, ["3 at index 1"]),
        ({"a": [""]}, ["'' at index 0"]),
        ({"a": [["tax"]]}, ["['tax'] at index 0"]),
        ({1: ["tax"]}, ["topic names", "got 1"]),
        ({" ": ["tax"]}, ["topic names", "got ' '"]),
        ({"a\nb": ["tax"]}, ["single line"]),
        ({"a": ["x"], "b": ["x"], "c": ["x"], "d": ["x"]}, ["4 topics", "allows 3"]),
    ],
)
def test_other_values_are_refused(seeds, parts, planted_texts):
    refuses(parts, TopicModel(3, seeds=seeds).fit, planted_texts)


def test_the_background_has_no_seeds():
    three = {"a": ["x"], "b": ["x"], "c": ["x"]}
    assert checked_seeds(three, 3) == three
    refuses(["allows 2 besides the background"], checked_seeds, three, 3, background=True)


@pytest.mark.parametrize("kind", [list, tuple, set, np.array, pd.Series])
def test_any_collection_of_words_will_do(kind):
    checked = checked_seeds({"a": kind(["tax", "goal"])}, 3)
    assert sorted(checked["a"]) == ["goal", "tax"]
    assert {type(word) for word in checked["a"]} == {str}


def test_the_parameter_is_stored_untouched(planted_texts):
    seeds = {"a": ("qaa", "qab")}
    model = TopicModel(3, seeds=seeds, max_epochs=1, random_state=0).fit(planted_texts)
    assert model.seeds is seeds
    assert model.get_params()["seeds"] is seeds
    assert clone(model).seeds == seeds
    assert clone(model).set_params(seeds=None).seeds is None


# -- what is learnt --------------------------------------------------------------------------------


def words_of(model, k):
    return set(np.argsort(-model.components_[k])[:10])


def test_topics_are_numbered_like_their_seeds(fitted):
    assert [words_of(fitted, k) for k in (0, 1)] == OWN


@pytest.mark.parametrize("seed", range(3))
def test_wrong_seeds_fade_and_cost_nothing(planted_texts, seed):
    """Half of each list belongs to another topic. (Topics this far apart are always found.)"""
    seeds = {"last": ["qau", "qav", "qab", "qal"], "first": ["qaa", "qac", "qaw", "qam"]}
    model = TopicModel(3, seeds=seeds, random_state=seed).fit(planted_texts)
    assert [words_of(model, k) for k in (0, 1)] == OWN
    info = model.get_seed_info()
    assert info["topic"].tolist() == [0] * 4 + [1] * 4
    assert info["name"].tolist() == ["last"] * 4 + ["first"] * 4
    assert info["word"].tolist() == [*seeds["last"], *seeds["first"]]
    is_right = np.array([True, True, False, False] * 2)
    assert (info["strength"][is_right] > 0.8).all()
    assert (info["strength"][~is_right] < 0.4).all()
    assert (info["share"][is_right] > 0.8).all()
    assert (info["share"][~is_right] < 0.2).all()


def test_a_rare_word_is_drawn_to_the_topic_of_its_seeds(planted_texts):
    """A word of two documents of another topic, and of one of the topic itself."""
    of_odd = (0, 2, 3)
    texts = [f"{text} odd" if row in of_odd else text for row, text in enumerate(planted_texts)]
    strengths = []
    for seeds in ({"last": ["qau", "qav"]}, {"last": ["qau", "qav", "odd"]}):
        # With this seed both fits keep the same epoch; between epochs the word moves far more.
        model = TopicModel(3, seeds=seeds, random_state=3).fit(texts)
        column = model.vocabulary_.index("odd")
        strengths.append(model.components_[0, column] / model.components_[:, column].sum())
    assert strengths[1] > strengths[0] + 1e-3


def test_topics_without_seeds_come_after_them_and_are_named_by_their_words(fitted):
    info = fitted.get_topic_info().set_index("topic").sort_index()
    assert list(info.columns)[:2] == ["name", "share"]
    assert info["name"].tolist()[:2] == ["last", "first"]
    assert info["name"][2] == ", ".join(fitted.top_words(3)[2])


def test_a_model_without_seeds_has_no_names(planted_texts):
    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_texts)
    assert model.topic_names_ == [None] * 3
    refuses(["the model has no seeds"], model.get_seed_info)


def test_counts_in_a_data_frame_and_a_background(planted_counts):
    frame = pd.DataFrame(planted_counts.toarray(), columns=[f"w{i}" for i in range(30)])
    model = TopicModel(
        4, seeds={"last": ["w2?"], "first": ["w0", "w1"]}, background=True, random_state=0
    ).fit(frame)
    assert [words_of(model, k) for k in (0, 1)] == OWN
    np.testing.assert_allclose(model.components_[3], model.fitted_.word_frequency)


@pytest.mark.parametrize(
    "options",
    [
        {"likelihood": "poisson"},
        {"prevalence": np.arange(120.0).reshape(-1, 1)},
        {"inference": "implicit"},
        {"latent": "poisson", "upper_components": (2,)},
        {"gradient_estimator": "leave_one_out"},
    ],
    ids=str,
)
def test_every_kind_of_model_takes_seeds(planted_texts, options):
    model = TopicModel(3, seeds=SEEDS, max_epochs=4, random_state=0, **options).fit(planted_texts)
    assert model.get_topic_info().set_index("topic")["name"][0] == "last"
    assert np.isfinite(model.components_).all()


def test_the_same_random_state_gives_the_same_model(planted_texts, fitted):
    again = clone(fitted).fit(planted_texts)
    np.testing.assert_array_equal(again.components_, fitted.components_)


# -- saving and updating ---------------------------------------------------------------------------


def test_names_and_seeds_are_saved(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.seeds == SEEDS
    assert loaded.fitted_.seeds == fitted.fitted_.seeds
    pd.testing.assert_frame_equal(loaded.get_topic_info(), fitted.get_topic_info())
    pd.testing.assert_frame_equal(loaded.get_seed_info(), fitted.get_seed_info())


def test_partial_fit_keeps_names_and_holds_the_seeds(planted_texts, tmp_path):
    model = TopicModel(3, seeds=SEEDS, random_state=0)
    for part in (slice(0, 60), slice(60, 120)):
        model.partial_fit(planted_texts[part])
    model.save(tmp_path / "model")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = TopicModel.load(tmp_path / "model").partial_fit(planted_texts)
    assert [words_of(model, k) for k in (0, 1)] == OWN
    assert model.get_topic_info().set_index("topic")["name"].sort_index().tolist()[:2] == [*SEEDS]


@pytest.mark.parametrize("seeds", [None, {"other": ["qaa"]}, {"last": ["qau"], "first": ["qaa"]}])
def test_partial_fit_cannot_change_the_seeds(planted_texts, seeds):
    model = TopicModel(3, seeds=SEEDS, random_state=0).partial_fit(planted_texts)
    refuses(
        ["partial_fit cannot change the seeds"],
        model.set_params(seeds=seeds).partial_fit,
        planted_texts,
    )


def test_partial_fit_cannot_add_seeds(planted_counts):
    model = TopicModel(3, random_state=0).partial_fit(csr_matrix(planted_counts))
    refuses(["seeds"], model.set_params(seeds={"a": ["x"]}).partial_fit, planted_counts)
