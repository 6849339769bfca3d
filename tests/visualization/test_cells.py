import math

from topicgen.visualization.cells import fixed


def test_numbers_and_what_is_none():
    assert [fixed(value, 2) for value in (1, -0.125, 1234.5)] == ["1.00", "-0.12", "1234.50"]
    assert fixed(2.0, 1, sign="+") == "+2.0"
    assert fixed(math.nan, 2) == fixed(math.nan, 2, sign="+") == "-"
