"""Code that a folder names runs only with the consent of whoever opens the folder."""

import copy
import json
import pickle
import sys

import pytest
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.corpus import Corpus, Vectorizer
from topicgen.corpus.recipe import read_recipe
from topicgen.corpus.words.foreign import Foreign
from topicgen.errors import InputError

TEXTS = ["bank money rate loan", "goal team match player", "bank rate", "goal match"] * 8
MODULE = "stranger_19"
CODE = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n\n\n" + (
    "def split(text):\n    return text.split()\n"
)


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A module that leaves a trace when it is imported."""
    (tmp_path / f"{MODULE}.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop(MODULE, None)
    yield tmp_path / "ran"
    sys.modules.pop(MODULE, None)


@pytest.fixture
def model_folder(tmp_path, stranger):
    vectorizer = Vectorizer(tokenizer=f"{MODULE}:split", stop_words=None)
    model = TopicModel(2, max_epochs=1, random_state=0, vectorizer=vectorizer).fit(TEXTS)
    model.save(tmp_path / "model")
    assert stranger.exists()
    stranger.unlink()
    sys.modules.pop(MODULE)
    return tmp_path / "model"


@pytest.fixture
def corpus_folder(tmp_path, stranger):
    vectorizer = Vectorizer(tokenizer=f"{MODULE}:split", stop_words=None)
    counts = vectorizer.fit_transform(TEXTS)
    words = vectorizer.get_feature_names_out().tolist()
    ids = [str(i) for i in range(len(TEXTS))]
    Corpus(counts, words, ids, vectorizer=vectorizer).save(tmp_path / "corpus")
    stranger.unlink()
    sys.modules.pop(MODULE)
    return tmp_path / "corpus"


def test_a_model_runs_no_code_until_it_may(model_folder, stranger) -> None:
    model = TopicModel.load(model_folder)
    assert len(model.top_words(3)) == 2
    counts = Corpus([[1] * 8], model.vocabulary_, ["a"])
    assert model.transform(counts).shape == (1, 2)
    uses = (
        lambda: model.transform(TEXTS),
        lambda: model.vectorizer_.transform(TEXTS),
        lambda: clone(model.vectorizer_).fit(TEXTS),
        lambda: copy.deepcopy(model).transform(TEXTS),
        lambda: pickle.loads(pickle.dumps(model)).transform(TEXTS),
        lambda: clone(model).fit(TEXTS),
        lambda: model.refit(TEXTS),
    )
    for use in uses:
        with pytest.raises(InputError, match=f"run the code '{MODULE}:split'.*--allow-code"):
            use()
    assert not stranger.exists()
    assert MODULE not in sys.modules


def test_a_model_runs_code_with_consent(model_folder, stranger) -> None:
    model = TopicModel.load(model_folder, trust_recipe=True)
    assert not stranger.exists()  # only when it is used
    assert model.transform(TEXTS).shape == (len(TEXTS), 2)
    assert stranger.exists()


def test_a_model_that_is_saved_again_needs_consent_again(model_folder, stranger, tmp_path) -> None:
    TopicModel.load(model_folder, trust_recipe=True).save(tmp_path / "again")
    with pytest.raises(InputError, match="--allow-code"):
        TopicModel.load(tmp_path / "again").transform(TEXTS)
    assert not stranger.exists()


def test_a_fit_does_not_take_code_from_a_corpus(corpus_folder, stranger) -> None:
    for corpus in (Corpus.open(corpus_folder), Corpus.open(corpus_folder)[:20]):
        with pytest.raises(InputError, match=f"run the code '{MODULE}:split'"):
            TopicModel(2, max_epochs=1).fit(corpus)
    assert not stranger.exists()
    corpus = Corpus.open(corpus_folder, trust_recipe=True)
    model = TopicModel(2, max_epochs=1, random_state=0).fit(corpus)
    assert model.transform(TEXTS).shape == (len(TEXTS), 2)


def test_tokenizers_that_come_with_topicgen_need_no_consent(tmp_path) -> None:
    vectorizer = Vectorizer(tokenizer="nltk:wordpunct", stop_words=None)
    model = TopicModel(2, max_epochs=1, random_state=0, vectorizer=vectorizer).fit(TEXTS)
    model.save(tmp_path / "model")
    assert TopicModel.load(tmp_path / "model").transform(TEXTS).shape == (len(TEXTS), 2)


def test_a_recipe_that_hangs_is_refused(tmp_path) -> None:
    fitted = Vectorizer(token_pattern=r"[a-z]+", stop_words=None).fit(TEXTS)
    recipe = json.loads(json.dumps(fitted.to_config())) | {"token_pattern": r"(\w+)+!"}
    loaded = Vectorizer.from_config(recipe, fitted.vocabulary_)
    with pytest.raises(InputError, match="may take forever to match"):
        loaded.transform(["a" * 60])
    assert Vectorizer.from_config(recipe, fitted.vocabulary_, trust_recipe=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tokenizer", ["os:system"]),
        ("token_pattern", 3),
        ("stop_words", {"the": 1}),
        ("stop_words", [["the"]]),
        ("extra_stop_words", "the"),
        ("keep_words", [1]),
        ("language_words_", "the"),
        ("phrases_", [["new", "york", "city"]]),
        ("phrases_", 7),
        ("ngram_range", [1, 10**9]),
        ("ngram_range", None),
        ("lowercase", "yes"),
        ("drop_quotes", 1),
        ("urls", []),
        ("stemmer", {}),
        ("max_features", [1]),
        ("phrases", "no"),
    ],
)
def test_a_recipe_is_data_of_the_right_kinds(name, value) -> None:
    known = Vectorizer().get_params()
    with pytest.raises(InputError, match=f"expected the recipe's {name} to be"):
        read_recipe({name: value}, known)


def test_what_is_foreign_stays_so_in_copies() -> None:
    name = Foreign("os:system")
    for again in (copy.copy(name), copy.deepcopy(name), pickle.loads(pickle.dumps(name))):
        assert again == "os:system"
        assert isinstance(again, Foreign)
    assert json.dumps(name) == '"os:system"'
