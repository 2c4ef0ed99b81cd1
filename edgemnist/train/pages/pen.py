"""Lines -> pixels: drawn with a pen of any width, its pressure even or not."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist.train.pages.tracing import Lines

Rng = np.random.Generator
_FINE_BELOW = 4.0
"""Pixels: finer pens are drawn at twice the size, so that they end softly."""


def write(lines: Lines, height: float, pen: float, pressure: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """(h, w) float32, 0 to 1: the lines at that height in pixels, from a pen that many pixels wide, cropped to them.

    `pressure`: small array of factors around 1 that the pen's width has over the glyph's box.
    """
    fine = 2 if pen < _FINE_BELOW else 1
    scale = max(1.0, height - pen) * fine
    reach = math.ceil(pen * fine * (0.5 if pressure is None else 0.5 * float(pressure.max()))) + 1
    points = [line * scale + reach for line in lines]
    corner = np.concatenate(points).max(0)
    size = tuple(math.ceil((side + reach + 1) / fine) * fine for side in corner.tolist())
    canvas = Image.new("1", size)
    draw = ImageDraw.Draw(canvas)
    for line in points:
        draw.line(line.round().ravel().tolist(), fill=1)
    away = distance(np.asarray(canvas), reach)
    width = np.full((1, 1), pen * fine, np.float32)
    if pressure is not None:
        width = width * np.asarray(Image.fromarray(pressure).resize(size, Image.Resampling.BICUBIC))
    ink = (width / 2 + np.float32(0.5) - away).clip(0, np.minimum(1, width))
    if fine > 1:
        ink = ink.reshape(size[1] // fine, fine, size[0] // fine, fine).mean((1, 3))
    return cropped(ink)


def distance(mask: NDArray[np.bool_], reach: int) -> NDArray[np.float32]:
    """(H, W) float32: how far the nearest pixel of a mask is; more than `reach` where it is farther than that.

    Source: P. Felzenszwalb, D. Huttenlocher, "Distance transforms of sampled functions" (2012): one axis, then the
    other; here over a window.
    """
    down = np.where(mask, np.float32(0), np.float32(2 * reach + 2))
    for step in range(1, reach + 1):
        np.minimum(down[1:], down[:-1] + 1, out=down[1:])
        np.minimum(down[:-1], down[1:] + 1, out=down[:-1])
        if step >= reach:
            break
    squared = down * down
    nearest = squared.copy()
    for step in range(1, reach + 1):
        np.minimum(nearest[:, step:], squared[:, :-step] + step * step, out=nearest[:, step:])
        np.minimum(nearest[:, :-step], squared[:, step:] + step * step, out=nearest[:, :-step])
    away: NDArray[np.float32] = np.sqrt(nearest)
    return away


def cropped(ink: NDArray[np.float32], level: float = 0.15) -> NDArray[np.float32]:
    """The ink without what is empty around it."""
    rows, columns = np.flatnonzero(ink.max(1) > level), np.flatnonzero(ink.max(0) > level)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink


def cloud(rng: Rng, shape: tuple[int, int], cells: int) -> NDArray[np.float32]:
    """(H, W) float32, about 0 to 1, smooth: light, pressure, fading ink."""
    small = rng.random((cells, cells), dtype=np.float32)
    return np.asarray(Image.fromarray(small).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
