import json
import sys

import numpy as np
import pytest

from topicgen.corpus import Vectorizer
from topicgen.corpus.recipe import write_recipe

TEXTS = ["From: a\nTo: b\n\nThe Banks in New York, www.b.org, raised 3 x1 rates of US banks."] * 3
NEW = [*TEXTS, "It is new york us 2019 x22 http://c.d\n> Banking in York\n-- \nNew rates"]


def spaces(text):
    return text.split(" ")


def words(vectorizer):
    return vectorizer.get_feature_names_out().tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"tokenizer": "nltk:tweet"},
        {"tokenizer": spaces, "token_pattern": None},
        {"stop_words": "german", "extra_stop_words": {"of", "rates"}},
        {"stop_words": ["german", "english"], "extra_stop_words": ["new york", "x1"]},
        {"keep_words": ("US", "banks"), "stemmer": "english", "max_features": 1},
        {"lemmatizer": "en", "ngram_range": (1, 2)},
        {"phrases": 3, "ngram_range": [1, 2]},
        {"phrases": np.int64(3), "stemmer": "english", "keep_words": ["york"]},
        {"token_pattern": r"\w+", "numbers": "mask", "urls": "drop"},
        {"token_pattern": r"\w+", "numbers": "drop", "urls": "mask"},
        {"drop_headers": True, "drop_quotes": True, "drop_footers": True},
    ],
    ids=lambda options: "-".join(options),
)
def test_recipe_through_json_transforms_the_same(options):
    fitted = Vectorizer(**options).fit(TEXTS)
    config = json.loads(json.dumps(fitted.to_config()))
    loaded = Vectorizer.from_config(config, words(fitted), trust_recipe=True)
    np.testing.assert_array_equal(loaded.transform(NEW).toarray(), fitted.transform(NEW).toarray())
    assert loaded.to_config() == config
    assert loaded.phrases_ == fitted.phrases_


def test_recipe_of_the_first_version_loads():
    config = {
        "lowercase": True, "max_df": "auto", "max_features": 20000, "min_df": "auto",
        "ngram_range": [1, 1], "stemmer": None, "stop_words": "english", "strip_accents": None,
        "token_pattern": "(?u)\\b[^\\W\\d_]\\w+\\b", "min_df_": 1, "max_df_": 1.0,
    }  # fmt: skip
    loaded = Vectorizer.from_config(config, ["banks", "rates"])
    assert loaded.transform(["The banks' rates, rates 3"]).toarray().tolist() == [[1, 2]]
    assert loaded.to_config().items() >= config.items()
    assert repr(loaded) == f"Vectorizer(token_pattern={config['token_pattern']!r})"


@pytest.mark.parametrize("stop_words", ["english", "de", ["don't", "English", "german"], None])
def test_stop_words_of_an_earlier_recipe_are_what_they_were(stop_words):
    config = {**Vectorizer().fit(TEXTS).to_config(), "stop_words": stop_words}
    del config["language_words_"]
    config["extra_stop_words"] = ["royal mail"]
    vocabulary = ["couldn", "don", "german", "mail", "royal", "und"]
    loaded = Vectorizer.from_config(config, vocabulary)
    counts = loaded.transform(["royal mail couldn't don't german und"]).toarray()[0]
    kept = {word for word, count in zip(vocabulary, counts, strict=True) if count}
    dropped = {
        "english": set(),
        "de": {"und"},
        None: set(),
    }.get(stop_words if isinstance(stop_words, (str, type(None))) else "", {"don", "german"})
    assert kept == set(vocabulary) - {"royal", "mail"} - dropped
    again = Vectorizer.from_config(json.loads(json.dumps(loaded.to_config())), vocabulary)
    assert (
        again.transform(["don't couldn't"]).toarray().tolist()
        == loaded.transform(["don't couldn't"]).toarray().tolist()
    )


def test_stop_words_of_languages_are_stored(monkeypatch):
    fitted = Vectorizer(stop_words="english,german", extra_stop_words=["royal mail"]).fit(TEXTS)
    config = json.loads(json.dumps(fitted.to_config()))
    assert config["stop_words"] == "english,german"
    assert {"und", "the", "don't"} <= set(config["language_words_"])
    monkeypatch.setitem(sys.modules, "stopwordsiso", None)
    loaded = Vectorizer.from_config(config, ["banks", "mail", "und"])
    counts = loaded.transform(["royal mail und banks, mail"]).toarray().tolist()
    assert counts == [[1, 1, 0]]
    assert loaded.to_config() == config


def test_the_pattern_of_a_recipe_keeps_its_meaning():
    texts = ["\u0939\u093f\u0928\u094d\u0926\u0940 cafe\u0301s in\xadfor\xadmation \u0130stanbul"]
    for pattern, expected in [
        (r"(?u)\b[^\W\d_]\w+\b", ["cafe", "for", "in", "mation", "stanbul"]),
        (r"[^\W\d_][\w\p{M}\p{Join_C}]+", ["caf\xe9s", "information", "istanbul", "हिन्दी"]),
    ]:
        fitted = Vectorizer(token_pattern=pattern, stop_words=None).fit(texts)
        assert words(fitted) == expected
        config = json.loads(json.dumps(fitted.to_config()))
        assert config["token_pattern"] == pattern
        loaded = Vectorizer.from_config(config, expected)
        assert loaded.transform(texts).toarray().tolist() == [[1] * len(expected)]
    assert Vectorizer().token_pattern == pattern


def test_recipe_of_an_earlier_version_with_a_tokenizer_loads():
    config = {
        **Vectorizer(tokenizer=spaces).fit(TEXTS).to_config(),
        "token_pattern": r"(?u)\b[^\W\d_]\w+\b",
    }
    loaded = Vectorizer.from_config(config, ["york", "www.b.org,"], trust_recipe=True)
    assert loaded.transform(["in york, www.b.org, york"]).toarray().tolist() == [[1, 1]]


def test_a_proportion_is_stored_as_it_is_written():
    recipe = json.loads(json.dumps(write_recipe(Vectorizer(min_df=np.float32(0.07)))))
    assert recipe["min_df"] == 0.07


def test_phrases_are_stored_as_pairs():
    config = Vectorizer(phrases=3).fit(TEXTS).to_config()
    assert ["new", "york"] in config["phrases_"]
    assert config["phrases"] == 3


def test_tokenizer_without_a_name_is_refused_when_stored(refuses):
    fitted = Vectorizer(tokenizer=lambda text: text.split()).fit(TEXTS)
    assert "www.b.org," in words(fitted)
    with refuses("stored by its name", "lambda", "define it as a function of a module"):
        fitted.to_config()


def test_tokenizer_is_imported_when_used(refuses):
    config = {**Vectorizer().fit(TEXTS).to_config(), "tokenizer": "no_such_module:tokens"}
    loaded = Vectorizer.from_config(config, ["banks"], trust_recipe=True)
    with refuses("the tokenizer 'no_such_module:tokens'", "PYTHONPATH"):
        loaded.transform(TEXTS)


def test_recipe_with_unknown_options_is_refused(refuses):
    config = {**Vectorizer().fit(TEXTS).to_config(), "sentences": True}
    with refuses("this version's Vectorizer", "(sentences)", "version of topicgen that wrote it"):
        Vectorizer.from_config(config, ["a"])


def test_the_words_of_a_recipe_may_be_a_mapping_but_not_a_set(refuses):
    fitted = Vectorizer().fit(["Rates rose, banks fell."])
    config = fitted.to_config()
    again = Vectorizer.from_config(config, dict(reversed(fitted.vocabulary_.items())))
    assert (
        again.transform(["rose"]).toarray().tolist()
        == fitted.transform(["rose"]).toarray().tolist()
    )
    with refuses("in the order of the columns", "a set"):
        Vectorizer.from_config(config, set(fitted.vocabulary_))
