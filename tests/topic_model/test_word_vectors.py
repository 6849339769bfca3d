"""Vectors of words: what may be passed, and how a fit takes them."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.word_vectors import basis_of

WORDS = ["cats", "dogs", "Purr", "qua"]
VECTORS = {"cats": [1.0, 2.0, 0.0], "dogs": [3.0, 0.0, 1.0], "purr": np.array([0.0, 4.0, 0.5])}


class KeyedVectors:
    """What gensim's has."""

    def __contains__(self, word):
        return word in VECTORS

    def __getitem__(self, word):
        return np.asarray(VECTORS[word], dtype=np.float32)


@pytest.mark.parametrize("word_vectors", [VECTORS, KeyedVectors()], ids=["dict", "gensim"])
def test_words_have_centred_vectors_of_unit_length(word_vectors):
    basis = basis_of(word_vectors, WORDS, 4)
    assert basis.dtype == np.float32
    expected = np.array([VECTORS[word.lower()] for word in WORDS[:3]])  # the case may differ
    expected = expected - expected.mean(0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(basis[:3], expected, rtol=1e-5)
    np.testing.assert_array_equal(basis[3], 0)


def test_an_array_is_aligned_with_the_vocabulary():
    array = np.array([*(VECTORS[word] for word in ("cats", "dogs", "purr")), [0, 0, 0]])
    np.testing.assert_array_equal(basis_of(array, None, 4), basis_of(VECTORS, WORDS, 4))
    assert array[0].tolist() == VECTORS["cats"]  # and stays as it is


@pytest.mark.parametrize(
    ("word_vectors", "vocabulary", "message"),
    [
        ({"katze": [1.0]}, WORDS, "none of the 4 words of the vocabulary, such as 'cats', 'dogs'"),
        ({"cats": [1.0], "dogs": [1.0, 2.0]}, WORDS, "1 numbers for some words and 2 for 'dogs'"),
        ({"cats": "one"}, WORDS, "a vector of numbers for each word, got 'one' for 'cats'"),
        ({"cats": []}, WORDS, "a vector of numbers for each word"),
        ({"cats": [np.nan, 1.0]}, WORDS, "finite numbers, got .nan, 1.0.... for 'cats'; leave"),
        (np.full((4, 2), np.inf), None, "for column 0; leave this word out"),
        (VECTORS, None, "a mapping of word vectors needs documents with words"),
        (np.ones((3, 2)), WORDS, "a row for each of the 4 words, got"),
        (np.ones(4), WORDS, "an array with a row for each of the 4 words"),
        ("glove.txt", WORDS, "expected word_vectors as a mapping .* got 'glove.txt'"),
        (7, WORDS, "expected word_vectors as a mapping"),
        ({"cats", "dogs"}, WORDS, "expected word_vectors as a mapping"),
        (np.ones((4, 2)) * 1j, WORDS, "expected word_vectors as a mapping"),
        ({"cats": np.ones(2) * 1j}, WORDS, "a vector of numbers for each word"),
        ({"cats": ["1", "2"]}, WORDS, "a vector of numbers for each word"),
        ({"cats": np.full(2, 1e200)}, WORDS, "finite numbers, got .1e.200, 1e.200.... for 'cats'"),
        (np.zeros((4, 2)), WORDS, "got zeros for all words of the vocabulary; pass"),
        (np.ones((4, 0)), WORDS, "got zeros for all words of the vocabulary; pass"),
    ],
)
def test_other_kinds_are_refused(word_vectors, vocabulary, message):
    with pytest.raises(InputError, match=message):
        basis_of(word_vectors, vocabulary, 4)


def test_tensors_that_need_gradients_will_do():
    rows = torch.tensor([[1.0, 2.0], [3.0, 0.0], [0.0, 4.0], [0.0, 0.0]], requires_grad=True)
    expected = basis_of(rows.detach().numpy(), WORDS, 4)
    np.testing.assert_array_equal(basis_of(rows, WORDS, 4), expected)
    by_word = {"cats": rows[0], "dogs": rows[1].bfloat16(), "purr": rows[2]}
    np.testing.assert_array_equal(basis_of(by_word, WORDS, 4), expected)


def test_vectors_of_few_words_are_said():
    words = [*WORDS, *(f"w{number}" for number in range(20))]
    with pytest.warns(UserWarning, match="only 3 of the 24 words of the vocabulary have word vect"):
        basis_of(VECTORS, words, 24)


# -- a fit -----------------------------------------------------------------------------------

TEXTS = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
OF_TEXTS = {
    word: vector
    for words, vector in ((("cats", "purr", "sleep"), [1.0, 0.1]), (("dogs", "bark"), [0.1, 1.0]))
    for word in words
}


def model_of(**options):
    return TopicModel(2, **{"random_state": 0, "max_epochs": 3, **options})


def test_a_fit_takes_them_by_word_and_as_an_array():
    plain, given = model_of().fit(TEXTS), model_of(word_vectors=OF_TEXTS).fit(TEXTS)
    assert not np.array_equal(plain.components_, given.components_)
    rows = np.array([OF_TEXTS.get(word, [0.0, 0.0]) for word in given.vocabulary_])
    again = model_of(word_vectors=rows).fit(TEXTS)
    np.testing.assert_array_equal(again.components_, given.components_)
    assert given.fitted_.weights.keys() == plain.fitted_.weights.keys()


def test_they_are_a_parameter_that_is_not_saved(tmp_path):
    model = model_of(word_vectors=OF_TEXTS).fit(TEXTS)
    assert clone(model).word_vectors == OF_TEXTS
    model.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    assert again.word_vectors is None
    np.testing.assert_array_equal(again.transform(TEXTS), model.transform(TEXTS))


def test_further_training_has_them_too():
    plain, given = (
        model_of(word_vectors=vectors).partial_fit(TEXTS) for vectors in (None, OF_TEXTS)
    )
    given.set_params(word_vectors=None)
    before = given.components_
    without = clone(plain).set_params(word_vectors=OF_TEXTS).partial_fit(TEXTS)
    np.testing.assert_array_equal(without.components_, before)
    without.partial_fit(TEXTS)
    given.partial_fit(TEXTS)
    assert not np.array_equal(without.components_, given.components_)


def test_a_checkpoint_is_of_its_word_vectors(tmp_path):
    model_of(word_vectors=OF_TEXTS).fit(TEXTS, checkpoint=tmp_path / "c")
    with pytest.raises(InputError, match="other word vectors"):
        model_of().fit(TEXTS, checkpoint=tmp_path / "c", resume=True)
    model_of(word_vectors=OF_TEXTS).fit(TEXTS, checkpoint=tmp_path / "c", resume=True)


def test_models_with_and_without_are_different_settings():
    from topicgen.comparison import compare

    models = {
        "plain": model_of().fit(TEXTS),
        "given": model_of(word_vectors=OF_TEXTS).fit(TEXTS),
        "again": model_of(word_vectors=OF_TEXTS, random_state=1).fit(TEXTS),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = compare(models, TEXTS, top_n=2).settings
    assert sorted(map(sorted, settings["models"])) == [["again", "given"], ["plain"]]


def test_a_model_is_shown_without_its_word_vectors():
    many = {f"w{number}": np.ones(3) for number in range(1_000)}
    model = TopicModel(2, word_vectors=many, topic_scale=2.5)
    assert repr(model).split() == [
        "TopicModel(n_components=2,",
        "topic_scale=2.5,",
        *["word_vectors=<vectors", "of", "1,000", "words>)"],
    ]
    assert model.word_vectors is many
    assert repr(TopicModel(3)) == "TopicModel(n_components=3)"
    long = repr(TopicModel(3, latent="poisson", likelihood="poisson", background=True, patience=7))
    assert long.splitlines()[1].startswith("           ")
