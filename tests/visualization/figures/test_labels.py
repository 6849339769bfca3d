import numpy as np
import pytest

from topicgen.visualization.figures.labels import middle, overlaps_any, place

AREA = np.array([0.0, 0, 500, 350])


def overlap(one, two):
    return bool((one[:2] < two[2:]).all() and (two[:2] < one[2:]).all())


@pytest.mark.parametrize("n", [1, 20, 300])
def test_labels_are_inside_and_do_not_overlap(n):
    random = np.random.default_rng(n)
    centres = random.uniform([50, 50], [450, 300], (n, 2))
    sizes = [[(width, 14.0)] for width in random.uniform(30, 70, n)]
    places = place(centres, np.full(n, 8.0), sizes, AREA)
    found = [one.box for one in places if one is not None]
    assert places[0] is not None
    assert len(found) >= min(n, 40)
    for i, box in enumerate(found):
        assert (box[:2] >= AREA[:2]).all()
        assert (box[2:] <= AREA[2:]).all()
        assert not any(overlap(box, other) for other in found[:i])
    for one, (size,) in zip(places, sizes, strict=True):
        assert one is None or np.allclose(one.box[2:] - one.box[:2], size)


def test_a_label_touches_its_circle():
    ((_, box),) = place(np.array([[250.0, 150]]), np.array([20.0]), [[(60, 10)]], AREA)
    nearest = np.clip([250, 150], box[:2], box[2:])
    assert 20 <= np.hypot(*(nearest - [250, 150])) <= 25


def test_a_label_prefers_not_to_cover_another_circle():
    centres = np.array([[250.0, 150], [300, 150]])
    for _, box in place(centres, np.array([20.0, 20]), [[(40, 10)]] * 2, AREA):
        nearest = np.clip(centres, box[:2], box[2:])
        assert (np.hypot(*(nearest - centres).T) > 18).all()


def test_what_is_taken_stays_free():
    taken = np.array([[0.0, 0, 500, 350]])
    one = place(np.array([[250.0, 150]]), np.array([20.0]), [[(60, 10)]], AREA, taken)
    assert one == [None]


def test_no_place_for_what_is_larger_than_the_area():
    one = place(np.array([[250.0, 150]]), np.array([5.0]), [[(600, 10)]], AREA)
    assert one == [None]


def test_a_shorter_form_where_there_is_no_room_for_the_first():
    (one,) = place(np.array([[250.0, 150]]), np.array([5.0]), [[(600, 10), (9, 10)]], AREA)
    assert one.form == 1


def test_the_middle_of_a_circle():
    box = middle([10, 20], (4, 2))
    assert box.tolist() == [8, 19, 12, 21]
    assert not overlaps_any(box, [])
    assert overlaps_any(box, [middle([11, 20], (4, 2))])
    assert not overlaps_any(box, [middle([14, 20], (4, 2))])
