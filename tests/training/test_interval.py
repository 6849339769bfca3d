import pytest

from topicgen.errors import InputError
from topicgen.training.interval import Interval


@pytest.mark.parametrize(
    ("every", "interval"),
    [
        (5, Interval(epochs=5)),
        ("5", Interval(epochs=5)),
        ("10min", Interval(seconds=600.0)),
        (" 1.5 min ", Interval(seconds=90.0)),
        ("2 minutes", Interval(seconds=120.0)),
        (None, Interval(seconds=300.0)),
    ],
)
def test_epochs_or_minutes(every, interval):
    assert Interval.of(every) == interval


@pytest.mark.parametrize(
    "every", [0, -1, "0", "0min", "min", "", "5s", "1e3", 2.5, True, [5], "9" * 400 + "min"]
)
def test_others_are_refused(every):
    with pytest.raises(InputError, match="is not an interval; pass a number of epochs such as 5"):
        Interval.of(every)


def test_a_checkpoint_is_due_after_some_epochs_or_some_time():
    epochs, minutes = Interval.of(2), Interval.of("1min")
    due = [(e, b) for e in range(5) for b in range(3) if epochs.is_over(e, b, 1e9)]
    assert due == [(0, 0), (2, 0), (4, 0)]
    assert [minutes.is_over(0, 1, seconds) for seconds in (59.9, 60.0)] == [False, True]
