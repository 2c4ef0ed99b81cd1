"""A finder for tests that takes every connected piece of ink for a digit, unless told otherwise."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist.reading.components import find_components
from edgemnist.reading.finds import CELL, SIDE, WAY

SURE, NEVER = 6.0, -9.0
"""Logits."""
INK = 60
"""Level of a page from which on this finder calls it ink."""


def maps_of(
    page: NDArray[np.uint8], kind: Callable[[tuple[int, int, int, int]], str] = lambda box: "digit"
) -> dict[str, NDArray[np.float32]]:
    """The maps of a page (H, W); `kind` says of a piece's box whether it is a digit, other or mark."""
    height, width = page.shape
    cells = (height // CELL, width // CELL)
    heat = np.full((1, *cells), NEVER, np.float32)
    sides, way = np.zeros((4, *cells), np.float32), np.zeros((2, *cells), np.float32)
    inks = {name: np.full(page.shape, NEVER, np.float32) for name in ("digit", "other", "mark")}
    pieces = find_components(page >= INK)
    down, across = np.mgrid[: cells[0], : cells[1]] * CELL + CELL / 2
    for number, (left, top, right, bottom) in enumerate(pieces.boxes.tolist(), 1):
        ink = pieces.labels == number
        name = kind((left, top, right, bottom))
        inks[name][ink] = SURE
        if name != "digit":
            continue
        x, y = (left + right) / 2, (top + bottom) / 2
        row, column = min(int(y / CELL), cells[0] - 1), min(int(x / CELL), cells[1] - 1)
        heat[0, row, column] = SURE
        middle = np.array([across[row, column], down[row, column]])
        reach = np.array([middle[0] - left, middle[1] - top, right - middle[0], bottom - middle[1]])
        sides[:, row, column] = np.log(np.maximum(reach, 0.5) / SIDE)
        near = ink.reshape(cells[0], CELL, cells[1], CELL).any((1, 3))
        way[0][near], way[1][near] = ((x - across) / WAY)[near], ((y - down) / WAY)[near]
    full = {name: ink.reshape(cells[0], CELL, cells[1], CELL).transpose(1, 3, 0, 2) for name, ink in inks.items()}
    return {
        "heat": heat,
        "sides": sides,
        "way": way,
        **{name: ink.reshape(CELL * CELL, *cells) for name, ink in full.items()},
    }


def rings(size: tuple[int, int], boxes: list[tuple[int, int, int, int]], width: int = 4) -> NDArray[np.uint8]:
    """(H, W) gray of a white sheet of that width and height with a black 0 in each box (left, top, right, bottom)."""
    sheet = Image.new("L", size, 255)
    draw = ImageDraw.Draw(sheet)
    for left, top, right, bottom in boxes:
        draw.ellipse((left, top, right - 1, bottom - 1), outline=0, width=width)
    return np.array(sheet)
