import numpy as np
import pytest

from topicgen.corpus.formats.text.numerals import find_numerals, parse_count


def test_numbers_and_where_they_are():
    found = find_numerals(b"007 42\n\n1:23x\n")
    assert found.values.tolist() == [7, 42, 1, 23]
    assert found.starts.tolist() == [0, 4, 8, 10]
    assert found.ends.tolist() == [3, 6, 9, 12]
    assert found.per_line.tolist() == [2, 0, 2]
    assert not found.only(n_marks=1)
    assert found.only(n_marks=2)


def test_random_numbers():
    numbers = np.random.default_rng(0).integers(0, 10**18, size=1000) >> np.arange(1000) % 60
    text = "\n".join(map(str, numbers.tolist())) + "\n"
    assert find_numerals(text.encode()).values.tolist() == numbers.tolist()


def test_no_number_and_too_long_a_number():
    assert find_numerals(b"\n").values.tolist() == []
    assert find_numerals(b"1" * 18 + b"\n").values.tolist() == [int("1" * 18)]
    assert find_numerals(b"1" * 19 + b"\n") is None


@pytest.mark.parametrize("text", ["", "-0.5", "1.5", "nan", "-inf", "1_0", "٣", "1e30", "0x1"])
def test_what_is_no_count_is_refused(refuses, text):
    with refuses("whole number from 0", f"got {text!r} in here"):
        parse_count(text, "here")
