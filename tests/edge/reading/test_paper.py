"""Light and paper: what is ink, and how dark it is, whatever the light."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from sheets import enlarged, picture, sheet, sure_digits, with_grain, with_lines, with_shadow

from edgemnist.reading import paper
from edgemnist.reading.light import to_page
from edgemnist.reading.paper import HALF, ink_is_dark, without_falloff

INK_TOLERANCE = 0.02
"""Share of all pixels that may be ink in one and paper in the other: the edges of strokes; measured 0.004."""

FULL_INK = 240
"""Level that half of the strokes' pixels reach, of 255: the rest is their soft edge; measured 244."""
FALLOFF_TOLERANCE = 40
"""Gray levels between the corners and the middle, where it was 135 before; measured 28."""
GRAIN_LEVEL = 60
"""Of 255: a page's level where nothing is written; measured 51, on an almost black sheet."""


@pytest.fixture(scope="module")
def marks(int8):
    images, _ = sure_digits(int8)
    return [enlarged(image, 180) for image in images]


def gray(levels):
    return np.asarray(picture(levels))


def same_ink(first, second) -> bool:
    return ((first >= HALF) != (second >= HALF)).mean() <= INK_TOLERANCE


@pytest.mark.parametrize(
    ("extreme", "pillows"), [(np.maximum, ImageFilter.MaxFilter), (np.minimum, ImageFilter.MinFilter)]
)
def test_maxima_and_minima_over_windows_are_pillows(extreme, pillows):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 55)).astype(np.uint8)
    for reach in (1, 2, 5, 8):
        expected = np.asarray(Image.fromarray(pixels).filter(pillows(2 * reach + 1)))[reach:-reach, reach:-reach]
        np.testing.assert_array_equal(paper._over_windows(pixels.astype(np.float32), reach, extreme), expected)


def test_the_blur_that_grain_is_judged_by_is_pillows():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 55)).astype(np.uint8)
    expected = np.asarray(Image.fromarray(pixels).filter(ImageFilter.BoxBlur(1)))
    np.testing.assert_array_equal(paper._blurred(pixels), expected)


@pytest.mark.parametrize("light", [with_shadow, lambda levels: levels * np.linspace(1, 0.3, levels.shape[1])])
def test_light_does_not_change_the_page(marks, light):
    for mark in marks:
        levels = sheet((400, 400), [(mark, 130, 110)])
        assert same_ink(to_page(gray(levels)), to_page(gray(light(levels))))


@pytest.mark.parametrize("rise", [0, 0.15, 0.35, 1])
def test_the_straight_edge_of_a_shadow_does_not_change_the_page(marks, rise):
    levels = sheet((200, 500), [(marks[1][::2, ::2], 55, 40)])
    down, across = np.mgrid[:200, :500]
    for shadow in (down > 90 - rise * (across - 250), down < 110 + rise * (across - 250)):
        page = to_page(gray(np.where(shadow, 0.4, 1) * levels))
        changed = (page >= HALF) != (to_page(gray(levels)) >= HALF)
        assert changed.mean() <= INK_TOLERANCE


def test_a_shadow_is_no_light_that_falls_off():
    levels = np.where(np.arange(300)[:, np.newaxis] < 160, 100.0, 220.0) * np.ones((1, 500))
    np.testing.assert_array_equal(without_falloff(gray(levels)), gray(levels))


def test_full_ink_is_full_and_paper_is_zero(marks):
    for dark in (35, 120, 170):
        levels = sheet((400, 400), [(marks[1], 130, 110)])
        levels = 225 - (225 - levels) * (225 - dark) / 190
        page = to_page(gray(levels))
        assert np.median(page) == 0
        assert np.median(page[page >= HALF]) >= FULL_INK


@pytest.mark.parametrize("level", [10, 200, 255])
def test_an_empty_sheet_is_no_darker_than_its_grain(level):
    light = level * np.linspace(1, 0.6, 300) * np.ones((260, 1))
    assert to_page(gray(light)).max() <= GRAIN_LEVEL
    assert np.median(to_page(gray(with_grain(light, 3)))) <= GRAIN_LEVEL


def test_light_that_falls_off_to_the_corners_is_made_even(marks):
    levels = sheet((400, 500), [(marks[0], 20, 110), (marks[1], 300, 190)])
    down, across = np.mgrid[-1:1:400j, -1:1:500j]
    bowl = 1 - 0.3 * (down**2 + across**2)
    even = without_falloff(gray(levels * bowl))
    corners = np.array([even[5, 5], even[5, -6], even[-6, 5], even[-6, -6]], float)
    assert np.abs(corners - np.median(even)).max() <= FALLOFF_TOLERANCE
    assert same_ink(to_page(even), to_page(gray(levels)))


def test_even_light_is_left_alone(marks):
    flat = gray(sheet((400, 500), [(marks[0], 20, 110)]))
    np.testing.assert_array_equal(without_falloff(flat), flat)
    np.testing.assert_array_equal(without_falloff(flat[:60, :60]), flat[:60, :60])


def test_a_thick_1_that_was_cut_out_closely_is_no_shadow():
    levels = np.full((90, 30), 30.0)
    levels[:, :2] = levels[:, 28:] = 230.0
    page = to_page(gray(levels))
    assert page[:, 5:25].min() >= HALF


def test_a_pencil_is_seen_beside_a_marker(marks):
    levels = sheet((400, 400), [(marks[0], 20, 110)])
    faint = 225 - (225 - sheet((400, 400), [(marks[1], 220, 110)])) * 0.15
    page = to_page(gray(np.minimum(levels, faint)))
    assert np.percentile(page[110:290, 220:], 95) >= 30


@pytest.mark.parametrize("change", [lambda levels: levels, with_shadow, with_grain, lambda x: with_lines(x, 30, 90)])
def test_dark_ink_is_told_from_light_ink(marks, change):
    for mark in marks:
        levels = change(sheet((300, 400), [(mark, 130, 60)]))
        assert ink_is_dark(gray(levels))
        assert not ink_is_dark(255 - gray(levels))


def test_ink_that_covers_most_of_the_border_of_a_small_picture_is_still_ink(digits):
    ring = np.zeros((16, 16), np.uint8)
    ring[[0, 1, -2, -1]] = ring[:, [0, 1, -2, -1]] = 255
    rows, columns = np.mgrid[:16, :16]
    ring[np.minimum(rows, 15 - rows) + np.minimum(columns, 15 - columns) < 4] = 0  # a 0 stretched to its frame
    assert (ring[0] == 255).mean() >= 0.5
    assert not ink_is_dark(ring)
    assert ink_is_dark(255 - ring)
    for image in digits:
        assert not ink_is_dark(image)
        assert ink_is_dark(255 - image)
