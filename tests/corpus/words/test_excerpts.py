import pytest

from topicgen.corpus.words.cleaning import cleaner
from topicgen.corpus.words.excerpts import Alignment, Excerpt, Excerpts, Part, align_folded
from topicgen.corpus.words.options import folding

POST = (
    "From: a\nTo: b\n\nBob writes:\n> Rates rose.\nNot here, see www.a.org.\n> So.\nYes.\n--\nAnn"
)


def test_what_is_kept_is_what_is_left():
    clean = cleaner(headers=True, quotes=True, footers=True)
    assert [POST[start:end] for start, end in clean.kept(POST)] == [
        "Not here, see www.a.org.", "Yes.\n",
    ]  # fmt: skip
    assert clean(POST) == "Not here, see www.a.org.\nYes.\n"
    assert Excerpts([]).kept("all of it") == [(0, 9)]
    assert clean.kept("") == []


@pytest.mark.parametrize("urls", ["keep", "drop", "mask"])
def test_every_character_left_comes_from_where_it_stood(urls):
    clean = cleaner(urls, headers=True, quotes=True, footers=True)
    left, alignments = clean.aligned(POST)
    assert left == clean(POST)
    for at, character in enumerate(left):
        start, end = at, at + 1
        for alignment in reversed(alignments):
            start, end = alignment.source(start, end)
        if end - start == 1:
            assert POST[start] == character
        else:  # in place of the URL, or of a quoted line
            assert POST[start:end] == ("\n> So.\n" if character == "\n" else "www.a.org.")


def test_parts_that_leave_nothing_belong_to_the_character_before():
    alignment = Alignment([Part(0, 2, 0, 2), Part(2, 2, 2, 3), Part(2, 4, 3, 5)])
    assert alignment.source(0, 2) == (0, 3)
    assert alignment.source(0, 1) == (0, 1)
    assert alignment.source(2, 4) == (3, 5)


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("cafe\u0301s", "cafés"),
        ("in\xadfor\xadma", "informa"),
        ("\u0130stanbul", "istanbul"),
        ("o\ufb03ce", "office"),
        ("\uff27\uff30\uff34", "gpt"),
        ("об'єкт", "об\u02bcєкт"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("\u1112\u1161\u11ab", "한"),
    ],
)
def test_folded_words_are_found_as_they_are_written(written, counted):
    text = f"A b {written} c {written}."
    folded, alignment = align_folded(text, folding(True, None, whole=True))
    at = folded.index(counted, folded.index(counted) + 1)
    start, end = alignment.source(at, at + len(counted))
    assert (start, end) == (text.rindex(written), len(text) - 1)


def test_a_text_that_cannot_be_folded_piece_by_piece_has_no_alignment():
    assert align_folded("é b", lambda text: text[::-1]) == ("b é", None)


def test_long_words_are_aligned_in_linear_time():
    text = "\ufb01" * 200_000 + " end"
    folded, alignment = align_folded(text, folding(True, None, whole=True))
    assert alignment.source(len(folded) - 3, len(folded)) == (len(text) - 3, len(text))


def test_excerpts_with_nothing_between():
    assert Excerpt([(0, 2), (4, 6)]).alignment().source(1, 3) == (1, 5)
