import pytest

from topicgen.corpus.words.lemmas import base_form, load_lemmatizer, load_stemmer


def test_stemmer_of_a_language():
    assert load_stemmer("german")("bücher") == "buch"


@pytest.mark.parametrize("language", ["klingon", "", 3])
def test_stemmer_of_an_unknown_language_is_refused(refuses, language):
    with refuses("english", "swedish", f"got {language!r}", "choose one"):
        load_stemmer(language)


def test_lemmatizer_of_a_language_by_name_and_code():
    for language in ("en", "english"):
        lemmatize = load_lemmatizer(language)
        assert [lemmatize(word) for word in ("banks", "mice", "went", "x1")] == [
            "bank", "mouse", "go", "x1",
        ]  # fmt: skip


@pytest.mark.parametrize("language", ["klingon", "", 3])
def test_lemmatizer_of_an_unknown_language_is_refused(refuses, language):
    with refuses("de, el, en", f"got {language!r}", "choose one"):
        load_lemmatizer(language)


def test_a_lemma_is_folded_as_the_texts_are():
    assert base_form(None, "de", str)("häusern") == "Haus"
    assert base_form(None, "de", str.lower)("häusern") == "haus"


def test_base_form_is_one_of_stem_lemma_and_nothing(refuses):
    assert base_form(None, None, str) is None
    assert base_form("english", None, str)("mice") == "mice"
    with refuses("stemmer or a lemmatizer", "both: 'english' and 'en'", "leave one out"):
        base_form("english", "en", str)
