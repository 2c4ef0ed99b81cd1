"""Stroke width, thicker and thinner strokes, against arithmetic and against loops over pixels."""

import numpy as np
import pytest
from test_components import flood_fill

from edgemnist.reading.strokes import stroke_width, thicken, thin

WIDTH_TOLERANCE = 0.6
"""Pixels of 8, for a round stroke: its outline on a grid of pixels is a little too long; measured 0.53."""


def bar(width: int, length: int) -> np.ndarray:
    image = np.zeros((length + 10, width + 10), np.uint8)
    image[5 : 5 + length, 5 : 5 + width] = 255
    return image


@pytest.mark.parametrize(("width", "length"), [(1, 20), (3, 30), (6, 60)])
def test_width_of_a_bar_is_twice_its_area_over_its_outline(width, length):
    # The total variation takes the corner of the box once, along its diagonal: 2 - sqrt(2) less.
    outline = 2 * (width + length) - (2 - np.sqrt(2))
    assert stroke_width(bar(width, length)) == pytest.approx(2 * width * length / outline, rel=1e-6)


def test_width_does_not_depend_on_the_strength_of_the_ink():
    assert stroke_width(bar(4, 40) // 2) == pytest.approx(stroke_width(bar(4, 40)))


def test_width_of_a_ring_is_its_strokes():
    rows, columns = np.mgrid[:80, :80] - 39.5
    radius = np.hypot(rows, columns)
    ring = np.clip(4.5 - np.abs(radius - 30), 0, 1) * 255  # 8 pixels wide, soft edges
    assert abs(stroke_width(ring.astype(np.uint8)) - 8) <= WIDTH_TOLERANCE


def test_no_ink_has_no_width():
    assert stroke_width(np.zeros((28, 28), np.uint8)) == 0


@pytest.mark.parametrize("layers", [0, 1, 2, 3, 4])
def test_thicken_grows_a_point_to_an_octagon(layers):
    grown = thicken(np.ones((1, 1), bool), layers)
    rows, columns = np.abs(np.mgrid[: 2 * layers + 1, : 2 * layers + 1] - layers)
    # Every second layer may go along the diagonal.
    np.testing.assert_array_equal(grown, rows + columns <= layers + layers // 2)


def test_thicken_is_the_union_of_grown_points():
    mask = np.random.default_rng(0).random((12, 17)) < 0.1
    expected = np.zeros((18, 23), bool)
    for row, column in zip(*np.nonzero(mask), strict=True):
        expected[row : row + 7, column : column + 7] |= thicken(np.ones((1, 1), bool), 3)
    np.testing.assert_array_equal(thicken(mask, 3), expected)


def peel_by_the_paper(mask, layers):
    """Zhang and Suen's two steps, pixel by pixel with their own names."""
    image = np.pad(mask, 1).astype(int)
    for _ in range(layers):
        for step in (1, 2):
            gone = []
            for row, column in zip(*np.nonzero(image), strict=True):
                p2, p3, p4 = image[row - 1, column], image[row - 1, column + 1], image[row, column + 1]
                p5, p6, p7 = image[row + 1, column + 1], image[row + 1, column], image[row + 1, column - 1]
                p8, p9 = image[row, column - 1], image[row - 1, column - 1]
                ring = [p2, p3, p4, p5, p6, p7, p8, p9]
                rises = sum(a == 0 and b == 1 for a, b in zip(ring, [*ring[1:], p2], strict=True))
                first = (p2 * p4 * p6, p4 * p6 * p8) if step == 1 else (p2 * p4 * p8, p2 * p6 * p8)
                if 2 <= sum(ring) <= 6 and rises == 1 and first == (0, 0):
                    gone.append((row, column))
            for place in gone:
                image[place] = 0
    return image[1:-1, 1:-1] > 0


@pytest.mark.parametrize("layers", [0, 1, 3, 9])
def test_thin_peels_as_the_paper_says(layers):
    random = np.random.default_rng(layers)
    for _ in range(10):
        mask = random.random((20, 24)) < 0.8
        np.testing.assert_array_equal(thin(mask, layers), peel_by_the_paper(mask, layers))


def test_thin_keeps_a_digit_in_one_piece(digits):
    for image in digits:
        mask = np.kron(image >= 128, np.ones((4, 4), bool))
        if flood_fill(mask).max() != 1:
            continue
        thinned = thin(mask, 30)
        assert flood_fill(thinned).max() == 1
        assert thinned.sum() < mask.sum() / 2


def test_of_a_round_blot_something_is_left():
    rows, columns = np.mgrid[:41, :41] - 20
    assert thin(np.hypot(rows, columns) <= 18, 100).any()
