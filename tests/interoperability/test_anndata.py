"""AnnData in and out: its files and ours, its objects and ours."""

from contextlib import nullcontext
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from topicgen import TopicModel
from topicgen.corpus import Corpus
from topicgen.corpus.formats import from_anndata, read_corpus, to_anndata, write_corpus
from topicgen.errors import InputError

ad = pytest.importorskip("anndata", reason="anndata is not installed: pip install anndata")
pytest.importorskip("h5py", reason='h5py is not installed: pip install "topicgen[h5ad]"')

# AnnData before 0.13 cannot write the strings of pandas 3, and switching them off is deprecated.
IS_OLD = tuple(map(int, version("anndata").split(".")[:2])) < (0, 13)
pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")

COUNTS = np.array([[2, 0, 1], [0, 3, 0], [0, 0, 0]])
WORDS, IDS = ["bank", "größer", "rain"], ["a", "b/1", "ü"]


@pytest.fixture(autouse=True)
def plain_strings():
    is_needed = IS_OLD and pd.__version__ >= "3"
    with pd.option_context("future.infer_string", False) if is_needed else nullcontext():
        yield


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5ad"


def adata(X=COUNTS, **columns):
    obs = pd.DataFrame(columns, index=IDS)
    return ad.AnnData(X, obs=obs, var=pd.DataFrame(index=WORDS))


def same(corpus, expected):
    np.testing.assert_array_equal(corpus.counts.toarray(), expected.counts.toarray())
    assert corpus.vocabulary == expected.vocabulary
    assert list(corpus.ids) == list(expected.ids)
    assert corpus.labels == expected.labels
    assert values(corpus.metadata) == values(expected.metadata)


def values(frame):
    """The values of each column, whatever their types, with None where one is missing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("list")


def test_it_reads_what_we_write(corpus, path):
    write_corpus(corpus, path)
    found = ad.read_h5ad(path)
    np.testing.assert_array_equal(found.X.toarray(), corpus.counts.toarray())
    assert list(found.var_names) == corpus.vocabulary
    assert list(found.obs_names) == corpus.ids
    assert found.obs["label"].tolist() == corpus.labels
    assert found.obs["party"].isna().tolist() == [False, True, False]
    assert found.obs["seats"].isna().tolist() == [False, True, False]
    assert found.obs["seats"].iloc[2] == 2
    assert found.obs["year"].tolist() == [1999, 2000, 2001]
    assert found.obs["new"].tolist() == [True, False, True]
    np.testing.assert_array_equal(found.obs["share"], [0.5, np.nan, 0.25])


def test_we_read_what_it_makes_of_our_file(corpus, path):
    write_corpus(corpus, path)
    found = ad.read_h5ad(path)
    found.write_h5ad(path)
    for again in (from_anndata(found), read_corpus(path)):
        same(again, corpus)


def test_its_object_of_our_corpus(corpus, path):
    found = to_anndata(corpus)
    same(from_anndata(found), corpus)
    found.write_h5ad(path)
    same(read_corpus(path), corpus)
    bare = to_anndata(Corpus(COUNTS, WORDS, IDS))
    assert (bare.shape, list(bare.obs.columns)) == ((3, 3), [])


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix, csc_matrix])
def test_forms_of_its_matrix(path, form, dtype):
    found = adata(form(COUNTS.astype(dtype)))
    found.write_h5ad(path, compression="gzip")
    for corpus in (from_anndata(found), read_corpus(path)):
        np.testing.assert_array_equal(corpus.counts.toarray(), COUNTS)
        assert (corpus.vocabulary, list(corpus.ids)) == (WORDS, IDS)
        assert corpus.metadata is None


@pytest.mark.parametrize("form", [np.asarray, csr_matrix, csc_matrix])
def test_a_file_that_stays_open(path, form):
    adata(form(COUNTS), label=list("xyx")).write_h5ad(path)
    backed = ad.read_h5ad(path, backed="r")
    corpus = from_anndata(backed)
    backed.file.close()
    np.testing.assert_array_equal(corpus.counts.toarray(), COUNTS)
    assert corpus.labels == ["x", "y", "x"]


def test_a_view_of_some_documents_and_words():
    view = adata(csr_matrix(COUNTS))[[1, 0], ["größer", "bank"]]
    corpus = from_anndata(view)
    np.testing.assert_array_equal(corpus.counts.toarray(), [[3, 0], [0, 2]])
    assert (corpus.vocabulary, list(corpus.ids)) == (["größer", "bank"], ["b/1", "a"])


@pytest.mark.parametrize("form", [list, pd.Categorical])
def test_missing_labels(path, form):
    found = adata(label=form(["x", None, "y"]))
    assert from_anndata(found).labels == ["x", "", "y"]
    found.write_h5ad(path)
    assert read_corpus(path).labels == ["x", "", "y"]


def test_counts_in_a_layer(path):
    found = adata(np.log1p(COUNTS.astype(float)))
    found.layers["counts"] = csr_matrix(COUNTS)
    np.testing.assert_array_equal(from_anndata(found, "counts").counts.toarray(), COUNTS)
    with pytest.raises(InputError, match=r"counts in X, got 1\.09.* pass layer='counts'"):
        from_anndata(found)
    found.write_h5ad(path)
    with pytest.raises(InputError, match=r"in '.*a\.h5ad', .* from_anndata\(adata, layer='counts"):
        read_corpus(path)
    with pytest.raises(InputError, match=r"one of the layers 'counts', got layer='raw'"):
        from_anndata(found, layer="raw")
    found.layers["halves"] = COUNTS / 2
    with pytest.raises(InputError, match=r"in the layer 'halves', got 0\.5 .*tf-idf$"):
        from_anndata(found, layer="halves")


def test_no_counts_at_all():
    found = ad.AnnData(obs=pd.DataFrame(index=IDS), var=pd.DataFrame(index=WORDS))
    with pytest.raises(InputError, match=r"expected counts in X, got an AnnData without X$"):
        from_anndata(found)
    with pytest.raises(InputError, match=r"layers \(there are none\), got layer='counts'"):
        from_anndata(found, layer="counts")


def test_topics_in_its_places(planted_counts, path):
    """Proportions in obsm, topics in varm, what is known of topics in uns: they can be saved."""
    words = [f"q{column}" for column in range(30)]
    found = to_anndata(Corpus(planted_counts, words, list(map(str, range(120)))))
    model = TopicModel(3, max_epochs=5, random_state=0).fit(from_anndata(found))
    found.obsm["X_topicgen"] = model.transform(from_anndata(found))
    found.varm["topicgen"] = model.components_.T
    found.obs["topic"] = model.get_document_info(from_anndata(found))["topic"].to_numpy()
    found.uns["topicgen"] = model.get_topic_info().drop(columns="words")
    found.write_h5ad(path)
    again = ad.read_h5ad(path)
    np.testing.assert_array_equal(again.obsm["X_topicgen"], model.transform(planted_counts))
    np.testing.assert_array_equal(again.varm["topicgen"], model.components_.T)
    assert again.obs["topic"].tolist() == again.obsm["X_topicgen"].argmax(1).tolist()
    assert again.uns["topicgen"]["topic"].tolist() == model.get_topic_info()["topic"].tolist()
    # Its file is still a corpus, with the topic among the metadata.
    assert read_corpus(path).metadata["topic"].tolist() == again.obs["topic"].tolist()
