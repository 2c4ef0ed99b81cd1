"""Pages made in code: what is said to be on them is on them, and each number is one page for ever."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgemnist.data import Split
from edgemnist.train.pages.layouts import KINDS, lay_out
from edgemnist.train.pages.page import DIGIT, EITHER, FOUND, IGNORED, MARK, OTHER, make_page
from edgemnist.train.pages.pen import distance, write
from edgemnist.train.pages.store import SHAPE, digits_to_write, make_pages, numbered_page, open_pages, write_pages
from edgemnist.train.pages.tracing import straightened, trace

PEN_TOLERANCE = 0.35
"""Pixels: width of a drawn stroke, from its darkness; measured 0.21."""
DARKER = 60
"""Of 255: how much darker digits' ink is than the rest of their pages, on most pages; measured 131 in the median."""
PAGES = 60


def drawn(label: int) -> np.ndarray:
    """(28, 28) uint8: a ring for 0, an upright for 1, a corner for 7."""
    image = Image.new("L", (28, 28))
    draw = ImageDraw.Draw(image)
    if label == 0:
        draw.ellipse((7, 4, 20, 23), outline=255, width=3)
    elif label == 1:
        draw.line((14, 4, 13, 23), fill=255, width=3)
    else:
        draw.line((7, 5, 20, 5, 12, 23), fill=255, width=3, joint="curve")
    return np.array(image)


@pytest.fixture(scope="module")
def glyphs():
    labels = np.array([0, 1, 7] * 5)
    return digits_to_write(Split(np.stack([drawn(label) for label in labels]), labels), 15, 0)


@pytest.fixture(scope="module")
def pages(glyphs):
    return make_pages(glyphs, 0, range(PAGES))


def test_the_same_number_is_the_same_page(glyphs, pages):
    page = numbered_page(glyphs, 0, 7)
    np.testing.assert_array_equal(page.page, pages.page[7])
    np.testing.assert_array_equal(page.bits, pages.bits[7])
    assert not np.array_equal(numbered_page(glyphs, 1, 7).page, page.page)


def test_pages_on_disk_are_those_in_memory(glyphs, pages, tmp_path):
    write_pages(tmp_path / "pages", glyphs, 0, range(5))
    kept = open_pages(tmp_path / "pages")
    for field in ("page", "bits", "owner", "boxes", "states"):
        np.testing.assert_array_equal(getattr(kept, field), getattr(pages, field)[:5])
    assert [entry.name for entry in tmp_path.iterdir()] == ["pages"]


def test_digits_ink_lies_in_the_boxes_of_digits(pages):
    for bits, boxes, states in zip(pages.bits, pages.boxes, pages.states, strict=True):
        covered = np.zeros(SHAPE, bool)
        for left, top, right, bottom in boxes[states == FOUND]:
            covered[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
        assert not ((bits & DIGIT > 0) & ~covered).any()


def test_cells_belong_to_digits_whose_ink_is_in_them(pages):
    inked = (pages.bits & (DIGIT | IGNORED | OTHER)) > 0
    cells = inked.reshape(PAGES, SHAPE[0] // 4, 4, SHAPE[1] // 4, 4).any((2, 4))
    assert not ((pages.owner > 0) & ~cells).any()
    for owner, boxes, states in zip(pages.owner, pages.boxes, pages.states, strict=True):
        for number in np.flatnonzero(states == FOUND):
            rows, columns = np.nonzero(owner == number + 1)
            left, top, right, bottom = boxes[number]
            assert (columns * 4 + 3 >= left).all() and (columns * 4 < right).all()  # noqa: PT018
            assert (rows * 4 + 3 >= top).all() and (rows * 4 < bottom).all()  # noqa: PT018


def test_digits_are_dark_and_paper_is_light(pages):
    differences = [
        float(page[bits & DIGIT > 0].mean()) - float(page[bits == 0].mean())
        for page, bits in zip(pages.page, pages.bits, strict=True)
        if (bits & DIGIT).any()
    ]
    assert np.median(differences) > DARKER


def test_lines_through_digits_are_other_ink_and_the_digit_stays_a_digits(glyphs):
    both = [make_page(glyphs, SHAPE, np.random.default_rng([5, number])).bits for number in range(60)]
    assert any(((bits & DIGIT > 0) & (bits & OTHER > 0)).any() for bits in both)
    assert any((bits & MARK > 0).any() for bits in both)
    assert any((bits & IGNORED > 0).any() for bits in both)


def test_some_pages_hold_no_digit_and_some_digits_are_cut_off(pages):
    assert any(not states.any() for states in pages.states)
    assert (pages.states == EITHER).any()
    inside = (pages.boxes[..., 0] >= 0) & (pages.boxes[..., 2] <= SHAPE[1])
    assert ((pages.states == FOUND) & ~inside).any()


@pytest.mark.parametrize("shape", [(64, 64), (96, 256), (160, 160)])
def test_every_layout_fits_every_shape(glyphs, shape):
    for number in range(12):
        sheet, (left, top, right, bottom), height = lay_out(glyphs, *shape, np.random.default_rng([9, number]))
        assert 0 < right - left <= shape[1]
        assert 0 < bottom - top <= shape[0]
        assert height >= 9
        assert sheet.owner.max() <= len(sheet.digits)
    assert sum(KINDS.values()) == pytest.approx(1)


@pytest.mark.parametrize("pen", [0.8, 2.0, 5.0, 12.0])
def test_a_pen_draws_strokes_of_its_width(pen):
    ink = write((np.array([[0, 0], [0, 1]], np.float32),), 80, pen)
    middle = ink[ink.shape[0] // 4 : 3 * ink.shape[0] // 4]
    assert middle.sum(1).mean() == pytest.approx(pen, abs=PEN_TOLERANCE)
    assert abs(ink.shape[0] - 80) <= 2


def test_distances_are_those_of_the_nearest_pixel():
    mask = np.random.default_rng(0).random((30, 40)) < 0.02
    rows, columns = np.nonzero(mask)
    y, x = np.mgrid[:30, :40]
    nearest = np.hypot(y[..., None] - rows, x[..., None] - columns).min(2)
    near = nearest <= 6
    np.testing.assert_allclose(distance(mask, 6)[near], nearest[near], rtol=1e-6)
    assert (distance(mask, 6)[~near] > 6).all()


def test_a_line_is_traced_as_a_line_and_a_ring_as_a_ring():
    upright = np.zeros((28, 28), np.uint8)
    upright[4:24, 13:16] = 255
    (line,) = straightened(trace(upright), 0.1)
    assert len(line) == 2
    assert abs(line[1, 1] - line[0, 1]) == pytest.approx(1)
    y, x = np.mgrid[:28, :28]
    away = np.hypot(y - 14, x - 14)
    (ring,) = trace(((away > 6) & (away < 9)).astype(np.uint8) * 255)
    np.testing.assert_allclose(ring[0], ring[-1], atol=0.1)
