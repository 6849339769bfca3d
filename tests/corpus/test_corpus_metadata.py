"""Metadata belong to their documents, whatever becomes of these."""

import json
import random
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus import Corpus, Document, Vectorizer, build_corpus
from topicgen.corpus.counting import blocks
from topicgen.corpus.metadata import metadata_rows
from topicgen.corpus.storage import StoredCorpus, strings

N = 500


def all_words():
    return Vectorizer(min_df=1, max_df=1.0, stop_words=None, max_features=None)


@pytest.fixture
def documents():
    """Documents that name themselves; some are empty, some rare words only, some repeated."""
    rng = random.Random(0)
    made = []
    for row in range(N):
        number = row if row % 11 else row // 33
        text = f"common word{rng.randrange(9)} doc{chr(97 + row % 26)}x{number}y"
        text = "" if row % 13 == 5 else text if row % 11 else f"common doc{number}repeat"
        made.append(Document(text, f"d{row}", f"l{row % 3}").with_metadata({"row": row}))
    return made


def check_aligned(corpus):
    """Each row has the id, label, metadata and words of one document."""
    assert len(corpus.metadata) == len(corpus.ids) == len(corpus) == corpus.counts.shape[0]
    rows = corpus.metadata["row"].tolist()
    assert corpus.metadata.index.tolist() == list(range(len(corpus)))
    assert list(corpus.ids) == [f"d{row}" for row in rows]
    assert list(corpus.labels) == [f"l{row % 3}" for row in rows]
    return rows


@pytest.fixture
def small_blocks(monkeypatch):
    """Counting in many blocks, and in several processes; metadata in batches of their own."""
    monkeypatch.setattr(blocks, "_CHARACTERS_A_BLOCK", 1_000)
    monkeypatch.setattr(metadata_rows, "_BATCH", 64)


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_every_document_keeps_its_metadata(where, documents, small_blocks, tmp_path):
    if where == "memory":
        corpus = Corpus.from_documents(documents, all_words())
    else:
        build_corpus(documents, all_words(), tmp_path / "c")
        corpus = Corpus.open(tmp_path / "c")
        StoredCorpus(tmp_path / "c").verify()
    assert check_aligned(corpus) == list(range(N))
    for row in (0, 5, 63, 64, 130, N - 1):
        words = {corpus.vocabulary[i] for i in corpus.counts[row].indices}
        assert words == set(all_words().build_analyzer()(documents[row].text))


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_repeated_documents_take_their_metadata_along(where, documents, small_blocks, tmp_path):
    seen, first = set(), []
    for row, document in enumerate(documents):
        if not document.text or document.text not in seen:
            first.append(row)
        seen.add(document.text)
    assert len(first) < N
    if where == "memory":
        corpus = Corpus.from_documents(documents, all_words(), deduplicate=True)
    else:
        build_corpus(documents, all_words(), tmp_path / "c", deduplicate=True)
        corpus = Corpus.open(tmp_path / "c")
    assert check_aligned(corpus) == first
    assert corpus.found["duplicates"] == corpus.found["duplicates_dropped"] == N - len(first)
    counted = Corpus.from_documents(documents, all_words()).found
    assert (counted["duplicates"], counted["duplicates_dropped"]) == (N - len(first), 0)


def test_pruning_leaves_empty_documents_in_their_place(documents):
    corpus = Corpus.from_documents(documents, Vectorizer(min_df=400, max_df=1.0, stop_words=None))
    assert corpus.vocabulary == ["common"]
    assert check_aligned(corpus) == list(range(N))
    fewer = corpus.with_vocabulary(["other", "common"])
    assert check_aligned(fewer) == list(range(N))
    none = corpus.with_vocabulary(["other"])
    assert check_aligned(none) == list(range(N))
    assert none.n_empty == N


ROWS = {
    "slice": slice(3, 400, 7),
    "reversed": slice(None, None, -1),
    "mask": np.arange(N) % 5 == 2,
    "shuffled": np.random.default_rng(0).permutation(N),
    "repeated": [7, 7, -1, 0, 7],
    "series": pd.Series(np.arange(N) % 2 == 0, index=np.random.default_rng(1).permutation(N)),
    "none": slice(0, 0),
    "first": slice(0, 100),
}


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_of_a_corpus(rows, stored, documents, tmp_path):
    corpus = Corpus.from_documents(documents, all_words())
    if stored:
        corpus.save(tmp_path / "c")
        corpus = Corpus.open(tmp_path / "c")
    taken = corpus[rows]
    expected = np.arange(N)[np.asarray(rows) if not isinstance(rows, slice) else rows]
    assert len(taken) == len(expected)
    assert taken.shape == (len(expected), corpus.n_words)
    assert check_aligned(taken) == expected.tolist()
    np.testing.assert_array_equal(taken.counts.toarray(), corpus.counts.toarray()[expected])
    assert taken.counts.has_canonical_format
    again = taken[::2][:10]
    assert check_aligned(again) == expected[::2][:10].tolist()
    np.testing.assert_array_equal(
        again.counts.toarray(), corpus.counts.toarray()[expected[::2][:10]]
    )
    assert (taken.vocabulary, taken.found) == (corpus.vocabulary, None)


def test_one_row_is_a_corpus_of_one(documents):
    corpus = Corpus.from_documents(documents, all_words())
    assert check_aligned(corpus[7]) == [7]
    assert check_aligned(corpus[-1]) == [N - 1]
    with pytest.raises(TypeError, match="not iterable"):
        iter(corpus)


def test_nothing_is_read_before_it_is_asked_for(documents, tmp_path):
    build_corpus(documents, all_words(), tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    taken = corpus[10:20]
    assert corpus.counts.shape[0] == N  # checked on first use
    shutil.rmtree(tmp_path / "c")
    assert len(taken) == 10
    assert taken.counts.shape == (10, corpus.n_words)  # mapped before
    with pytest.raises(Exception, match=r"metadata\.arrow"):
        taken.metadata  # noqa: B018


def test_consecutive_rows_are_views_of_the_mapped_counts(documents, tmp_path):
    build_corpus(documents, all_words(), tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    assert np.shares_memory(corpus[100:200].counts.data, corpus.counts.data)


def test_a_saved_part_is_a_corpus_of_its_own(documents, tmp_path):
    build_corpus(documents, all_words(), tmp_path / "c")
    Corpus.open(tmp_path / "c")[::-3].save(tmp_path / "part")
    assert check_aligned(Corpus.open(tmp_path / "part")) == list(range(N))[::-3]


def test_metadata_are_taken_by_position(refuses):
    frame = pd.DataFrame({"party": ["a", "b"]}, index=[1, 0])
    corpus = Corpus(csr_matrix([[1, 2], [0, 3]]), ["bank", "rate"], ["x", "y"], metadata=frame)
    assert corpus.metadata["party"].tolist() == ["a", "b"]
    assert corpus.keep("party").metadata.shape == (2, 1)
    with refuses("metadata with 2 rows", "got 1"):
        Corpus([[1, 2], [0, 3]], ["bank", "rate"], ["x", "y"], metadata=frame[:1])
    with refuses("a column 'year', got 'party'"):
        corpus.keep(["year"])


def test_corpora_of_before_have_no_metadata(documents, tmp_path):
    build_corpus([Document("a bank", "1")], all_words(), tmp_path / "c")
    path = tmp_path / "c" / "corpus.json"
    description = json.loads(path.read_text())
    assert description.pop("metadata") == {}
    description["sha256"].pop("corpus.json")
    path.write_text(json.dumps(description | {"format_version": 1}))
    assert Corpus.open(tmp_path / "c").metadata is None
    assert not (tmp_path / "c" / "metadata.arrow").exists()


def test_damaged_metadata_are_refused_when_they_are_read(documents, refuses, tmp_path):
    build_corpus(documents, all_words(), tmp_path / "c")
    path = tmp_path / "c" / "metadata.arrow"
    content = path.read_bytes()
    for damage in (b"not an Arrow file", content[:-20], b""):
        path.write_bytes(damage)
        with refuses("damaged", "metadata.arrow", "build it again"):
            Corpus.open(tmp_path / "c").metadata  # noqa: B018
        with refuses("metadata.arrow has changed"):
            StoredCorpus(tmp_path / "c").verify()
    path.unlink()
    with refuses("damaged", "metadata.arrow"):
        Corpus.open(tmp_path / "c").metadata  # noqa: B018


def test_the_share_of_unknown_terms(documents):
    vectorizer = Vectorizer(stop_words="english").fit(["the bank raised the rate"])
    texts = ["The bank and the zebra", "", "the", "lion zebra", "bank rate"]
    named = [Document(text, str(row)) for row, text in enumerate(texts)]
    corpus = Corpus.from_documents(named, vectorizer, fit=False)
    np.testing.assert_array_equal(corpus.n_terms, [2, 0, 0, 2, 2])
    np.testing.assert_array_equal(corpus.n_tokens_each, [1, 0, 0, 0, 2])
    np.testing.assert_array_equal(corpus.unknown_share, [0.5, np.nan, np.nan, 1.0, 0.0])
    np.testing.assert_array_equal(corpus[[3, 0]].unknown_share, [1.0, 0.5])
    fewer = Corpus([[1, 3], [0, 0]], ["bank", "rate"], ["x", "y"]).with_vocabulary(["bank"])
    np.testing.assert_array_equal(fewer.unknown_share, [0.75, np.nan])
    with pytest.raises(ValueError, match="expected 1 n_terms"):
        Corpus([[1]], ["bank"], ["x"], n_terms=np.zeros(2))


@pytest.mark.parametrize("options", [{"ngram_range": (1, 2)}, {"tokenizer": "nltk:toktok"}])
def test_every_way_of_counting_knows_the_terms_of_each_document(options):
    vectorizer = Vectorizer(stop_words=None, **options).fit(["bank rate", "bank fund"])
    corpus = Corpus.from_documents(
        [Document("bank rate zebra", "a"), Document("", "b")], vectorizer, fit=False
    )
    n_terms = 5 if "ngram_range" in options else 3
    np.testing.assert_array_equal(corpus.n_terms, [n_terms, 0])


def test_the_terms_of_each_document_are_its_own(documents, small_blocks):
    """Across the borders of blocks, and counted by several processes."""
    vectorizer = all_words().fit(["common word1 word2 word3"])
    corpus = Corpus.from_documents(documents, vectorizer, fit=False)
    terms = [len(vectorizer.build_analyzer()(document.text)) for document in documents]
    np.testing.assert_array_equal(corpus.n_terms, terms)
    assert corpus.n_unknown == sum(terms) - corpus.n_tokens
    assert corpus[:7].n_unknown == sum(terms[:7]) - corpus[:7].n_tokens
    assert check_aligned(corpus) == list(range(N))
    assert np.isnan(Corpus([[1]], ["bank"], ["x"]).n_unknown)


def test_strings_of_rows_in_any_order(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(strings, "_CHUNK", 16)
    build_corpus(documents, all_words(), tmp_path / "c")
    ids = Corpus.open(tmp_path / "c").ids
    rows = np.random.default_rng(0).integers(0, N, 200)
    assert ids.take(rows) == [f"d{row}" for row in rows]
    assert ids.take(range(20, 40)) == [f"d{row}" for row in range(20, 40)]
    assert ids.take([]) == []
