"""What the spelling check reads."""

import pytest

pytest.importorskip("spellchecker")

import check_spelling


def test_prose_is_what_is_read():
    page = (
        "A sentense with `speling` and [a link](adress.md).\n"
        "\n"
        "    indented coode\n"
        "\n"
        "```\nfenced coode\n```\n"
        ">>> doctset\n"
        "$formla$, McName's file_nmae and O'Neill's words.\n"
    )
    found = {word for _, word in check_spelling.words_of(page)}
    assert found == {"sentense", "with", "and", "link", "words"}


def test_words_have_their_lines():
    page = "The first.\n\n```\ncode\n```\nThe lst.\n"
    assert list(check_spelling.words_of(page))[-1] == (6, "lst")


def test_pages():
    assert list(check_spelling.unknown_words()) == []
