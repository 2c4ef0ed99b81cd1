"""Ink beside the digits that speaks against an answer: what may be a digit and is none, and what may be a mark."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.alone import DARK
from edgemnist.reading.components import boxes_of_pieces, find_components
from edgemnist.reading.finds import INK, WEAK, Finds
from edgemnist.reading.ranks import median

_DIGIT_SIZE = (0.6, 1.5)
"""Times the usual digit's height: ink so high, and no longer, that belongs to no digit may be one. Lines are flat."""
_LEFT = 0.45
"""Times the usual digit's height: so large is digit's ink that was left over."""
_SPECK = 0.05
"""Times the usual digit's height: smaller marks are dust."""
_FAINT_MARK = -2.0
"""Logit of a mark's ink: so much of it belongs to a mark beside ink that is more than `INK`."""
_WRITTEN = 0.2
"""Share of a piece of other ink that is dark: the rest is the soft edge of thin strokes."""
_FRAME = 3
"""Pixels from the picture's frame: other ink that reaches it is a line or a shadow."""


def left_over(finds: Finds, owner: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(L, 4) and (M, 4): the boxes of ink, dark as the digits, that belongs to none: pieces of a digit's size, and what
    may be marks."""
    own, high = owner > 0, finds.height
    least, most = _DIGIT_SIZE
    dark = finds.page > (DARK * median(finds.page[own]) if own.any() else 0.0)
    lost = boxes_of_pieces(dark & ~own & (finds.digit > WEAK))
    # What pale ink holds together is one: the side of a box, broken into pieces, would look like 1s.
    written = ~own & (finds.other > INK)
    other = _mostly_dark(written, dark) if np.count_nonzero(written) > least * high else np.zeros((0, 4), np.int64)
    marks = boxes_of_pieces(dark & ~own & (finds.mark > _FAINT_MARK))
    sure = [bool((finds.mark[top:bottom, left:right] > INK).any()) for left, top, right, bottom in marks.tolist()]
    marks = marks[np.array(sure, bool)]
    size = np.array(owner.shape[::-1])
    inside = (other[:, :2] >= _FRAME).all(1) & (other[:, 2:] <= size - _FRAME).all(1)
    sized = (other[:, 3] - other[:, 1] > least * high) & (_long_sides(other) < most * high)
    pieces = [lost[_long_sides(lost) > _LEFT * high], other[inside & sized & ~_surrounds(other, finds.boxes)]]
    return np.concatenate(pieces), marks[_long_sides(marks) > _SPECK * high]


def _mostly_dark(written: NDArray[np.bool_], dark: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(P, 4): the boxes of those pieces of a mask that are dark enough."""
    pieces = find_components(written)
    return pieces.boxes[pieces.count(dark) >= _WRITTEN * pieces.areas]


def _long_sides(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(P,): the larger of width and height of (P, 4) boxes."""
    sides: NDArray[np.int64] = (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0)
    return sides


def _surrounds(pieces: NDArray[np.int64], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(P,) bool: which of (P, 4) boxes of ink hold the middle of one of (K, 4) digits, as frames do."""
    x, y = (boxes[:, :2] + boxes[:, 2:]).T / 2
    left, top, right, bottom = pieces.T[:, :, np.newaxis]
    held = (left < x) & (x < right) & (top < y) & (y < bottom)
    surrounds: NDArray[np.bool_] = np.logical_or.reduce(held, axis=1)
    return surrounds
