"""Metadata beside documents: their rows are those of the documents, by position."""

import inspect
import warnings
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split

from topicgen import TopicModel
from topicgen.corpus import Corpus, Document, Vectorizer
from topicgen.errors import InputError
from topicgen.topic_model import fitting

N = 60


@pytest.fixture(scope="module")
def texts(planted_texts):
    """The seventh is empty, the ninth unknown to any model."""
    made = [f"{text} number{row}" for row, text in enumerate(planted_texts[:N])]
    made[7], made[9] = "", "zebra"
    return made


@pytest.fixture(scope="module")
def metadata():
    return pd.DataFrame({"row": np.arange(N), "party": [f"p{row % 3}" for row in range(N)]})


@pytest.fixture(scope="module")
def model(texts):
    vectorizer = Vectorizer(extra_stop_words=["zebra"])
    return TopicModel(3, max_epochs=1, random_state=0, vectorizer=vectorizer).fit(texts)


@pytest.fixture
def seen(monkeypatch):
    """What ``fitting.fit`` is given: its inputs, in a list."""
    inputs = []
    fit = fitting.fit

    def watched(settings, data, *others):
        inputs.append(data)
        return fit(settings, data, *others)

    monkeypatch.setattr(fitting, "fit", watched)
    return inputs


def new():
    return TopicModel(3, max_epochs=1, random_state=0)


INDICES = {
    "shuffled": np.random.default_rng(0).permutation(N),
    "filtered": np.arange(N) * 3 + 5,
    "duplicated": np.arange(N) // 2,
    "reversed": np.arange(N)[::-1],
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("form", ["list", "series", "array", "generator", "counts", "frame"])
def test_metadata_are_aligned_by_position(form, index, texts, metadata, model, seen):
    """Whatever the indices of documents and of metadata say."""
    shuffled = metadata.set_axis(index)
    X = {
        "list": texts,
        "series": pd.Series(texts, index=index[::-1]),
        "array": np.array(texts, dtype=object),
        "generator": (text for text in texts),
        "counts": model.vectorizer_.transform(texts),
        "frame": pd.DataFrame({"text": texts}, index=index[::-1]),
    }[form]
    new().fit(X, metadata=shuffled)
    (data,) = seen
    pd.testing.assert_frame_equal(data.metadata, metadata)
    assert data.counts.shape[0] == N
    assert data.counts[7].nnz == 0
    if form != "generator":
        info = model.get_document_info(X, metadata=shuffled)
        assert info["row"].tolist() == list(range(N))
        assert info["tokens"].tolist() == model.get_document_info(texts)["tokens"].tolist()


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_a_frame_with_texts_brings_its_metadata(index, texts, metadata, model, seen):
    frame = metadata.assign(text=texts).set_axis(index)[["row", "text", "party"]]
    fitted = new().fit(frame)
    pd.testing.assert_frame_equal(seen[0].metadata, metadata)
    np.testing.assert_array_equal(fitted.components_, new().fit(texts).components_)
    np.testing.assert_array_equal(model.transform(frame), model.transform(texts))
    np.testing.assert_array_equal(model.posterior(frame).tokens, model.posterior(texts).tokens)
    assert model.perplexity(frame) == model.perplexity(texts)
    assert model.get_perplexities(frame, "elbo").equals(model.get_perplexities(texts, "elbo"))
    info = model.get_document_info(frame)
    assert info["row"].tolist() == list(range(N))
    assert info.index.tolist() == info["id"].tolist() == index.tolist()
    kept = np.arange(N) % 4 == 1
    part = model.get_document_info(frame[kept])
    assert part["row"].tolist() == np.flatnonzero(kept).tolist()
    pd.testing.assert_frame_equal(part, info[kept], check_exact=False)


def test_the_column_of_texts_is_named(texts, metadata, seen, tmp_path):
    frame = metadata.assign(speech=texts, text=1.0)
    model = clone(new().set_params(text_column="speech")).fit(frame)
    assert list(seen[0].metadata.columns) == ["row", "party", "text"]
    model.save(tmp_path / "m")
    loaded = TopicModel.load(tmp_path / "m")
    assert loaded.text_column == "speech"
    np.testing.assert_array_equal(loaded.transform(frame), model.transform(texts))
    with pytest.raises(InputError, match=r"one without texts, .* did you mean 'speech'"):
        new().fit(frame)
    with pytest.raises(InputError, match="text_column must be the name of a column, got 1"):
        TopicModel(text_column=1).fit(texts)
    only = pd.DataFrame({"speech": texts})
    np.testing.assert_array_equal(new().fit(only).components_, model.components_)


def test_a_column_of_counts_may_be_named_text(seen):
    counts = pd.DataFrame(np.eye(40, 3) + 1.0, columns=["bank", "text", "rate"])
    new().fit(counts)
    assert seen[0].vocabulary == ["bank", "text", "rate"]
    assert seen[0].metadata is None


def test_a_column_of_texts_that_comes_twice_is_refused(texts):
    frame = pd.DataFrame([["a", "b"]] * 3, columns=["text", "text"])
    with pytest.raises(InputError, match="one column 'text' of texts, got 2; rename"):
        new().fit(frame)


def test_frames_of_polars(texts, metadata, model, seen):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"text": texts, "row": list(range(N))})
    new().fit(frame)
    assert seen[0].metadata["row"].tolist() == list(range(N))
    assert model.get_document_info(frame)["row"].tolist() == list(range(N))


def test_a_corpus_brings_its_metadata(texts, metadata, model, seen, tmp_path):
    named = [
        Document(text, f"d{row}").with_metadata({"row": row}) for row, text in enumerate(texts)
    ]
    in_memory = Corpus.from_documents(named, model.vectorizer_, fit=False)
    in_memory.save(tmp_path / "c")
    for corpus in (in_memory, Corpus.open(tmp_path / "c")):
        seen.clear()
        rows = np.random.default_rng(0).permutation(N)
        new().fit(corpus[rows])
        assert seen[0].metadata["row"].tolist() == rows.tolist()
        info = model.get_document_info(corpus[rows])
        assert info["row"].tolist() == rows.tolist()
        assert info["id"].tolist() == [f"d{row}" for row in rows]
        np.testing.assert_allclose(
            model.transform(corpus[rows]), model.transform(texts)[rows], rtol=1e-12
        )
        new().fit(corpus, metadata=metadata)
        assert list(seen[-1].metadata.columns) == ["row", "party"]


@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
def test_metadata_of_another_length_are_refused(method, texts, metadata, model):
    for X in (texts, model.vectorizer_.transform(texts)):
        train = getattr(new(), method)
        with pytest.raises(InputError, match=r"metadata with 60 rows, .* got 59; pass the rows"):
            train(X, metadata=metadata[1:])
        train(X, metadata=metadata)
        if method == "partial_fit":
            with pytest.raises(InputError, match="got 59"):
                train(X, metadata=metadata[1:])
    with pytest.raises(InputError, match="got 59"):
        model.get_document_info(texts, metadata=metadata[1:])


def test_metadata_change_no_model_that_does_not_use_them(texts, metadata, tmp_path):
    model = new().fit(texts, metadata=metadata)
    np.testing.assert_array_equal(model.components_, new().fit(texts).components_)
    model.save(tmp_path / "m")
    assert "party" not in (tmp_path / "m" / "config.json").read_text()


def test_nothing_is_read_of_a_corpus_that_nobody_asks_for(texts, model, tmp_path):
    named = [Document(text, str(row)).with_metadata({"a": 1}) for row, text in enumerate(texts)]
    Corpus.from_documents(named, model.vectorizer_, fit=False).save(tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    (tmp_path / "c" / "metadata.arrow").write_bytes(b"damaged")
    new().fit(corpus).transform(corpus)
    with pytest.raises(InputError, match="damaged"):
        model.get_document_info(corpus)


# -- documents without known words ----------------------------------------------------------------


def test_rows_without_known_words_may_be_missing(texts, model):
    prior, missing = model.transform(texts), model.transform(texts, empty="missing")
    np.testing.assert_allclose(prior.sum(1), 1.0)
    assert np.flatnonzero(np.isnan(missing).any(1)).tolist() == [7, 9]
    assert np.isnan(missing[[7, 9]]).all()
    rest = np.setdiff1d(np.arange(N), [7, 9])
    np.testing.assert_array_equal(missing[rest], prior[rest])
    info = model.get_document_info(texts, empty="missing")
    assert info[["topic", "share"]].isna().any(axis=1).to_numpy().nonzero()[0].tolist() == [7, 9]
    assert model.get_document_info(texts)["topic"].dtype == "int64"
    for method in (model.transform, model.get_document_info):
        with pytest.raises(InputError, match="empty must be 'prior' or 'missing', got 'none'"):
            method(texts, empty="none")


def test_the_table_says_how_much_of_a_document_is_known(model, texts):
    some = [f"{texts[0]} lion lion", "", "the", "lion"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        info = model.get_document_info(some)
    n = info["tokens"][0]
    np.testing.assert_allclose(info["unknown_share"], [2 / (n + 2), np.nan, np.nan, 1.0])
    counts = model.vectorizer_.transform(some)
    np.testing.assert_array_equal(
        model.get_document_info(counts)["unknown_share"], [0, np.nan, np.nan, np.nan]
    )


@pytest.mark.parametrize(
    "method", ["transform", "posterior", "perplexity", "get_document_info", "get_perplexities"]
)
def test_a_largely_unknown_collection_is_said_to_be(method, model, texts):
    russian = [
        f"экономика выросла на рынках {text[:3] if row < 20 else row}"
        for row, text in enumerate(texts)
    ]
    with pytest.warns(
        UserWarning, match=r"the model knows only .* compared with .* in the same lang"
    ):
        getattr(model, method)(russian)


# -- scikit-learn ---------------------------------------------------------------------------------


def test_scikit_learn_takes_a_corpus(texts, metadata, model, tmp_path):
    named = [Document(text, str(row)).with_metadata({"row": row}) for row, text in enumerate(texts)]
    Corpus.from_documents(named, model.vectorizer_, fit=False).save(tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    train, test, train_rows, test_rows = train_test_split(
        corpus, np.arange(N), random_state=0, test_size=0.25
    )
    assert train.metadata["row"].tolist() == train_rows.tolist()
    assert test.metadata["row"].tolist() == test_rows.tolist()
    scores = cross_val_score(new(), corpus, cv=3)
    counts = corpus.counts
    np.testing.assert_allclose(scores, cross_val_score(new(), counts, cv=3), rtol=1e-6)
    search = GridSearchCV(new(), {"n_components": [2, 3]}, cv=2).fit(corpus)
    assert search.best_estimator_.components_.shape[1] == counts.shape[1]
    assert search.transform(corpus[:5]).shape[0] == 5


def test_every_method_of_documents_reads_a_frame_with_texts(model):
    """A new method that forgets the column would take the frame for counts."""
    taking = [
        name
        for name, method in inspect.getmembers(TopicModel, inspect.isfunction)
        if "X" in inspect.signature(method).parameters and not name.startswith("_")
    ]
    assert set(taking) >= {"fit", "transform", "score", "perplexity"}
    frame = pd.DataFrame({"text": ["qaa qab qac"] * 20 + ["qba qbb qbc"] * 20})
    frame["n"] = range(40)
    topics = {"merge": {"topics": [0, 1]}, "drop": {"topics": [0]}, "split": {"topic": 0}}
    if find_spec("bertopic") is None:
        taking.remove("to_bertopic")
    for name in taking:
        fresh = TopicModel(2, max_epochs=1, random_state=0).fit(frame)
        method = getattr(fresh, name)
        columns = inspect.signature(method).parameters.keys() & {"timestamps", "classes"}
        method(X=frame, **dict.fromkeys(columns, "n"), **topics.get(name, {}))


def test_scikit_learn_cuts_metadata_with_the_documents(texts, metadata, seen):
    shuffled = metadata.set_axis(INDICES["shuffled"])
    GridSearchCV(new(), {"n_components": [2]}, cv=3, refit=False).fit(texts, metadata=shuffled)
    assert [len(data.metadata) for data in seen] == [40, 40, 40]
    for data, test in zip(seen, np.array_split(np.arange(N), 3), strict=True):
        assert data.metadata["row"].tolist() == np.setdiff1d(np.arange(N), test).tolist()


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_column_id_of_a_frame_with_texts_holds_the_ids(library, texts, model):
    ids = [f"L{row:04}" for row in range(N)]
    frame = pd.DataFrame({"id": ids, "text": texts, "year": range(N)})
    X = {
        "pandas": lambda: frame,
        "polars": lambda: pytest.importorskip("polars").from_pandas(frame),
        "pyarrow": lambda: pytest.importorskip("pyarrow").Table.from_pandas(frame),
    }[library]()
    info = model.get_document_info(X)
    assert info["id"].tolist() == ids
    assert info.index.tolist() == list(range(N))
    assert info.columns[-1] == "year"
    assert "input_id" not in info.columns
    found = model.representative_documents(0, 2, X)
    assert found["id"].tolist() == [ids[row] for row in found["document"]]


def test_a_filtered_frame_keeps_its_ids(texts, model):
    frame = pd.DataFrame({"id": [f"L{row}" for row in range(N)], "text": texts})
    info = model.get_document_info(frame[frame.index % 3 == 1])
    assert info["id"].tolist() == [f"L{row}" for row in range(1, N, 3)]


@pytest.mark.parametrize("case", ["labels", "named", "levels", "missing", "lists", "counts"])
def test_otherwise_the_index_holds_the_ids(case, texts, model):
    frame = pd.DataFrame({"id": np.arange(N) + 5, "text": texts})
    if case == "labels":
        frame.index = [f"d{row}" for row in range(N)]
    elif case == "named":
        frame.index.name = "row"
    elif case == "levels":
        frame.index = pd.MultiIndex.from_arrays([range(N), range(N)])
    elif case == "missing":
        frame["id"] = frame["id"].where(frame["id"] > 5)
    elif case == "lists":
        frame["id"] = [[row] for row in range(N)]
    else:
        words = model.vocabulary_
        counts = model.vectorizer_.transform(texts).toarray()
        frame = pd.DataFrame(counts, columns=words)
        assert "id" not in model.get_document_info(frame).columns[1:]
        return
    info = model.get_document_info(frame)
    assert info["id"].tolist() == frame.index.tolist()
    assert info["input_id"].astype(str).tolist() == frame["id"].astype(str).tolist()


def test_ids_of_a_frame_are_columns_of_metadata_that_are_passed(texts, model):
    frame = pd.DataFrame({"id": [f"L{row}" for row in range(N)], "text": texts})
    info = model.get_document_info(frame, metadata={"id": range(N)})
    assert info["id"].tolist() == frame["id"].tolist()
    assert info["input_id"].tolist() == list(range(N))
