from topicgen.corpus import Corpus
from topicgen.corpus.summary import CommonWord, summarise

CORPUS = Corpus(
    [[2, 1, 0], [0, 3, 0], [0, 0, 0], [1, 0, 4]], ["bank", "rate", "rain"], list("abcd")
)


def test_figures_are_those_of_the_counts(monkeypatch):
    whole = summarise(CORPUS, 2)
    assert whole[:4] == (4, 1, 3, 11)
    assert whole.lengths == {
        "least": 0.0,
        "quarter": 2.25,
        "median": 3.0,
        "three_quarters": 3.5,
        "most": 5.0,
    }
    assert whole.common == [CommonWord("rate", 4, 2), CommonWord("rain", 4, 1)]
    monkeypatch.setattr("topicgen.corpus.corpus._CHUNK", 3)
    assert summarise(CORPUS, 2) == whole
    assert whole.as_record()["common"][0] == {"word": "rate", "tokens": 4, "documents": 2}


def test_no_documents():
    summary = summarise(Corpus([[0]], ["a"], ["1"]).with_vocabulary(["b"]))
    assert (summary.tokens, summary.empty) == (0, 1)
