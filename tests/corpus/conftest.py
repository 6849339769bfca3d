import re
import unicodedata
from contextlib import contextmanager

import pytest

from topicgen.errors import InputError


@contextmanager
def _refuses(*parts):
    with pytest.raises(InputError) as caught:
        yield
    message = str(caught.value)
    assert "\n" not in message
    assert re.fullmatch(r".+; .+", message), message
    for part in parts:
        assert part in message, message


@pytest.fixture
def refuses():
    """``with refuses(*parts)``: an InputError of one line, with a remedy, that says all parts."""
    return _refuses


def _whole_words(text):
    words, run = [], ""
    for character in f"{text} ":
        category = unicodedata.category(character)
        is_letter = category[0] in "LN" or character == "_"
        is_added = category[0] == "M" or character in "\u200c\u200d"
        if is_letter or (is_added and run):
            run += character
        else:
            run = run.rstrip("\u200c\u200d")
            if len(run) > 1 and run[0] != "_" and unicodedata.category(run[0]) != "Nd":
                words.append(run)
            run = ""
    return words


@pytest.fixture
def whole_words():
    """The words that ``TOKEN_PATTERN`` means, character by character and by their categories."""
    return _whole_words
