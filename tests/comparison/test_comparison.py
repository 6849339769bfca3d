import numpy as np
import pytest
from sklearn.decomposition import NMF

import topicgen
from topicgen.errors import InputError
from topicgen.evaluation import stability

ONE_SEED = pytest.mark.filterwarnings("ignore:.* only one model")
# Most tests compare models on the documents that they were fitted to.
pytestmark = pytest.mark.filterwarnings("ignore:.* fitted to most of these documents")


@ONE_SEED
def test_tables_of_named_models(models, planted_texts):
    result = topicgen.compare(models, planted_texts, top_n=5, n_resamples=99)
    assert isinstance(result, topicgen.Comparison)
    assert result.scores.index.tolist() == ["three", "again", "one"]
    assert result.scores["perplexity"].idxmax() == "one"
    assert len(result.tests) == 3
    assert result.matches["other"].tolist() == ["again"] * 3 + ["one"]
    assert result.matches["words"].map(len).eq(5).all()
    words = [model.top_words(5) for model in models.values()]
    assert result.stability == pytest.approx(stability(words))


@ONE_SEED
def test_models_of_a_list_are_named_by_position(models, planted_texts):
    result = topicgen.compare(list(models.values()), planted_texts, n_resamples=99)
    assert result.scores.index.tolist() == [0, 1, 2]
    assert result.tests[["model", "other"]].values.tolist() == [[0, 1], [0, 2], [1, 2]]


@ONE_SEED
def test_the_same_seed_gives_the_same(models, planted_texts):
    one, two = (topicgen.compare(models, planted_texts, n_resamples=99) for _ in range(2))
    assert one.scores.equals(two.scores)
    assert one.tests.equals(two.tests)


def test_a_model_and_its_copy_are_alike(models, planted_texts):
    result = topicgen.compare([models["three"]] * 2, planted_texts, n_resamples=99)
    row = result.tests.iloc[0]
    assert (row["difference"], row["p_value"], row["similarity"]) == (0, 1, 1)
    assert result.stability == 1
    np.testing.assert_array_equal(result.matches["topic"], result.matches["other_topic"])
    # One fit, however often it is passed; no second setting, nothing to warn of.
    assert result.settings["models"].tolist() == [[0]]
    assert np.isnan(result.settings["perplexity_low"].item())
    assert np.isnan(result.settings["stability"].item())


def test_settings_are_averaged_over_their_seeds(two_settings, planted_texts):
    result = topicgen.compare(two_settings, planted_texts, n_resamples=99)
    names = [name for name in two_settings if name.startswith("k3")]
    assert result.settings.index.tolist() == ["n_components=3", "n_components=2"]
    three = result.settings.loc["n_components=3"]
    assert three["models"] == names
    of_seeds = result.scores.loc[names]
    assert three["perplexity"] == pytest.approx(np.exp(np.log(of_seeds["perplexity"]).mean()))
    assert three["perplexity_sd"] == pytest.approx(of_seeds["perplexity"].std())
    assert three["perplexity_low"] < three["perplexity"] < three["perplexity_high"]
    assert three["npmi"] == pytest.approx(of_seeds["npmi"].mean())
    assert three["npmi_low"] < three["npmi"] < three["npmi_high"]
    words = [two_settings[name].top_words(10) for name in names]
    assert three["stability"] == pytest.approx(stability(words))
    assert three["stability"] > result.stability  # which mixes three topics with two
    (test,) = result.setting_tests.to_dict("records")
    assert (test["setting"], test["other"]) == ("n_components=3", "n_components=2")
    # Three topics were planted.
    assert test["low"] > 0.05
    assert test["p_value"] == test["p_holm"] < 0.01
    assert test["npmi_difference_low"] > 0
    between = result.tests.set_index(["model", "other"])["difference"]
    pairs = [(one, other) for one in names for other in two_settings if other not in names]
    assert test["difference"] == pytest.approx(between.loc[pairs].mean())


def test_settings_given_as_lists(two_settings, planted_texts):
    fits = list(two_settings.values())
    result = topicgen.compare({"new": fits[:3], "old": fits[3:]}, planted_texts, n_resamples=99)
    assert result.scores.index.tolist() == ["new 0", "new 1", "new 2", "old 0", "old 1", "old 2"]
    assert result.settings["models"].to_dict() == {
        "new": ["new 0", "new 1", "new 2"],
        "old": ["old 0", "old 1", "old 2"],
    }
    automatic = topicgen.compare(two_settings, planted_texts, n_resamples=99)
    columns = ["difference", "low", "high", "p_value"]
    np.testing.assert_array_equal(result.setting_tests[columns], automatic.setting_tests[columns])
    with pytest.raises(InputError, match="setting 'old' has no model; pass one or more"):
        topicgen.compare({"new": fits[:3], "old": []}, planted_texts)


def test_a_setting_with_one_fit_is_warned_of(two_settings, planted_texts):
    names = list(two_settings)
    several = {name: two_settings[name] for name in names[:4]}  # the last has two topics
    said = (
        "^'n_components=2' has only one model, so the tests compare fitted models, not settings. "
        "Fit each setting with several seeds, and pass all models$"
    )
    with pytest.warns(UserWarning, match=said):
        result = topicgen.compare(several, planted_texts, n_resamples=99)
    (test,) = result.setting_tests.to_dict("records")
    assert np.isnan([test["p_value"], test["p_holm"], test["low"]]).all()
    assert test["difference"] > 0
    both = "'n_components=3' and 'n_components=2'"
    alone = {name: two_settings[name] for name in (names[0], names[3])}
    with pytest.warns(UserWarning, match=f"^{both} have only one model each, so the tests compare"):
        topicgen.compare(alone, planted_texts, n_resamples=99)
    copies = alone | {"copy": two_settings[names[0]]}
    with pytest.warns(UserWarning, match=f"^{both} have only one model each, so the tests compare"):
        topicgen.compare(copies, planted_texts, n_resamples=99)


@ONE_SEED
def test_random_states_of_every_kind(models, planted_texts):
    """The draws are of one seed, the number itself or one that is drawn."""

    def low(random_state):
        result = topicgen.compare(models, planted_texts, n_resamples=99, random_state=random_state)
        return result.scores["npmi_low"]["three"]

    assert low(0) == low(np.int64(0))
    for kind in (np.random.default_rng, np.random.RandomState):
        assert low(kind(0)) == low(kind(0))
    assert np.isfinite(low(None))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_n": 0}, "top_n to be a whole number from 1, got 0"),
        ({"top_n": "5"}, "top_n to be a whole number from 1, got '5'"),
        ({"n_resamples": 0.5}, "n_resamples to be a whole number from 1 to 1000000, got 0.5"),
        ({"random_state": 1.5}, "random_state to be a whole number from 0, None, or"),
        ({"random_state": 2**32}, r"from 0 to 2\*\*32 - 1, got 4294967296"),
    ],
)
def test_options_out_of_range(models, planted_texts, options, message):
    with pytest.raises(InputError, match=message):
        topicgen.compare(models, planted_texts, **options)


def test_what_is_not_a_model(models, planted_texts):
    with pytest.raises(
        InputError, match="expected a TopicModel as model 'b', got NMF; load a saved"
    ):
        topicgen.compare({"a": models["one"], "b": NMF(2)}, planted_texts)
    with pytest.raises(InputError, match="expected a TopicModel as model 0, got str; load a saved"):
        topicgen.compare(["one/", "two/"], planted_texts)
    for other in ("one two", models.values()):
        with pytest.raises(InputError, match="expected models by name or in a list, got "):
            topicgen.compare(other, planted_texts)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_models(models, planted_texts, n):
    with pytest.raises(InputError, match=f"two or more models, got {n}; pass more"):
        topicgen.compare(list(models.values())[:n], planted_texts)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["unheard of"] * 2, "two or more documents with words of model .*, got 0"),
        (["qaa qaa"], "two or more documents with words of model .*, got 1"),
    ],
)
@ONE_SEED
@pytest.mark.filterwarnings("ignore:expected texts with all words of the topics")
def test_documents_that_tell_nothing(models, texts, message):
    with pytest.raises(InputError, match=message):
        topicgen.compare(models, texts)


@ONE_SEED
def test_a_comparison_is_shown_in_a_few_lines(models, planted_texts, parsed):
    hostile = {f"<b>{name}</b>\x1b": model for name, model in models.items()}
    result = topicgen.compare(hostile, planted_texts, n_resamples=99)
    lines = repr(result).splitlines()
    of_all = f"stability {result.stability:.2f} over all pairs of models"
    assert lines[0] == f"Comparison of 3 models, {of_all}"
    assert lines[2].split()[0] == r"<b>three</b>\x1b"
    assert len(lines) == 5
    assert len(set(map(len, lines[1:]))) == 1  # numbers end where the names of their columns do
    found = parsed(result._repr_html_())
    assert r"<b>three</b>\x1b" in found.text
    assert f"{result.scores['perplexity'].iloc[0]:.1f}" in found.text
    assert "b" not in {name for name, _ in found.elements}


def test_settings_are_shown_where_they_were_fitted_several_times(
    two_settings, planted_texts, parsed
):
    result = topicgen.compare(two_settings, planted_texts, n_resamples=99)
    shown = parsed(result._repr_html_()).text
    settings = shown[shown.index("The settings, with intervals over documents and seeds") :]
    assert "stability" in settings
    assert f"{result.settings['stability'].iloc[1]:.2f}" in settings
    alone = {name: two_settings[name] for name in list(two_settings)[:4]}
    with pytest.warns(UserWarning, match="only one model"):
        fewer = topicgen.compare(alone, planted_texts, n_resamples=99)
    assert "nan" not in parsed(fewer._repr_html_()).text


@ONE_SEED
@pytest.mark.filterwarnings("error:.* fitted to most of these documents")
def test_documents_of_the_fit_are_warned_of(models, planted_texts):
    said = (
        "^'three', 'again' and 'one' were fitted to most of these documents, and models predict "
        "such documents better than new ones. Hold documents out before fitting, and compare the "
        "models on those$"
    )
    with pytest.warns(UserWarning, match=said):
        topicgen.compare(models, planted_texts, n_resamples=99)
    half = [" ".join(text.split()[::2]) for text in planted_texts]
    topicgen.compare(models, half, n_resamples=99)
