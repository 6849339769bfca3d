"""Places for labels beside circles, so that no two labels overlap."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

# Points between a circle and its label: those farther away than the first get a line.
GAPS = (2.5, 7.0, 14.0, 22.0, 32.0)
_ANGLES = 24
_CROWDED = 0.6  # what covering a circle costs, per square point
_FAR = 14.0  # what distance costs, per point
_CLEARANCE = 1.0  # points between labels


class Place(NamedTuple):
    """Where a label goes.

    Args:
        form: which form of the label there is room for, 0 for the first.
        box: its rectangle: left, bottom, right, top.
    """

    form: int
    box: Floats


def place(
    centres: Floats,
    radii: Floats,
    sizes: Sequence[Sequence[tuple[float, float]]],
    area: Floats,
    taken: Sequence[Floats] = (),
) -> list[Place | None]:
    """Return a place for the label of each circle, or None where there is no room for it.

    Earlier circles choose first: of the places around a circle that are inside the area and overlap
    no label, the one that covers the fewest other circles and is the closest.

    Args:
        centres: of the circles, shape (n, 2), like all lengths in points.
        radii: of the circles, shape (n,).
        sizes: for each label, the width and height of its forms, the preferred one first.
        area: the rectangle that labels have to be in: left, bottom, right, top.
        taken: rectangles that no label may overlap.

    Example:
        >>> area = np.array([-9.0, -9, 9, 9])
        >>> (found,) = place(np.zeros((1, 2)), np.ones(1), [[(40, 2), (4, 2)]], area)
        >>> found.form, found.box.round(2).tolist()
        (1, [3.5, -1.0, 7.5, 1.0])
    """
    angles = np.arange(_ANGLES) * 2 * np.pi / _ANGLES
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    cost_of_distance = _FAR * np.repeat(GAPS, _ANGLES)
    occupied = np.array(list(taken), dtype=np.float64).reshape(-1, 4)
    found: list[Place | None] = []
    for centre, radius, forms in zip(centres, radii, sizes, strict=True):
        place = None
        for form, size in enumerate(forms):
            boxes = _around(centre, radius, np.asarray(size, dtype=np.float64), directions)
            inside = (boxes[:, :2] >= area[:2]).all(1) & (boxes[:, 2:] <= area[2:]).all(1)
            free = inside & ~_overlaps(boxes, occupied, _CLEARANCE).any(1)
            if free.any():
                cost = cost_of_distance + _CROWDED * _covered(boxes, centres, radii).sum(1)
                place = Place(form, boxes[np.where(free, cost, np.inf).argmin()])
                occupied = np.vstack([occupied, place.box])
                break
        found.append(place)
    return found


def middle(centre: Sequence[float], size: Sequence[float]) -> Floats:
    """Return the rectangle of this size around a point."""
    centre_, half = np.asarray(centre, dtype=float), np.asarray(size, dtype=float) / 2
    return np.concatenate([centre_ - half, centre_ + half])


def overlaps_any(box: Floats, others: Sequence[Floats]) -> bool:
    """Return whether a rectangle overlaps any of the others."""
    return bool(others) and bool(_overlaps(box[None], np.array(others), 0.0).any())


def _around(centre: Floats, radius: float, size: Floats, directions: Floats) -> Floats:
    """Return rectangles around a circle, in each direction and at each distance."""
    at = [centre + directions * (radius + gap + size / 2) for gap in GAPS]
    middles = np.concatenate(at)
    return np.hstack([middles - size / 2, middles + size / 2])


def _overlaps(boxes: Floats, others: Floats, clearance: float) -> NDArray[np.bool_]:
    one, two = boxes[:, None], others[None]
    before = one[..., 2:] + clearance <= two[..., :2]
    after = one[..., :2] >= two[..., 2:] + clearance
    return np.asarray(~(before | after).any(-1))


def _covered(boxes: Floats, centres: Floats, radii: Floats) -> Floats:
    """Return about how much of each circle each rectangle covers, in square points."""
    half = 0.89 * radii[:, None]  # a square of the circle's area
    low = np.maximum(boxes[:, None, :2], centres - half)
    high = np.minimum(boxes[:, None, 2:], centres + half)
    covered: Floats = np.clip(high - low, 0, None).prod(-1)
    return covered
