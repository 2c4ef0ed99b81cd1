"""What is on paper beside digits: ruled lines, boxes, letters, scribbles, blots, dust."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.train.pages.glyphs import Hand, bent
from edgemnist.train.pages.pen import Rng, cloud, write
from edgemnist.train.pages.sheet import Sheet
from edgemnist.train.pages.tracing import Lines


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> NDArray[np.float32]:
    """Degrees, 0 to the right, 90 down."""
    angle = np.deg2rad(np.linspace(start, stop, 24))
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1).astype(np.float32)


def _stroke(*points: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(points, np.float32)


_BOWL = _arc(0.3, 0.25, 0.3, 0.25, -90, 90)
LETTERS: tuple[Lines, ...] = (
    (_stroke((0, 1), (0.35, 0), (0.7, 1)), _stroke((0.13, 0.62), (0.57, 0.62))),  # A
    (_stroke((0.5, 0), (0, 0), (0, 1), (0.5, 1)), _stroke((0, 0.5), (0.4, 0.5))),  # E
    (_stroke((0.5, 0), (0, 0), (0, 1)), _stroke((0, 0.5), (0.4, 0.5))),  # F
    (_stroke((0, 0), (0, 1)), _stroke((0.6, 0), (0.6, 1)), _stroke((0, 0.5), (0.6, 0.5))),  # H
    (_stroke((0, 0), (0, 1)), _stroke((0.55, 0), (0, 0.55), (0.6, 1))),  # K
    (_stroke((0, 1), (0, 0), (0.4, 0.6), (0.8, 0), (0.8, 1)),),  # M
    (_stroke((0, 1), (0, 0), (0.6, 1), (0.6, 0)),),  # N
    (_stroke((0, 1), (0, 0), (0.3, 0)), _BOWL, _stroke((0.3, 0.5), (0, 0.5))),  # P
    (_stroke((0, 1), (0, 0), (0.3, 0)), _BOWL, _stroke((0.3, 0.5), (0, 0.5)), _stroke((0.3, 0.5), (0.6, 1))),  # R
    (_arc(0.35, 0.5, 0.35, 0.5, -50, -310),),  # C
    (_stroke((0, 0), (0.35, 1), (0.7, 0)),),  # V
    (_stroke((0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)),),  # W
    (_stroke((0, 0), (0.6, 1)), _stroke((0.6, 0), (0, 1))),  # X
    (_stroke((0, 0), (0.3, 0.5), (0.6, 0)), _stroke((0.3, 0.5), (0.3, 1))),  # Y
    (_stroke((0, 0), (0.6, 0)), _stroke((0.3, 0), (0.3, 1))),  # T
    (_stroke((0, 0), (0, 0.7)), _arc(0.28, 0.7, 0.28, 0.3, 180, 0), _stroke((0.56, 0.7), (0.56, 0))),  # U
    (_stroke((0, 0), (0, 1)), _arc(0.25, 0.65, 0.25, 0.25, 180, 360), _stroke((0.5, 0.65), (0.5, 1))),  # h
    (_stroke((0, 0), (0, 1)), _arc(0.25, 0.35, 0.25, 0.35, 180, 360), _stroke((0.5, 0.35), (0.5, 1))),  # n
    (_stroke((0, 0), (0, 1)), _arc(0.25, 0.4, 0.25, 0.4, 180, 320)),  # r
    (_stroke((0, 0.5), (0.6, 0.5)), _arc(0.3, 0.5, 0.3, 0.5, 0, -310)),  # e
    (_arc(0.3, 0.5, 0.3, 0.5, -20, -340), _stroke((0.6, 0), (0.6, 1))),  # a
    (_stroke((0, 0), (0, 1)), _arc(0.2, 0.4, 0.2, 0.4, 180, 360), _stroke((0.4, 0.4), (0.4, 1)),
     _arc(0.6, 0.4, 0.2, 0.4, 180, 360), _stroke((0.8, 0.4), (0.8, 1))),  # m
    (_stroke((0.5, 0.1), (0.1, 0.05), (0.1, 0.9), (0.4, 1)), _stroke((-0.15, 0.3), (0.4, 0.3))),  # t
    (_stroke((0, 0.3), (0.7, 0.3)), _stroke((0, 0.7), (0.7, 0.7)), _stroke((0.3, 0), (0.2, 1)),
     _stroke((0.55, 0), (0.45, 1))),  # a number sign
    (_stroke((0, 0.5), (1, 0.5)), _stroke((0.5, 0), (0.5, 1))),  # plus
    (_arc(0.25, 0.27, 0.25, 0.25, 180, 420), _stroke((0.3, 0.5), (0.28, 0.75)), _stroke((0.28, 0.95), (0.28, 1))),  # ?
    (_arc(0.5, 0.5, 0.4, 0.5, 120, 240),),  # (
    (_arc(0.3, 0.3, 0.3, 0.3, 0, -359), _arc(0.3, 0.3, 0.12, 0.12, 0, -359), _stroke((0.1, 0.8), (0.5, 1))),
)  # fmt: skip
"""Letters and signs that nobody takes for a digit, in lines of 1 high; O, l, S, b, g, q and their like are left out."""


def rule(sheet: Sheet, horizontal: bool, offset: float, spacing: float, slope: float, width: float, dark: float,
         rng: Rng, only: bool = False) -> None:  # fmt: skip
    """Draws a family of parallel lines over the whole sheet, or one of them `only`; some are drawn by hand."""
    shape = sheet.owner.shape
    down = np.arange(shape[0], dtype=np.float32)[:, None] - sheet.margin
    across = np.arange(shape[1], dtype=np.float32)[None] - sheet.margin
    place = down - np.float32(slope) * across if horizontal else across + np.float32(slope) * down
    if rng.random() < 0.3:
        place = place + np.float32(rng.uniform(0.3, 2)) * (cloud(rng, shape, 3) - np.float32(0.5))
    number = np.rint((place - np.float32(offset)) / np.float32(spacing))
    if only:
        number = np.zeros_like(number)
    away = np.abs(place - np.float32(offset) - number * np.float32(spacing))
    ink = (np.float32(width / 2 + 0.5) - away).clip(0, min(1.0, width)) * np.float32(dark)
    np.maximum(sheet.ink["other"], ink, out=sheet.ink["other"])


def box(sheet: Sheet, corners: tuple[float, float, float, float], slope: float, width: float, dark: float,
        rng: Rng, kept: float = 0.96) -> None:  # fmt: skip
    """Draws a box around left, top, right, bottom, each side with probability `kept`."""
    left, top, right, bottom = corners
    rise, drift = slope * (right - left), slope * (bottom - top)
    for ends in (
        (left, top, right, top + rise),
        (left, bottom, right, bottom + rise),
        (left, top, left - drift, bottom),
        (right, top, right - drift, bottom),
    ):
        if rng.random() < kept:
            sheet.segment("other", ends, width, dark)


def distract(sheet: Sheet, hand: Hand, height: float, count: int, rng: Rng) -> None:
    """Puts letters, scribbles, dots, blots and stray strokes anywhere on the sheet, in the size of its digits."""
    for _ in range(count):
        way, dark = rng.random(), float(rng.uniform(0.25, 1))
        x, y = float(rng.uniform(-0.3 * height, sheet.width)), float(rng.uniform(-0.3 * height, sheet.height))
        pen = float(max(0.7, height * np.exp(rng.uniform(np.log(0.02), np.log(0.16)))))
        if way < 0.42:
            word(sheet, hand, height * rng.uniform(0.35, 1.2), x, y, dark, rng)
        elif way < 0.56:
            length = pen * rng.choice([0, 0, 1.5, 4])
            turn = rng.uniform(0, np.pi)
            sheet.segment("other", (x, y, x + length * np.cos(turn), y + length * np.sin(turn)), pen, dark)
        elif way < 0.78:
            steps = rng.normal(0, 0.06 * height, (int(rng.integers(9, 26)), 2))
            points = (steps.cumsum(0).cumsum(0) * rng.uniform(0.2, 1)).clip(-1.5 * height, 1.5 * height)
            sheet.path("other", points + np.array([x, y]), min(pen, 0.12 * height), dark)
        elif way < 0.88:
            sides = rng.uniform(0.15, 1.4, 2) * height
            sheet.put("other", _blot((max(2, int(sides[0])), max(2, int(sides[1]))), rng), x, y, dark)
        else:
            length = rng.choice([-1, 1]) * height * rng.uniform(1.5, 5)
            sheet.segment("other", (x, y, x + length, y + length * rng.normal(0, 0.5)), min(pen, 0.1 * height), dark)


def word(sheet: Sheet, hand: Hand, height: float, x: float, y: float, dark: float, rng: Rng) -> None:
    """Writes some letters to the right of (x, y)."""
    for _ in range(int(rng.integers(1, 6))):
        letter = bent(LETTERS[rng.integers(len(LETTERS))], hand, rng)
        if not letter:
            continue
        glyph = write(letter, max(5.0, height), max(0.7, min(hand.pen, 0.2) * height))
        sheet.put("other", glyph, x, y, dark)
        x += glyph.shape[1] + height * rng.uniform(0.05, 0.3)


def sprinkle(sheet: Sheet, count: int, rng: Rng) -> None:
    """Puts dust on the sheet."""
    ink = sheet.ink["other"]
    rows, columns = rng.integers(0, ink.shape[0] - 2, count), rng.integers(0, ink.shape[1] - 2, count)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        high, wide = rng.integers(1, 3, 2)
        part = ink[row : row + high, column : column + wide]
        np.maximum(part, np.float32(rng.uniform(0.1, 0.9)), out=part)


def _blot(shape: tuple[int, int], rng: Rng) -> NDArray[np.float32]:
    if rng.random() < 0.4:
        return np.ones(shape, np.float32)
    down, across = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    blot: NDArray[np.float32] = (np.hypot(down, across) < 0.7 + 0.4 * cloud(rng, shape, 4)).astype(np.float32)
    return blot
