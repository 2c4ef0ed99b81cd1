"""A digit's ink, cut out of the page: the finder says which ink, the picture how dark it is.

The finder's own mask would not do as an image: its strokes are a little fat, and a 4 closes to a 9.
"""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import find_components
from edgemnist.reading.mnist_form import extent
from edgemnist.reading.ranks import percentile
from edgemnist.reading.strokes import thicken

_LEAST = 6
"""Pixels: less ink is no digit."""
_CRUMB_AREA, _CRUMB_SIDE = 0.02, 0.05
"""Of the largest piece's area and of the box's longer side: smaller pieces of a digit are dust."""
_FULL = 75
"""Percentile of the darkness that is full ink: the soft edges of thin strokes lie below."""
_FAINTEST = 4
"""Of 255: ink whose full darkness is less is the paper's grain."""
REACH, _FRINGE = 2, 0.25
"""Pixels, and share of the full ink: so far does what is so dark still belong to the stroke beside it."""
_FLOOR = 0.3
"""Of the full ink: what is as faint is paper."""
_PALE, _AROUND, _LIFT = 0.4, 0.25, 1.25
"""Least share of the full ink that is full in a pale part of a stroke; the size of such parts, of the digit's longer
side; and how much darker full ink is than the mean there, dark pixels counted more."""
_EDGE = 100
"""Level of ink at which a digit begins and ends."""


def cut_out(
    page: NDArray[np.uint8], mine: NDArray[np.bool_], strange: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], tuple[int, int]] | None:
    """(h, w) uint8, 0 = paper, 255 = full ink: the digit whose ink is `mine`, cropped to it, and its left and top on
    the page; None where there is none.

    `page` is (H, W), darker where it is higher, `strange` the ink that belongs to something else.
    """
    if np.count_nonzero(mine) < _LEAST:
        return None
    rows, columns = extent(mine)
    part = (
        slice(max(0, rows.start - REACH - 1), rows.stop + REACH + 1),
        slice(max(0, columns.start - REACH - 1), columns.stop + REACH + 1),
    )
    mine = _without_crumbs(mine[part])
    page, strange = page[part], strange[part] & ~mine
    darkness = page[mine]
    full = percentile(darkness, _FULL)
    full = percentile(darkness[darkness >= full / 2], _FULL)
    if full < _FAINTEST:
        return None
    size = int(max(mine.shape) * _AROUND) | 1
    dark = page.astype(np.float32)
    ink = np.where(mine, dark, 0)
    usual = _window_sum(ink * ink, size) / np.maximum(_window_sum(ink, size), 1)
    level = (_LIFT * usual).clip(_PALE * full, full)
    near, fringe = mine, (dark > _FRINGE * level) & ~strange
    for _ in range(REACH):
        near = mine | (thicken(near, 1)[1:-1, 1:-1] & fringe)
    ink = np.where(near, ((dark - _FLOOR * level) / ((1 - _FLOOR) * level)).clip(0, 1) * 255, 0)
    if np.count_nonzero(ink >= _EDGE) < _LEAST:
        return None
    rows, columns = extent(ink >= _EDGE)
    return ink[rows, columns].round().astype(np.uint8), (part[1].start + columns.start, part[0].start + rows.start)


def _without_crumbs(mine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pieces = find_components(mine)
    kept = (pieces.areas >= _CRUMB_AREA * pieces.areas.max()) & (pieces.long_sides >= _CRUMB_SIDE * max(mine.shape))
    return mine if kept.all() else pieces.only(kept).labels > 0


def _window_sum(values: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """(H, W): the sum over the square of `size` pixels, an odd number, around each pixel."""
    window = values.astype(np.float64)
    for _ in range(2):
        before, behind = (np.zeros((rows, window.shape[1])) for rows in (size // 2 + 1, size // 2))
        sums = np.concatenate([before, window, behind]).cumsum(0)
        window = (sums[size:] - sums[:-size]).T
    return window
