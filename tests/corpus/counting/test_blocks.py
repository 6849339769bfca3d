import numpy as np
import pytest

from topicgen.corpus import Vectorizer
from topicgen.corpus.counting import blocks
from topicgen.corpus.counting.blocks import count_blocks
from topicgen.corpus.counting.lexicon import Lexicon, Numbering

TEXTS = [
    "The bank raised the Rates.",
    "Rates rose; the rates!",
    "",
    "a 2 the",
    "हिन्दी की \u2600\ufe0fweather cafe\u0301 caf\xe9 \u0130zmir in\xadfor \u200cab\u200c",
]
WAYS = {
    "runs": {},
    "another pattern": {"token_pattern": r"[a-z]{2,}"},
    "a tokenizer": {"tokenizer": str.split},
    "n-grams": {"ngram_range": (1, 2)},
    "accents": {"strip_accents": "unicode"},
    "upper case": {"lowercase": False},
    "cleaning": {"urls": "drop"},
    "a stemmer": {"stemmer": "english"},
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_every_way_of_counting_agrees_with_the_analyzer(options, monkeypatch):
    monkeypatch.setattr(blocks, "_CHARACTERS_A_BLOCK", 30)
    analyze = Vectorizer(**options).build_analyzer()
    lexicon = Lexicon(analyze.normalise)
    found = list(count_blocks(TEXTS, analyze, lexicon))
    assert len(found) > 1
    names = {number: term for term, number in lexicon.ids.items()}
    rows = [row for block in found for row in block.counts]
    terms = [
        sorted(names[i] for i, n in zip(row.indices, row.data, strict=True) for _ in range(n))
        for row in rows
    ]
    assert terms == [sorted(analyze(text)) for text in TEXTS]
    assert sum(block.n_terms for block in found) == sum(map(len, terms))
    assert sum(block.n_tokens for block in found) == sum(
        len(analyze.tokenize(analyze.preprocess(text))) for text in TEXTS
    )


def test_terms_outside_a_fixed_vocabulary_are_told():
    analyze = Vectorizer().build_analyzer()
    numbering = Numbering({"rates": 0, "rose": 1}, analyze.normalise)
    (block,) = count_blocks(TEXTS[:4], analyze, numbering)
    np.testing.assert_array_equal(block.counts.toarray(), [[1, 0], [2, 1], [0, 0], [0, 0]])
    assert (block.n_tokens, block.n_terms) == (10, 6)
