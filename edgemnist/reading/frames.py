"""Boxes and underlines printed on forms."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.clutter import straight_lines
from edgemnist.reading.components import find_components
from edgemnist.reading.paper import SMALL

_LONG = 1.5
"""Times its height: a piece of ink that is wider is a row of boxes, an underline, or digits that touch."""
_LINE = 8
"""Times its height: what is wider is a line."""
_SHARE = 0.8
"""Of the piece's width or height: printed lines go on that far."""
_SMALLEST = 24
"""Pixels: smaller frames cannot hold a digit."""
_WIDEST = 0.12
"""Of the piece's height: printed lines are thinner."""
_CONTENT = 0.02
"""Of a frame's area: with less ink inside it holds nothing, and may itself be a 0."""


def without_frames(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """An (H, W) mask of ink without form boxes and underlines; strokes that cross them stay whole.

    Small pictures come back as they are. So does a single box that holds nothing: it may be a 0.
    """
    if max(mask.shape) <= SMALL:
        return mask
    pieces = find_components(mask)
    lines = np.zeros_like(mask)
    empty = []
    held = False
    for number in np.flatnonzero(pieces.widths >= _SMALLEST):
        left, top, right, bottom = pieces.boxes[number]
        window = (slice(top, bottom), slice(left, right))
        piece = pieces.labels[window] == number + 1
        frame = piece if right - left >= _LINE * (bottom - top) else _frame(piece)
        if frame is piece or np.count_nonzero(mask[window] & ~frame) >= _CONTENT * frame.size:
            lines[window] |= frame
            held |= frame is not piece and bool(frame.any())
        else:
            empty.append((window, frame))
    if held:
        for window, frame in empty:
            lines[window] |= frame
    return mask & ~lines


def _frame(piece: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(h, w) bool: the printed lines in one piece of ink; none where it is a digit."""
    height, width = piece.shape
    widest = max(3.0, _WIDEST * height)
    across = straight_lines(piece, _SHARE * width, widest)
    down = straight_lines(piece.T, _SHARE * height, widest).T
    # A box has lines at the top, at the bottom, on the left and on the right.
    above, left = height // 2, width // 2
    if all(part.any() for part in (across[:above], across[above:], down[:, :left], down[:, left:])):
        return across | down
    return across if width >= _LONG * height else np.zeros_like(piece)
