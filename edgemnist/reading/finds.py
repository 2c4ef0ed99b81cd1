"""What the finder's maps say: boxes of digits, ink, and whose it is."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.ranks import median
from edgemnist.reading.strokes import padded

Floats = NDArray[np.float32]
Find = Callable[[NDArray[np.uint8]], Mapping[str, Floats]]
"""The finder: a page (H, W) uint8, H and W multiples of 32, 0 = paper, 255 = full ink -> its maps by name, float32
(n, H/4, W/4) each, without sigmoids."""

CELL = 4
"""Pixels: the side of the maps' cells."""
MAPS = {"heat": 1, "sides": 4, "way": 2, "digit": CELL * CELL, "other": CELL * CELL, "mark": CELL * CELL}
"""What the maps are, in their order, and how many channels each has; the last three are at full size, by depth to
space."""
SIDE, WAY = 8.0, 16.0
"""Pixels: a side of a box is that times the exponential of its map; a way to the middle that times its map."""
_LARGEST = 4.0
"""Of a map of sides: more is cut off, as in training."""
_STEP = 32
"""Pixels: the sides of what the finder gets are multiples of it."""
_EDGE = 8
"""Pixels of paper put around a picture."""
HEAT = 0.3
"""Of a middle, from which on it is one."""
_SAME, _INSIDE = 0.45, 0.6
"""Intersection over union of two boxes, and share of the smaller one in the other, from which on they are the same."""
_MOST = 1000
"""Digits on a page."""
INK, WEAK = 0.0, -math.log(3)
"""Of digit's ink, from which on it is that anywhere, and within a digit's box: the logits of 0.5 and 0.25."""


@dataclass(frozen=True)
class Finds:
    """What was found on a page; all lengths in its pixels. Maps at full size are made when they are asked for."""

    page: NDArray[np.uint8]
    """(H, W): 0 = paper, 255 = full ink."""
    maps: Mapping[str, Floats]
    """What the finder said of the page with paper around it."""
    heat: Floats
    """(K,): how sure the finder is of each digit, the surest first."""
    boxes: Floats
    """(K, 4): left, top, right, bottom; may lie beyond the page."""

    @property
    def height(self) -> float:
        """The usual height of a digit."""
        return median(self.boxes[:, 3] - self.boxes[:, 1])

    @cached_property
    def digit(self) -> Floats:
        """(H, W): the logit of digit's ink."""
        return self._ink("digit")

    @cached_property
    def other(self) -> Floats:
        """(H, W): the logit of other ink."""
        return self._ink("other")

    @cached_property
    def mark(self) -> Floats:
        """(H, W): the logit of the ink of points, commas, dashes, slashes, colons."""
        return self._ink("mark")

    @cached_property
    def to(self) -> Floats:
        """(2, H, W): where the middle of the digit is to which a pixel of digit's ink belongs, x and y; 0 elsewhere."""
        rows, columns = np.nonzero(self.digit > WEAK)
        way = self.maps["way"]
        # Between the middles of the four cells around a pixel, in proportion.
        top, bottom, low = _cells_around(rows, way.shape[1])
        left, right, across = _cells_around(columns, way.shape[2])
        cells = way.reshape(2, -1)
        upper, lower = (
            cells.take(row + left, 1) * (1 - across) + cells.take(row + right, 1) * across
            for row in (top * way.shape[2], bottom * way.shape[2])
        )
        to = np.zeros((2, *self.page.shape), np.float32)
        to[:, rows, columns] = WAY * (upper * (1 - low) + lower * low) + np.stack([columns, rows]) + 0.5
        return to

    def _ink(self, name: str) -> Floats:
        _, height, width = self.maps[name].shape
        # Depth to space.
        cells = self.maps[name].reshape(CELL, CELL, height, width).transpose(2, 0, 3, 1)
        full = cells.reshape(height * CELL, width * CELL)
        return full[_EDGE : _EDGE + self.page.shape[0], _EDGE : _EDGE + self.page.shape[1]]


def look(find: Find, page: NDArray[np.uint8]) -> Finds:
    """What the finder finds on a page (H, W) of any size."""
    height, width = page.shape
    padded = np.zeros([-(-(side + 2 * _EDGE) // _STEP) * _STEP for side in page.shape], np.uint8)
    padded[_EDGE : _EDGE + height, _EDGE : _EDGE + width] = page
    maps = find(padded)
    heat, boxes = boxes_at_peaks(sigmoid(maps["heat"][0]), maps["sides"])
    return Finds(page, maps, heat, boxes - _EDGE)


def nothing_on(page: NDArray[np.uint8]) -> Finds:
    """No finds on a page (H, W)."""
    return Finds(page, {}, np.zeros(0, np.float32), np.zeros((0, 4), np.float32))


def owners(finds: Finds) -> NDArray[np.int32]:
    """(H, W) int32: whose the ink is, 1 for the first digit; 0 for paper and for what belongs to none.

    A pixel goes to the digit whose middle it points to, if it lies in that digit's box or nearly so.
    """
    owner = np.zeros(finds.page.shape, np.int32)
    least = np.full(finds.page.shape, 1.3, np.float32)
    for number, box in enumerate(finds.boxes, 1):
        window = around(box)
        digit = finds.digit[window]
        if not digit.size:
            continue
        half = (box[2:] - box[:2]) / 2 + 2
        middle = (box[2:] + box[:2]) / 2
        down, across = (
            np.abs(np.arange(part.start, part.start + length) + 0.5 - middle[axis]) / half[axis]
            for part, length, axis in zip(window, digit.shape, (1, 0), strict=True)
        )
        place = np.maximum(across[None], down[:, None]).astype(np.float32)
        to = finds.to[:, *window]
        vote = np.maximum(np.abs(to[0] - middle[0]) / half[0], np.abs(to[1] - middle[1]) / half[1])
        cost = vote + 0.25 * place
        mine = ((digit > INK) | ((digit > WEAK) & (place < 1.05))) & (cost < least[window])
        owner[window][mine] = number
        least[window][mine] = cost[mine]
    return owner


def around(box: Floats) -> tuple[slice, slice]:
    """Rows and columns in which the ink of the digit in a box (4,) may lie."""
    half = (box[2:] - box[:2]) / 2 + 2
    middle = (box[2:] + box[:2]) / 2
    left, top = np.maximum(np.floor(middle - 1.3 * half), 0).astype(int).tolist()
    right, bottom = np.ceil(middle + 1.3 * half).astype(int).tolist()
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _cells_around(places: NDArray[np.intp], cells: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Of (N,) pixels in a row or column of so many cells: the cells before and after each, and how near the latter."""
    at = (places.astype(np.float32) + np.float32(_EDGE + 0.5)) / CELL - np.float32(0.5)
    before = np.floor(at).astype(np.intp)
    near = (at - before).astype(np.float32)
    return before.clip(0, cells - 1), (before + 1).clip(0, cells - 1), near


def sigmoid(logits: Floats) -> Floats:
    """The probabilities of logits."""
    return (1 / (1 + np.exp(-logits))).astype(np.float32, copy=False)


def boxes_at_peaks(heat: Floats, sides: Floats) -> tuple[Floats, Floats]:
    """(K,) heat and (K, 4) boxes: at the heat's peaks, none twice."""
    framed = padded(heat, 1)
    rows = np.maximum(np.maximum(framed[:-2], framed[1:-1]), framed[2:])
    peaks = (heat > HEAT) & (heat >= np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]))
    down, across = np.nonzero(peaks)
    order = np.argsort(-heat[down, across], kind="stable")[:_MOST]
    down, across = down[order], across[order]
    middles = (np.stack([across, down], 1) + np.float32(0.5)) * CELL
    reach = SIDE * np.exp(sides[:, down, across].T.clip(-_LARGEST, _LARGEST))
    boxes = np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], 1).astype(np.float32)
    kept = _apart(boxes)
    return heat[down, across][kept], boxes[kept]


def _apart(boxes: Floats) -> NDArray[np.intp]:
    """The indices of those of (K, 4) boxes that no box before them is the same as."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    sides = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    shared = sides.clip(0).prod(2)
    same = (shared > _SAME * (area[:, None] + area - shared)) | (shared > _INSIDE * np.minimum(area[:, None], area))
    kept: list[int] = []
    for index in range(len(boxes)):
        if not same[index, kept].any():
            kept.append(index)
    return np.array(kept, np.intp)
