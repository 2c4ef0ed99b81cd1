"""The pieces of ink that could be digits or parts of them, lines, frames and grain left out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.clutter import is_clutter, without_lines
from edgemnist.reading.components import Components, find_components
from edgemnist.reading.frames import without_frames
from edgemnist.reading.mnist_form import extent
from edgemnist.reading.paper import FULL, HALF, SMALL, SURE
from edgemnist.reading.strokes import thicken

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside."""

_SPECK = 0.02
"""Of the side of a square of the picture's area: what is shorter is the paper's grain. Not of the longer side: on a
long strip digits are no larger."""
_GRAIN = 1
"""Pixel: what is no longer bridges no gap; the dots of a dithered sheet would become one piece."""
_EDGE = 100
"""Level of ink at which a digit begins and ends."""
_FRINGE = 2
"""Pixels: as far as the soft edge of a stroke reaches."""


@dataclass(frozen=True)
class Found:
    """One digit's ink, found in a picture."""

    box: Box
    ink: NDArray[np.uint8]
    """(H, W) uint8, the content of the box without what belongs to other pieces."""
    others: int = 0
    """How many more things in the picture could be digits."""


def find_pieces(ink: NDArray[np.uint8]) -> Components:
    """The pieces of (H, W) ink that could be digits or parts of them. In all but small pictures a gap of two pixels
    parts nothing: scanned strokes are full of them.

    Source: J. Canny, "A computational approach to edge detection" (1986): two thresholds, the lower one only where it
    is connected with the higher.
    """
    mask = without_frames(without_lines(ink >= SURE))
    small = max(mask.shape) <= SMALL
    pieces = find_components(mask) if small else _bridged(mask)
    has_core = np.bincount(pieces.labels[ink >= HALF], minlength=len(pieces) + 1)[1:] > 0
    return pieces.only(has_core & ~is_clutter(pieces) & (pieces.long_sides >= _SPECK * math.sqrt(ink.size)))


def isolate(ink: NDArray[np.uint8], pieces: Components, chosen: NDArray[np.bool_], others: int = 0) -> Found:
    """The ink of the `chosen` (K,) pieces; whatever else lies in their box is paper."""
    left, top, right, bottom = box_around(pieces, chosen)
    window = (slice(top, bottom), slice(left, right))
    own = np.concatenate([[False], chosen])[pieces.labels[window]]
    content = ink[window]
    strange = (content >= SURE) & ~own
    if strange.any():
        inside = slice(_FRINGE, -_FRINGE)
        content = np.where(thicken(strange, _FRINGE)[inside, inside] & ~own, 0, content)
    # A pen presses harder on one digit than on the next: each has its own full ink.
    full = max(HALF, float(np.percentile(content[own], FULL)))
    level: NDArray[np.uint8] = (content * (255 / full)).clip(0, 255).round().astype(np.uint8)
    rows, columns = extent(level >= _EDGE)
    box = (left + columns.start, top + rows.start, left + columns.stop, top + rows.stop)
    return Found(box, level[rows, columns], others)


def box_around(pieces: Components, chosen: NDArray[np.bool_]) -> Box:
    """The box around the `chosen` (K,) pieces."""
    left, top = pieces.boxes[chosen, :2].min(0).tolist()
    right, bottom = pieces.boxes[chosen, 2:].max(0).tolist()
    return left, top, right, bottom


def _bridged(mask: NDArray[np.bool_]) -> Components:
    """The pieces of a mask that are more than grain, those together that are one or two pixels apart."""
    pieces = find_components(mask)
    mask = pieces.only(pieces.long_sides > _GRAIN).labels > 0
    grown = find_components(thicken(mask, 1)[1:-1, 1:-1])
    height, width = mask.shape
    labels = np.where(mask, grown.labels, 0)
    # Growing made the boxes a pixel larger on every side, but for the picture's own.
    boxes = grown.boxes + np.array([1, 1, -1, -1]) * (grown.boxes != np.array([0, 0, width, height]))
    return Components(labels, boxes, np.bincount(labels.ravel(), minlength=len(grown) + 1)[1:])
