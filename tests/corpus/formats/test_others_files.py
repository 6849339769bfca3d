"""Files and readers of another library: gensim's, of the forms that it shares."""

import shutil

import pytest
from gensim.corpora import BleiCorpus, MalletCorpus, MmCorpus, SvmLightCorpus, UciCorpus
from gensim.matutils import corpus2csc
from gensim.test.utils import datapath

from topicgen.corpus.formats import read_corpus, write_corpus

READERS = {
    "ldac": ("testcorpus.blei", BleiCorpus),
    "uci": ("testcorpus.uci", UciCorpus),
    "svmlight": ("testcorpus.svmlight", SvmLightCorpus),
    "mtx": ("testcorpus.mm", MmCorpus),
}


@pytest.mark.parametrize("form", READERS)
def test_counts_are_those_that_gensim_reads(tmp_path, form):
    name, reader = READERS[form]
    shutil.copy(datapath(name), tmp_path / name)
    shutil.copy(datapath("testcorpus.blei.vocab"), tmp_path / f"{name}.vocab")
    found = read_corpus(tmp_path / name, form)
    expected = corpus2csc(reader(str(tmp_path / name)), num_terms=12).T
    assert found.counts.toarray().tolist() == expected.toarray().tolist()
    assert found.counts.shape == (9, 12)
    assert found.labels is None


def test_texts_of_mallet():
    found = read_corpus(datapath("testcorpus.mallet"), "mallet")
    gensim = MalletCorpus(datapath("testcorpus.mallet"))
    gensim.metadata = True
    for row, (bow, (_, label)) in zip(found.counts.toarray(), gensim, strict=True):
        expected = {gensim.id2word[column]: count for column, count in bow}
        assert {found.vocabulary[column]: row[column] for column in row.nonzero()[0]} == expected
        assert label == "en"
    assert (found.ids[-1], found.labels) == ("9", ["en"] * 9)


@pytest.mark.parametrize(
    ("name", "reader"), [("a.ldac", BleiCorpus), ("docword.a.txt", UciCorpus), ("a.mm", MmCorpus)]
)
def test_gensim_reads_what_is_written(tmp_path, corpus, name, reader):
    write_corpus(corpus, tmp_path / name)
    if reader is UciCorpus:
        (tmp_path / "vocab.a.txt").rename(tmp_path / "docword.a.txt.vocab")
    found = corpus2csc(reader(str(tmp_path / name)), num_terms=4).T
    assert found.toarray().tolist() == corpus.counts.toarray().tolist()
