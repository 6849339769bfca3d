import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.exceptions import NotFittedError

from topicgen import Corpus, TopicModel
from topicgen.comparison.readings import read
from topicgen.corpus import Document, Vectorizer
from topicgen.errors import InputError


def test_texts_are_counted_once_for_models_that_read_them_alike(
    models, other_words, planted_texts, monkeypatch
):
    counted = []
    transform_blocks = Vectorizer.transform_blocks

    def watched(self, *args):
        counted.append(self)
        return transform_blocks(self, *args)

    monkeypatch.setattr(Vectorizer, "transform_blocks", watched)
    readings = read(models | {"other": other_words}, iter(planted_texts), top_n=4)
    assert len(counted) == 2
    assert readings["three"].same_tokens(readings["one"])
    assert not readings["three"].same_tokens(readings["other"])
    for name, model in models.items():
        log_likelihood, n_tokens = model.document_log_likelihood(planted_texts)
        np.testing.assert_array_equal(readings[name].log_likelihood, log_likelihood)
        np.testing.assert_array_equal(readings[name].n_tokens, n_tokens)
        assert readings[name].topics == model.top_words(4)


def test_texts_are_taken_from_their_column(models, planted_texts):
    frame = pd.DataFrame({"text": planted_texts, "n": range(len(planted_texts))})
    readings = read(models, frame, top_n=4)
    assert readings["three"].same_tokens(read(models, planted_texts, top_n=4)["three"])


def test_a_tokenizer_without_a_name_is_no_obstacle(planted_texts):
    recipe = Vectorizer(tokenizer=lambda text: text.split())
    model = TopicModel(2, max_epochs=1, vectorizer=recipe, random_state=0).fit(planted_texts)
    readings = read({"a": model, "b": model}, planted_texts, top_n=4)
    assert readings["a"].same_tokens(readings["b"])


def test_each_model_takes_its_own_words_of_a_corpus(models, other_words, planted_texts):
    documents = [Document(text, str(i)) for i, text in enumerate(planted_texts)]
    corpus = Corpus.from_documents(documents, Vectorizer())
    of_corpus = read({"three": models["three"], "other": other_words}, corpus, top_n=4)
    of_texts = read({"three": models["three"], "other": other_words}, planted_texts, top_n=4)
    for name in of_corpus:
        assert of_corpus[name].same_tokens(of_texts[name])


def test_words_of_bare_counts_are_their_columns(planted_counts):
    model = TopicModel(2, max_epochs=1, random_state=0).fit(planted_counts)
    readings = read({"a": model, "b": model}, planted_counts, top_n=4)
    assert readings["a"].vocabulary == [str(column) for column in range(30)]
    assert {word for topic in readings["a"].topics for word in topic} < {*readings["a"].vocabulary}


def test_the_same_counts_in_another_order_are_other_tokens(models, planted_texts):
    one = read({"three": models["three"]}, planted_texts, 4)["three"]
    assert one.same_tokens(one._replace(counts=one.counts.copy()))
    assert not one.same_tokens(one._replace(counts=csr_matrix(one.counts[:, ::-1])))
    assert not one.same_tokens(one._replace(counts=one.counts[:, :-1]))


def test_names_of_words_are_known_to_all_models_or_to_none(models, planted_counts):
    bare = TopicModel(2, max_epochs=1, random_state=0).fit(planted_counts)
    with pytest.raises(
        InputError, match="or none to know their words, got 'bare' without a vocabulary"
    ):
        read(models | {"bare": bare}, planted_counts, 4)


def test_a_model_that_is_not_fitted(models, planted_texts):
    with pytest.raises(NotFittedError):
        read(models | {"new": TopicModel(2)}, planted_texts, 4)


def test_other_words_are_other_tokens_though_the_counts_agree():
    options = {"max_epochs": 2, "random_state": 0}
    one = TopicModel(2, **options).fit(["cat dog", "cat dog dog", "dog cat cat"] * 5)
    two = TopicModel(2, **options).fit(["apple pear", "apple pear pear", "pear apple apple"] * 5)
    readings = read({"one": one, "two": two}, ["cat apple dog pear", "cat dog apple pear"], 2)
    assert (readings["one"].counts != readings["two"].counts).nnz == 0
    assert not readings["one"].same_tokens(readings["two"])


def letters(texts):
    return np.array([[len(text), text.count("a")] for text in texts], float)


def test_embeddings_are_for_the_models_that_read_them(planted_texts):
    words = TopicModel(2, max_epochs=2, random_state=0).fit(planted_texts)
    both = TopicModel(2, max_epochs=2, random_state=0, embedder=letters).fit(planted_texts)
    models, embeddings = {"words": words, "both": both}, letters(planted_texts)
    given = read(models, planted_texts, 3, embeddings)
    expected = both.document_log_likelihood(planted_texts, embeddings=embeddings)[0]
    np.testing.assert_array_equal(given["both"].log_likelihood, expected)
    own = read(models, iter(planted_texts), 3)  # by the function of the model
    np.testing.assert_array_equal(own["both"].log_likelihood, expected)


def test_embeddings_that_are_missing_or_unread_are_refused(planted_texts):
    words = TopicModel(2, max_epochs=2, random_state=0).fit(planted_texts)
    both = TopicModel(2, max_epochs=2, random_state=0)
    both.fit(planted_texts, embeddings=letters)
    with pytest.raises(InputError, match="none of the models reads embeddings; leave them out"):
        read({"words": words}, planted_texts, 3, letters(planted_texts))
    with pytest.raises(InputError, match="embeddings of 2 dimensions and needs those of"):
        read({"words": words, "both": both}, planted_texts, 3)
