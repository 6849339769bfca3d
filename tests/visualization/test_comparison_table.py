import numpy as np
import pandas as pd
import pytest

from topicgen.visualization.comparison_table import (
    matches_table,
    pairs_table,
    scores_table,
    setting_pairs_table,
    settings_table,
)

NAN = np.nan


def test_scores_are_aligned():
    scores = pd.DataFrame(
        {
            "n_topics": [20, 1],
            "n_tokens": [195_090, 7],
            "perplexity": [1528.54, 99.0],
            "perplexity_low": [1490.6, 98.04],
            "perplexity_high": [1570.2, 101.0],
            "npmi": [0.297, NAN],
            "npmi_low": [0.254, NAN],
            "npmi_high": [0.340, NAN],
            "topic_diversity": [0.86, 1.0],
            "inverted_rbo": [0.99, NAN],
            "exclusivity": [0.98, 0.5],
        },
        index=["bbc", "of one topic"],
    )
    assert scores_table(scores).splitlines() == [
        "model         topics   tokens  perplexity   95% interval      NPMI, 95%"
        "  diversity  inv. RBO   FREX",
        "bbc               20  195,090      1528.5   1491 to 1570  0.297 ± 0.043"
        "      0.860     0.990  0.980",
        "of one topic       1        7        99.0  98.0 to 101.0              -"
        "      1.000         -  0.500",
    ]


def test_pairs_are_aligned():
    tests = pd.DataFrame(
        {
            "model": ["a", "a"],
            "other": ["b", "long name"],
            "similarity": [0.5, 1.0],
            "difference": [-0.19422, NAN],
            "low": [-0.2, NAN],
            "high": [0.01, NAN],
            "p_value": [0.00001, NAN],
            "p_holm": [0.0002, NAN],
            "npmi_difference": [0.01, -0.02],
            "npmi_difference_low": [-0.01, NAN],
            "npmi_difference_high": [0.03, NAN],
        }
    )
    assert pairs_table(tests).splitlines()[1:] == [
        "model  other      similarity  nats per token        95% interval        p  p, Holm"
        "       NPMI, 95%",
        "a      b               0.500         -0.1942  -0.2000 to +0.0100  <0.0001   0.0002"
        "  +0.010 ± 0.020",
        "a      long name       1.000               -                   -        -        -"
        "          -0.020",
    ]
    of_settings = tests.rename(columns={"model": "setting"}).drop(columns="similarity")
    assert setting_pairs_table(of_settings).splitlines()[1:] == [
        "setting  other      nats per token        95% interval        p  p, Holm       NPMI, 95%",
        "a        b                 -0.1942  -0.2000 to +0.0100  <0.0001   0.0002  +0.010 ± 0.020",
        "a        long name               -                   -        -        -          -0.020",
    ]


def test_settings_are_aligned():
    settings = pd.DataFrame(
        {
            "models": [["a", "b", "c"], ["d"]],
            "perplexity": [1459.0, 1394.0],
            "perplexity_low": [1439.0, NAN],
            "perplexity_high": [1479.0, NAN],
            "perplexity_sd": [2.0, NAN],
            "npmi": [0.289, 0.281],
            "npmi_low": [0.279, NAN],
            "npmi_high": [0.299, NAN],
            "npmi_sd": [0.005, NAN],
            "stability": [0.8125, NAN],
        },
        index=["n_components=20", "n_components=30"],
    )
    assert settings_table(settings).splitlines()[1:] == [
        "setting          seeds  perplexity  95% interval  s.d.      NPMI, 95%   s.d.  stability",
        "n_components=20      3      1459.0  1439 to 1479   2.0  0.289 ± 0.010  0.005      0.812",
        "n_components=30      1      1394.0             -     -          0.281      -          -",
    ]


@pytest.fixture
def matches():
    """Three topics of a model matched in two others."""
    rows = []
    for other in ("b", "c"):
        for topic, similarity in enumerate([0.9, 0.1, 0.5]):
            rows.append(
                {
                    "model": "a",
                    "topic": topic,
                    "other": other,
                    "other_topic": 12 - topic,
                    "similarity": similarity,
                    "words": [f"left{topic}", "money", "interest-rate"],
                    "other_words": [f"{other}{topic}"],
                }
            )
    return pd.DataFrame(rows)


def test_matches_go_on_in_the_next_line(matches):
    lines = matches_table(matches, width=50).splitlines()
    assert lines[:4] == [
        "topics of a and their matches in b:",
        "similarity  a                  b",
        "     0.100    1 left1, money,   11 b1",
        "                interest-rate",
    ]
    assert max(map(len, lines)) <= 50


def test_the_least_similar_come_first(matches):
    blocks = matches_table(matches, n=2).split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == [
        "topics of a and their matches in b, the 2 least similar of 3:",
        "topics of a and their matches in c, the 2 least similar of 3:",
    ]
    assert [line.split()[0] for line in blocks[0].splitlines()[2:]] == ["0.100", "0.500"]
    assert matches_table(matches, n=3) == matches_table(matches)
