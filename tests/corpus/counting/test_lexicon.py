import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.lexicon import DROPPED, OUTSIDE, Lexicon, Numbering, select_terms


def lexicon_of(*documents):
    lexicon = Lexicon(str)
    for document in documents:
        numbers = lexicon.of_terms(document.split())
        counts = np.bincount(numbers, minlength=len(lexicon))
        lexicon.add(csr_matrix(counts))
    return lexicon.sorted()


def test_words_that_share_a_term_share_its_number():
    numbering = Numbering({}, lambda word: None if word == "the" else word.lower(), grow=True)
    assert numbering.of_words([b"Bank", b"the", b"bank", b"Rate"]).tolist() == [0, DROPPED, 0, 1]
    assert numbering.of_words([b"Rate", "größer".encode()]).tolist() == [1, 2]
    assert numbering.ids == {"bank": 0, "rate": 1, "größer": 2}


def test_a_fixed_vocabulary_leaves_others_out():
    numbering = Numbering({"a": 3}, str)
    assert numbering.of_words([b"a", b"b"]).tolist() == [3, OUTSIDE]
    assert numbering.of_terms(["b", "a"]).tolist() == [OUTSIDE, 3]
    assert numbering.ids == {"a": 3}


def test_documents_and_tokens_are_counted():
    terms = lexicon_of("b a b", "", "c b")
    assert terms.terms == ["a", "b", "c"]
    assert terms.documents.tolist() == [1, 2, 1]
    assert terms.tokens.tolist() == [1, 3, 1]


def test_lexicon_grows_beyond_its_first_room():
    terms = lexicon_of(" ".join(f"w{i:05}" for i in range(3_000)), "w02999")
    assert terms.documents[-1] == 2
    assert terms.tokens.sum() == 3_001


def test_document_frequency_both_ends_included():
    terms = [lexicon_of("a b c", "b c", "c")]
    assert select_terms(terms, 1, 2, None).vocabulary == ["a", "b"]
    assert select_terms(terms, 2, 3, None).vocabulary == ["b", "c"]
    chosen = select_terms(terms, 4, 5, None)
    assert (chosen.vocabulary, chosen.n_terms, chosen.n_rare, chosen.n_common) == ([], 3, 3, 0)
    assert select_terms(terms, 0, 1, None).n_common == 2


def test_the_most_frequent_and_the_first_in_a_tie():
    terms = [lexicon_of("f f e e d d c b b b b b b b a")]
    assert select_terms(terms, 1, 1, 3).vocabulary == ["b", "d", "e"]
    assert select_terms(terms, 1, 1, 99).vocabulary == ["a", "b", "c", "d", "e", "f"]


def test_protected_terms_are_kept():
    chosen = select_terms([lexicon_of("a b", "b")], 2, 2, None, frozenset({"a", "zebra"}))
    assert chosen.vocabulary == ["a", "b"]


@pytest.mark.parametrize("on_disk", [False, True])
def test_several_lexicons_are_as_one(tmp_path, on_disk):
    documents = ["b a b x", "c b größer", "größer a", "z x x x"]
    parts = [lexicon_of(*documents[:2]), lexicon_of(*documents[2:])]
    if on_disk:
        parts = [part.spill(tmp_path / f"part-{i}") for i, part in enumerate(parts)]
    for low, high, most in [(1, 4, None), (2, 4, None), (1, 1, None), (1, 4, 2)]:
        whole = select_terms([lexicon_of(*documents)], low, high, most)
        chosen = select_terms(parts, low, high, most)
        assert chosen.vocabulary == whole.vocabulary
        assert chosen[2:] == whole[2:]
    for part, columns in zip(parts, select_terms(parts, 1, 4, None).columns, strict=True):
        vocabulary = select_terms(parts, 1, 4, None).vocabulary
        words = dict(zip(part.numbers.tolist(), part.terms, strict=True))
        assert [vocabulary[c] for c in columns] == [words[n] for n in range(len(columns))]
