import dataclasses
import math
from itertools import pairwise

import pytest

from topicgen.training.schedule import (
    Schedule,
    are_short,
    automatic_batch_size,
    automatic_epochs,
)

SCHEDULE = Schedule(n_steps=100, temperature=(1.0, 0.25), learning_rate=0.2)


def test_temperature_falls_geometrically_over_four_fifths_of_the_steps():
    temperatures = [SCHEDULE.temperature_at(step) for step in range(101)]
    assert temperatures[0] == 1.0
    assert temperatures[40] == pytest.approx(0.5)
    ratios = [b / a for a, b in pairwise(temperatures[:81])]
    assert ratios == pytest.approx([0.25 ** (1 / 80)] * 80)
    assert temperatures[80:] == pytest.approx([0.25] * 21)


def test_temperature_may_stay_or_rise():
    assert Schedule(10, (0.5, 0.5), 0.1).temperature_at(3) == 0.5
    assert Schedule(10, (0.5, 2.0), 0.1).temperature_at(10) == pytest.approx(2.0)


def test_learning_rate_falls_along_a_half_cosine_to_its_floor():
    rates = [SCHEDULE.learning_rate_at(step) for step in range(101)]
    assert rates[0] == pytest.approx(0.2)
    assert rates[50] == pytest.approx(0.2 * (1 + 0.02) / 2)
    assert rates[100] == pytest.approx(0.2 * 0.02)
    assert rates[25] == pytest.approx(0.2 * (0.02 + 0.98 * (1 + math.cos(math.pi / 4)) / 2))
    assert rates == sorted(rates, reverse=True)


def test_floor_is_a_share_of_the_start():
    schedule = Schedule(10, (1.0, 0.5), 0.3, floor=0.5)
    assert schedule.learning_rate_at(10) == pytest.approx(0.15)
    assert Schedule(10, (1.0, 0.5), 0.3, floor=1.0).learning_rate_at(7) == pytest.approx(0.3)


def test_beyond_the_last_step_nothing_moves():
    assert SCHEDULE.temperature_at(10**6) == pytest.approx(0.25)
    assert SCHEDULE.learning_rate_at(10**6) == pytest.approx(0.2 * 0.02)


def test_one_step_is_enough():
    schedule = Schedule(1, (1.0, 0.5), 0.1)
    assert (schedule.temperature_at(0), schedule.learning_rate_at(0)) == (1.0, 0.1)


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SCHEDULE.n_steps = 3


@pytest.mark.parametrize(
    ("n_documents", "size"),
    [(1, 16), (640, 16), (679, 16), (680, 17), (2_225, 55), (10_240, 256), (10**9, 256)],
)
def test_automatic_batch_size(n_documents, size):
    assert automatic_batch_size(n_documents) == size


@pytest.mark.parametrize(
    ("n_documents", "batch_size", "epochs"),
    [(1, 16, 100), (45 * 16, 16, 20), (4 * 45 * 256, 256, 10), (10**9, 256, 2)],
)
def test_automatic_epochs(n_documents, batch_size, epochs):
    assert automatic_epochs(n_documents, batch_size) == epochs


@pytest.mark.parametrize(
    ("length", "epochs"), [(math.inf, 20), (60.0, 20), (15.0, 20), (3.75, 40), (0.5, 60), (0.0, 60)]
)
def test_short_documents_are_passed_over_more_often(length, epochs):
    assert automatic_epochs(45 * 256, 256, length) == epochs
    assert are_short(length) is (length < 15)


def test_more_documents_mean_fewer_epochs_and_more_steps():
    sizes = [2**power for power in range(4, 24)]
    epochs = [automatic_epochs(n, automatic_batch_size(n)) for n in sizes]
    steps = [e * math.ceil(n / automatic_batch_size(n)) for n, e in zip(sizes, epochs, strict=True)]
    assert epochs == sorted(epochs, reverse=True)
    assert steps == sorted(steps)
    assert all(2 <= e <= 100 for e in epochs)


def test_the_ramp_rises_over_a_share_of_the_steps():
    schedule = Schedule(20, (1.0, 1.0), 0.2)
    assert [schedule.ramp_at(step) for step in (0, 1, 2, 4, 19)] == [0.0, 0.25, 0.5, 1.0, 1.0]
    assert Schedule(20, (1.0, 1.0), 0.2, warm_up=0.0).ramp_at(0) == 1.0
