"""Models of other things than digits: the largest ink in a picture, cropped.

The finder knows digits and nothing else. Letters, clothes and whatever else people train on is read without it: what
stands out most is what the picture shows.
"""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import Components, find_components
from edgemnist.reading.light import to_page
from edgemnist.reading.mnist_form import extent

_INK = 90
"""Level of the page from which on it is ink."""
_AT_FRAME = 0.3
"""Weight of ink that touches the frame: what is cut off belongs to something else."""
_NEAR = 0.25
"""Of the longer side of what was found so far: parts of it lie no farther away, as the point of an i."""
_DUST = 0.02
"""Of the largest piece's area: what is smaller is dust."""
_EVERYWHERE = 400
"""Pieces: more of them is the paper's grain, and nothing is written on it."""


def largest_ink(gray: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[int, int]] | None:
    """(h, w) uint8, 0 = paper, 255 = full ink: the largest ink in (H, W) gray with dark ink, and its left and top; None
    where there is none."""
    page = to_page(gray)
    pieces = find_components(page >= _INK)
    if not 0 < len(pieces) <= _EVERYWHERE:
        return None
    chosen = _gather(pieces)
    ink = np.where(pieces.only(chosen).labels > 0, page, 0)
    rows, columns = extent(ink > 0)
    return ink[rows, columns], (columns.start, rows.start)


def _gather(pieces: Components) -> NDArray[np.bool_]:
    """(K,) bool: the largest piece, and what is near it."""
    height, width = pieces.labels.shape
    at_frame = (pieces.boxes == np.array([0, 0, width, height])).any(1)
    main = int((pieces.areas * np.where(at_frame, _AT_FRAME, 1.0)).argmax())
    chosen: NDArray[np.bool_] = np.arange(len(pieces)) == main
    solid = pieces.areas >= _DUST * pieces.areas[main]
    while True:
        low, high = pieces.boxes[chosen, :2].min(0), pieces.boxes[chosen, 2:].max(0)
        gaps = np.maximum(pieces.boxes[:, :2] - high, low - pieces.boxes[:, 2:]).max(1)
        more = chosen | (solid & (gaps <= _NEAR * (high - low).max()))
        if np.array_equal(more, chosen):
            return chosen
        chosen = more
