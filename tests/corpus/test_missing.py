import numpy as np
import pandas as pd
import pytest

from topicgen.corpus import Corpus, Document, Vectorizer
from topicgen.corpus.build import build_corpus

MISSING = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, "NaN", "None", "<NA>", ""]


@pytest.mark.parametrize("value", MISSING)
def test_missing_labels_are_none_in_a_corpus(tmp_path, value):
    documents = [Document("bank rate", "a", "x"), Document("bank rose", "b", value)]
    assert Corpus.from_documents(documents, Vectorizer()).labels == ["x", ""]
    build_corpus(documents, Vectorizer(), tmp_path / "corpus")
    assert list(Corpus.open(tmp_path / "corpus").labels) == ["x", ""]
    assert Corpus([[1], [1]], ["bank"], ["a", "b"], ["x", value]).labels == ["x", ""]


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series(["x", None]),
        pd.Categorical(["x", None]),
        pd.array([1, None], dtype="Int64"),
        np.array([1.0, np.nan]),
    ],
)
def test_missing_labels_of_arrays_are_none(labels):
    assert Corpus([[1], [1]], ["bank"], ["a", "b"], labels).labels[1] == ""
