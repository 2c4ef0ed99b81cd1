"""A sheet in the making: what is written, printed and spilled on it, each kind in a layer of its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist.train.pages.pen import Rng, cloud

_OWN = 0.38
"""Of a digit's full ink: from there on a pixel is the digit's."""
_FINE = 4
"""Segments are drawn at that many times the size."""


@dataclass(frozen=True)
class Placed:
    """A digit on the sheet."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom of its ink in pixels of the page; may lie beyond the page."""
    area: int
    """Pixels of its ink, also beyond the page."""


class Sheet:
    """Layers of (height, width) pixels with a margin around, whose top left pixel inside the margin is (0, 0)."""

    def __init__(self, height: int, width: int, margin: int) -> None:
        self.height, self.width, self.margin = height, width, margin
        shape = (height + 2 * margin, width + 2 * margin)
        self.ink: dict[str, NDArray[np.float32]] = {
            layer: np.zeros(shape, np.float32) for layer in ("digit", "mark", "other")
        }
        """Darkness, 0 to 1."""
        self.owner: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        """Whose digit's pixel, from 1; 0 where there is none."""
        self.digits: list[Placed] = []

    def write_digit(self, glyph: NDArray[np.float32], x: float, y: float, dark: float, rng: Rng) -> None:
        """Puts a digit's ink with its top left corner at (x, y); what lies beyond the margin is lost."""
        left, top = round(x), round(y)
        own = glyph > _OWN * glyph.max()
        if rng.random() < 0.12:  # a pen that fails
            glyph = glyph * (0.25 + 0.85 * cloud(rng, glyph.shape, int(rng.integers(2, 5)))).clip(0, 1)
        number = len(self.digits) + 1
        window, part = self._window(left, top, glyph.shape)
        if window is None or number > 250:
            return
        ink = self.ink["digit"][window]
        mine = own[part] & (glyph[part] * dark >= 0.9 * ink)
        self.owner[window][mine] = number
        np.maximum(ink, glyph[part] * dark, out=ink)
        rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
        box = int(left + columns[0]), int(top + rows[0]), int(left + columns[-1] + 1), int(top + rows[-1] + 1)
        self.digits.append(Placed(box, int(own.sum())))

    def put(self, layer: str, glyph: NDArray[np.float32], x: float, y: float, dark: float) -> None:
        """Puts other ink with its top left corner at (x, y)."""
        window, part = self._window(round(x), round(y), glyph.shape)
        if window is not None:
            np.maximum(self.ink[layer][window], glyph[part] * dark, out=self.ink[layer][window])

    def segment(self, layer: str, ends: tuple[float, float, float, float], width: float, dark: float) -> None:
        """Draws a straight stroke from (x, y) to (x, y), that many pixels wide."""
        x0, y0, x1, y1 = ends
        left, top = int(min(x0, x1) - width - 2), int(min(y0, y1) - width - 2)
        right, bottom = int(max(x0, x1) + width + 3), int(max(y0, y1) + width + 3)
        left, top = max(left, -self.margin), max(top, -self.margin)
        right, bottom = min(right, self.width + self.margin), min(bottom, self.height + self.margin)
        if right <= left or bottom <= top:
            return
        across = np.arange(left, right, dtype=np.float32)[None] - np.float32(x0)
        down = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(y0)
        dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
        along = ((across * dx + down * dy) / max(float(dx * dx + dy * dy), 1e-6)).clip(0, 1)
        squared = (across - along * dx) ** 2 + (down - along * dy) ** 2
        ink = (np.float32(width / 2 + 0.5) - np.sqrt(squared)).clip(0, min(1.0, width))
        self.put(layer, ink.astype(np.float32, copy=False), left, top, dark)

    def path(self, layer: str, points: NDArray[np.float64], width: float, dark: float) -> None:
        """Draws a line through (n, 2) points: x and y."""
        low = np.floor(points.min(0) - width - 1)
        size = np.ceil(points.max(0) + width + 1) - low
        if size.max() > 3 * max(self.height, self.width):
            return
        canvas = Image.new("L", (int(size[0]) * _FINE, int(size[1]) * _FINE))
        line = ((points - low) * _FINE).ravel().tolist()
        ImageDraw.Draw(canvas).line(line, fill=255, width=max(1, round(width * _FINE)), joint="curve")
        small = canvas.resize((int(size[0]), int(size[1])), Image.Resampling.BOX)
        self.put(layer, np.asarray(small).astype(np.float32) / np.float32(255), float(low[0]), float(low[1]), dark)

    def _window(
        self, left: int, top: int, shape: tuple[int, ...]
    ) -> tuple[tuple[slice, slice] | None, tuple[slice, slice]]:
        """Where on the layers, margin counted, something of that shape lies, and which part of it."""
        x, y = left + self.margin, top + self.margin
        height, width = self.owner.shape
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + shape[1], width), min(y + shape[0], height)
        part = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
        return (None if x0 >= x1 or y0 >= y1 else (slice(y0, y1), slice(x0, x1))), part
