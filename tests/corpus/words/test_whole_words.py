import random
import unicodedata

import pytest

from topicgen.corpus.words.options import folding
from topicgen.corpus.words.whole_words import (
    JOINERS,
    composed,
    find_words,
    mark_ranges,
    whole_folding,
)

fold = whole_folding(str.lower, lowercase=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी भारत की भाषा है", ["हिन्दी", "भारत", "की", "भाषा", "है"]),
        ("كِتَابٌ جَمِيلٌ", ["كِتَابٌ", "جَمِيلٌ"]),
        ("می\u200cخواهم ක්\u200dෂණ", ["می\u200cخواهم", "ක්\u200dෂණ"]),
        ("ภาษาไทย ที่นี่", ["ภาษาไทย", "ที่นี่"]),
        ("cafe\u0301 caf\u00e9 Vie\u0323\u0302t", ["café", "café", "việt"]),
        (
            "\u0130stanbul I\u0307ZM\u0130R i\u0307yi \u0131lık",
            ["istanbul", "izmir", "iyi", "ılık"],
        ),
        (
            "in\xadfor\xadma\xadtion e\xad\u0301lan \xad co\xad-op",
            ["information", "élan", "co", "op"],
        ),
        # UAX 29: a word goes on across characters without width that are no word of their own.
        (
            "\u200f\u0633\u0644\u200e\u0627\u0645 foo\ufeffbar data\u2060base",
            ["سلام", "foobar", "database"],
        ),
        # Presentation forms: of PDF files, of old Arabic fonts, of half and full width.
        ("\ufb01nance o\ufb03ce \ufb06op \ufb13", ["finance", "office", "stop", "մն"]),
        ("\ufeb3\ufefc\ufee1 \u0633\u0644\u0627\u0645", ["سلام", "سلام"]),
        ("\uff27\uff30\uff34\uff14 \uff76\uff9e\uff72\uff84\uff9e", ["gpt4", "ガイド"]),
        ("x\xb2 5\xbd windows\u2122 น้ำ \u3131\u3131", ["x²", "windows", "น้ำ", "ㄱㄱ"]),
        # The vowel am is the same letter as one character and as two.
        (
            "ส\u0e4d\u0e32หรับ ส\u0e33หรับ น\u0e49\u0e4d\u0e32 น\u0e4d\u0e49\u0e32",
            ["สำหรับ", "สำหรับ", "น้ำ", "น้ำ"],
        ),
        ("ນ\u0ecd\u0ec9\u0eb2 ນ\u0ec9\u0eb3", ["ນ້ຳ", "ນ້ຳ"]),
        ("H\u0331elp \u1e96elp", ["ẖelp", "ẖelp"]),
        ("\u1112\u1161\u11ab글", ["한글"]),
        # Selectors of a variant, the line that stretches a word, the signs of Armenian vowels.
        ("葛\U000e0100城 葛城 e\ufe0f\u0301lan", ["葛城", "葛城", "élan"]),
        ("كتـــاب كتاب ــ", ["كتاب", "كتاب"]),
        ("ինչո\u055eւ ինչու՞ այո\u055b հա\u055cյ", ["ինչու", "ինչու", "այո", "հայ"]),
        # Joiners between Latin letters say which ligatures to set.
        (
            "Auf\u200clage auflage wolf\u200cs\u200cchlucht e\u0301\u200ca",
            ["auflage", "auflage", "wolfschlucht", "éa"],
        ),
        # Signs within words of Ukrainian, Catalan and Hebrew, but not those around them.
        ("м'яч м\u2019яч мʼяч 'так' д'Artagnan", ["мʼяч", "мʼяч", "мʼяч", "так", "artagnan"]),
        ("COL\xb7LECCIÓ coŀlecció l'home a\xb7b", ["coŀlecció", "coŀlecció", "home"]),
        ('צה"ל צה\u05f4ל צה\u201dל צהל "שלום"', ["צהל", "צהל", "צהל", "צהל", "שלום"]),
        ("ג\u05f3ירפה צ'יפס 'שלום' שָ\u05f3ב", ["גירפה", "ציפס", "שלום", "שָב"]),
        ("don't l\u2019eau p.ex. café\xb7s", ["don", "eau", "ex", "café"]),
        # Joiners at the edge of a word, and marks on a sign, belong to no word.
        ("\u200cab\u200d ab\u200c\u200d, \u200d \u200ca b\u200d", ["ab", "ab"]),
        ("a\u200c\u200db ab\u200c\u0301", ["a\u200c\u200db", "ab\u200c\u0301"]),
        ("\u2600\ufe0fweather \u0301ab 1\u0301ab _\u0301ab \u20e3", ["weather", "ab"]),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd\u200dok", ["ok"]),
        ("\U00011013\U00011038\U00011023 \U0001e900\U0001e944", ["𑀓𑀸𑀣", "𞤢𞥄"]),
        ("x x1 1x _x x_ 12 q\u0301 x\u00b2 \u2167a", ["x1", "x_", "q\u0301", "x²", "ⅷa"]),
    ],
)
def test_words_are_whole(text, words, whole_words):
    assert find_words(fold(text)) == words == whole_words(fold(text))


def test_marks_are_those_of_unicode():
    codes = [code for first, last in mark_ranges() for code in range(first, last + 1)]
    assert codes == [c for c in range(0x110000) if unicodedata.category(chr(c))[0] == "M"]


def test_every_character_is_classed_as_unicode_does(whole_words):
    """At the beginning, inside and at the end of a word."""
    planes = [*range(0x30000), *range(0xE0000, 0xE1000), *range(0x30000, 0x110000, 97)]
    text = "".join(f"{c}a1 a{c}1 a1{c} " for c in map(chr, planes))
    assert find_words(text) == whole_words(text)


def test_random_texts_have_the_words_of_the_reference(whole_words):
    pick = random.Random(0)
    characters = (
        "ab1_é٣ ,.\n" + JOINERS * 2 + "\u0301\u0327\u093f\u0903\u20dd\ufe0f\U00011038☀क中𝔘²"
    )
    for _ in range(2_000):
        text = "".join(pick.choices(characters, k=pick.randrange(20)))
        assert find_words(text) == whole_words(text), ascii(text)


def test_texts_that_unicode_calls_equivalent_become_equal():
    pick = random.Random(0)
    marks = [chr(c) for first, last in mark_ranges() for c in range(first, last + 1)]
    letters = [c for c in map(chr, range(0x30000)) if c.isalpha()]
    for _ in range(5_000):
        text = "".join(pick.choice(pick.choice([letters, marks, "İIiSs\xad "])) for _ in range(6))
        forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
        assert forms == {fold(text)}, ascii(text)
        assert unicodedata.is_normalized("NFC", fold(text))


def test_long_runs_of_marks_are_composed_as_unicode_does():
    pick = random.Random(0)
    marks = [chr(c) for first, last in mark_ranges() for c in range(first, last + 1)]
    some = "\u0301\u0327\u0323\u0345\u0344é中가\u1161\u11ab\U0001d15f"
    for _ in range(20):
        text = "e" + "".join(pick.choices([*some, *pick.choices(marks, k=9)], k=700)) + " " + some
        assert composed(text) == unicodedata.normalize("NFC", text)
    run = "\u0301\u0327" * 500_000
    assert len(composed(f"e{run}")) == 10**6


def test_case_and_accents_may_stay():
    upper = folding(False, None, whole=True)
    assert upper("\u0130stanbul E\u0301lan in\xadfor") == "\u0130stanbul Élan infor"
    assert (
        folding(True, "unicode", whole=True)("\u0130stanbul \xc9lan 한글") == "istanbul elan 한글"
    )
    assert folding(True, "ascii", whole=True)("Cafe\u0301 \xadx") == "cafe x"


@pytest.mark.parametrize("character", ["a", "\u0301", "\u200c", "1", " ", "☀", "\ufe0f"])
def test_a_long_run_is_read_whole(character):
    text = f"été {character * 200_000} word{character * 200_000} bank"
    words = find_words(text)
    assert (words[0], words[-1]) == ("été", "bank")
