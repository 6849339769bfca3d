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
    assert line == "    0 100.0%        0%          match"


def test_topics_of_one_share_keep_their_order():
    lines = topic_table([0.5, 0.5], [1.0, 1.0], [0.5, 0.5], WORDS).splitlines()
    assert [line.split()[0] for line in lines] == ["topic", "0", "1"]


def test_words_go_on_in_the_next_line_below_the_first():
    table = topic_table([1.0], [1.0], [1.0], [["shares", "investor", "economy", "bank"]], width=54)
    assert table.splitlines()[1:] == [
        "    0 100.0%      100%    100%  shares, investor,",
        "                                economy, bank",
    ]


def test_a_narrow_terminal_breaks_no_word():
    table = topic_table([1.0], [1.0], [1.0], [["well-known", "x" * 50]], width=5)
    assert [line.split()[-1] for line in table.splitlines()[1:]] == ["well-known,", "x" * 50]


def test_a_topic_without_words_keeps_its_line():
    table = topic_table([1.0], [1.0], [1.0], [[]], width=80)
    assert table.splitlines()[1] == "    0 100.0%      100%    100%"
