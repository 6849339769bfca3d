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
    sizes = np.column_stack([random.uniform(30, 70, n), np.full(n, 14.0)])
    boxes = place(centres, np.full(n, 8.0), sizes, AREA)
    found = [box for box in boxes if box is not None]
    assert boxes[0] is not None
    assert len(found) >= min(n, 40)
    for i, box in enumerate(found):
        assert (box[:2] >= AREA[:2]).all()
        assert (box[2:] <= AREA[2:]).all()
        assert not any(overlap(box, other) for other in found[:i])
    for box, size in zip(boxes, sizes, strict=True):
        assert box is None or np.allclose(box[2:] - box[:2], size)


def test_a_label_touches_its_circle():
    (box,) = place(np.array([[250.0, 150]]), np.array([20.0]), np.array([[60.0, 10]]), AREA)
    nearest = np.clip([250, 150], box[:2], box[2:])
    assert 20 <= np.hypot(*(nearest - [250, 150])) <= 25


def test_a_label_prefers_not_to_cover_another_circle():
    centres = np.array([[250.0, 150], [300, 150]])
    boxes = place(centres, np.array([20.0, 20]), np.array([[40.0, 10]] * 2), AREA)
    for box in boxes:
        nearest = np.clip(centres, box[:2], box[2:])
        assert (np.hypot(*(nearest - centres).T) > 18).all()


def test_what_is_taken_stays_free():
    taken = np.array([[0.0, 0, 500, 350]])
    one = place(np.array([[250.0, 150]]), np.array([20.0]), np.array([[60.0, 10]]), AREA, taken)
    assert one == [None]


def test_no_place_for_what_is_larger_than_the_area():
    one = place(np.array([[250.0, 150]]), np.array([5.0]), np.array([[600.0, 10]]), AREA)
    assert one == [None]


def test_the_middle_of_a_circle():
    box = middle([10, 20], (4, 2))
    assert box.tolist() == [8, 19, 12, 21]
    assert not overlaps_any(box, [])
    assert overlaps_any(box, [middle([11, 20], (4, 2))])
    assert not overlaps_any(box, [middle([14, 20], (4, 2))])
