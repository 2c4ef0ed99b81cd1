"""Digits in reading order: lines from top to bottom, in each from left to right."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.ranks import median

Boxes = NDArray[np.int64] | NDArray[np.float64]
"""(K, 4): left, top, right, bottom."""

_SHARED = 0.2
"""Of the lower one's height: neighbors in a line are side by side that far."""
_LATEST = 2
"""Digits of a line that say how high it runs: lines may lean and curve."""
_FAR = 5
"""Usual heights: so far to the right a neighbor may stand, across the space between two columns of a table."""
_UNEVEN, _LEANING = 0.15, 0.06
"""Standard deviations, of how far digits stand above or below their line, in heights, and of how lines lean, in pixels
down for each to the right (3.4 degrees): a few staggered digits do not make a line lean."""


def into_lines(boxes: Boxes) -> list[list[int]]:
    """The indices of (K, 4) boxes, line by line.

    Of 500 made pages of each kind (tests/edge/reading/test_order.py draws such), all lines are right of 98 % or more:
    leaning by up to 8 degrees, single rows by 15, curved, staggered by half a height, tables with spaces of ten digits.
    """
    if not len(boxes):
        return []
    slope = lean(boxes)
    level = boxes[:, 1::2] - slope * boxes[:, ::2].mean(1, keepdims=True)
    lines: list[list[int]] = []
    for index in np.argsort(boxes[:, 0], kind="stable").tolist():
        shares = [_side_by_side(level[line[-_LATEST:]].mean(0), level[index]) for line in lines]
        best = max(range(len(lines)), key=shares.__getitem__, default=None)
        if best is not None and shares[best] > _SHARED:
            lines[best].append(index)
        else:
            lines.append([index])
    return sorted(lines, key=lambda line: float(level[line].mean()))


def lean(boxes: Boxes) -> float:
    """How far lines of (K, 4) boxes lean: pixels down for each pixel to the right.

    It is the regression over all pairs of neighbors, drawn towards 0 as far as staggered digits may explain it.
    """
    high = median(boxes[:, 3] - boxes[:, 1])
    across, down = ((boxes[:, side] + boxes[:, side + 2]) / 2 for side in (0, 1))
    dx, dy = across[None] - across[:, None], down[None] - down[:, None]
    beside = (dx > 0) & (dx < _FAR * high) & (np.abs(dy) < high)
    nearest = np.where(beside, dx + np.abs(dy), np.inf).argmin(1)
    pairs = np.flatnonzero(beside.any(1))
    dx, dy = dx[pairs, nearest[pairs]], dy[pairs, nearest[pairs]]
    prior = 2 * (_UNEVEN * high / _LEANING) ** 2
    return float(dx @ dy / (dx @ dx + prior))


def _side_by_side(band: NDArray[np.float64], box: NDArray[np.float64]) -> float:
    """The share of the lower one's height in which a band and a box, top and bottom each, lie beside each other."""
    shared = min(band[1], box[1]) - max(band[0], box[0])
    return float(shared / min(band[1] - band[0], box[1] - box[0]))
