"""Which pieces of ink make one digit: the bar of a 5 that stands apart, the two halves of a 4."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.runtime.clutter import is_clutter, without_lines
from edgemnist.runtime.components import Components, find_components
from edgemnist.runtime.paper import HALF, SMALL, SURE
from edgemnist.runtime.strokes import thicken

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside."""

_DUST = 0.15
"""Of the largest piece's longer side: what is shorter is dust."""
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
_FRINGE = 2
"""Pixels: as far as the soft edge of a stroke reaches."""


@dataclass(frozen=True)
class Found:
    """One digit's ink, found in a picture."""

    box: Box
    ink: NDArray[np.uint8]
    """(H, W) uint8, the content of the box without what belongs to other pieces."""
    others: int
    """How many more pieces could be digits."""


def find_digit(ink: NDArray[np.uint8]) -> Found | None:
    """The digit in (H, W) ink of a picture that shows one; None where there is nothing that could be one."""
    pieces = find_components(without_lines(ink >= SURE))
    usable = has_core(pieces, ink) & ~is_clutter(pieces)
    if not usable.any():
        return None
    at_frame = touches_frame(pieces)
    main = int((pieces.areas * usable * np.where(at_frame, _AT_FRAME, 1.0)).argmax())
    solid = (pieces.long_sides >= _DUST * pieces.long_sides[main]) & (pieces.areas >= _DUST_AREA * pieces.areas[main])
    if max(ink.shape) <= SMALL:
        # Somebody cut this picture out around its digit: nothing in it is too far away.
        digit, others = usable & solid, 0
    else:
        cut = at_frame & ~at_frame[main]
        digit = _join(pieces, usable & solid, cut, main)
        others = int(
            (usable & solid & ~digit & ~cut & (pieces.long_sides >= _FRAGMENT * pieces.long_sides[main])).sum()
        )
    return isolate(ink, pieces, digit | (usable & (_gaps(pieces.boxes, _around(pieces, digit)) == 0)), others)


def has_core(pieces: Components, ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(K,) bool: the pieces with at least a pixel of half the full ink.

    Source: J. Canny, "A computational approach to edge detection" (1986): two thresholds, the lower one only where
    it is connected with the higher.
    """
    return np.bincount(pieces.labels[ink >= HALF], minlength=len(pieces) + 1)[1:] > 0


def touches_frame(pieces: Components) -> NDArray[np.bool_]:
    """(K,) bool: the pieces that touch the picture's border."""
    height, width = pieces.labels.shape
    left, top, right, bottom = pieces.boxes.T
    touches: NDArray[np.bool_] = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    return touches


def _join(pieces: Components, usable: NDArray[np.bool_], cut: NDArray[np.bool_], main: int) -> NDArray[np.bool_]:
    """(K,) bool: the piece `main` and those of the `usable` (K,) pieces that are parts of the same digit.

    Of those that are `cut` (K,) off by the frame only the ones that it nearly touches.
    """
    digit = np.arange(len(pieces)) == main
    while True:
        box = _around(pieces, digit)
        side = max(box[2] - box[0], box[3] - box[1])
        reach = np.where(pieces.long_sides < _FRAGMENT * side, _NEAR, _BROKEN)
        reach = np.where(_overlaps(pieces.boxes, box), _STACKED, reach)
        reach = np.where(cut, _CUT, reach)
        near = _gaps(pieces.boxes, box) <= reach * np.maximum(side, pieces.long_sides)
        joined: NDArray[np.bool_] = digit | (usable & near & (pieces.long_sides <= _LONGEST * side))
        if np.array_equal(joined, digit):
            return joined
        digit = joined


def isolate(ink: NDArray[np.uint8], pieces: Components, chosen: NDArray[np.bool_], others: int) -> Found:
    """The ink of the `chosen` (K,) pieces; what lies in their box of others is paper."""
    left, top, right, bottom = _around(pieces, chosen).tolist()
    window = (slice(top, bottom), slice(left, right))
    own = np.concatenate([[False], chosen])[pieces.labels[window]]
    strange = (ink[window] >= SURE) & ~own
    content = ink[window]
    if strange.any():
        inside = slice(_FRINGE, -_FRINGE)
        content = np.where(thicken(strange, _FRINGE)[inside, inside] & ~own, 0, content)
    return Found((left, top, right, bottom), content, others)


def _around(pieces: Components, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(4,) int64: the box around the `chosen` (K,) pieces."""
    boxes = pieces.boxes[chosen]
    return np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])


def _gaps(boxes: NDArray[np.int64], box: NDArray[np.int64]) -> NDArray[np.int64]:
    """(K,) int64: the distance of (K, 4) boxes from one box, along x or y, whichever is larger; 0 where they meet."""
    apart = np.maximum(boxes[:, :2] - box[2:], box[:2] - boxes[:, 2:]).max(1)
    gaps: NDArray[np.int64] = np.maximum(apart, 0)
    return gaps


def _overlaps(boxes: NDArray[np.int64], box: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(K,) bool: whether (K, 4) boxes and one box share half of the columns of the narrower."""
    shared = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    overlaps: NDArray[np.bool_] = 2 * shared >= np.minimum(boxes[:, 2] - boxes[:, 0], box[2] - box[0])
    return overlaps
