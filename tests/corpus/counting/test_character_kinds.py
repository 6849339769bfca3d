import re
import unicodedata

import numpy as np
import pytest

from topicgen.corpus.counting.character_kinds import FIRST, JOINER, MARK, WORD, CharacterKinds

LETTER = r"[^\W\d_]"


def expected(code, first, is_whole):
    if 0xD800 <= code < 0xE000:
        return 0
    character = chr(code)
    if is_whole and character in "\u200c\u200d":
        return WORD | MARK | JOINER
    if is_whole and unicodedata.category(character) in ("Mn", "Mc", "Me"):
        return WORD | MARK
    kind = WORD if re.match(r"\w", character) else 0
    return kind | (FIRST if re.match(first, character) else 0)


@pytest.mark.parametrize("is_whole", [False, True])
@pytest.mark.parametrize("first", [r"\w", LETTER])
def test_every_character_has_the_kind_that_regular_expressions_give_it(first, is_whole):
    codes = np.arange(0x110000)
    found = CharacterKinds(first, is_whole=is_whole).of(codes)
    assert found.tolist() == [expected(code, first, is_whole) for code in codes.tolist()]


def test_kinds_that_were_found_before_are_remembered():
    kinds = CharacterKinds(LETTER, is_whole=True)
    whole = CharacterKinds(LETTER, is_whole=True).of(np.arange(0x3000))
    for codes in ([65, 0x301], [0x300, 0x2FF], [0x93F, 65], []):
        codes = np.array(codes, dtype=np.int64)
        np.testing.assert_array_equal(kinds.of(codes), whole[codes])


def test_blocks_that_do_not_occur_are_not_looked_at(monkeypatch):
    looked_at = []
    classify = CharacterKinds._classify
    monkeypatch.setattr(
        CharacterKinds,
        "_classify",
        lambda self, codes: looked_at.append(codes) or classify(self, codes),
    )
    kinds = CharacterKinds(LETTER, is_whole=True)
    for codes in ([65, 0x4E2D], [66, 0x4E2E, 0x10FFFF]):
        kinds.of(np.array(codes))
    assert [codes.start for codes in looked_at] == [0, 0x4E00, 0x10FF00]
