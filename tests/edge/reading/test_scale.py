"""The size at which the finder looks: digits that it knows, and no more pixels than a device has time for."""

import numpy as np
import pytest
from finding import maps_of, rings

from edgemnist.reading.scale import FIRST, MOST, view

_PADDING = 1.6
"""Pixels that the finder computes over those of the passes: each is padded to multiples of 32, small ones most."""


def looked_at(gray: np.ndarray) -> tuple[list[tuple[int, int]], object]:
    """The shapes that the finder got, and the view that was taken."""
    shapes = []

    def find(page: np.ndarray) -> dict[str, np.ndarray]:
        shapes.append(page.shape)
        return maps_of(page)

    return shapes, view(find, gray)


@pytest.mark.parametrize(
    "size",
    [(1, 1), (28, 28), (64, 40), (640, 480), (480, 640), (724, 724), (5000, 100), (1, 4000), (4000, 1), (90, 400)],
)
def test_no_picture_costs_more_than_the_limit(size):
    sheet = np.full(size[::-1], 255, np.uint8)
    sheet[size[1] // 4 : size[1] // 2, size[0] // 3 : size[0] // 2] = 0
    shapes, seen = looked_at(sheet)
    assert seen.finds.page.size <= FIRST * 1.01
    assert sum(height * width for height, width in shapes) <= MOST * _PADDING
    assert all(height % 32 == width % 32 == 0 for height, width in shapes)


@pytest.mark.parametrize("height", [12, 16, 24, 48, 96, 200, 400])
def test_digits_of_any_height_are_seen_at_one_that_the_finder_knows(height):
    boxes = [
        (40 + int(0.9 * height) * k, 30, 40 + int(0.9 * height) * k + int(0.6 * height), 30 + height) for k in range(3)
    ]
    size = (max(640, boxes[-1][2] + 40), max(480, height + 60))
    _, seen = looked_at(rings(size, boxes, max(2, height // 10)))
    assert len(seen.finds.heat) == 3
    assert 12 <= seen.finds.height <= 150


def test_a_closer_look_is_at_the_part_with_digits():
    boxes = [(300, 200, 308, 212), (314, 200, 322, 212)]
    shapes, seen = looked_at(rings((640, 480), boxes, 2))
    assert len(shapes) == 3
    assert seen.corner != (0, 0)
    found = np.sort(seen.finds.boxes / seen.scale + np.array(seen.corner * 2), axis=0)
    np.testing.assert_allclose(found, boxes, atol=2)


def test_at_an_empty_page_the_finder_does_not_even_look():
    shapes, seen = looked_at(np.full((480, 640), 200, np.uint8))
    assert shapes == []
    assert len(seen.finds.heat) == 0


def test_one_look_is_enough_where_all_ink_is_that_of_clear_digits():
    """Large digits are seen from afar; digits that suit the first look at a small picture are not looked for again."""
    far, seen = looked_at(rings((640, 480), [(100, 100, 250, 350), (300, 100, 450, 350)], 20))
    assert (len(far), len(seen.finds.heat)) == (1, 2)
    near, seen = looked_at(rings((200, 120), [(30, 30, 70, 90), (110, 30, 150, 90)], 8))
    assert (len(near), len(seen.finds.heat)) == (1, 2)


@pytest.mark.parametrize("beside", [(500, 100, 510, 114), (20, 420, 620, 424)])
def test_ink_beside_large_digits_is_looked_at_closely(beside):
    """A small digit or a line: there may be more on the page than is seen from afar."""
    sheet = rings((640, 480), [(100, 100, 250, 350), (300, 100, 450, 350)], 20)
    left, top, right, bottom = beside
    sheet[top:bottom, left:right] = 0
    shapes, _ = looked_at(sheet)
    assert len(shapes) == 2
