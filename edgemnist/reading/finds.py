"""What the finder's maps say: boxes of digits, ink, and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Find = Callable[[NDArray[np.uint8]], Mapping[str, Floats]]
"""The finder: a page (H, W) uint8, H and W multiples of 32, 0 = paper, 255 = full ink -> its maps by name, float32
(n, H/4, W/4) each, without sigmoids."""

CELL = 4
"""Pixels: the side of the maps' cells."""
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
INK, WEAK = 0.5, 0.25
"""Of digit's ink: anywhere, and within a digit's box."""


@dataclass(frozen=True)
class Finds:
    """What was found on a page; all lengths in its pixels."""

    page: NDArray[np.uint8]
    """(H, W): 0 = paper, 255 = full ink."""
    digit: Floats
    """(H, W): the probability of digit's ink."""
    other: Floats
    """(H, W): of other ink."""
    mark: Floats
    """(H, W): of the ink of points, commas, dashes, slashes, colons."""
    to: Floats
    """(2, H, W): where the middle of the digit lies that a pixel belongs to, x and y."""
    heat: Floats
    """(K,): how sure the finder is of each digit, the surest first."""
    boxes: Floats
    """(K, 4): left, top, right, bottom; may lie beyond the page."""

    @property
    def height(self) -> float:
        """The usual height of a digit."""
        return float(np.median(self.boxes[:, 3] - self.boxes[:, 1]))


def look(find: Find, page: NDArray[np.uint8]) -> Finds:
    """What the finder finds on a page (H, W) of any size."""
    height, width = page.shape
    padded = np.zeros([-(-(side + 2 * _EDGE) // _STEP) * _STEP for side in page.shape], np.uint8)
    padded[_EDGE : _EDGE + height, _EDGE : _EDGE + width] = page
    maps = find(padded)
    heat, boxes = boxes_at_peaks(_sigmoid(maps["heat"][0]), maps["sides"])
    boxes -= _EDGE
    part = (slice(_EDGE, _EDGE + height), slice(_EDGE, _EDGE + width))
    digit, other, mark = (_sigmoid(_at_full_size(maps[name])[part]) for name in ("digit", "other", "mark"))
    ways = [
        np.asarray(Image.fromarray(WAY * way).resize(padded.shape[::-1], Image.Resampling.BILINEAR))[part]
        for way in maps["way"]
    ]
    pixels = np.arange(width, dtype=np.float32)[None] + 0.5, np.arange(height, dtype=np.float32)[:, None] + 0.5
    to = np.stack([way + pixel for way, pixel in zip(ways, pixels, strict=True)])
    return Finds(page, digit, other, mark, to, heat, boxes)


def nothing_on(page: NDArray[np.uint8]) -> Finds:
    """No finds on a page (H, W)."""
    none = np.zeros(page.shape, np.float32)
    return Finds(page, none, none, none, np.stack([none, none]), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))


def owners(finds: Finds) -> NDArray[np.int32]:
    """(H, W) int32: whose the ink is, 1 for the first digit; 0 for paper and for what belongs to none.

    A pixel goes to the digit whose middle it points to, if it lies in that digit's box or nearly so.
    """
    height, width = finds.digit.shape
    owner = np.zeros((height, width), np.int32)
    least = np.full((height, width), 1.3, np.float32)
    for number, box in enumerate(finds.boxes, 1):
        half = (box[2:] - box[:2]) / 2 + 2
        middle = (box[2:] + box[:2]) / 2
        left, top = np.maximum(np.floor(middle - 1.3 * half), 0).astype(int)
        right, bottom = np.ceil(middle + 1.3 * half).astype(int)
        window = (slice(top, max(top, bottom)), slice(left, max(left, right)))
        digit = finds.digit[window]
        if not digit.size:
            continue
        across = np.abs(np.arange(left, left + digit.shape[1]) + 0.5 - middle[0]) / half[0]
        down = np.abs(np.arange(top, top + digit.shape[0]) + 0.5 - middle[1]) / half[1]
        place = np.maximum(across[None], down[:, None]).astype(np.float32)
        to = finds.to[:, window[0], window[1]]
        vote = np.maximum(np.abs(to[0] - middle[0]) / half[0], np.abs(to[1] - middle[1]) / half[1])
        cost = vote + 0.25 * place
        mine = ((digit > INK) | ((digit > WEAK) & (place < 1.05))) & (cost < least[window])
        owner[window][mine] = number
        least[window][mine] = cost[mine]
    return owner


def _sigmoid(logits: Floats) -> Floats:
    return (1 / (1 + np.exp(-logits))).astype(np.float32, copy=False)


def _at_full_size(maps: Floats) -> Floats:
    """(H, W) of (16, H/4, W/4): depth to space."""
    _, height, width = maps.shape
    return maps.reshape(CELL, CELL, height, width).transpose(2, 0, 3, 1).reshape(height * CELL, width * CELL)


def boxes_at_peaks(heat: Floats, sides: Floats) -> tuple[Floats, Floats]:
    """(K,) heat and (K, 4) boxes: at the heat's peaks, none twice."""
    around = np.pad(heat, 1)
    rows = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:])
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
