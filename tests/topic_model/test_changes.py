import pytest

from topicgen import Vectorizer
from topicgen.errors import InputError
from topicgen.topic_model.changes import changed, split_changes

NAMES = ["n_components", "separation", "latent"]


def test_changes_are_of_the_model_or_of_its_vectorizer():
    changes = {"separation": 0.1, "min_df": 2, "latent": "poisson", "extra_stop_words": ["said"]}
    of_model, of_vectorizer = split_changes(changes, NAMES)
    assert of_model == {"separation": 0.1, "latent": "poisson"}
    assert of_vectorizer == {"min_df": 2, "extra_stop_words": ["said"]}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("n_component", "did you mean 'n_components'?"),
        ("stop_word", "did you mean 'stop_words'"),
        ("vectorizer__min_df", "did you mean 'min_df'"),
        ("zzz", "see their docstrings"),
    ],
)
def test_an_unknown_change_is_refused_with_the_names_near_it(name, remedy):
    with pytest.raises(InputError, match=f"^refit cannot change '{name}', .*; {remedy}"):
        split_changes({"min_df": 1, name: 3}, NAMES)


def test_a_changed_vectorizer_is_another_one():
    fitted = Vectorizer(min_df=1, stemmer="english").fit(["cats purr"])
    new = changed(fitted, {"min_df": 3})
    assert (new.min_df, new.stemmer, fitted.min_df) == (3, "english", 1)
    assert not hasattr(new, "vocabulary_")


def test_a_few_words_in_place_of_a_language_get_a_warning():
    message = r"stop_words=\['said'\] replaces the stop words of english; .* extra_stop_words"
    with pytest.warns(UserWarning, match=message):
        new = changed(Vectorizer(), {"stop_words": ["said"]})
    assert new.stop_words == ["said"]


@pytest.mark.parametrize("stop_words", [None, "german", ["english", "german"]])
def test_other_languages_or_none_get_no_warning(stop_words):
    assert changed(Vectorizer(), {"stop_words": stop_words}).stop_words == stop_words


def test_the_words_of_the_language_and_more_get_no_warning():
    from topicgen.corpus.words.stop_words import language_words

    words = [*language_words(["english"]), "said"]
    assert changed(Vectorizer(), {"stop_words": words}).stop_words == words
