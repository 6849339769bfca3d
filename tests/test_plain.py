import json
from pathlib import Path

import numpy as np
import pytest

from topicgen.plain import (
    display_width,
    escape_hidden,
    pad,
    plain,
    plain_lines,
    quoted,
    shorten,
    wrap,
)

ZWNJ, ZWJ = "\u200c", "\u200d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J\x7f\x00", r"\x9b2J\x7f\x00"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("a\x85b\u2028c\u2029d", r"a\x85b\u2028c\u2029d"),
        ("\u202egpj.exe\u2066\u2069", r"\u202egpj.exe\u2066\u2069"),
        ("b\u200bank\ufeff\xad", r"b\u200bank\ufeff\xad"),
        ("\udc80", r"\udc80"),
        ("bank\U000e0041", r"bank\U000e0041"),
        ("a\u3164b\u034f", r"a\u3164b\u034f"),
    ],
)
def test_what_acts_or_hides_is_an_escape(text, shown):
    assert plain(text) == shown
    assert plain(shown) == shown
    assert shown.isascii()
    assert shown.isprintable()


def test_no_control_or_direction_character_is_left():
    everything = "".join(map(chr, range(0x110000)))
    shown = plain(everything)
    assert not {*map(chr, [*range(32), *range(127, 160), 0x2028, 0x2029])} & {*shown}
    assert not {*map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])} & {*shown}
    assert shown.encode()  # no lone surrogates


@pytest.mark.parametrize(
    "text",
    [
        "naïve größer Ελλάδα",
        "cafe\u0301",
        "北京 ひらがな 한국어",
        "\u1112\u1161\u11ab",  # Korean in parts, as in names of files on macOS
        "می" + ZWNJ + "خواهم",  # Persian
        "क्" + ZWJ + "ष र्" + ZWNJ + "य",  # Hindi
        "র" + ZWJ + "্য",  # Bengali
        "ශ්" + ZWJ + "රී",  # Sinhala
        "👩🏽" + ZWJ + "🚀 ❤\ufe0f" + ZWJ + "🔥 🇬🇧",
        "10\xa0000 \u3000",  # spaces of several kinds
    ],
)
def test_what_a_language_needs_stays(text):
    assert plain(text) == text


def test_joiners_that_only_hide_are_escapes():
    assert plain("ad" + ZWJ + "min" + ZWNJ) == r"ad\u200dmin\u200c"
    assert plain("م" + ZWNJ * 3 + "ن") == "م" + ZWNJ + r"\u200c\u200c" + "ن"
    assert plain("🚀" + ZWJ + "a") == r"🚀\u200da"
    assert plain("❤\ufe0f\ufe00\U000e0101") == "❤\ufe0f" + r"\ufe00\U000e0101"
    assert plain("\ufe0f") == r"\ufe0f"


def test_long_words_are_cut():
    assert plain("x" * 1_000_000, 5) == "xxxx…"
    assert plain("xxxxx", 5) == "xxxxx"
    assert plain("\x1b" * 10, 9) == r"\x1b\x1b…"
    assert plain("北京大学", 8) == "北京大学"
    assert plain("北京大学", 7) == "北京大…"
    assert plain("北京大学", 6) == "北京…"
    assert plain("cafe\u0301s", 5) == "cafe\u0301s"
    assert plain("cafe\u0301s", 4) == "caf…"
    assert plain("می" + ZWNJ + "خواهم", 3) == "می…"
    assert [plain("word", most) for most in (0, 1)] == ["", "…"]


def test_marks_without_end_are_cut():
    assert len(plain("a" + "\u0301" * 1_000_000, 10)) <= 81


def test_lines_stay_lines():
    assert plain_lines("a\tb\n\x1bc\n") == "a\\tb\n\\x1bc\n"


def test_other_escapes():
    assert escape_hidden("a\x9b\U000e0041", lambda c: json.dumps(c)[1:-1]) == r"a\u009b\udb40\udc41"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("bank", 4),
        ("北京", 4),
        ("ｱ", 1),  # half width
        ("Ａ", 2),  # full width
        ("cafe\u0301", 4),
        ("\u1112\u1161\u11ab", 2),
        ("हिन्दी", 5),  # vowel signs have a column of their own
        ("🎸", 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("🎸\ufe0f", 2),
        ("🇬🇧", 2),
        ("👩" + ZWJ + "🚀", 4),  # as two, where a terminal does not join them
    ],
)
def test_width_on_a_terminal(text, width):
    assert display_width(text) == width


def test_pad():
    assert (pad("é北", 5), pad("e\u0301北", 5, right=True)) == ("é北  ", "  e\u0301北")
    assert pad("long", 2) == "long"


def test_lines_break_at_spaces_by_what_they_show():
    assert wrap("北京 大学 a b", 9) == ["北京 大学", "a b"]
    assert wrap("", 5) == [""]
    assert wrap("北京大学", 5) == ["北京…"]


class Unwilling:
    def __repr__(self):
        raise KeyError("no")


def nested(value, depth):
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("two  words", "'two  words'"),
        ("it's", '"it\'s"'),
        ("\x1b[2J\u202e\udc80\n\u3164", r"'\x1b[2J\u202e\udc80\n\u3164'"),
        ("naïve 北京", "'naïve 北京'"),
        (b"\xff", r"b'\xff'"),
        (Path("my", "new\nmodel"), r"'my/new\nmodel'"),
        (np.float64(1.5), "1.5"),
        (np.str_("bank"), "'bank'"),
        (np.array([[1, 2], [3, 4]]), "array([[1, 2], [3, 4]])"),
        ([np.int64(1), Path("a")], "[1, 'a']"),
        ((1,), "(1,)"),
        ((), "()"),
        (set(), "set()"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [1]}, "{'a': [1]}"),
        (-(10**30), "-1000000000000000000000000000000"),
        (10**400, "<an integer of 401 digits>"),
        (-(10**100_000), "<an integer of 100,001 digits>"),
        (Unwilling(), "<Unwilling>"),
        ([Unwilling()], "[<Unwilling>]"),
        (nested(1, 100_000), "[[[[[[[…]]]]]]]"),
        ([1] * 33, str([1] * 33)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_quoted(value, shown):
    assert quoted(value) == shown


@pytest.mark.parametrize(
    ("value", "begin", "end"),
    [
        ("x" * 10**7, "'xxx", "xxx'"),
        (b"x" * 10**7, "b'xxx", "xxx'"),
        ("\x1b" * 10**7, r"'\x1b\x1b", r"\x1b\x1b'"),
        ([0] * 10**6, "[0, 0, ", ", 0]"),
        (tuple(range(10**6)), "(0, 1, 2", ", 999998, 999999)"),
        (set(range(10**6)), "{0, 1, ", ", …}"),
        (dict.fromkeys(range(10**6)), "{0: None, 1", "None, …}"),
        (["x" * 10**6] * 3, "['xxx", "xxx']"),
        (Path("x" * 4_000, "corpus.txt"), "'xxx", "xxx/corpus.txt'"),
        (nested([1] * 1_000, 3), "[[[[1, 1", "1, 1]]]]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_quoted_of_large_values_is_short_and_has_both_ends(value, begin, end):
    shown = quoted(value)
    assert 92 <= len(shown) <= 100
    assert shown.startswith(begin)
    assert shown.endswith(end)
    assert "…" in shown[len(begin) : len(shown) - 3]


def test_quoting_what_is_wide_at_each_depth_ends():
    wide = [1] * 100
    for _ in range(20):
        wide = [wide] * 100
    assert len(quoted(wide)) <= 100


def test_shortened_text_keeps_escapes_whole():
    text = plain("\x1b\n\u202e" * 100)
    for most in range(30, 60):
        short = shorten(text, most)
        assert len(short) <= most
        assert plain(eval(f"'{short}'")) == short
    assert shorten(text, len(text)) == text
