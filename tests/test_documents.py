import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.documents import is_text
from topicgen.errors import InputError

TEXTS = ["stocks rose", "rain fell"]


def frames():
    yield pd.DataFrame
    try:
        import polars
    except ImportError:
        return
    yield polars.DataFrame


@pytest.fixture(params=frames(), ids=lambda kind: kind.__module__.split(".")[0])
def frame(request):
    return request.param


@pytest.mark.parametrize("form", [list, tuple, iter, np.array, pd.Series])
def test_texts_are_told(form):
    assert is_text(form(TEXTS))


@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_columns_of_every_pandas_type_of_text_are_told(dtype):
    assert is_text(pd.Series(TEXTS, dtype=dtype))


@pytest.mark.parametrize("form", [list, np.array, pd.DataFrame])
def test_counts_are_no_texts(form):
    assert not is_text(form([[1, 0], [0, 2]]))


def test_a_column_is_texts_and_a_frame_of_counts_is_counts(frame):
    table = frame({"text": TEXTS, "n": [1, 2]})
    assert is_text(table["text"])
    assert not is_text(table["n"])
    assert not is_text(table[["n"]])


def test_a_frame_with_texts_is_refused(frame):
    with pytest.raises(InputError, match="a DataFrame with texts in its column 'text'; pass that"):
        is_text(frame({"n": [1, 2], "text": TEXTS}))


def test_counts_whose_columns_share_a_name_are_counts():
    assert not is_text(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_column_fits_as_a_list_does(frame, planted_texts):
    column = frame({"text": planted_texts})["text"]
    model = TopicModel(3, max_epochs=1, random_state=0).fit(column)
    again = TopicModel(3, max_epochs=1, random_state=0).fit(planted_texts)
    np.testing.assert_array_equal(model.components_, again.components_)
    np.testing.assert_array_equal(model.transform(column), again.transform(planted_texts))


def test_a_missing_text_is_refused_with_its_index(frame, planted_texts):
    column = frame({"text": [*planted_texts[:7], None]})["text"]
    with pytest.raises(InputError, match="at index 7"):
        TopicModel(3, max_epochs=1).fit(column)
