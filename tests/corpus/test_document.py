import numpy as np
import pandas as pd
import pytest

from topicgen.corpus import Corpus, Document
from topicgen.corpus.document import check_documents, split_tokens


def test_label_is_optional():
    assert Document("text", "1").label is None


@pytest.mark.parametrize("documents", [["a", "b"], ("a", "b"), np.array(["a", "b"])])
def test_strings_pass(documents):
    assert list(check_documents(documents)[0]) == ["a", "b"]
    assert list(check_documents(pd.Series(documents))[0]) == ["a", "b"]
    assert list(check_documents(iter(documents))[0]) == ["a", "b"]


@pytest.mark.parametrize("documents", ["one text", b"bytes", None, 3])
def test_what_is_no_collection_is_refused(refuses, documents):
    with refuses("iterable of documents", type(documents).__name__, "list"):
        list(check_documents(documents)[0])


def test_a_corpus_is_counted_already(refuses):
    with refuses("got one Corpus", "give it to the model, without a vectorizer"):
        check_documents(Corpus([[1]], ["word"], ["a"]))


def test_data_frame_is_refused(refuses):
    with refuses("one-dimensional", "DataFrame", "2 dimensions", "column"):
        check_documents(pd.DataFrame({"text": ["a"]}))


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        (None, "None (NoneType)"),
        (np.nan, "nan (float)"),
        (b"bytes", "b'bytes' (bytes)"),
        (["x" * 500] * 500, "(list)"),
    ],
)
def test_what_is_no_string_is_refused_by_index(refuses, bad, shown):
    with refuses("str", shown, "at index 2", "drop or fill"):
        list(check_documents(["a", "b", bad, None])[0])


@pytest.mark.parametrize("form", [list, iter, pd.Series])
def test_lists_of_tokens_become_strings_that_can_be_cut_again(form):
    documents = [["New York", "a_b", "naïve"], [], ("x",)]
    texts, are_token_lists = check_documents(form(documents))
    assert are_token_lists
    assert [split_tokens(text) for text in texts] == list(map(list, documents))
    assert not check_documents(form([]))[1]


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        ("a text", "got 'a text' (str) at index 1"),
        (None, "got None (NoneType) at index 1"),
        (["a", 3], "got 3 (int) in the document at index 1"),
        (["a", None], "got None (NoneType) in the document at index 1"),
        (["a", "b\x1fc"], "without the character '\\x1f'"),
    ],
)
def test_what_is_no_list_of_tokens_is_refused_by_index(refuses, bad, shown):
    with refuses("expected", shown):
        list(check_documents([["a"], bad])[0])
