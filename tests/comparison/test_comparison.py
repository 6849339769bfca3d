import numpy as np
import pytest
from sklearn.decomposition import NMF

import topicgen
from topicgen.errors import InputError
from topicgen.evaluation import stability


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


def test_models_of_a_list_are_named_by_position(models, planted_texts):
    result = topicgen.compare(list(models.values()), planted_texts, n_resamples=99)
    assert result.scores.index.tolist() == [0, 1, 2]
    assert result.tests[["model", "other"]].values.tolist() == [[0, 1], [0, 2], [1, 2]]


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
        ({"n_resamples": 0.5}, "n_resamples to be a whole number from 1, got 0.5"),
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
@pytest.mark.filterwarnings("ignore:expected texts with all words of the topics")
def test_documents_that_tell_nothing(models, texts, message):
    with pytest.raises(InputError, match=message):
        topicgen.compare(models, texts)
