import numpy as np
import pandas as pd
import pytest

from topicgen.selection.reason import reason


def table(*rows):
    """Rows of a number of topics, perplexity, coherence, diversity and stability."""
    columns = ["n_components", "perplexity", "coherence", "diversity", "stability"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["gap"] = np.log(frame["perplexity"] / frame["perplexity"].min())
    frame["quality"] = frame["coherence"] * frame["diversity"]
    return frame.assign(quality_sd=0.001, perplexity_error=10.0)


FEW, SOME, MANY = (5, 2000, 0.2, 0.9, 0.9), (10, 1000, 0.3, 0.8, 0.9), (20, 900, 0.3, 0.5, 0.9)


def test_best_in_both():
    assert reason(table(FEW, SOME, (20, 1100, 0.3, 0.5, 0.9)), 10, 10, 500) == (
        "10 topics: best prediction (perplexity 1,000) and highest quality (0.240 = coherence "
        "0.300 x diversity 0.800)."
    )


def test_within_one_standard_error():
    said = reason(table(FEW, SOME, (20, 999, 0.4, 0.9, 0.9)), 10, 10, 500)
    assert said.startswith(
        "10 topics: prediction as good as with 20 topics within one standard error (perplexity 1,0"
    )
    assert ") and higher quality than with fewer topics (0.240 = " in said


def test_prediction_that_still_improves():
    assert reason(table(FEW, SOME, MANY), 10, 20, 500) == (
        "10 topics: highest quality of all numbers (0.240 = coherence 0.300 x diversity 0.800). "
        "Prediction still improves at the end of the grid (perplexity 900 with 20, 1,000 with 10): "
        "more topics are finer, but their quality is lower."
    )
    said = reason(table(FEW, SOME), 10, 10, 500)
    assert said.endswith(
        "Prediction still improves at the end of the grid (perplexity 1,000 with 10): try more "
        "topics."
    )


def test_more_that_predict_better_and_read_worse():
    rows = table(FEW, SOME, MANY, (30, 901, 0.9, 0.9, 0.9))
    said = reason(rows, 10, 20, 500)
    assert "highest quality of all numbers up to 20, beyond which prediction is no better (" in said
    assert said.endswith(
        "20 topics predict better (perplexity 900 against 1,000) but have lower quality."
    )


@pytest.mark.parametrize(
    ("rows", "n_held_out", "said"),
    [
        ([(5, 900, 0.3, 0.9, 0.9), (10, 1000, 0.2, 0.9, 0.9)], 500, "try fewer topics too."),
        ([(5, 900, 0.3, 0.9, 0.4), (10, 1000, 0.2, 0.9, 0.9)], 500, "(stability 0.40): fit"),
        (
            [(5, 900, 0.3, 0.9, np.nan), (10, 1000, 0.2, 0.9, 1)],
            500,
            "With one seed, the stability",
        ),
        ([(5, 900, 0, 0.9, 0.9), (10, 1000, -0.1, 0.9, 0.9)], 500, "(coherence not above 0)"),
        ([(5, 900, 0.3, 0.9, 0.9), (10, 1000, 0.2, 0.9, 0.9)], 99, "Only 99 documents were held"),
    ],
)
def test_what_speaks_against_it(rows, n_held_out, said):
    assert said in reason(table(*rows), 5, 5, n_held_out)
    fine = reason(table(FEW, SOME, (20, 1100, 0.3, 0.5, 0.9)), 10, 10, 500)
    assert said not in fine


def test_numbers_that_read_about_as_well():
    rows = table(FEW, SOME, (15, 950, 0.3, 0.799, 0.9), MANY)
    assert "15 topics have about the same quality." in reason(rows, 10, 20, 500)


def test_a_single_number():
    said = reason(table(FEW), 5, 5, 500)
    assert said == "5 topics: the only number that was scored, with perplexity 2,000."
