"""The size at which the finder looks at a picture: it knows digits of 12 to 150 pixels.

One pass over the whole picture, a cheap one over it made smaller, and one more over the part of it where the digits are
if they are too small or too large, or if none of them is sure.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.reading.finds import INK, WEAK, Find, Finds, around, look, nothing_on
from edgemnist.reading.light import to_page
from edgemnist.reading.mnist_form import extent
from edgemnist.reading.paper import HALF, paper_light, stands_out, without_falloff
from edgemnist.reading.ranks import median

FIRST, MOST = 82_000, 150_000
"""Pixels: the first pass, and all passes together."""
_SMALLER = 0.4
"""The first pass also looks at the picture that much smaller, for a sixth of the cost: large digits."""
_SMALLEST_SIDE = 24
"""Pixels: pictures are not made smaller than that for it."""
_FIT = 62
"""Pixels: of the two sizes the one is taken whose digits are nearest to that height."""
_RANGE, _BEST = (18, 110), 44
"""Pixels: digits of other heights get one more pass, at which they are `_BEST` high."""
_MOST_ENLARGED = 8.0
_LEAST_SIDE = 32
"""Pixels: what the finder gets has at least such sides."""
_USUAL_SIDES = (96, 160)
"""Pixels: small pictures are enlarged until the shorter side has the first, or the height the second."""
_AS_HOT = 0.6
"""Of the hottest find at either size: a size whose finds are cooler is not taken."""
_CLEAR, _OF_NOTE = 0.5, 0.02
"""Heat of the faintest digit, and share of all ink beside the digits: with these one look suffices."""
_WORTH = 0.2
"""Logarithm of the factor between two passes: less is not worth a pass."""


@dataclass(frozen=True)
class View:
    """What was found at the size that suits the digits."""

    finds: Finds
    scale: float
    """Pixels of the page for each pixel of the picture."""
    corner: tuple[int, int]
    """Where in the picture the page begins: x, y."""


def view(find: Find, gray: NDArray[np.uint8]) -> View:
    """What the finder finds in (H, W) gray with dark ink, at the size that suits the digits."""
    scale = _first_scale(*gray.shape)
    shrunk = _shrunk(gray, scale)
    paper = paper_light(shrunk)
    if not stands_out(shrunk, paper):
        return View(nothing_on(np.zeros_like(shrunk)), min(scale, 1.0), (0, 0))
    page = _page(gray.shape, shrunk, paper, scale)
    # Large pictures are looked at from afar first, for a sixth of the cost; small ones hold large digits as they are.
    views: list[View] = []
    for smaller in (True, False) if scale < 1 else (False, True):
        if smaller and _SMALLER * min(page.shape) < _SMALLEST_SIDE:
            continue
        factor = _SMALLER if smaller else 1.0
        seen = View(look(find, _reduced(page) if smaller else page), factor * scale, (0, 0))
        if len(seen.finds.heat) and _suffices(seen.finds, _SMALLER if smaller else 1 / _SMALLER):
            return seen
        views.append(seen)
    found = [view for view in views if len(view.finds.heat)]
    spent = sum(view.finds.page.size for view in views)
    if not found:
        ink = page >= HALF
        first = max(views, key=lambda view: view.scale)
        return _closer(find, gray, first, _boxed(ink), MOST - spent) if ink.any() else first
    hottest = max(view.finds.heat[0] for view in found)
    best = min(
        (view for view in found if view.finds.heat[0] > _AS_HOT * hottest),
        key=lambda view: abs(math.log(view.finds.height / _FIT)),
    )
    if _RANGE[0] <= best.finds.height <= _RANGE[1] and best.finds.heat[0] >= _CLEAR:
        return best
    return _closer(find, gray, best, best.finds.boxes, MOST - spent)


def _suffices(finds: Finds, factor: float) -> bool:
    """Whether nothing speaks for a look at a page made `1 / factor` times as large: of all digits the finder is sure,
    they are nearer to the best height here than there, and there is no ink of note beside them."""
    heights = finds.boxes[:, 3] - finds.boxes[:, 1]
    if finds.heat[-1] < _CLEAR or not _RANGE[0] <= heights.min() <= heights.max() <= _RANGE[1]:
        return False
    if abs(math.log(finds.height / _FIT)) > abs(math.log(finds.height / factor / _FIT)):
        return False
    free = np.ones(finds.page.shape, bool)
    for box in finds.boxes:
        free[around(box)] = False
    written = (finds.page >= HALF) | (finds.digit > WEAK) | (finds.other > INK) | (finds.mark > INK)
    return bool(np.count_nonzero(written & free) <= _OF_NOTE * np.count_nonzero(written))


def _boxed(ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(1, 4): the box around all ink, as if it were a digit: one that is too small to be found is often alone."""
    rows, columns = extent(ink)
    return np.array([[columns.start, rows.start, columns.stop, rows.stop]], np.float32)


def _closer(find: Find, gray: NDArray[np.uint8], best: View, boxes: NDArray[np.float32], pixels: int) -> View:
    """One more look at the part of the picture where boxes on the best page are, if it brings more digits."""
    scale, high = best.scale, median(boxes[:, 3] - boxes[:, 1])
    x0, y0 = np.maximum((boxes[:, :2].min(0) - high) / scale, 0).astype(int).tolist()
    x1, y1 = np.minimum((boxes[:, 2:].max(0) + high) / scale + 1, gray.shape[::-1]).astype(int).tolist()
    again = min(scale * _BEST / high, _MOST_ENLARGED, _scale_to(pixels, y1 - y0, x1 - x0))
    if abs(math.log(again / scale)) < _WORTH:
        return best
    part = gray[y0:y1, x0:x1]
    shrunk = _shrunk(part, again)
    closer = View(look(find, _page(part.shape, shrunk, paper_light(shrunk), again)), again, (x0, y0))
    return closer if closer.finds.heat.sum() > _AS_HOT * best.finds.heat.sum() else best


def _first_scale(height: int, width: int) -> float:
    scale = _scale_to(FIRST, height, width)
    side, high = _USUAL_SIDES
    return scale if scale < 1 else max(1.0, min(scale, _MOST_ENLARGED, side / min(height, width), high / height))


def _scale_to(pixels: int, height: int, width: int) -> float:
    """The scale at which a picture has that many pixels; a strip has fewer, since the finder gets paper around it."""
    return min(math.sqrt(pixels / (height * width)), pixels / (_LEAST_SIDE * max(height, width)))


def _shrunk(gray: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The picture at that scale, or as it is where it would grow."""
    if scale >= 1:
        return gray
    return np.asarray(Image.fromarray(gray).resize(_size(gray.shape, scale), Image.Resampling.BOX))


def _page(
    shape: tuple[int, ...], shrunk: NDArray[np.uint8], paper: NDArray[np.float32], scale: float
) -> NDArray[np.uint8]:
    """The page of a picture of that shape at that scale; light is evened where the picture has fewer pixels."""
    even = without_falloff(shrunk)
    page = to_page(even, paper if even is shrunk else None)
    if scale <= 1:
        return page
    return np.asarray(Image.fromarray(page).resize(_size(shape, scale), Image.Resampling.BICUBIC))


def _size(shape: tuple[int, ...], scale: float) -> tuple[int, int]:
    return max(8, round(shape[1] * scale)), max(8, round(shape[0] * scale))


def _reduced(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(page).resize(_size(page.shape, _SMALLER), Image.Resampling.BOX))
