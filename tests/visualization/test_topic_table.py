from topicgen.visualization import topic_table

WORDS = [["match", "goal", "team"], ["band", "song", "stage"]]


def test_a_line_a_topic_the_largest_first():
    assert topic_table([0.004, 0.996], WORDS).splitlines() == [
        "topic  share  words",
        "    1  99.6%  band, song, stage",
        "    0   0.4%  match, goal, team",
    ]


def test_topics_of_one_share_keep_their_order():
    lines = topic_table([0.5, 0.5], WORDS).splitlines()
    assert [line.split()[0] for line in lines] == ["topic", "0", "1"]


def test_words_go_on_in_the_next_line_below_the_first():
    table = topic_table([1.0], [["shares", "investor", "economy", "bank"]], width=36)
    assert table.splitlines()[1:] == [
        "    0 100.0%  shares, investor,",
        "              economy, bank",
    ]


def test_a_narrow_terminal_breaks_no_word():
    table = topic_table([1.0], [["well-known", "x" * 50]], width=5)
    assert [line.split()[-1] for line in table.splitlines()[1:]] == ["well-known,", "x" * 50]


def test_a_topic_without_words_keeps_its_line():
    assert topic_table([1.0], [[]], width=80).splitlines()[1] == "    0 100.0%"
