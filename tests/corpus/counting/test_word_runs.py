import random
import re
from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.word_runs import _RUNS, Texts, WordRuns
from topicgen.corpus.words.whole_words import TOKEN_PATTERN

TEXTS = [
    "",
    "a",
    "the old bank",
    "x2 2x _x x_ 3com __init__ 1999 a1 b",
    "café naïve ﬁne straße ǅ Ⅷ ½ ² 3² ٣ा नमस्ते ɪ",
    "中文 日本語 テスト 한국어 𝔘𝔫𝔦 𐐷x 🙂 x🙂y a\u0301b \u200d",
    "eightlet eightlets eightletters eightlett",
    "sixteenlettersss sixteenletterssst sixteenletters",
    "a" * 7 + " " + "a" * 8 + " " + "a" * 9 + " " + "a" * 1000 + " " + "a" * 1001,
    "don't state-of-the-art e.g. U.S.A. x\ty\nz\r\x0bw\x85v\u2028u",
    "\ud800 lone\udfff surrogates",
    "हिन्दी की كِتَابٌ می\u200cخواهم \u200cab\u200d \u200d \u0301ab \u2600\ufe0fok 1\u0301ab",
    "\u200d",
    "\u0301",
    "a\u200c\u200db\u200c ab\u200c\u0301 \U00011013\U00011038 \u20e3\u200d\u20e3",
]


def counted(runs, texts):
    """What ``count`` returns, with its counts as a matrix."""
    found = runs.count(Texts.of(texts))
    assert found.indptr.dtype == found.indices.dtype == found.data.dtype == np.int32
    shape = (len(texts), found.first + len(found.words))
    return found, csr_matrix((found.data, found.indices, found.indptr), shape=shape)


def found(pattern, texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    found, counts = counted(WordRuns(pattern), encoded)
    assert found.first == 0
    assert found.n_tokens == counts.sum()
    words = [word.decode("utf-8", "surrogatepass") for word in found.words]
    assert len(set(words)) == len(words)
    assert counts.has_canonical_format
    assert bool(counts.getnnz(axis=0).all())
    return [dict(zip([words[i] for i in r.indices], r.data.tolist(), strict=True)) for r in counts]


@pytest.fixture
def expected(whole_words):
    def count(pattern, texts):
        if pattern == TOKEN_PATTERN:
            return [dict(Counter(whole_words(text))) for text in texts]
        return [dict(Counter(re.findall(pattern, text))) for text in texts]

    return count


@pytest.mark.parametrize("pattern", _RUNS)
def test_finds_what_the_regular_expression_finds(pattern, expected):
    assert found(pattern, TEXTS) == expected(pattern, TEXTS)
    for text in TEXTS:
        assert found(pattern, [text]) == expected(pattern, [text])


def test_every_character_is_classed_as_unicode_does(expected):
    planes = [*range(0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE1000)]
    texts = [f"{c}a1 a{c}1 a1{c}" for c in map(chr, planes[::3])]
    assert found(TOKEN_PATTERN, texts) == expected(TOKEN_PATTERN, texts)


@pytest.mark.parametrize("pattern", _RUNS)
def test_of_random_characters_too(pattern, expected):
    """Characters of all planes, many near the borders of words and of their encoding's lengths."""
    pick = random.Random(0)
    borders = [0x20, 0x41, 0x5F, 0x7F, 0x80, 0xB2, 0xE9, 0x301, 0x7FF, 0x800, 0x663, 0x4E2D]
    borders += [0x200C, 0x200D, 0x200C, 0x200D, 0x93F, 0xFE0F, 0x11038, 0xE0100] * 2
    borders += [0xFFFD, 0x10000, 0x1D518, 0x1F642, 0x10FFFF]
    characters = borders + [
        c for c in pick.sample(range(0x110000), 400) if not 0xD800 <= c < 0xE000
    ]
    texts = ["".join(map(chr, pick.choices(characters, k=pick.randrange(60)))) for _ in range(200)]
    assert found(pattern, texts) == expected(pattern, texts)


def test_no_texts():
    assert found(r"\w+", []) == []


def test_only_known_patterns_are_its_business():
    assert WordRuns.can_count(r"(?u)\b\w\w+\b")
    assert not WordRuns.can_count(r"\w\w\w+")
    assert not WordRuns.can_count(None)


def test_parts_make_no_difference(monkeypatch):
    whole = found(r"\w+", TEXTS * 3)
    monkeypatch.setattr("topicgen.corpus.counting.word_runs._BYTES_A_PART", 50)
    assert found(r"\w+", TEXTS * 3) == whole


def test_words_to_leave_out_are_not_counted():
    texts = [b"the x the", b"neverseenwords a thea"]
    left_out = [b"the", b"neverseenwords", b"absent", b"", b"x\0"]
    found, counts = counted(WordRuns(r"\w+", left_out), texts)
    assert dict(zip(found.words, counts.toarray().T.tolist(), strict=True)) == {
        b"x": [1, 0],
        b"a": [0, 1],
        b"thea": [0, 1],
    }
    assert found.n_tokens == 6


@pytest.mark.parametrize("most", [2**19, 8])
def test_words_are_told_once_or_after_being_forgotten(monkeypatch, most):
    monkeypatch.setattr("topicgen.corpus.counting.word_runs._MOST_KNOWN", most)
    runs, told, total = WordRuns(r"\w+", [b"the"]), [], Counter()
    for text in (b"a b the", b"b c the a", b"", b"d e f a", b"g a b", b"the"):
        now, counts = counted(runs, [text])
        told[now.first :] = now.words
        assert counts.shape == (1, len(told))
        found = {told[i]: n for i, n in zip(counts.indices, counts.data, strict=True)}
        assert found == Counter(word for word in text.split() if word != b"the")
        total.update(now.words)
    assert total[b"a"] == (1 if most > 100 else 2)
    assert total[b"the"] == 0


def test_known_words_keep_their_order_and_are_not_told():
    long = b"unquestionably"
    known = [b"rose", long, b"bank", b"a"]
    found, counts = counted(WordRuns(r"\w+", [b"the"], known), [b"new bank the rose", long])
    assert (found.first, found.words) == (4, [b"new"])
    assert counts.toarray().tolist() == [[1, 0, 1, 0, 1], [0, 1, 0, 0, 0]]
