"""One page and what is to be found on it, from a seed and a number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.light import to_page
from edgemnist.train.pages.camera import photograph
from edgemnist.train.pages.glyphs import Glyphs
from edgemnist.train.pages.layouts import lay_out
from edgemnist.train.pages.pen import Rng
from edgemnist.train.pages.sheet import Sheet

CELL = 4
"""Pixels: the side of the cells of the finder's maps."""
MOST = 96
"""Digits on a page of which the finder is told."""
DIGIT, OTHER, MARK, IGNORED = 1, 2, 4, 8
"""Bits of a pixel: it is ink of a digit, of a mark, of anything else; it may be called anything."""
ABSENT, FOUND, EITHER = 0, 1, 2
"""What is to become of a digit: too little of it is seen; it is to be found; it may be."""
_VISIBLE = 0.12
"""Darkness, of full ink, from which other ink counts."""


@dataclass(frozen=True)
class Page:
    """A page as the finder sees it, and what it is to find."""

    page: NDArray[np.uint8]
    """(H, W): 0 = paper, 255 = full ink."""
    bits: NDArray[np.uint8]
    """(H, W): `DIGIT`, `OTHER`, `MARK`, `IGNORED`, of which ink has one or more."""
    owner: NDArray[np.uint8]
    """(H/4, W/4): which of the boxes the ink in a cell mostly belongs to, from 1; 0 where there is none."""
    boxes: NDArray[np.float32]
    """(MOST, 4): left, top, right, bottom in pixels of the page, also where they lie beyond it."""
    states: NDArray[np.uint8]
    """(MOST,): `ABSENT`, `FOUND` or `EITHER` for each box."""


def make_page(glyphs: Glyphs, shape: tuple[int, int], rng: Rng) -> Page:
    """A page of that height and width, multiples of 32."""
    height, width = shape
    sheet, window, high = lay_out(glyphs, height, width, rng)
    left, top, right, bottom = window
    part = (
        slice(top + sheet.margin, bottom + sheet.margin),
        slice(left + sheet.margin, right + sheet.margin),
    )
    inks = {layer: ink[part] for layer, ink in sheet.ink.items()}
    if rng.random() < 0.5:
        ink = np.maximum(np.maximum(inks["digit"], inks["mark"]), inks["other"])
    else:
        ink = 1 - (1 - inks["digit"]) * (1 - inks["mark"]) * (1 - inks["other"])
    gray, table = photograph(ink, high, rng)
    x = int(rng.integers(0, width - (right - left) + 1))
    y = int(rng.integers(0, height - (bottom - top) + 1))
    place = (slice(y, y + bottom - top), slice(x, x + right - left))
    page = np.zeros(shape, np.uint8)
    page[place] = to_page(gray)
    owner = np.where(table, 0, sheet.owner[part])
    boxes, states = _judge(sheet, owner, window, (x - left, y - top), shape)
    state = np.concatenate([np.zeros(1, np.uint8), states])[owner]
    digit = owner > 0
    bits = np.zeros(shape, np.uint8)
    bits[place] = (
        (state == FOUND) * np.uint8(DIGIT)
        | ((inks["other"] > _VISIBLE) | (digit & (state == ABSENT))) * np.uint8(OTHER)
        | (inks["mark"] > _VISIBLE) * np.uint8(MARK)
        | (digit & (state == EITHER)) * np.uint8(IGNORED)
    )
    whole = np.zeros(shape, np.uint8)
    whole[place] = owner
    return Page(page, bits, _cells(whole), boxes, states[:MOST])


def _judge(
    sheet: Sheet,
    owner: NDArray[np.uint8],
    window: tuple[int, int, int, int],
    shift: tuple[int, int],
    shape: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The digits' boxes on the page, and what is to become of each: how much of it the picture shows."""
    boxes, states = np.zeros((MOST, 4), np.float32), np.zeros(255, np.uint8)
    seen = np.bincount(owner.ravel(), minlength=len(sheet.digits) + 1)
    left, top, right, bottom = window
    for number, placed in enumerate(sheet.digits, 1):
        x0, y0, x1, y1 = placed.box
        share = seen[number] / max(1, placed.area)
        across = (min(x1, right) - max(x0, left)) / (x1 - x0)
        down = (min(y1, bottom) - max(y0, top)) / (y1 - y0)
        box = np.array([x0 + shift[0], y0 + shift[1], x1 + shift[0], y1 + shift[1]], np.float32)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        inside = 0 <= x < shape[1] and 0 <= y < shape[0]
        if share > 0.62 and min(across, down) > 0.55 and inside and number <= MOST:
            states[number - 1] = FOUND
        elif share > 0.33 and min(across, down) > 0.3:
            states[number - 1] = EITHER
        if number <= MOST:
            boxes[number - 1] = box
    return boxes, states


def _cells(owner: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H/4, W/4): in each cell the digit that has the most pixels there, or 0 where none has any."""
    height, width = owner.shape
    blocks = owner.reshape(height // CELL, CELL, width // CELL, CELL).transpose(0, 2, 1, 3)
    pixels = blocks.reshape(height // CELL, width // CELL, CELL * CELL)
    lowest = np.where(pixels > 0, pixels, 255).min(2)
    highest = pixels.max(2)
    more = (pixels == highest[..., None]).sum(2) > (pixels == lowest[..., None]).sum(2)
    return np.where(more, highest, np.where(lowest == 255, 0, lowest)).astype(np.uint8)
