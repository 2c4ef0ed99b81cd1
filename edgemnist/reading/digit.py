"""Which pieces of ink make the digit in a picture that shows one."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import Components
from edgemnist.reading.paper import SMALL
from edgemnist.reading.pieces import Box, Found, box_around, find_pieces, isolate

DUST = 0.15
"""Of a digit's longer side: what is shorter is dust."""
_DUST_AREA = 0.02
"""Of the largest piece's area: what is smaller is dust or a printed line."""
_AT_FRAME = 0.3
"""Weight of ink that touches the frame: a digit rather lies inside, what is cut off belongs to something else."""
_NEAR = 0.25
"""Of the digit's longer side: fragments lie no farther from it."""
_BROKEN = 0.12
"""Of the digit's longer side: where a stroke is broken the gap is smaller, between two digits it is larger."""
_CUT = 0.05
"""The same, to what the frame cuts off."""
_STACKED = 0.35
"""Of the digit's longer side: of what lies above or below, as the bar of a 5, the gap is smaller."""
_FRAGMENT = 0.6
"""Of the digit's longer side: what is larger is a digit of its own."""
_LONGEST = 2
"""Times the digit's longer side: what is longer is a line, not a part of it."""
_WIDEST = 1.2
"""Times its height: two halves of a digit side by side are narrower together, two digits are wider."""


def find_digit(ink: NDArray[np.uint8]) -> Found | None:
    """The digit in (H, W) ink; None where there is nothing that could be one."""
    pieces = find_pieces(ink)
    if not len(pieces):
        return None
    at_frame = _touches_frame(pieces)
    main = int((pieces.areas * np.where(at_frame, _AT_FRAME, 1.0)).argmax())
    solid = (pieces.long_sides >= DUST * pieces.long_sides[main]) & (pieces.areas >= _DUST_AREA * pieces.areas[main])
    if max(ink.shape) <= SMALL:
        # Somebody cut this picture out around its digit: nothing in it is too far away.
        digit, others = solid, 0
    else:
        cut = at_frame & ~at_frame[main]
        digit = _join(pieces, solid, cut, main)
        large = pieces.long_sides >= _FRAGMENT * pieces.long_sides[main]
        others = int((solid & large & ~digit & ~cut).sum())
    return isolate(ink, pieces, digit | (_gaps(pieces.boxes, box_around(pieces, digit)) == 0), others)


def _join(pieces: Components, solid: NDArray[np.bool_], cut: NDArray[np.bool_], main: int) -> NDArray[np.bool_]:
    """(K,) bool: the piece `main` and those of the `solid` (K,) pieces that are parts of the same digit.

    Of those that are `cut` (K,) off by the frame only the ones that it nearly touches.
    """
    digit = np.arange(len(pieces)) == main
    while True:
        box = box_around(pieces, digit)
        side = max(box[2] - box[0], box[3] - box[1])
        reach = np.where(_is_beside(pieces.boxes, box), _BROKEN, 0.0)
        reach = np.where(pieces.long_sides < _FRAGMENT * side, _NEAR, reach)
        reach = np.where(_overlaps(pieces.boxes, box), _STACKED, reach)
        reach = np.where(cut, _CUT, reach)
        near = _gaps(pieces.boxes, box) <= reach * np.maximum(side, pieces.long_sides)
        joined: NDArray[np.bool_] = digit | (solid & near & (pieces.long_sides <= _LONGEST * side))
        if np.array_equal(joined, digit):
            return joined
        digit = joined


def _touches_frame(pieces: Components) -> NDArray[np.bool_]:
    """(K,) bool: the pieces that touch the picture's border."""
    height, width = pieces.labels.shape
    touches: NDArray[np.bool_] = (pieces.boxes == np.array([0, 0, width, height])).any(1)
    return touches


def _gaps(boxes: NDArray[np.int64], box: Box) -> NDArray[np.int64]:
    """(K,) int64: the distance of (K, 4) boxes from one box, along x or y, whichever is larger; 0 where they meet."""
    left, top, right, bottom = boxes.T
    across = np.maximum(left - box[2], box[0] - right)
    down = np.maximum(top - box[3], box[1] - bottom)
    gaps: NDArray[np.int64] = np.maximum(np.maximum(across, down), 0)
    return gaps


def _overlaps(boxes: NDArray[np.int64], box: Box) -> NDArray[np.bool_]:
    """(K,) bool: whether (K, 4) boxes and one box share half of the columns of the narrower."""
    left, _, right, _ = boxes.T
    shared = np.minimum(right, box[2]) - np.maximum(left, box[0])
    overlaps: NDArray[np.bool_] = 2 * shared >= np.minimum(right - left, box[2] - box[0])
    return overlaps


def _is_beside(boxes: NDArray[np.int64], box: Box) -> NDArray[np.bool_]:
    """(K,) bool: whether (K, 4) boxes and one box could be two halves of one digit: together they are not too wide."""
    left, top, right, bottom = boxes.T
    width = np.maximum(right, box[2]) - np.minimum(left, box[0])
    height = np.maximum(bottom, box[3]) - np.minimum(top, box[1])
    beside: NDArray[np.bool_] = width <= _WIDEST * height
    return beside
