"""Reading order: lines from top to bottom, in each from left to right."""

import numpy as np
import pytest

from edgemnist.reading.order import into_lines


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
