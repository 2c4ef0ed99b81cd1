"""Lines on paper, printed or by pen, as ink: how dark each pixel is follows from its distance to the line's middle."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scoreboard.digits import Ink

Shape = tuple[int, ...]


def level(shape: Shape, rng: Generator, at: float, width: float, pen: bool = False) -> Ink:
    """A line from the left to the right edge, its middle at the height `at`; by pen it wavers and gets thinner."""
    across = np.arange(shape[1], dtype=np.float32)
    middle, half = np.full(shape[1], at, np.float32), np.full(shape[1], width / 2, np.float32)
    if pen:
        for size in (1.0, 0.4):
            middle += size * np.sin(across / rng.uniform(20, 90) + rng.uniform(0, 6.3))
        half *= 1 + 0.25 * np.sin(across / rng.uniform(15, 60) + rng.uniform(0, 6.3))
    distance = np.abs(np.arange(shape[0], dtype=np.float32)[:, None] - middle)
    return (half + 0.5 - distance).clip(0, 1)


def upright(shape: Shape, rng: Generator, at: float, width: float, pen: bool = False) -> Ink:
    """The same from top to bottom, its middle `at` pixels from the left."""
    return level(shape[::-1], rng, at, width, pen).T


def box(shape: Shape, rng: Generator, sides: tuple[float, float, float, float], width: float) -> Ink:
    """The four sides (left, top, right, bottom) of a box."""
    left, top, right, bottom = sides
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
    out = width / 2 + 0.5
    within = (rows > top - out) & (rows < bottom + out) & (columns > left - out) & (columns < right + out)
    levels = np.maximum(level(shape, rng, top, width), level(shape, rng, bottom, width))
    uprights = np.maximum(upright(shape, rng, left, width), upright(shape, rng, right, width))
    return np.where(within, np.maximum(levels, uprights), np.float32(0))


def grid(shape: Shape, rng: Generator, distances: tuple[float, float], width: float) -> Ink:
    """Lines `distances` (down, across) pixels from each other over all of the page; 0 draws none."""
    ink = np.zeros(shape, np.float32)
    down, across = distances
    for step, size, draw in ((down, shape[0], level), (across, shape[1], upright)):
        if step:
            for at in np.arange(rng.uniform(0, step), size, step):
                np.maximum(ink, draw(shape, rng, float(at), width), out=ink)
    return ink


def layered(*inks: NDArray[np.float32]) -> Ink:
    """Inks of one page over each other."""
    return np.maximum.reduce(inks)
