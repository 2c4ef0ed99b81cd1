"""Digits beside each other, with gaps, touching or overlapping, and the marks that stand between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.train.pages.glyphs import Glyphs, Hand, digit
from edgemnist.train.pages.pen import Rng
from edgemnist.train.pages.sheet import Sheet


@dataclass(frozen=True)
class Style:
    """How the digits of a page stand beside each other; lengths are shares of a digit's height."""

    dark: float
    """Darkness of full ink, 0 to 1."""
    fainter: float
    """Of the darkness, down to which single digits fall."""
    gap: float
    """The widest between two digits."""
    touch: float
    """Share of digits that touch the one before them."""
    marks: float
    """Share of gaps with a mark in them."""
    stagger: float
    """Standard deviation of how far digits stand above or below the line."""
    slope: float
    """Pixels down for each pixel to the right."""
    ones: float
    """Share of digits that are 1s beside what chance brings."""


def draw_style(rng: Rng) -> Style:
    """How one page is written."""
    return Style(
        dark=float(rng.uniform(0.35, 1) if rng.random() < 0.8 else rng.uniform(0.12, 0.4)),
        fainter=0.35 if rng.random() < 0.2 else 0.85,
        gap=float(rng.choice([0.15, 0.35, 0.7, 2.5], p=[0.3, 0.4, 0.2, 0.1])),
        touch=float(rng.choice([0, 0.3, 0.8], p=[0.6, 0.25, 0.15])),
        marks=float(rng.choice([0, 0.15, 0.5], p=[0.25, 0.4, 0.35])),
        stagger=float(rng.choice([0.03, 0.07, 0.2], p=[0.4, 0.5, 0.1])),
        slope=float(rng.normal(0, rng.choice([0.03, 0.09, 0.2], p=[0.75, 0.17, 0.08]))),
        ones=0.5 if rng.random() < 0.12 else 0.0,
    )


def pick(glyphs: Glyphs, style: Style, rng: Rng) -> int:
    """Which digit is written next."""
    if style.ones and rng.random() < style.ones:
        return int(rng.choice(np.flatnonzero(glyphs.labels == 1)))
    return int(rng.integers(len(glyphs.labels)))


def write_row(
    sheet: Sheet, glyphs: Glyphs, hand: Hand, style: Style, place: tuple[float, float, float, int], rng: Rng
) -> None:
    """Writes digits from `place` to the right: left, top, a digit's height, and how many."""
    x, y, height, count = place
    start, last = x, None
    for number in range(count):
        if x > sheet.width + 0.6 * sheet.margin:
            return
        high = height * float(np.exp(rng.normal(0, 0.08)))
        glyph = digit(glyphs, hand, high, rng, pick(glyphs, style, rng))
        top = y + rng.normal(0, style.stagger * height) + style.slope * (x - start) + (height - high) / 2
        if last is not None and rng.random() < style.touch:
            deep = rng.uniform(-0.03, 0.05) if rng.random() < 0.7 else rng.uniform(0.05, 0.2)
            x = _contact(*last, top, glyph, x) - height * deep
        sheet.write_digit(glyph, x, top, style.dark * rng.uniform(style.fainter, 1), rng)
        last = (x, top, glyph)
        x += glyph.shape[1] + height * rng.uniform(0.05, max(0.06, style.gap))
        if rng.random() < style.marks and number < count - 1:
            x = _write_mark(sheet, hand, style, (x, y + style.slope * (x - start), height), rng)
    if rng.random() < 0.5 * style.marks:
        _write_mark(sheet, hand, style, (x, y + style.slope * (x - start), height), rng)


def write_minus(sheet: Sheet, hand: Hand, style: Style, place: tuple[float, float, float], rng: Rng) -> None:
    """Writes a minus in front of a row that begins at `place`: left, top, height."""
    x, y, height = place
    length = height * rng.uniform(0.3, 0.6)
    _write_dash(sheet, hand, style, (x - length - height * rng.uniform(0.1, 0.3), y, height), length, rng)


def _write_mark(sheet: Sheet, hand: Hand, style: Style, place: tuple[float, float, float], rng: Rng) -> float:
    """Writes a point, comma, dash, slash or colon; returns where the next digit may begin."""
    x, y, height = place
    pen = float(max(0.8, min(hand.pen, 0.16) * height * rng.uniform(0.8, 1.4)))
    dark = style.dark * rng.uniform(0.7, 1)
    gap = height * rng.uniform(0.06, 0.2)
    way = rng.random()
    foot = y + height - pen / 2 + rng.normal(0, 0.03) * height
    if way < 0.3:
        dot = max(pen, height * rng.uniform(0.05, 0.12))
        sheet.segment("mark", (x + dot / 2, foot, x + dot / 2 + rng.uniform(0, 0.3) * dot, foot), dot, dark)
        return x + dot + gap
    if way < 0.5:
        long = height * rng.uniform(0.12, 0.28)
        sheet.segment("mark", (x + long / 2, foot, x + long / 2 * rng.uniform(0, 0.8), foot + long), pen, dark)
        return x + long / 2 + gap
    if way < 0.7:
        length = height * rng.uniform(0.25, 0.6)
        _write_dash(sheet, hand, style, place, length, rng)
        return x + length + gap
    if way < 0.84:  # longer than a 1 that leans as much
        wide, above = height * rng.uniform(0.3, 0.7), height * rng.uniform(0.05, 0.25)
        sheet.segment("mark", (x + wide, y - above, x, y + height + above), pen, dark)
        return x + wide + gap
    dot = max(pen, height * rng.uniform(0.05, 0.12))
    for level in (foot, foot - height * rng.uniform(0.3, 0.6)):
        sheet.segment("mark", (x + dot / 2, level, x + dot / 2, level), dot, dark)
    return x + dot + gap


def _write_dash(
    sheet: Sheet, hand: Hand, style: Style, place: tuple[float, float, float], length: float, rng: Rng
) -> None:
    x, y, height = place
    pen = float(max(0.8, min(hand.pen, 0.16) * height * rng.uniform(0.8, 1.2)))
    level = y + height * rng.uniform(0.4, 0.62)
    ends = (x, level, x + length, level + length * rng.normal(0, 0.08))
    sheet.segment("mark", ends, pen, style.dark * rng.uniform(0.7, 1))


def _contact(
    left: float, top: float, before: NDArray[np.float32], below: float, glyph: NDArray[np.float32], x: float
) -> float:
    """Where a glyph whose top is at `below` meets the one before it; x where the two never would."""
    shift = round(below - top)
    first, end = max(0, shift), min(before.shape[0], glyph.shape[0] + shift)
    if end - first < 3:
        return x
    old, new = before[first:end] > 0.4, glyph[first - shift : end - shift] > 0.4
    both = old.any(1) & new.any(1)
    if not both.any():
        return x
    reach = old.shape[1] - old[both][:, ::-1].argmax(1) - new[both].argmax(1)
    return float(left + max(float(reach.max()), 0.15 * before.shape[1]))
