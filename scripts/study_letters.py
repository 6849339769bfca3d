"""Whether topicgen finds the subjects and the effects that are planted in the corpus ``letters``.

    python scripts/study_letters.py                  # the corpus as it is shipped, half a minute
    python scripts/study_letters.py --seeds 1 2 3    # and with other letters of the same kind

Prints

- subjects: the topic that agrees best with each subject, and the correlation over documents of its
  proportions with the planted ones;
- effects: 95% intervals of the differences between districts and channels in the shares
  (percentage points), and the truth. The model of the shares is linear, so the truth is the least
  squares fit of the expected shares to the same covariates;
- curves: how often the 95% intervals of the shares on 24 days contain this fit ("curve"), and the
  expected share itself, which jumps where s(date) cannot ("expected").

With several seeds, only how often the intervals contain the truth.
"""

import argparse
import importlib.util
import io
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from topicgen import TopicModel
from topicgen.covariates import Design

FORMULA = "~ district + channel + s(date)"
MAKE = Path(__file__).parents[1] / "corpora/letters/make.py"


def generator() -> ModuleType:
    """Return the script that makes the letters, as a module."""
    spec = importlib.util.spec_from_file_location("make_letters", MAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Recovery(NamedTuple):
    """What is found of what is planted.

    Attributes:
        subjects: a row for each subject, with its topic, its words and the correlation.
        effects: a row for each subject and term, with the truth, the estimate and its interval.
        curves: a row for each subject and day, with the interval, the curve and the expected share.
    """

    subjects: pd.DataFrame
    effects: pd.DataFrame
    curves: pd.DataFrame


def recovery(seed: int) -> Recovery:
    """Return what a model of the letters of a seed finds."""
    make = generator()
    letters = pd.read_csv(io.StringIO(make.csv_text(seed)), parse_dates=["date"])
    planted = pd.read_csv(io.StringIO(make.truth_text(seed))).set_index("id")
    model = TopicModel(10, prevalence=FORMULA, random_state=0).fit(letters)

    found = model.transform(letters)
    correlations = np.corrcoef(planted.to_numpy().T, found.T)[:10, 10:]
    topics = linear_sum_assignment(-correlations)[1]
    words = model.top_words(4)
    subjects = pd.DataFrame(
        {
            "subject": planted.columns,
            "topic": topics,
            "words": [", ".join(words[topic]) for topic in topics],
            "correlation": correlations.max(1),
        }
    )

    subject_of = dict(zip(topics, planted.columns, strict=True))
    expected = _expected(make, letters)
    design, covariates = Design.of(FORMULA, letters, len(letters))
    ones = np.ones((len(letters), 1))
    coefficients = np.linalg.lstsq(np.hstack([ones, covariates.matrix]), expected, rcond=None)[0]
    truth = pd.DataFrame(coefficients, ["intercept", *design.columns], planted.columns)

    effects = model.effects(kind="share")
    effects = effects[effects["term"].str.contains("T.", regex=False)].copy()
    effects.insert(0, "subject", effects.pop("topic").map(subject_of))
    pairs = zip(effects["term"], effects["subject"], strict=True)
    effects.insert(2, "truth", [truth.loc[term, subject] for term, subject in pairs])

    grid = design.grid("date", 24)
    curves = model.predict_prevalence(grid)
    curves.insert(0, "subject", curves.pop("topic").map(subject_of))
    matrix = np.hstack([np.ones((len(grid), 1)), design.read(grid, len(grid)).matrix])
    curve = pd.DataFrame(matrix @ truth.to_numpy(), columns=planted.columns)
    exact = pd.DataFrame(_expected(make, grid), columns=planted.columns)
    curves["curve"] = np.concatenate([curve[subject_of[k]] for k in range(10)])
    curves["expected"] = np.concatenate([exact[subject_of[k]] for k in range(10)])
    return Recovery(subjects, effects, curves)


def _expected(make: ModuleType, letters: pd.DataFrame) -> np.ndarray:
    """Return the expected share of each subject in each letter."""
    rows = zip(letters["date"].dt.date, letters["district"], letters["channel"], strict=True)
    shares = [make.expected_shares(*row) for row in rows]
    return np.array([[row[subject] for subject in make.SUBJECTS] for row in shares])


def covered(table: pd.DataFrame, truth: str) -> pd.Series:
    """Return which intervals contain the truth."""
    return table[truth].between(table["low"], table["high"])


def main() -> None:
    """Print what is found."""
    parser = argparse.ArgumentParser(description="Compare what is found with what is planted.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[generator().SEED])
    seeds = parser.parse_args().seeds
    found = [recovery(seed) for seed in seeds]
    if len(found) == 1:
        print(found[0].subjects.round(3).to_string(index=False), end="\n\n")
        effects = found[0].effects
        numbers = ["truth", "estimate", "std_error", "low", "high"]
        effects = effects.assign(**100 * effects[numbers], contained=covered(effects, "truth"))
        effects = effects.sort_values(["term", "subject"])
        print(effects.round(1).to_string(index=False), end="\n\n")
    else:
        print("least correlation", min(it.subjects["correlation"].min() for it in found).round(3))
    for name, tables, truth in (
        ("effects", [it.effects for it in found], "truth"),
        ("curve", [it.curves for it in found], "curve"),
        ("expected", [it.curves for it in found], "expected"),
    ):
        inside = pd.concat([covered(table, truth) for table in tables])
        print(f"{name}: {inside.sum()} of {len(inside)} intervals contain the truth")


if __name__ == "__main__":
    main()
