"""Fitting again: topics keep their numbers and names."""

import pickle

import numpy as np
import pandas as pd
import pytest

from topicgen import Corpus, TopicModel, Vectorizer
from topicgen.errors import InputError
from topicgen.models import imputation
from topicgen.topic_model import fitting


@pytest.fixture(scope="module")
def texts():
    """200 documents of 30 words, each about one or two of four subjects with 12 words each."""
    random = np.random.default_rng(0)
    words = np.array([f"{a}{b}o" for a in "bdfgklmnprst" for b in ("a", "e", "i", "u")])
    topics = np.full((4, 48), 0.002)
    for topic in range(4):
        topics[topic, topic::4] = random.gamma(2.0, size=12)
    topics /= topics.sum(1, keepdims=True)
    shares = random.dirichlet(np.full(4, 0.2), 200)
    return [" ".join(random.choice(words, 30, p=share @ topics)) for share in shares]


@pytest.fixture(scope="module")
def fitted(texts):
    model = TopicModel(4, max_epochs=8, random_state=0).fit(texts)
    model.rename({0: "zero", 2: "two"})
    return model


@pytest.fixture
def model(fitted):
    copied = TopicModel(**fitted.get_params(deep=False))
    copied.__dict__.update(fitted.__dict__)
    return copied


def common(model, n):
    """The n most frequent words."""
    frequency = model.topic_share_ @ model.components_
    return [model.vocabulary_[column] for column in np.argsort(-frequency)[:n]]


def test_topics_keep_their_numbers_and_names_after_more_stop_words(model):
    """With 7 of 48 words gone and another seed; over 40 seeds the least similarity is .988."""
    dropped = common(model, 7)
    found = model.refit(extra_stop_words=dropped, random_state=1)
    assert found["topic"].tolist() == found["before"].tolist() == [0, 1, 2, 3]
    assert (found["similarity"] > 0.95).all()
    assert found["name"].tolist() == model.topic_names_ == ["zero", None, "two", None]
    assert not set(dropped) & set(model.vocabulary_)
    assert model.vectorizer.extra_stop_words == dropped
    assert model.random_state == 1


def test_a_cold_refit_only_matches(model, texts):
    """The topics are those of a new fit with the same seed, in the order of those before."""
    new = TopicModel(4, max_epochs=8, random_state=5).fit(texts)
    found = model.refit(warm_start=False, random_state=5)
    order = [int(np.abs(new.components_ - row).sum(1).argmin()) for row in model.components_]
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(model.components_, new.components_[order], rtol=1e-5)
    np.testing.assert_allclose(model.transform(texts), new.transform(texts)[:, order], atol=1e-6)
    assert found["before"].tolist() == [0, 1, 2, 3]
    assert model.topic_names_ == ["zero", None, "two", None]


def test_the_same_seed_gives_the_same_refit(fitted, texts):
    components = []
    for _ in range(2):
        model = TopicModel()
        model.fitted_ = fitted.fitted_
        model.refit(texts, n_components=4, max_epochs=2, random_state=3)
        components.append(model.components_)
    np.testing.assert_array_equal(*components)


def test_further_topics_get_the_last_numbers(model):
    found = model.refit(n_components=6, max_epochs=3)
    assert found["before"].tolist()[:4] == [0, 1, 2, 3]
    assert found["before"].isna().tolist() == [False] * 4 + [True] * 2
    assert model.topic_names_ == ["zero", None, "two", None, None, None]
    assert model.n_components == len(model.components_) == 6


def test_with_fewer_topics_those_with_names_stay(model):
    found = model.refit(n_components=2, max_epochs=3)
    assert found["topic"].isna().tolist() == [False, False, True, True]
    assert model.topic_names_ == ["zero", "two"]
    assert found["before"].tolist() == [0, 2, 1, 3]


def test_new_documents(model, texts):
    found = model.refit(texts[50:] + ["newword " + text for text in texts[:50]], max_epochs=3)
    assert found["before"].tolist() == [0, 1, 2, 3]
    assert "newword" in model.vocabulary_
    assert model.fitted_.origin.n_documents == 200


def test_covariates_layers_and_a_background(model, monkeypatch):
    monkeypatch.setattr(imputation, "_MOST_SWEEPS", 20)
    model.refit(metadata={"x": np.arange(200) % 7}, prevalence="~ x", max_epochs=1)
    assert model.topic_names_ == ["zero", None, "two", None]
    assert len(model.effects()) > 0
    model.refit(prevalence=None, background=True, upper_components=(2,), n_components=5)
    assert model.topic_names_ == ["zero", None, "two", None, None]
    assert set(model.get_topic_tree()["layer"]) == {0, 1}
    model.refit(background=False, upper_components=())
    assert model.topic_names_[:4] == ["zero", None, "two", None]


def test_seeds_name_the_first_topics(model):
    """New seeds are those of topic 1: it becomes topic 0, and the others make room."""
    seeds = {"one": model.top_words(4)[1]}
    found = model.refit(seeds=seeds, max_epochs=5)
    assert model.topic_names_[0] == "one"
    assert sorted(map(str, model.topic_names_)) == ["None", "one", "two", "zero"]
    assert len(found) == 4


def test_after_a_merge_there_are_as_many_topics_as_before_the_refit(model):
    model.merge([1, 3])
    found = model.refit(max_epochs=3)
    assert found["before"].tolist() == [0, 1, 2]
    assert model.topic_names_ == ["zero", None, "two"]
    assert model.n_components == 3
    assert model.edits_ == []
    assert model.refit(n_components=4, max_epochs=2)["topic"].tolist() == [0, 1, 2, 3]


# -- the documents -----------------------------------------------------------------------------


def test_a_refit_of_a_loaded_model_needs_documents(model, texts, tmp_path):
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    with pytest.raises(InputError, match=r"^refit needs documents, .*; pass them: refit\(X\)$"):
        loaded.refit()
    found = loaded.refit(texts, max_epochs=2)
    assert found["name"].tolist() == ["zero", None, "two", None]


def test_a_model_of_a_corpus_reads_texts_as_the_corpus_did(texts):
    vectorizer = Vectorizer(extra_stop_words=["bao"], min_df=1)
    counts = vectorizer.fit_transform(texts)
    words = vectorizer.get_feature_names_out().tolist()
    ids = [str(number) for number in range(len(texts))]
    corpus = Corpus(counts, words, ids, vectorizer=vectorizer)
    model = TopicModel(3, max_epochs=2, random_state=0).fit(corpus)
    with pytest.raises(InputError, match=r"^extra_stop_words of the vectorizer cannot change"):
        model.refit(extra_stop_words=["deo"])
    model.refit(texts)
    assert "bao" not in model.vocabulary_
    model.refit(texts, min_df=2)
    assert "bao" not in model.vocabulary_


def test_counts_without_words(texts):
    counts = Vectorizer().fit_transform(texts)
    model = TopicModel(3, max_epochs=2, random_state=0).fit(counts)
    assert model.refit(random_state=1)["before"].tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="without a vocabulary, topics can be carried over only"):
        model.refit(counts[:, 1:])


def test_an_iterator_is_read_once(texts):
    model = TopicModel(2, max_epochs=1).fit(iter(texts))
    with pytest.raises(InputError, match=r"^refit needs documents"):
        model.refit()


def test_documents_are_not_pickled(model):
    assert not hasattr(pickle.loads(pickle.dumps(model)), "_last_input")
    assert hasattr(model, "_last_input")


# -- all or nothing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_component": 3}, "did you mean 'n_components'"),
        ({"warm_start": "no"}, "warm_start must be True or False, got 'no'"),
        ({"n_components": 0}, "n_components must be a positive integer, got 0"),
        ({"min_df": 0.99}, "lower min_df"),
        ({"prevalence": "~ nothing"}, "expected metadata"),
        ({"n_components": 10**6}, "is too many"),
    ],
)
def test_a_refit_that_fails_leaves_the_model_as_it_was(model, changes, message):
    before = dict(model.__dict__)
    with pytest.raises(InputError, match=message):
        model.refit(separation=0.1, **changes)
    assert model.__dict__ == before


def test_a_failure_in_the_training_leaves_the_model_as_it_was(model, monkeypatch):
    before = dict(model.__dict__)
    monkeypatch.setattr(fitting, "conclude", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.refit(extra_stop_words=["bao"])
    assert model.__dict__ == before


def test_ctrl_c_keeps_the_best_weights_so_far(model, monkeypatch):
    record = fitting.Trainer._record

    def interrupted(self, *args):
        row = record(self, *args)
        if len(self.history) == 2:
            raise KeyboardInterrupt
        return row

    monkeypatch.setattr(fitting.Trainer, "_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.refit(extra_stop_words=["bao"])
    assert model.n_epochs_ == 2
    assert model.topic_names_ == ["zero", None, "two", None]
    assert "bao" not in model.vocabulary_


def test_the_table_is_a_data_frame(model):
    found = model.refit(max_epochs=1)
    assert isinstance(found, pd.DataFrame)
    assert found["words"].str.split().str.len().tolist() == [5] * 4
