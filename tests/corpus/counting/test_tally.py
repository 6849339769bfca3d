import random

import numpy as np
import pytest

from topicgen.corpus import Vectorizer
from topicgen.corpus.counting import tally
from topicgen.corpus.counting.lexicon import select_terms
from topicgen.corpus.counting.tally import Tally
from topicgen.corpus.counts import stack


@pytest.fixture
def texts():
    pick = random.Random(0)
    return [
        " ".join(f"w{pick.randrange(200)}" for _ in range(pick.randrange(9))) for _ in range(300)
    ]


def counts_of(texts, folder, monkeypatch, most):
    monkeypatch.setattr(tally, "_MOST_TERMS", most)
    counted = Tally(Vectorizer().build_analyzer(), folder)
    counted.read(texts)
    selection = select_terms(counted.lexicons, 2, 100, 150)
    return counted, selection, stack(counted.counts(selection), len(selection.vocabulary))


def test_on_disk_and_in_several_lexicons_the_counts_are_the_same(texts, tmp_path, monkeypatch):
    whole, selection, expected = counts_of(texts, None, monkeypatch, 10**6)
    assert whole.n_documents == 300
    assert whole.n_tokens == whole.n_terms == sum(len(text.split()) for text in texts)
    assert len(whole.lexicons) == 1
    monkeypatch.setattr("topicgen.corpus.counting.blocks._CHARACTERS_A_BLOCK", 200)
    for most in (10**6, 50):
        folder = tmp_path / str(most)
        folder.mkdir()
        counted, other, counts = counts_of(texts, folder, monkeypatch, most)
        assert (len(counted.lexicons) > 1) == (most == 50)
        assert other.vocabulary == selection.vocabulary
        assert counted.n_tokens == whole.n_tokens
        np.testing.assert_array_equal(counts.toarray(), expected.toarray())
        assert counts.has_sorted_indices


def test_no_documents_make_no_lexicon():
    counted = Tally(Vectorizer().build_analyzer())
    counted.read([])
    assert (counted.lexicons, counted.n_documents) == ([], 0)
