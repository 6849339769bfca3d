import numpy as np
import pandas as pd

from topicgen.visualization.selection_table import selection_table

ROW = {
    "n_components": 5, "perplexity": 1234.56, "perplexity_error": 12.34, "gap": np.log(1.125),
    "gap_error": 0.008, "coherence": 0.25, "coherence_sd": 0.01, "diversity": 0.9,
    "diversity_sd": 0.02, "quality": 0.225, "stability": 0.75,
}  # fmt: skip
BEST = ROW | {"n_components": 100, "gap": 0.0, "gap_error": 0.0}


def test_a_line_a_number_and_a_star_at_the_recommended_one():
    head, first, second = selection_table(pd.DataFrame([ROW, BEST]), 100).splitlines()
    assert head.split() == [
        "topics", "perplexity", "s.e.", "above", "best", "coherence", "diversity", "quality",
        "stability",
    ]  # fmt: skip
    # The standard error of a ratio of 1.125 whose logarithm has .008.
    assert first.split() == [
        "5", "1234.6", "12.3", "12.5%", "±0.9%", "0.250", "±0.010", "0.900", "±0.020", "0.225",
        "0.750",
    ]  # fmt: skip
    assert second.startswith("*    100 ")
    assert len(head) == len(first) == len(second) <= 100


def test_what_one_seed_cannot_tell_is_a_dash_or_left_out():
    unknown = ROW | {"coherence_sd": np.nan, "diversity_sd": np.nan, "stability": np.nan}
    head, first = selection_table(pd.DataFrame([unknown]), 5).splitlines()
    assert first.split()[4:] == ["12.5%", "±0.9%", "0.250", "0.900", "0.225", "-"]
    assert len(first) == len(head)


def test_columns_that_do_not_fit_are_below():
    table = selection_table(pd.DataFrame([ROW, BEST]), 100, width=40)
    blocks = [block.splitlines() for block in table.split("\n\n")]
    assert len(blocks) == 3
    for head, first, best in blocks:
        assert len(head) == len(first) == len(best) <= 40
        assert head.startswith("  topics  ")
        assert first.startswith("       5  ")
        assert best.startswith("*    100  ")
    assert " ".join(head for head, *_ in blocks).split().count("topics") == 3
