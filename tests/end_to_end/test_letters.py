"""What is planted in the corpus ``letters`` is found."""

import pytest
from study_letters import recovery

pytestmark = pytest.mark.slow

PLANTED = {
    ("buses", "district[T.Northfield]"): 1,
    ("schools", "district[T.Mill Hill]"): 1,
    ("noise", "district[T.Old Town]"): 1,
    ("flooding", "district[T.Northfield]"): -1,
    ("library", "channel[T.post]"): 1,
}


@pytest.fixture(scope="module")
def found():
    return recovery(6)


def test_each_subject_has_its_topic(found):
    assert sorted(found.subjects["topic"]) == list(range(10))
    assert (found.subjects["correlation"] > 0.98).all()


def test_planted_effects_are_found_and_no_others(found):
    effects = found.effects.set_index(["subject", "term"])
    for key, sign in PLANTED.items():
        low, high = effects.loc[key, ["low", "high"]]
        assert low > 0 if sign > 0 else high < 0
    # The channel has no effect on cycling, although both grow over time.
    cycling = effects.loc[("cycling", "channel[T.post]")]
    assert cycling["low"] < 0 < cycling["high"]


def test_intervals_contain_what_is_planted(found):
    """Of 95% intervals, at least 85%: with 40 independent ones, less has a probability of .003."""
    effects, curves = found.effects, found.curves
    assert effects["truth"].between(effects["low"], effects["high"]).mean() > 0.85
    assert curves["curve"].between(curves["low"], curves["high"]).mean() > 0.85
