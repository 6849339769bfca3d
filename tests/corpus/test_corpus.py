import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from topicgen.corpus import Corpus, Document, Vectorizer

WORDS = ["bank", "fund", "rate"]


@pytest.fixture
def documents():
    return [
        Document("The bank raised the rate.", "a", "money"),
        Document("...", "b"),
        Document("Rain, rain!", "c", "weather"),
    ]


def test_from_documents_keeps_empty_rows(documents):
    corpus = Corpus.from_documents(iter(documents), Vectorizer())
    assert corpus.vocabulary == ["bank", "rain", "raised", "rate"]
    np.testing.assert_array_equal(corpus.counts.toarray(), [[1, 0, 1, 1], [0] * 4, [0, 2, 0, 0]])
    assert corpus.ids == ["a", "b", "c"]
    assert corpus.labels == ["money", "", "weather"]
    assert (corpus.n_documents, corpus.n_words, corpus.n_tokens, corpus.n_empty) == (3, 4, 5, 1)
    assert len(corpus) == 3


def test_from_documents_with_a_fitted_vectorizer(documents):
    vectorizer = Vectorizer().fit(["rain fell"])
    corpus = Corpus.from_documents(documents, vectorizer, fit=False)
    assert corpus.vocabulary == ["fell", "rain"]
    np.testing.assert_array_equal(corpus.counts.toarray(), [[0, 0], [0, 0], [0, 2]])
    assert corpus.n_empty == 2


def test_labels_are_none_where_no_document_has_one():
    documents = [Document("bank", "1"), Document("fund", "2")]
    assert Corpus.from_documents(documents, Vectorizer()).labels is None


def test_plain_text_among_documents_is_refused(refuses):
    with refuses("Document", "got str at index 1", "wrap each text"):
        Corpus.from_documents([Document("bank", "1"), "abc"], Vectorizer())


def test_vocabulary_and_ids_become_lists():
    corpus = Corpus([[1, 0, 2]], np.array(WORDS), ("a",), np.array(["x"]))
    assert corpus.vocabulary == WORDS
    assert corpus.ids == ["a"]
    assert corpus.labels == ["x"]


def test_a_mapping_gives_each_word_its_own_column():
    """scikit-learn's vocabulary_ is in the order in which the words were met."""
    corpus = Corpus([[1, 0, 2]], {"rate": 2, "bank": 0, "fund": 1}, ["a"])
    assert corpus.vocabulary == WORDS
    taken = corpus.with_vocabulary({"bank": 1, "rate": 0})
    assert taken.vocabulary == ["rate", "bank"]
    assert taken.counts.toarray().tolist() == [[2, 1]]


def test_columns_in_another_order_than_the_vocabulary_are_refused(refuses):
    counts = pd.DataFrame([[1, 0, 2]], columns=WORDS)
    assert Corpus(counts, WORDS, ["a"]).counts.toarray().tolist() == [[1, 0, 2]]
    with refuses("counts with the columns", repr(WORDS), repr(WORDS[::-1]), "as vocabulary"):
        Corpus(counts[WORDS[::-1]], WORDS, ["a"])


def test_what_has_no_order_is_refused(refuses):
    with refuses("in the order of the columns", "a set"):
        Corpus([[1, 0, 2]], set(WORDS), ["a"])
    with refuses("in the order of the columns", "a set"):
        Corpus([[1, 0, 2]], WORDS, ["a"]).with_vocabulary(set(WORDS))
    with refuses("distinct words", "'rate'"):
        Corpus([[1, 0, 2]], WORDS, ["a"]).with_vocabulary(["rate", "rate"])
    with refuses("expected ids in the order of the rows, got a set"):
        Corpus([[1, 0, 2]], WORDS, {"a"})
    with refuses("expected labels in the order of the rows, got a str"):
        Corpus([[1, 0, 2]], WORDS, ["a"], "x")


def test_repr_and_stored_zeros():
    corpus = Corpus(np.zeros((1200, 3)), WORDS, ["x"] * 1200)
    assert repr(corpus) == "Corpus(1,200 documents, 3 words, 0 tokens, 1,200 empty)"


def test_it_is_frozen():
    corpus = Corpus([[1, 0, 2]], WORDS, ["a"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        corpus.ids = []


@pytest.mark.parametrize(
    ("vocabulary", "ids", "labels", "parts"),
    [
        (WORDS[:2], ["a"], None, ["expected 3 words", "columns", "got 2"]),
        (WORDS, ["a", "b"], None, ["expected 1 ids", "rows", "got 2"]),
        (WORDS, ["a"], [], ["expected 1 labels", "rows", "got 0"]),
        (["x", "y", "x"], ["a"], None, ["distinct", "'x'", "columns 0 and 2"]),
        (["x", "y", 3], ["a"], None, ["expected words", "3 (int)", "index 2"]),
    ],
)
def test_parts_that_do_not_agree_are_refused(refuses, vocabulary, ids, labels, parts):
    with refuses(*parts):
        Corpus([[1, 0, 2]], vocabulary, ids, labels)


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-2, "-2")])
def test_bad_count_is_refused_by_row_and_word(refuses, value, shown):
    with refuses(f"got {shown}", "row 1, column 2 ('rate')"):
        Corpus([[1, 0, 2], [0, 0, value]], WORDS, ["a", "b"])


def test_import_is_light_and_leaves_the_process_as_it_was():
    program = """
import csv, sys, warnings
import sklearn.feature_extraction.text  # what it sets up itself is not ours
before = csv.field_size_limit(), list(warnings.filters)
import topicgen.corpus
assert before == (csv.field_size_limit(), list(warnings.filters))
assert not {"torch", "nltk", "gensim", "polars", "plotly"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
