"""Ink beside the digits: what may be a digit, and what is a piece of a line or a box."""

import numpy as np
import pytest
from finding import CELL, SURE, maps_of, rings

from edgemnist.reading.finds import Finds, look, owners
from edgemnist.reading.left_over import left_over


def page_with(strokes: list[tuple[int, int, int, int, int]]) -> Finds:
    """A page with a 0 in (40, 30, 70, 80) and strokes, left to bottom and level, that the finder calls other ink."""
    digit = 255 - rings((160, 120), [(40, 30, 70, 80)], 6)
    finds = look(maps_of, digit)
    padded = np.full(np.array(finds.maps["other"].shape[1:]) * CELL, -SURE, np.float32)
    page = digit.copy()
    for left, top, right, bottom, level in strokes:
        page[top:bottom, left:right] = level
        padded[top + 8 : bottom + 8, left + 8 : right + 8] = SURE
    cells = padded.reshape(padded.shape[0] // CELL, CELL, -1, CELL).transpose(1, 3, 0, 2)
    maps = {**finds.maps, "other": cells.reshape(CELL * CELL, *finds.maps["other"].shape[1:])}
    return Finds(page, maps, finds.heat, finds.boxes)


def lost(strokes: list[tuple[int, int, int, int, int]]) -> list[list[int]]:
    finds = page_with(strokes)
    return left_over(finds, owners(finds))[0].tolist()


def test_dark_ink_of_a_digits_size_may_be_one():
    assert lost([(90, 35, 94, 80, 255)]) == [[90, 35, 94, 80]]


@pytest.mark.parametrize(
    "strokes",
    [
        [(90, 35, 94, 55, 255)],
        [(90, 10, 94, 100, 255)],
        [(90, 35, 94, 80, 60)],
        [(90, 35, 160, 38, 255)],
    ],
    ids=["too low", "too high", "too pale", "flat"],
)
def test_other_ink_is_none(strokes):
    assert lost(strokes) == []


def test_the_side_of_a_box_that_is_pale_in_places_is_not_taken_for_1s():
    side = [(90, 10, 93, 45, 255), (90, 45, 93, 60, 60), (90, 60, 93, 100, 255)]
    assert lost(side) == []
    assert len(lost([side[0], side[2]])) == 2
