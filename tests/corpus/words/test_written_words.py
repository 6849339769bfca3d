import pytest

from topicgen.corpus.words.written_words import remover


@pytest.mark.parametrize(
    ("phrases", "text", "left"),
    [
        (["new york"], "new york, new\n york new yorker anew york", " ,   new yorker anew york"),
        (["new york", "new york city"], "new york city new york", "   "),
        (["e-mail"], "e-mail e\u2011mail e\u2010mail e-mails he-mail", "      e-mails he-mail"),
        (["don't"], "don't don\u2019t don don'ts", "    don don'ts"),
        (["c++", "(a.b)"], "c++ xc++ c (a.b) ab axb", "  xc++ c   ab axb"),
        (["के लिए"], "उस के लिए के लिएँ", "उस   के लिएँ"),
        (["网易杭研"], "他来到了网易杭研大厦", "他来到了 大厦"),
    ],
)
def test_phrases_are_removed_where_they_are_written(phrases, text, left):
    assert remover(phrases)(text) == left


def test_without_phrases_there_is_nothing_to_do():
    assert remover([]) is None


def test_time_is_linear():
    remove = remover([f"new town{number}" for number in range(300)] + ["e-mail"])
    # What takes the square of the time would take hours.
    for text in ("new " * 250_000, "e-" * 500_000, "a" * 1_000_000, "new" + " " * 1_000_000):
        assert remove(text) == text
