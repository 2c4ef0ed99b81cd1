"""Strings of digits as ink: one line, its words and marks, several lines."""

import numpy as np
from numpy.random import Generator

from scoreboard.digits import Hand, Ink, written
from scoreboard.strokes import MARKS, stroked

ABOVE = 0.25
"""Room above and below a line's digits, in heights."""


def digits(rng: Generator, least: int = 3, most: int = 5) -> str:
    """As many random digits."""
    return "".join(map(str, rng.integers(10, size=rng.integers(least, most + 1))))


def line(hand: Hand, text: str, rng: Generator, height: float, *, stagger: float = 0) -> tuple[Ink, int]:
    """A line of digits, marks and blanks between words, and the row of pixels on which it stands.

    `stagger` is how far the digits may stand apart, in heights. Digits stand 0.12 to 0.4 heights apart, at least two
    pixels; words 0.8 to 2 digits' widths.
    """
    room = ABOVE * height + 2
    foot = round(room + (1 + stagger) * height)
    canvas = np.zeros((round(foot + room), round((len(text) + 1) * 2.4 * height) + 20), np.float32)
    place, pen = 2.0, rng.uniform(0.06, 0.1) * height + 0.5
    for symbol in text:
        if symbol == " ":
            place += rng.uniform(0.8, 2) * 0.65 * height
            continue
        if symbol in MARKS:
            ink = stroked(MARKS[symbol], rng, height, pen)
            bottom = foot + round(height / 6 + pen)
        else:
            ink = written(hand, int(symbol), rng, height * rng.uniform(0.92, 1))
            bottom = foot - round(height * (rng.uniform(0, 0.05) + rng.uniform(0, stagger)))
        top, left = bottom - len(ink), round(place)
        part = canvas[max(top, 0) : bottom, left : left + ink.shape[1]]
        np.maximum(part, ink[-len(part) :] if top < 0 else ink[: len(part)], out=part)
        place = left + ink.shape[1] + max(2, rng.uniform(0.12, 0.4) * height)
    return canvas[:, : round(place)], foot


def stacked(lines: list[Ink], gap: int) -> Ink:
    """Lines below each other, `gap` pixels apart."""
    width = max(ink.shape[1] for ink in lines)
    return np.concatenate([np.pad(ink, ((0, gap), (0, width - ink.shape[1]))) for ink in lines])


def framed(ink: Ink, margin: float) -> Ink:
    """Ink with `margin` pixels of paper on every side."""
    return np.pad(ink, round(margin))


def cut(ink: Ink, margin: float) -> Ink:
    """Cut along the box of the ink as `cv2.boundingRect` cuts, `margin` pixels away."""
    around = framed(ink, margin + 2)
    rows, columns = (np.flatnonzero((around > 0.5).any(axis)) for axis in (1, 0))
    more = round(margin)
    return around[rows[0] - more : rows[-1] + 1 + more, columns[0] - more : columns[-1] + 1 + more]
