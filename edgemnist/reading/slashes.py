"""Slashes look like 1s that lean, and the finder takes most of them for digits: its map of marks tells them apart."""

import numpy as np

from edgemnist.reading.digits import Digit
from edgemnist.reading.finds import Finds, sigmoid

A_SLASH = "perhaps a slash"
"""A doubt, in words."""
SLASH, PERHAPS = 0.2, 0.01
"""The mean of the finder's probability of marks over the ink: of slashes, and of what may be one."""
_LEAST = 0.3
"""Width over height of a slash."""
_STRAIGHT = 0.9
"""The correlation of a stroke's places across and upwards: a slash's is nearly 1."""
_INK = 100
"""Of 255."""


def like_a_slash(digit: Digit, finds: Finds) -> float:
    """How much like a slash a digit is, 0 to 1; 0 where its ink is no straight stroke that leans to the right."""
    left, top, right, bottom = digit.box.tolist()
    ink = digit.ink >= _INK
    down, across = np.nonzero(ink)
    if right - left < _LEAST * (bottom - top) or min(np.unique(across).size, np.unique(down).size) < 2:
        return 0.0
    if np.corrcoef(across, -down)[0, 1] < _STRAIGHT:
        return 0.0
    return float(sigmoid(finds.mark[top:bottom, left:right][ink]).mean())
