import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization import topic_tree
from topicgen.visualization.figures import topic_tree as module


def nodes(figure):
    return np.asarray(figure.axes[0].collections[-1].get_offsets())


def test_nodes_are_in_the_columns_of_their_layers(deep):
    table = deep.get_topic_tree()
    drawn = nodes(topic_tree(deep))
    used = {(row.layer + 1, row.parent) for row in table.itertuples() if row.layer == 0}
    used |= {
        (row.layer + 1, row.parent)
        for row in table.itertuples()
        if row.layer == 1 and (1, row.topic) in used
    }
    assert len(drawn) == 4 + len(used)
    assert sorted(drawn[:, 0])[-4:] == [2] * 4
    assert set(drawn[:, 0]) == {0, 1, 2}


def test_each_topic_has_its_row_and_label(deep):
    figure = topic_tree(deep)
    drawn = nodes(figure)
    assert sorted(drawn[drawn[:, 0] == 2, 1]) == [0, 1, 2, 3]
    written = [text.get_text() for text in figure.axes[0].texts]
    for k in range(4):
        assert f"{k} {deep.fitted_.label(k)}" in written


def test_areas_are_in_proportion_to_shares(deep):
    sizes = topic_tree(deep).axes[0].collections[-1].get_sizes()
    np.testing.assert_allclose(sizes[:4] / sizes[:4].sum(), deep.topic_share_, rtol=1e-6)


def test_every_node_below_the_top_has_a_branch_as_thick_as_its_weight(deep):
    axis = topic_tree(deep).axes[0]
    assert len(axis.patches) == (nodes(axis.figure)[:, 0] > 0).sum()
    weight = deep.get_topic_tree()["weight"][:4]
    widths = [branch.get_linewidth() for branch in axis.patches[:4]]
    np.testing.assert_allclose(widths, 0.3 + 1.2 * weight)


def test_children_stand_together_and_their_parent_between_them():
    table = pd.DataFrame(
        {
            "layer": [0, 0, 0, 0, 1, 1, 1],
            "topic": [0, 1, 2, 3, 0, 1, 2],
            "parent": pd.array([1, 0, 1, 0, pd.NA, pd.NA, pd.NA], dtype="Int64"),
            "weight": 0.9,
            "share": [0.1, 0.2, 0.5, 0.2, 0.4, 0.6, 0.0],
            "words": [["word"]] * 7,
        }
    )
    placed = module._placed(table, {k: str(k) for k in range(4)})
    heights = {(node.layer, node.number): node.height for node in placed}
    assert heights == {
        (0, 2): 0, (0, 0): 1, (0, 1): 2, (0, 3): 3, (1, 1): 0.5, (1, 0): 2.5,
    }  # fmt: skip


def test_a_model_without_layers_has_no_tree(trained):
    with pytest.raises(InputError, match=r"so it has no tree; fit it with .* or draw topic_map"):
        topic_tree(trained)
