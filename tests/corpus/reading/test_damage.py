import pytest

from topicgen.corpus.reading.damage import refused_if_damaged, shortened
from topicgen.errors import InputError


@pytest.mark.parametrize(
    ("error", "reason"),
    [(KeyError("data"), "'data'"), (MemoryError(), "MemoryError"), (OSError("a\nb"), "a b")],
)
def test_any_exception_becomes_one_line(refuses, error, reason):
    said = f"expected a table, got 'a.x', which is damaged or of another kind ({reason}); save it"
    with refuses(said), refused_if_damaged("a table", "'a.x'", "save it"):
        raise error


def test_errors_of_ours_and_interrupts_pass():
    for error in (InputError("as it is"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, refused_if_damaged("a table", "'a.x'", "save"):
            raise error
        assert caught.value is error


def test_reasons_are_short():
    assert len(shortened("x" * 1000)) == 100
