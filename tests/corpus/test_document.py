import numpy as np
import pandas as pd
import pytest

from topicgen.corpus import Document
from topicgen.corpus.document import check_documents


def test_label_is_optional():
    assert Document("text", "1").label is None


@pytest.mark.parametrize("documents", [["a", "b"], ("a", "b"), np.array(["a", "b"])])
def test_strings_pass(documents):
    assert list(check_documents(documents)) == ["a", "b"]
    assert list(check_documents(pd.Series(documents))) == ["a", "b"]
    assert list(check_documents(iter(documents))) == ["a", "b"]


@pytest.mark.parametrize("documents", ["one text", b"bytes", None, 3])
def test_what_is_no_collection_is_refused(refuses, documents):
    with refuses("iterable of documents", type(documents).__name__, "list"):
        list(check_documents(documents))


def test_data_frame_is_refused(refuses):
    with refuses("one-dimensional", "DataFrame", "2 dimensions", "column"):
        list(check_documents(pd.DataFrame({"text": ["a"]})))


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
        list(check_documents(["a", "b", bad, None]))
