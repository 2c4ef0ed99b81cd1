"""Digits in reading order: lines from top to bottom, in each from left to right."""

import numpy as np
from numpy.typing import NDArray

_SHARED = 0.2
"""Of the lower one's height: neighbors in a line are side by side that far."""
_LATEST = 2
"""Digits of a line that say how high it runs: lines may lean."""


def into_lines(boxes: NDArray[np.int64]) -> list[list[int]]:
    """The indices of (K, 4) boxes, line by line."""
    lines: list[list[int]] = []
    for index in np.argsort(boxes[:, 0], kind="stable").tolist():
        shares = [_side_by_side(boxes[line[-_LATEST:]], boxes[index]) for line in lines]
        best = max(range(len(lines)), key=shares.__getitem__, default=None)
        if best is not None and shares[best] > _SHARED:
            lines[best].append(index)
        else:
            lines.append([index])
    return sorted(lines, key=lambda line: float(boxes[line, 1::2].mean()))


def _side_by_side(latest: NDArray[np.int64], box: NDArray[np.int64]) -> float:
    top, bottom = latest[:, 1::2].mean(0)
    shared = min(bottom, box[3]) - max(top, box[1])
    return float(shared / min(bottom - top, box[3] - box[1]))
