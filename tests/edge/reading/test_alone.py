"""A digit alone on a page: what hangs together with it is its own, lines and neighbors are not."""

import numpy as np
from finding import maps_of, rings

from edgemnist.reading.alone import with_its_rest
from edgemnist.reading.finds import Finds, look, owners

WHOLE = (slice(None), slice(None))


def page_with(
    *strokes: tuple[int, int, int, int], others: tuple[tuple[int, int, int, int], ...] = (), part: tuple = WHOLE
) -> tuple[np.ndarray, Finds]:
    """A part of a page with a 0 in (40, 30, 70, 80), black strokes that the finder does not see, and more 0s."""
    digits = 255 - rings((120, 110), [(40, 30, 70, 80), *others], 6)
    finds = look(maps_of, np.ascontiguousarray(digits[part]))
    for left, top, right, bottom in strokes:
        digits[top:bottom, left:right] = 255
    page = digits[part]
    return page, Finds(page, finds.maps, finds.heat, finds.boxes)


def owned(page: np.ndarray, finds: Finds) -> np.ndarray:
    return with_its_rest(finds, owners(finds)) > 0


def test_a_stroke_that_the_finder_missed_is_the_digits():
    tail = (64, 60, 70, 104)
    page, finds = page_with(tail)
    assert not (owners(finds)[84:104] > 0).any()
    assert owned(page, finds)[page == 255].all()


def test_a_line_to_the_edge_is_not():
    page, finds = page_with((0, 70, 120, 74))
    assert not owned(page, finds)[70:74, :30].any()
    assert not owned(page, finds)[70:74, 80:].any()


def test_in_a_picture_cut_out_along_a_digit_its_strokes_reach_the_edge():
    """A flag at the top left, where the 0 reaches the edge too; below, the 0 ends far from it: that is a line."""
    part = (slice(30, 110), slice(40, 72))
    page, finds = page_with((40, 30, 52, 36), part=part)
    assert owned(page, finds)[:6, :12].all()
    page, finds = page_with((52, 60, 58, 110), part=part)
    assert not owned(page, finds)[52:].any()


def test_ink_apart_from_it_is_not():
    page, finds = page_with((90, 30, 94, 80))
    assert not owned(page, finds)[:, 90:94].any()


def test_more_ink_than_the_digit_itself_is_something_else():
    page, finds = page_with((66, 40, 112, 76))
    assert not owned(page, finds)[40:76, 80:112].any()


def test_where_there_are_other_things_on_the_page_what_touches_it_may_be_of_those():
    tail = (64, 60, 70, 104)
    page, finds = page_with(tail, (4, 20, 8, 90), (112, 20, 116, 90))
    assert not owned(page, finds)[84:104].any()


def test_of_several_digits_none_gets_the_rest():
    page, finds = page_with((64, 60, 70, 104), others=((80, 30, 105, 80),))
    assert not owned(page, finds)[84:104].any()
