import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError
from topicgen.topic_model.embedded import texts_to_embed

TEXTS = ["cats purr", "dogs bark"]


@pytest.mark.parametrize(
    "X",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        pd.Series(TEXTS, index=[7, 3]),
        pd.DataFrame({"text": TEXTS, "year": [1999, 2004]}),
        [Document(text, str(row)) for row, text in enumerate(TEXTS)],
    ],
    ids=["list", "tuple", "array", "series", "frame", "documents"],
)
def test_texts_come_in_their_order(X):
    assert texts_to_embed(X, "text") == TEXTS


def test_a_missing_text_is_empty():
    assert texts_to_embed(["cats", None, float("nan")], "text") == ["cats", "", ""]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (csr_matrix([[1, 0]]), "a function can only embed texts, got counts; pass the embeddings"),
        (Corpus(csr_matrix([[1]]), ["cats"], ["1"]), "can only embed texts, got a Corpus; pass"),
        ([["cats", "purr"]], "can only embed texts, got a document of type list; pass"),
        (iter(TEXTS), "texts that can be read twice, got a list_iterator; pass a list of texts"),
    ],
)
def test_what_is_no_text_is_refused(X, message):
    with pytest.raises(InputError, match=message):
        texts_to_embed(X, "text")
