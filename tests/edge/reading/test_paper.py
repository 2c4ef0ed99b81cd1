"""Light and paper: what is ink, and how dark it is, whatever the light."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from sheets import enlarged, picture, sheet, sure_digits, with_grain, with_lines, with_shadow

from edgemnist.reading import paper
from edgemnist.reading.paper import HALF, extract_ink, ink_is_dark

INK_TOLERANCE = 0.02
"""Share of all pixels that may be ink in one and paper in the other: the edges of strokes; measured 0.004."""

FULL_INK = 240
"""Level that half of the strokes' pixels reach, of 255: the rest is their soft edge; measured 244."""


@pytest.fixture(scope="module")
def marks(int8):
    images, _ = sure_digits(int8)
    return [enlarged(image, 180) for image in images]


def gray(levels):
    return np.asarray(picture(levels))


def same_ink(first, second) -> bool:
    return ((first >= HALF) != (second >= HALF)).mean() <= INK_TOLERANCE


def test_window_maximum_is_pillows():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 55)).astype(np.uint8)
    for reach in (1, 2, 5, 8):
        expected = np.asarray(Image.fromarray(pixels).filter(ImageFilter.MaxFilter(2 * reach + 1)))
        np.testing.assert_array_equal(paper._window_maximum(pixels.astype(np.float32), reach), expected)


def test_otsu_is_the_best_of_all_thresholds():
    random = np.random.default_rng(0)
    for _ in range(20):
        counts = random.integers(0, 50, 256) * (random.random(256) < 0.2)
        levels = np.repeat(np.arange(256), counts)
        spreads = [
            sum(len(part) * part.var() for part in (levels[levels <= t], levels[levels > t]) if len(part))
            for t in range(256)
        ]
        assert spreads[paper._otsu(counts)] == pytest.approx(min(spreads))


@pytest.mark.parametrize("light", [with_shadow, lambda levels: levels * np.linspace(1, 0.3, levels.shape[1])])
def test_light_does_not_change_the_ink(marks, light):
    for mark in marks:
        levels = sheet((400, 400), [(mark, 130, 110)])
        assert same_ink(extract_ink(gray(levels)), extract_ink(gray(light(levels))))


def test_faint_squares_are_paper(marks):
    levels = sheet((400, 400), [(marks[0], 130, 110)])
    assert same_ink(extract_ink(gray(levels)), extract_ink(gray(with_lines(levels, 24, 160))))


def test_full_ink_is_full_and_paper_is_zero(marks):
    for dark in (35, 120, 170):
        levels = sheet((400, 400), [(marks[1], 130, 110)])
        levels = 225 - (225 - levels) * (225 - dark) / 190
        ink = extract_ink(gray(levels))
        assert np.median(ink) == 0
        assert np.median(ink[ink >= HALF]) >= FULL_INK


@pytest.mark.parametrize("level", [10, 90, 200, 255])
def test_an_empty_sheet_has_no_ink(level):
    light = level * np.linspace(1, 0.6, 300) * np.ones((260, 1))
    assert extract_ink(gray(light)) is None
    assert extract_ink(gray(with_grain(light, 3))) is None


@pytest.mark.parametrize(("contrast", "deviation"), [(30, 4), (60, 12), (190, 40)])
def test_ink_stands_out_from_grain(marks, contrast, deviation):
    for mark in marks:
        levels = 225 - contrast / 190 * (225 - sheet((300, 400), [(mark, 130, 60)]))
        assert extract_ink(gray(with_grain(levels, deviation))) is not None


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
