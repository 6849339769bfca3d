import pytest

from topicgen.plain import display_width
from topicgen.visualization import topic_table

WORDS = [["match", "goal", "team"], ["band", "song", "stage"]]


def test_a_line_a_topic_the_largest_first():
    assert topic_table([0.004, 0.996], [0.05, 1.0], [0.081, 1.0], WORDS).splitlines() == [
        "topic  share  presence  amount  words",
        "    1  99.6%      100%    100%  band, song, stage",
        "    0   0.4%        5%      8%  match, goal, team",
    ]


def test_names_have_a_column_of_their_own():
    table = topic_table([0.4, 0.6], [0.5, 1.0], [0.8, 1.0], WORDS, names=["sport", None])
    assert table.splitlines() == [
        "topic  name   share  presence  amount  words",
        "    1         60.0%      100%    100%  band, song, stage",
        "    0  sport  40.0%       50%     80%  match, goal, team",
    ]


def test_a_topic_that_occurs_nowhere_has_no_amount():
    line = topic_table([1.0], [0.0], [None], [["match"]]).splitlines()[1]
    assert line == "    0  100.0%        0%          match"


def test_topics_of_one_share_keep_their_order():
    lines = topic_table([0.5, 0.5], [1.0, 1.0], [0.5, 0.5], WORDS).splitlines()
    assert [line.split()[0] for line in lines] == ["topic", "0", "1"]


HOSTILE = "\x1b[2J\u202e\nname"


def test_words_go_on_in_the_next_line_below_the_first():
    table = topic_table([1.0], [1.0], [1.0], [["shares", "investor", "economy", "bank"]], width=67)
    assert table.splitlines()[1:] == [
        "    0  ████████  100.0%      100%    100%  shares, investor,",
        "                                           economy, bank",
    ]


def test_bars_compare_with_the_largest_topic():
    shares = [0.5, 0.25, 0.001]
    lines = topic_table(shares, shares, shares, [["a"]] * 3, width=72).splitlines()[1:]
    assert [line[7:19] for line in lines] == ["█" * 12, f"{'█' * 6:12}", f"{'▏':12}"]
    lines = topic_table(shares, shares, shares, [["a"]] * 3, width=120, steps=" #").splitlines()
    assert [line.count("#") for line in lines] == [0, 20, 10, 1]
    assert "█" not in topic_table(shares, shares, shares, [["a"]] * 3)


@pytest.mark.parametrize("width", [1, 10, 20, 32, 40, 60, 80, 100, 160])
@pytest.mark.parametrize("named", [False, True])
def test_a_table_fits_the_window(width, named):
    words = [["well-known", "x" * 500], ["北京大学", "cafe\u0301", HOSTILE], ["🎸"] * 30]
    names = ["economy and finance", "北京" * 20, None] if named else None
    shares = [0.2, 0.5, 0.3]
    table = topic_table(shares, shares, [0.5, None, 0.5], words, width, names=names)
    assert all(line.isprintable() for line in table.splitlines())
    widest = max(map(display_width, table.splitlines()))
    assert widest <= max(width, 16)  # a number beside the key needs this much
    if width >= 72:
        assert widest > width - 24
        assert not table.count("\n\n")
    for cell in ("20.0%", "50.0%", "30.0%", "北京大学" if width > 10 else ""):
        assert cell in table


def test_words_of_a_narrow_window_are_below():
    table = topic_table([0.004, 0.996], [0.05, 1.0], [0.081, 1.0], WORDS, width=40)
    assert table.splitlines() == [
        "topic            share  presence  amount",
        "    1  ████████  99.6%      100%    100%",
        "       band, song, stage",
        "    0  ▏          0.4%        5%      8%",
        "       match, goal, team",
    ]


def test_text_from_data_is_shown_as_text():
    for width in (None, 100):
        table = topic_table([1.0], [1.0], [1.0], [[HOSTILE]], width, names=[HOSTILE])
        assert len(table.splitlines()) == 2
        assert table.count(r"\x1b[2J\u202e\nname") == 2


def test_a_topic_without_words_keeps_its_line():
    table = topic_table([1.0], [1.0], [1.0], [[]], width=80)
    assert table.splitlines()[1].split() == ["0", "█" * 12, "100.0%", "100%", "100%"]
