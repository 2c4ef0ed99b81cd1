"""A digit that is alone on a page has all ink that hangs together with it: the finder may miss a part of an odd one."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import find_components
from edgemnist.reading.finds import INK, WEAK, Finds
from edgemnist.reading.mnist_form import extent
from edgemnist.reading.ranks import median
from edgemnist.reading.strokes import thicken

DARK = 0.5
"""Of the digits' darkness: what is as dark was written with their pen."""
_PIECE = 0.1
"""Of the digit's longer side: shorter pieces are the soft edges of strokes, or dust."""
_NEAR = 0.2
"""Of the digit's longer side: so near are parts of a digit that do not touch, as the bar of a 5."""
_BESIDES = 0.2
"""Of the digit's ink: with more ink besides there are other things on the page."""
_FRAME, _BESIDE = 2, 0.1
"""Pixels from the page's edge: ink so near reaches it; of its longer side: so near does the digit itself."""


def with_its_rest(finds: Finds, owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """`owners` (H, W), with the rest of the ink given to the digit where there is just one and hardly anything else.

    Its own are dark pieces that touch it, and those near it that the finder calls digit's ink, unless they run to an
    edge of the page that the digit itself does not reach: so do lines and neighbors. Where they are more than the
    digit, they are something else; and on a page with lines or letters what touches it is of those.
    """
    own = owner > 0
    if len(finds.heat) != 1 or not own.any():
        return owner
    rows, columns = extent(own)
    low, end = np.array([columns.start, rows.start]), np.array([columns.stop, rows.stop])
    side, size = (end - low).max(), np.count_nonzero(own)
    dark = finds.page > DARK * median(finds.page[own])
    if np.count_nonzero(dark & ~own) < _PIECE * side:
        return owner
    rest = find_components(dark & ~own)
    touching = rest.count(thicken(own, 1)[1:-1, 1:-1]) > 0
    digits = 2 * rest.count(finds.digit > WEAK) > rest.areas
    gaps = np.maximum(low - rest.boxes[:, 2:], rest.boxes[:, :2] - end).max(1)
    page = np.array(own.shape[::-1])
    at_edge = np.concatenate([rest.boxes[:, :2] < _FRAME, rest.boxes[:, 2:] > page - _FRAME], 1)
    itself = np.concatenate([low < _BESIDE * side, end > page - _BESIDE * side])
    chosen = (
        (touching | (digits & (gaps <= _NEAR * side)))
        & (rest.long_sides >= _PIECE * side)
        & ~(at_edge & ~itself).any(1)
    )
    more = rest.only(chosen).labels > 0
    besides = (dark | (finds.other > INK)) & ~own & ~more
    if np.count_nonzero(more) > size or np.count_nonzero(besides) > _BESIDES * size:
        return owner
    return np.where(more, 1, owner).astype(np.int32)
