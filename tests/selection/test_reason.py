import numpy as np
import pandas as pd
import pytest

from topicgen.selection.reason import reason


def table(*rows, gap_error=0.0):
    """Rows of a number of topics, perplexity, coherence, diversity and stability."""
    columns = ["n_components", "perplexity", "coherence", "diversity", "stability"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["gap"] = np.log(frame["perplexity"] / frame["perplexity"].min())
    frame["quality"] = frame["coherence"] * frame["diversity"]
    return frame.assign(gap_error=gap_error, quality_sd=0.001, perplexity_error=10.0)


FEW, SOME, MANY = (5, 2000, 0.2, 0.9, 0.9), (10, 1000, 0.3, 0.8, 0.9), (20, 900, 0.3, 0.8, 0.9)
WORSE = (20, 1100, 0.3, 0.5, 0.9)


def test_prediction_and_stability_agree():
    assert reason(table(FEW, SOME, WORSE), 500) == (
        "10 topics: best prediction, and other seeds find the topics again (perplexity 1,000, "
        "stability 0.90)."
    )


def test_prediction_within_two_standard_errors():
    assert reason(table(FEW, SOME, (20, 990, 0.3, 0.5, 0.8), gap_error=0.006), 500) == (
        "10 topics: prediction as good as with 20 topics, within two standard errors, and other "
        "seeds find the topics again (perplexity 1,000, stability 0.90)."
    )


def test_numbers_about_as_good():
    rows = table(FEW, (8, 1010, 0.3, 0.8, 0.86), (9, 1011, 0.3, 0.8, 0.84), SOME, WORSE)
    assert reason(rows.assign(gap_error=0.008), 500).endswith(
        "stability 0.90). 8 topics predict equally well within two standard errors and are about "
        "as stable: these documents can hardly tell them from 10."
    )
    assert "hardly" not in reason(rows.assign(gap_error=0.004), 500)


def test_prediction_and_stability_disagree():
    assert reason(table(FEW, SOME, (20, 900, 0.3, 0.8, 0.4), (40, 950, 0.3, 0.5, 0.9)), 500) == (
        "10 topics: the largest number whose topics other seeds find again (perplexity 1,000, "
        "stability 0.90). Prediction and stability disagree: prediction improves up to 20 topics "
        "(perplexity 900), but other seeds find different topics there (stability 0.40). Use more "
        "topics to predict, not to interpret; more documents would help to decide."
    )
    at_the_end = reason(table(FEW, SOME, (20, 900, 0.3, 0.8, 0.4)), 500)
    assert "up to 20 topics, the end of the grid (perplexity 900)" in at_the_end


def test_prediction_that_still_improves_with_stable_topics():
    said = reason(table(FEW, SOME, MANY), 500)
    assert said.endswith("Prediction still improves at the end of the grid: try more topics.")


def test_a_higher_quality_with_fewer_topics():
    rows = table((5, 2000, 0.4, 0.9, 0.9), SOME, WORSE)
    assert reason(rows, 500).endswith(
        "5 topics have a higher quality (0.360 against 0.240): choose them for an overview."
    )
    assert "quality" not in reason(rows.assign(quality_sd=0.1), 500)


def test_only_a_smaller_stable_number_is_named_for_an_overview():
    """Default grid on the letters: 50 topics have the highest quality, and do not recur."""
    unstable = (50, 240, 0.47, 0.943, 0.351)
    letters = table((5, 376, 0.287, 1, 0.67), (10, 268, 0.430, 1, 0.844), unstable)
    said = reason(letters, 120)
    assert said.startswith("10 topics: the largest number whose topics other seeds find again")
    assert "overview" not in said
    assert "topics: " not in said.removeprefix("10 topics: ")
    unstable_and_smaller = table((5, 376, 0.6, 1, 0.4), (10, 268, 0.430, 1, 0.844), unstable)
    assert "overview" not in reason(unstable_and_smaller, 120)
    # Within two standard errors of the best, and larger than the chosen number.
    larger = table(FEW, (10, 1000, 0.3, 0.8, 0.9), (20, 995, 0.5, 0.8, 0.6), gap_error=0.01)
    assert reason(larger, 500).startswith("10 topics: ")
    assert "overview" not in reason(larger, 500)
    # The stable one is named, though an unstable one has a still higher quality.
    three = table((3, 3000, 0.9, 0.9, 0.3), (5, 2000, 0.4, 0.9, 0.9), SOME, WORSE)
    assert "5 topics have a higher quality (0.360 against 0.240)" in reason(three, 500)


def test_the_end_of_the_grid_where_prediction_no_longer_improves():
    rows = table(FEW, (10, 990, 0.3, 0.8, 0.6), (20, 1000, 0.3, 0.8, 0.9), gap_error=0.02)
    said = reason(rows, 500)
    assert said.startswith("20 topics: prediction as good as with 10 topics, within two standard")
    assert said.endswith("It is the largest number of the grid: try more topics too.")


def test_no_number_is_stable():
    rows = [(k, perplexity, 0.3, 0.8, 0.3) for k, perplexity in ((5, 990), (10, 900), (20, 901))]
    assert reason(table(*rows), 500) == (
        "These documents cannot tell the number of topics: up to 10, beyond which prediction is no "
        "better, other seeds find different topics (stability at most 0.30; 0.5 is needed). More "
        "or longer documents would help. Otherwise fit several models, and trust only the topics "
        "that recur. 5 topics: highest quality of all numbers (0.240 = coherence 0.300 x diversity "
        "0.800)."
    )
    said = reason(table(*rows[:2], (20, 800, 0.3, 0.8, 0.4)), 500)
    assert ": up to 20, other seeds find different topics (stability at most 0.40" in said
    better_beyond = reason(table(*rows[:2], (20, 901, 0.4, 0.8, 0.3)), 500)
    assert "5 topics: highest quality of all numbers up to 10 (0.240 = " in better_beyond


def test_one_seed():
    rows = table(FEW, SOME, WORSE).assign(stability=np.nan)
    assert reason(rows, 500).startswith(
        "One seed cannot tell the number of topics, as it is unknown whether other seeds find the "
        "same topics: use three seeds or more. 10 topics: highest quality of all numbers (0.240 = "
    )


@pytest.mark.parametrize(
    ("rows", "n_held_out", "said"),
    [
        ([(5, 900, 0.3, 0.9, 0.9), (10, 1000, 0.2, 0.9, 0.9)], 500, "try fewer topics too."),
        ([(5, 900, 0, 0.9, 0.9), (10, 1000, -0.1, 0.9, 0.9)], 500, "(coherence not above 0)"),
        ([(5, 900, 0, 0.9, 0.1), (10, 1000, -0.1, 0.9, 0.9)], 500, "(coherence not above 0)"),
        ([(5, 900, 0.3, 0.9, 0.9), (10, 1000, 0.2, 0.9, 0.9)], 99, "Only 99 documents were held"),
        ([(5, 900, 0.3, 0.9, 0.1), (10, 1000, 0.2, 0.9, 0.9)], 99, "Only 99 documents were held"),
    ],
)
def test_what_speaks_against_it(rows, n_held_out, said):
    assert said in reason(table(*rows), n_held_out)
    assert said not in reason(table(FEW, SOME, WORSE), 500)


def test_a_single_number():
    said = reason(table(FEW), 500)
    assert said == "5 topics: the only number that was scored, with perplexity 2,000."
