"""gensim's files and readers, of the formats that it shares; its models of our counts."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.sparse import csr_matrix

from topicgen.cli import main
from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, to_gensim, write_corpus
from topicgen.evaluation import coherence, from_gensim, match_topics

pytest.importorskip("gensim", reason='gensim is not installed: pip install "topicgen[gensim]"')

from gensim.corpora import (
    BleiCorpus,
    Dictionary,
    MalletCorpus,
    MmCorpus,
    SvmLightCorpus,
    UciCorpus,
)
from gensim.matutils import corpus2csc
from gensim.models import CoherenceModel, LdaModel, Nmf
from gensim.test.utils import datapath

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


@pytest.fixture
def folder(tmp_path, planted_counts):
    """A corpus folder of the planted documents, with labels."""
    corpus = Corpus(
        planted_counts,
        [f"q{column}" for column in range(30)],
        list(map(str, range(1, 121))),
        [str(row % 3) for row in range(120)],
    )
    write_corpus(corpus, tmp_path / "corpus", "topicgen")
    return tmp_path / "corpus"


# The name of what ``topicgen corpus convert`` writes, and how gensim reads it.
WRITTEN = {
    "a.ldac": BleiCorpus,
    "docword.a.txt": UciCorpus,
    "a.mm": MmCorpus,
    "a.svmlight": SvmLightCorpus,
}


def test_its_reader_of_matrix_market_wants_real_numbers(folder, tmp_path):
    """Ours are whole numbers: gensim reads NAME.mm, which is written for it."""
    write_corpus(read_corpus(folder), tmp_path / "a.mtx")
    with pytest.raises(ValueError, match="real general; instead found"):
        MmCorpus(str(tmp_path / "a.mtx"))


@pytest.mark.parametrize("name", WRITTEN)
def test_gensim_reads_what_is_converted(folder, tmp_path, name, planted_counts):
    path = tmp_path / name
    result = CliRunner().invoke(main, ["corpus", "convert", str(folder), str(path)])
    assert result.exit_code == 0, result.stderr
    if name.startswith("docword"):  # gensim looks for the words at a place of its own
        (tmp_path / "vocab.a.txt").rename(tmp_path / "docword.a.txt.vocab")
    found = corpus2csc(WRITTEN[name](str(path)), num_terms=30).T
    np.testing.assert_array_equal(found.toarray(), planted_counts.toarray())


@pytest.mark.parametrize(("name", "reader"), [("a.ldac", BleiCorpus), ("docword.a.txt", UciCorpus)])
def test_words_of_other_scripts(corpus, tmp_path, name, reader):
    bare = Corpus(corpus.counts, corpus.vocabulary, corpus.ids, corpus.labels)
    write_corpus(bare, tmp_path / name)
    if reader is UciCorpus:
        (tmp_path / "vocab.a.txt").rename(tmp_path / "docword.a.txt.vocab")
    found = reader(str(tmp_path / name))
    words = [found.id2word[column] for column in range(4)]
    if reader is UciCorpus:  # it does not decode the words
        words = [word.decode() for word in words]
    assert words == corpus.vocabulary
    np.testing.assert_array_equal(corpus2csc(found, num_terms=4).T.toarray(), bare.counts.toarray())


def test_gensim_reads_what_is_written_for_mallet(folder, tmp_path, planted_counts):
    write_corpus(read_corpus(folder), tmp_path / "a.mallet.txt", "mallet")
    found = MalletCorpus(str(tmp_path / "a.mallet.txt"))
    words = {word: column for column, word in enumerate(read_corpus(folder).vocabulary)}
    for bow, expected in zip(found, planted_counts.toarray(), strict=True):
        counts = np.zeros(30)
        for column, count in bow:
            counts[words[found.id2word[column]]] = count
        np.testing.assert_array_equal(counts, expected)


@pytest.fixture
def converted(folder, tmp_path):
    """What gensim reads of a corpus that was converted for it: its dictionary and its documents."""
    write_corpus(read_corpus(folder), tmp_path / "a.mm")
    dictionary = Dictionary.load_from_text(str(tmp_path / "a.dict.txt"))
    return dictionary, MmCorpus(str(tmp_path / "a.mm"))


def test_the_dictionary_counts_as_gensim_does(converted, folder):
    dictionary, bow = converted
    ours, ours_bow = to_gensim(read_corpus(folder))
    assert dictionary.token2id == ours.token2id
    assert dictionary.dfs == ours.dfs
    assert [[(column, int(count)) for column, count in document] for document in bow] == ours_bow
    # gensim itself counts the same of the documents as tokens.
    theirs = Dictionary(
        [ours[column] for column, count in document for _ in range(count)] for document in ours_bow
    )
    for statistic in ("dfs", "cfs"):
        by_word = [
            {one[column]: count for column, count in getattr(one, statistic).items()}
            for one in (ours, theirs)
        ]
        assert by_word[0] == by_word[1]
    assert (ours.num_docs, ours.num_pos, ours.num_nnz) == (
        theirs.num_docs,
        theirs.num_pos,
        theirs.num_nnz,
    )


@pytest.mark.parametrize("kind", [LdaModel, Nmf])
def test_its_models_of_our_counts(converted, model, kind):
    """They find the planted topics, as we do."""
    dictionary, bow = converted
    theirs = kind(bow, num_topics=3, id2word=dictionary, passes=20, random_state=0)
    topics = from_gensim(theirs)
    assert topics.vocabulary == [dictionary[column] for column in range(30)]
    # The words of the fixtures have other names, in the same order.
    assert match_topics(topics.topic_word, model.components_).similarity.min() > 0.8


@pytest.mark.parametrize("measure", ["u_mass", "c_uci", "c_npmi", "c_v"])
def test_its_coherence_is_ours(model, planted_texts, measure):
    tokens = [text.split() for text in planted_texts]
    topics = model.top_words(10)
    theirs = CoherenceModel(
        topics=topics,
        texts=tokens,
        dictionary=Dictionary(tokens),
        coherence=measure,
        topn=10,
        processes=1,
    )
    assert theirs.get_coherence() == pytest.approx(coherence(topics, tokens, measure), abs=1e-6)


def test_our_model_of_its_documents(converted):
    """Documents as gensim holds them become counts in one call of its own."""
    from topicgen import TopicModel

    dictionary, bow = converted
    counts = csr_matrix(corpus2csc(bow, num_terms=len(dictionary)).T)
    model = TopicModel(3, max_epochs=5, random_state=0).fit(counts)
    assert model.transform(counts).shape == (120, 3)
