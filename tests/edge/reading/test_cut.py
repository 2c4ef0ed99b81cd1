"""A digit is cut out of the picture: which ink is said, how dark it is the picture shows."""

import numpy as np

from edgemnist.reading.cut import cut_out

NO_INK = np.zeros((60, 60), bool)


def bar(dark: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """A page with an upright bar 6 wide and 40 high, and where it is."""
    page = np.zeros((60, 60), np.uint8)
    page[10:50, 20:26] = dark
    return page, page > 0


def test_full_ink_is_full_whatever_the_pen():
    for dark in (30, 120, 255):
        page, mine = bar(dark)
        ink, corner = cut_out(page, mine, NO_INK)
        assert corner == (20, 10)
        assert ink.shape == (40, 6)
        assert (ink == 255).all()


def test_a_fat_mask_does_not_make_fat_strokes():
    page, mine = bar()
    fat = np.zeros_like(mine)
    fat[8:52, 17:29] = True
    ink, corner = cut_out(page, fat, NO_INK)
    assert (ink.shape, corner) == ((40, 6), (20, 10))


def test_a_thin_mask_does_not_make_thin_strokes():
    page, mine = bar()
    thin = np.zeros_like(mine)
    thin[11:49, 22:24] = True
    ink, _ = cut_out(page, thin, NO_INK)
    assert ink.shape == (40, 6)


def test_ink_that_is_something_else_stays_out():
    """A printed line runs on from the bar's foot; where it crosses the bar it is the bar's."""
    page, mine = bar()
    page[46:50, :] = 200
    strange = np.zeros_like(mine)
    strange[46:50, :] = True
    ink, corner = cut_out(page, mine, strange)
    assert (ink.shape, corner) == ((40, 6), (20, 10))


def test_dust_goes_and_what_is_no_ink_is_none():
    page, mine = bar()
    page[3, 3] = 200
    mine[3, 3] = True
    ink, _ = cut_out(page, mine, NO_INK)
    assert ink.shape == (40, 6)
    assert cut_out(page, NO_INK, NO_INK) is None
    assert cut_out(np.zeros((60, 60), np.uint8), mine, NO_INK) is None


def test_a_pale_part_of_a_stroke_is_kept():
    page, mine = bar(240)
    page[30:50, 20:26] = 110
    ink, _ = cut_out(page, mine, NO_INK)
    assert ink.shape == (40, 6)
    assert ink[35:, 1:5].min() >= 150
