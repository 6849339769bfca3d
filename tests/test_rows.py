from topicgen.rows import aligned


def test_texts_are_to_the_left_and_numbers_to_the_right():
    rows = [["topic", "label", "n", "words"], ["3", "x", "10", "a"], ["12", "long", "9", "b, c"]]
    assert aligned(rows, left=[1]).split("\n") == [
        "topic  label   n  words",
        "    3  x      10  a",
        "   12  long    9  b, c",
    ]


def test_wide_characters_take_two_columns_and_hidden_ones_are_shown():
    assert aligned([["a", "x"], ["北京", "y\x1b"]], left=[0]) == "a     x\n北京  y\\x1b"


def test_long_cells_are_cut_but_the_last():
    first, second = aligned([["a", "b"], ["x" * 500, "y" * 500]]).split("\n")
    assert second == "x" * 59 + "…  " + "y" * 500
    assert first.endswith("a  b")
