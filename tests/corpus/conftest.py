import re
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
