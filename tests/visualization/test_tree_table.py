from topicgen.visualization.tree_table import tree_table


def node(layer, topic, parent, share, words, **more):
    return {"layer": layer, "topic": topic, "parent": parent, "share": share, "words": words} | more


TREE = [
    node(0, 0, 1, 0.2, ["a", "\x1b"]),
    node(0, 1, 0, 0.3, ["b"], name="x\u202e"),
    node(0, 2, 1, 0.5, ["c"], name=None),
    node(1, 0, None, 0.6, ["d"]),
    node(1, 1, None, 0.4, ["e"]),
]


def test_nodes_are_below_their_parents_the_largest_first():
    assert tree_table(TREE).splitlines() == [
        "node                 share  words",
        "layer 1, node 0      60.0%  d",
        r"  topic 1 (x\u202e)  30.0%  b",
        "layer 1, node 1      40.0%  e",
        "  topic 2            50.0%  c",
        r"  topic 0            20.0%  a, \x1b",
    ]


def test_a_narrow_window_has_the_words_below():
    lines = tree_table([node(0, 0, None, 1.0, ["bank"] * 9)], width=32).splitlines()
    assert lines[:2] == ["node      share", "topic 0  100.0%"]
    assert max(map(len, lines)) <= 32
