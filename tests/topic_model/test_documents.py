import re
from collections import Counter, deque
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from topicgen import Corpus, TopicModel
from topicgen.corpus import Document
from topicgen.errors import InputError
from topicgen.topic_model.documents import is_text

TEXTS = ["stocks rose", "rain fell"]
DAY = datetime(2024, 5, 1)


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
def test_texts_are_recognised(form):
    assert is_text(form(TEXTS))


@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_columns_of_every_pandas_type_of_text_are_recognised(dtype):
    assert is_text(pd.Series(TEXTS, dtype=dtype))


@pytest.mark.parametrize("form", [list, np.array, pd.DataFrame])
def test_counts_are_not_texts(form):
    assert not is_text(form([[1, 0], [0, 2]]))


def test_a_column_is_texts_and_a_frame_of_counts_is_counts(frame):
    table = frame({"text": TEXTS, "n": [1, 2]})
    assert is_text(table["text"])
    assert not is_text(table[["n"]])
    with pytest.raises(InputError, match=r"a one-dimensional Series of .*; pass the column"):
        is_text(table["n"])


def test_a_frame_with_texts_is_refused(frame):
    with pytest.raises(InputError, match="expected a column 'text' of texts, got the columns 'n'"):
        is_text(frame({"n": [1, 2], "speech": TEXTS}))


LETTERS = ["The buses are late again.", "Please mend the road."]


@pytest.mark.parametrize(
    ("columns", "text_column", "message"),
    [
        (
            {"id": ["a", "b"], "date": [DAY, DAY], "txt": LETTERS},
            "text",
            "expected a column 'text' of texts, got the columns 'id', 'date', 'txt'; did you mean "
            "'txt'? TopicModel(text_column=...) names another",
        ),
        (
            {"id": ["a", "b"], "text": LETTERS},
            "txt",
            "expected a column 'txt' of texts, got the columns 'id', 'text'; did you mean 'text'?",
        ),
        # None has a similar name: the column of the longest texts.
        (
            {"title": ["The late buses", "A bad road"], "letter": LETTERS},
            "content",
            "got the columns 'title', 'letter'; did you mean 'letter'?",
        ),
        # Ids, dates and single words are no texts.
        (
            {"id": LETTERS, "date": LETTERS, "txt": ["late", "bad"], "bus": [1, 0]},
            "text",
            "'date', 'txt', 'bus'; if these are counts, leave out 'id'. TopicModel(text_column",
        ),
        (
            {"text": [1, 2], "txt": LETTERS},
            "text",
            "a column 'text' of texts, got one without texts, beside 'txt'; did you mean",
        ),
        (
            {"id": ["a", "b"]} | {f"word{number}": [0, 1] for number in range(9)},
            "text",
            "'word5', 'word6' and 2 others; if these are counts",
        ),
    ],
)
def test_a_column_of_texts_that_is_missing_is_proposed(frame, columns, text_column, message):
    model = TopicModel(2, text_column=text_column)
    with pytest.raises(InputError, match=re.escape(message)):
        model.fit(frame(columns))


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


class Yielding:
    """A collection that can be read again and again, and says nothing of its length."""

    def __init__(self, documents):
        self.documents = documents

    def __iter__(self):
        return iter(self.documents)


FORMS = {
    "a list": list,
    "a tuple": tuple,
    "an iterator": iter,
    "a generator": lambda texts: (text for text in texts),
    "an array": np.array,
    "a Series": pd.Series,
    "an Index": pd.Index,
    "the values of a dict": lambda texts: dict(enumerate(texts)).values(),
    "the keys of a dict": lambda texts: dict.fromkeys(texts).keys(),
    "an object that yields them": Yielding,
    "a map": lambda texts: map(str, texts),
    "a deque": deque,
    "an array of numpy's strings": lambda texts: np.array(texts, np.dtypes.StringDType()),
    "a categorical": pd.Categorical,
}


@pytest.fixture(scope="module")
def distinct(planted_texts):
    return [f"{text} number{row}" for row, text in enumerate(planted_texts)]


@pytest.fixture(scope="module")
def model(distinct):
    return TopicModel(3, max_epochs=1, random_state=0).fit(distinct)


@pytest.mark.parametrize("form", FORMS)
def test_texts_in_every_form_give_the_same(form, distinct, model):
    again = TopicModel(3, max_epochs=1, random_state=0).fit(FORMS[form](distinct))
    np.testing.assert_array_equal(again.components_, model.components_)
    doc_topic = model.transform(FORMS[form](distinct))
    np.testing.assert_array_equal(doc_topic, model.transform(distinct))


@pytest.mark.parametrize("form", [list, tuple, iter, Yielding, pd.Series])
@pytest.mark.parametrize("tokens", [list, tuple, deque, np.array, pd.Series])
def test_lists_of_tokens_give_what_their_texts_give(form, tokens, distinct, model):
    documents = [tokens(text.split()) for text in distinct]
    again = TopicModel(3, max_epochs=1, random_state=0).fit(form(documents))
    assert again.vocabulary_ == model.vocabulary_
    np.testing.assert_array_equal(again.components_, model.components_)
    np.testing.assert_array_equal(model.transform(form(documents)), model.transform(distinct))
    assert again.fitted_.origin.input == "token lists"
    assert len(model.get_document_info(form(documents))) == 120
    assert model.get_perplexities(form(documents), "elbo")["n_unknown"].tolist() == [120]


def test_lists_of_tokens_as_long_as_each_other_are_not_a_matrix():
    documents = [["cats", "purr"], ["dogs", "bark"]] * 20
    model = TopicModel(2, max_epochs=1, random_state=0).fit(documents)
    assert model.vocabulary_ == ["bark", "cats", "dogs", "purr"]


def test_tokens_are_taken_as_they_are():
    documents = [["New York", "C++", "o'clock", "New York"], ["Paris", "C++"]] * 10
    model = TopicModel(2, max_epochs=1, random_state=0).fit(documents)
    assert model.vocabulary_ == ["C++", "New York", "Paris", "o'clock"]
    assert model.vectorizer_.transform(documents[:1]).toarray().tolist() == [[1, 2, 0, 1]]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "expected documents, got an empty collection"),
        ((), "expected documents, got an empty collection"),
        (iter([]), "expected documents, got an empty collection"),
        (pd.Series([], dtype=str), "expected documents, got an empty collection"),
        ([None, None], "got None .* at index 0; .*missing"),
        (["a text", None], "got None .* at index 1; .*missing"),
        (["a text", float("nan")], "got nan .* at index 1; .*missing"),
        (pd.Series(["a text", pd.NA], dtype="string"), "at index 1; .*missing"),
        ([b"a text", b"another"], "got b'a text' .* at index 0; .*bytes"),
        ([["cats"], None], "at index 1"),
        ([["cats", 3]], "at index 0"),
        ([["cats"], "dogs purr"], "at index 1"),
        (["dogs purr", ["cats"]], "at index 1"),
        ("a text", "a single str; put it in a list"),
        (b"a text", "a single bytes; put it in a list"),
        ({"a text", "another"}, "a set, .*; pass a list"),
        ({"a": "a text"}, r"a dict; pass its values\(\)"),
        (np.array([1.0, 2.0]), "a one-dimensional ndarray of float64"),
        (pd.Series([np.nan, np.nan]), "got nan .* at index 0; .*missing"),
        (
            pd.DataFrame({"speech": ["a text"], "n": [1]}),
            "expected a column 'text' of texts, got the columns 'speech', 'n'; if these",
        ),
        (None, "expected documents, got None; pass a list"),
        ([np.nan, np.nan], "got nan .* at index 0; .*missing"),
        ([pd.NA, pd.NA], "got <NA> .* at index 0; .*missing"),
        ([[b"cats"], [b"dogs"]], "got b'cats' .* at index 0"),
        ([Document("a text", "1")], "got a Document at index 0; pass its text"),
        ([Counter("ab"), Counter("b")], "a list of Counter that cannot be read as numbers"),
        ([iter(["cats"])], "a list of list_iterator that cannot be read as numbers"),
        ([{"a", "b"}, {"b"}], "a list of set that cannot be read as numbers"),
        ([csr_matrix([[1, 2]])] * 2, "a list of csr_matrix that cannot be read as numbers"),
        ([[(0, 1), (1, 2)], [(0, 1)]], "a list of list that cannot be read as numbers"),
        (torch.ones(2, 2).to_sparse(), "a Tensor that cannot be read as numbers .*to_dense"),
        (torch.ones(2, 2, requires_grad=True), "a Tensor that cannot .*detach"),
        (np.array([["cats", "purr"]]), "a ndarray that cannot be read as numbers"),
        (np.ones((2, 2), dtype="m8[s]"), "a ndarray that cannot .*timedelta64"),
        (np.ma.masked_array(np.ones((2, 2)), [[0, 1], [0, 0]]), "a masked array with some missing"),
        (pd.DataFrame(), "a DataFrame without columns"),
        (pd.DataFrame({"day": pd.to_datetime(["2026-01-01"])}), "datetime64.* in its column 'day'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(X, message, model):
    for method in (TopicModel(2, max_epochs=1).fit, model.transform):
        with pytest.raises(InputError, match=message) as caught:
            method(X)
        assert "\n" not in str(caught.value)
        if isinstance(X, type(iter([]))):
            break


def test_a_series_keeps_its_index(distinct, model):
    texts = pd.Series(distinct, index=[f"doc{i}" for i in range(120)])
    info = model.get_document_info(texts[::-1])
    assert info.index.tolist() == info["id"].tolist() == texts.index[::-1].tolist()
    frame = pd.DataFrame({"text": texts}).join(info)
    assert (frame["tokens"] == 40).all()
    assert model.get_document_info(distinct)["id"].tolist() == list(range(120))


@pytest.mark.parametrize("form", ["array", "chunked_array"])
def test_columns_of_pyarrow_are_texts_or_lists_of_tokens(form, distinct, model):
    pyarrow = pytest.importorskip("pyarrow")
    chunks = (lambda items: [items]) if form == "chunked_array" else list
    column = getattr(pyarrow, form)(chunks(distinct))
    np.testing.assert_array_equal(model.transform(column), model.transform(distinct))
    column = getattr(pyarrow, form)(chunks([text.split() for text in distinct]))
    np.testing.assert_array_equal(model.transform(column), model.transform(distinct))
    assert model.get_perplexities(column, "elbo")["n_unknown"].tolist() == [120]


def test_a_table_of_no_documents_is_empty(model):
    nothing = Corpus.from_documents([], model.vectorizer_, fit=False)
    assert model.get_document_info(nothing).shape == (0, 5)
    assert model.posterior(nothing).tokens.shape == (0, 3)
    assert model.posterior(nothing).interval(0.9)[0].shape == (0, 3)
    for method in (model.score, model.perplexity, model.get_perplexities):
        with pytest.raises(InputError, match=r"expected .*; pass .* documents"):
            method(nothing)


@pytest.mark.parametrize("index", [["a"] * 120, pd.MultiIndex.from_product([range(12), range(10)])])
def test_any_index_is_kept(index, distinct, model, frame_of_counts):
    for X in (pd.Series(distinct, index=index), frame_of_counts.set_axis(index)):
        assert model.get_document_info(X).index.equals(X.index)


# -- counts --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frame_of_counts(distinct, model):
    counts = model.vectorizer_.transform(distinct)
    return pd.DataFrame(counts.toarray(), columns=model.vocabulary_)


def test_columns_are_matched_with_the_words_by_name(distinct, model, frame_of_counts):
    expected = model.transform(distinct)
    shuffled = frame_of_counts[np.random.default_rng(0).permutation(model.vocabulary_)]
    np.testing.assert_array_equal(model.transform(frame_of_counts), expected)
    np.testing.assert_array_equal(model.transform(shuffled), expected)


def test_a_model_of_named_columns_knows_them_after_loading(frame_of_counts, tmp_path):
    model = TopicModel(3, max_epochs=1, random_state=0).fit(frame_of_counts)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.feature_names_in_.tolist() == model.feature_names_in_.tolist()
    expected = model.transform(frame_of_counts)
    turned = frame_of_counts[frame_of_counts.columns[::-1]]
    for one in (model, loaded):
        np.testing.assert_array_equal(one.transform(turned), expected)
        with pytest.raises(ValueError, match="feature names should match"):
            one.transform(turned.rename(columns={"qaa": "other"}))


def test_polars_columns_are_matched_too(distinct, model, frame_of_counts):
    polars = pytest.importorskip("polars")
    turned = polars.DataFrame({word: frame_of_counts[word] for word in model.vocabulary_[::-1]})
    np.testing.assert_array_equal(model.transform(turned), model.transform(distinct))


def test_tables_of_pyarrow_are_matched_too(distinct, model, frame_of_counts):
    pyarrow = pytest.importorskip("pyarrow")
    turned = pyarrow.table({word: frame_of_counts[word] for word in model.vocabulary_[::-1]})
    np.testing.assert_array_equal(model.transform(turned), model.transform(distinct))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.rename(columns={"qaa": "z"}), "1 missing .*'qaa'.*1 unknown .*'z'"),
        (lambda frame: frame.drop(columns=["qaa"]), "1 missing .*'qaa'.* 0 unknown"),
        (lambda frame: frame.assign(z=0), "0 missing, 1 unknown .*'z'"),
        (lambda frame: pd.concat([frame, frame[["qaa"]]], axis=1), "got 'qaa' for 2 columns"),
        (lambda frame: frame.rename(columns={"qaa": 3}), "labels of the types int, str"),
        (lambda frame: frame.set_axis(range(frame.shape[1], 0, -1), axis=1), "got .* before"),
        (
            lambda frame: pd.concat({"words": frame}, axis=1).iloc[:, ::-1],
            "in the order of their labels, got .* before",
        ),
    ],
)
def test_other_columns_are_refused_by_name(model, frame_of_counts, change, message):
    with pytest.raises(InputError, match=message):
        model.transform(change(frame_of_counts))


def test_a_corpus_of_the_same_words_in_another_order_is_matched(distinct, model, frame_of_counts):
    turned = frame_of_counts[frame_of_counts.columns[::-1]]
    ids = [str(row) for row in range(120)]
    corpus = Corpus(csr_matrix(turned.to_numpy()), list(turned.columns), ids)
    np.testing.assert_array_equal(model.transform(corpus), model.transform(distinct))


def test_columns_without_names_are_taken_by_their_places(distinct, model, frame_of_counts):
    by_number = frame_of_counts.set_axis(range(frame_of_counts.shape[1]), axis=1)
    np.testing.assert_array_equal(model.transform(by_number), model.transform(distinct))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.bool_])
@pytest.mark.parametrize("form", [coo_matrix, csr_matrix])
def test_entries_at_one_place_are_added_up_whatever_their_type(dtype, form):
    """A word occurs 100,000 times in each document, entered one by one."""
    rows, columns = np.repeat([0, 1], 100_000), np.repeat([1, 0], 100_000)
    counts = coo_matrix((np.ones(200_000, dtype), (rows, columns)), (2, 2))
    if form is csr_matrix:  # with its duplicates
        counts = csr_matrix((counts.data, counts.col, [0, 100_000, 200_000]), shape=(2, 2))
    model = TopicModel(2, max_epochs=1, random_state=0).fit(counts)
    assert model.fitted_.origin.n_tokens == 200_000
    corpus = Corpus(counts, ["a", "b"], ["1", "2"])
    assert corpus.counts.toarray().tolist() == [[0, 100_000], [100_000, 0]]


def test_a_corpus_of_tf_idf_is_refused_too(planted_counts):
    tf_idf = TfidfTransformer().fit_transform(planted_counts)
    words = [f"w{column}" for column in range(tf_idf.shape[1])]
    corpus = Corpus(tf_idf, words, [str(row) for row in range(tf_idf.shape[0])])
    with pytest.raises(InputError, match="look like tf-idf; pass the counts"):
        TopicModel(3, max_epochs=1).fit(corpus)


def test_tf_idf_is_refused_and_other_fractions_are_mentioned(planted_counts):
    tf_idf = TfidfTransformer().fit_transform(planted_counts)
    for X in (tf_idf, tf_idf.toarray(), tf_idf.astype(np.float32)):
        with pytest.raises(InputError, match="look like tf-idf; pass the counts"):
            TopicModel(3, max_epochs=1).fit(X)
    for X in (planted_counts * 0.5, TfidfTransformer(norm="l1").fit_transform(planted_counts)):
        with pytest.warns(UserWarning, match="numbers with fractions"):
            TopicModel(3, max_epochs=1).fit(X)
    whole = csr_matrix(np.eye(6))  # rows of unit length, and counts all the same
    TopicModel(2, max_epochs=1, random_state=0).fit(whole)


def test_another_vectorizer_is_refused_before_the_training(planted_texts):
    with pytest.raises(
        InputError, match=r"must be None or a topicgen\.Vectorizer.*got CountVectorizer"
    ):
        TopicModel(3, vectorizer=CountVectorizer()).fit(planted_texts)
