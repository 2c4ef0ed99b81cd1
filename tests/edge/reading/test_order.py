"""Reading order: lines from top to bottom, in each from left to right."""

import numpy as np
import pytest

from edgemnist.reading.order import into_lines, lean

LEAN_TOLERANCE = 0.03
"""Pixels down for each to the right, at 0.1; measured 0.027: it is drawn towards 0."""


def line(count: int, top: float, slope: float = 0.0, stagger: float = 0.0) -> np.ndarray:
    """(count, 4) boxes 20 wide and 30 high, every second one lower by `stagger`."""
    left = 30 * np.arange(count)
    down = top + slope * left + stagger * (np.arange(count) % 2)
    return np.stack([left, down, left + 20, down + 30], 1).round().astype(np.int64)


@pytest.mark.parametrize("slope", [-0.087, 0.0, 0.087])
def test_lines_that_lean_by_five_degrees_stay_lines(slope):
    boxes = np.concatenate([line(10, 40, slope), line(10, 90, slope)])
    shuffled = np.random.default_rng(0).permutation(20)
    lines = into_lines(boxes[shuffled])
    assert [shuffled[found].tolist() for found in lines] == [list(range(10)), list(range(10, 20))]


def test_staggered_digits_stay_in_their_line():
    boxes = np.concatenate([line(8, 0, stagger=15), line(8, 70, stagger=15)])
    assert into_lines(boxes) == [list(range(8)), list(range(8, 16))]


def test_a_small_digit_belongs_to_the_line_it_stands_beside():
    boxes = np.array([[0, 0, 20, 40], [30, 28, 36, 40], [50, 0, 70, 40], [0, 60, 20, 100]])
    assert into_lines(boxes) == [[0, 1, 2], [3]]


@pytest.mark.parametrize("slope", [-0.087, 0.087])
def test_the_columns_of_a_table_that_leans_stay_in_their_lines(slope):
    """Three digits' heights of space: leaning, the last digit of a line is lower or higher than its neighbors'."""
    columns = [0, 30, 210, 240, 420, 450]
    left = np.array([*columns, *columns])
    top = np.repeat([0, 48], 6) + slope * left
    boxes = np.stack([left, top, left + 20, top + 30], 1).round().astype(np.int64)
    assert into_lines(boxes) == [list(range(6)), list(range(6, 12))]


def test_lines_that_curve_stay_lines():
    left = 30 * np.arange(16)
    top = 12 + 30 * np.sin(left / 150)
    upper = np.stack([left, top, left + 20, top + 30], 1)
    boxes = np.concatenate([upper, upper + np.array([0, 45, 0, 45])]).round().astype(np.int64)
    assert into_lines(boxes) == [list(range(16)), list(range(16, 32))]


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_the_lean_of_a_page_is_nearly_known(slope):
    boxes = np.concatenate([line(12, 40, slope), line(12, 90, slope), line(12, 140, slope)])
    assert lean(boxes) == pytest.approx(slope, abs=LEAN_TOLERANCE)


def test_a_few_staggered_digits_do_not_make_a_line_lean():
    assert abs(lean(line(2, 0, stagger=15))) < 0.1  # the two alone would lean by 0.5
    assert into_lines(line(4, 0, stagger=15)) == [[0, 1, 2, 3]]
