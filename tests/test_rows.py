import pytest

from topicgen.plain import display_width
from topicgen.rows import ASCII, aligned, bar

ROWS = [
    ["model", "topics", "perplexity", "95% interval"],
    ["北京", "20", "1528.5", "1491 to 1570"],
    ["a long name", "5", "99.0", "98.0 to 101.0"],
]


def test_columns_are_aligned_by_what_they_show():
    assert aligned(ROWS, left=[0], indent=2).splitlines() == [
        "  model        topics  perplexity   95% interval",
        "  北京             20      1528.5   1491 to 1570",
        "  a long name       5        99.0  98.0 to 101.0",
    ]


def test_columns_that_do_not_fit_follow_with_their_keys():
    assert aligned(ROWS, left=[0], width=34).split("\n\n") == [
        "model        topics  perplexity\n"
        "北京             20      1528.5\n"
        "a long name       5        99.0",
        "model         95% interval\n北京          1491 to 1570\na long name  98.0 to 101.0",
    ]
    assert aligned(ROWS, left=[0], width=48) == aligned(ROWS, left=[0])


@pytest.mark.parametrize("width", [24, 30, 40, 80])
def test_long_keys_and_headers_leave_room(width):
    rows = [["key" * 30, "header" * 30], ["k" * 90, "12"]]
    lines = aligned(rows, left=[0], width=width).splitlines()
    assert max(map(display_width, lines)) <= width
    assert lines[1].endswith("12")
    assert max(map(display_width, aligned(rows).splitlines())) == 122


def test_a_short_text_stays_beside():
    rows = [["topic", "words"], ["0", "cat"], ["1", "dog, cow"]]
    assert aligned(rows, has_text=True, width=15) == aligned(rows, has_text=True)
    assert aligned(rows, has_text=True, width=14).splitlines() == [
        "topic", "    0", "  cat", "    1", "  dog, cow",
    ]  # fmt: skip


def test_cells_are_one_line_each():
    rows = [["a", "words"], ["x\ny\x1b", "p\nq"]]
    for width in (None, 10, 80):
        assert "\x1b" not in aligned(rows, has_text=True, width=width)
        assert len(aligned(rows, has_text=True, width=width).splitlines()) == (
            3 if width == 10 else 2
        )


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, ""), (1e-9, "▏"), (0.126, "█"), (0.5, "████"), (0.51, "████▏"), (1, "█" * 8)],
)
def test_bars_have_eighths(share, drawn):
    assert bar(share, 8) == drawn


def test_bars_without_block_elements():
    assert [bar(share, 4, ASCII) for share in (0, 0.01, 0.5, 1)] == ["", "#", "##", "####"]


def test_a_text_is_never_cut_outside_a_window():
    first, second = aligned([["a", "b"], ["x" * 500, "y" * 500]], has_text=True).split("\n")
    assert second == "x" * 59 + "…  " + "y" * 500
    assert first.endswith("a  b")
