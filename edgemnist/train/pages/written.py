"""What is written on a page: one digit, rows, table cells or form boxes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edgemnist.train.pages.glyphs import Glyphs, Hand, digit, draw_hand
from edgemnist.train.pages.pen import Rng
from edgemnist.train.pages.rows import Style, pick, write_minus, write_row
from edgemnist.train.pages.sheet import Sheet
from edgemnist.train.pages.surroundings import box, rule


@dataclass
class Plan:
    """A page while it is laid out."""

    sheet: Sheet
    glyphs: Glyphs
    hand: Hand
    style: Style
    height: float
    """Pixels: of its digits."""
    rng: Rng
    window: tuple[float, float, float, float]
    line: float
    """Pixels: the width of its printed lines."""
    line_dark: float
    tilt: float
    """Slope of its printed lines."""
    tight: bool = False
    """Whether the picture is cut out around the digits."""


def _single(plan: Plan) -> None:
    rng, sheet, side = plan.rng, plan.sheet, min(plan.sheet.height, plan.sheet.width)
    plan.tight = rng.random() < 0.45
    if plan.tight:
        plan.height = max(plan.height, side * rng.uniform(0.25, 0.95))
    glyph = digit(plan.glyphs, plan.hand, plan.height, rng, pick(plan.glyphs, plan.style, rng))
    over = 0.04 * plan.height
    x, y = (
        rng.uniform(-over, max(over, room)) for room in (sheet.width - glyph.shape[1], sheet.height - glyph.shape[0])
    )
    sheet.write_digit(glyph, x, y, plan.style.dark, rng)


def _large(plan: Plan) -> None:
    """One digit on plain paper, often of a thin pen, also in the corners."""
    rng, sheet = plan.rng, plan.sheet
    if rng.random() < 0.6:
        thin = float(np.exp(rng.uniform(np.log(0.8), np.log(4.2)))) / plan.height
        plan.hand = Hand(thin, 1.0, plan.hand.straight, plan.hand.aspect, plan.hand.lean, plan.hand.vary)
    glyph = digit(plan.glyphs, plan.hand, plan.height, rng, pick(plan.glyphs, plan.style, rng))
    room = np.array([sheet.width - glyph.shape[1], sheet.height - glyph.shape[0]])
    corner = rng.choice([0, 1], 2) * room + rng.normal(0, 3, 2)
    x, y = np.where(rng.random(2) < 0.35, corner, rng.uniform(0, 1, 2) * room)
    sheet.write_digit(glyph, float(x), float(y), plan.style.dark, rng)
    plan.tight = rng.random() < 0.35


def _touching(plan: Plan) -> None:
    rng, sheet = plan.rng, plan.sheet
    count = int(rng.choice([2, 2, 2, 3, 4]))
    plan.height = min(plan.height, 1.3 * sheet.width / count)
    plan.style = replace(plan.style, touch=float(rng.choice([0.7, 1])), marks=0.0)
    x, y = (
        rng.uniform(0, max(1, sheet.width - count * 0.7 * plan.height)),
        rng.uniform(0, max(1, sheet.height - plan.height)),
    )
    write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, plan.height, count), rng)
    plan.tight = rng.random() < 0.5


def _row(plan: Plan) -> None:
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    x, y = rng.uniform(-0.4 * high, 0.4 * sheet.width), rng.uniform(-0.1 * high, max(0, sheet.height - high))
    write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, high, int(rng.integers(1, 12))), rng)
    if plan.style.marks and rng.random() < 0.3:
        write_minus(sheet, plan.hand, plan.style, (x, y, high), rng)
    plan.tight = rng.random() < 0.5


def _rows(plan: Plan) -> None:
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    y, lead = rng.uniform(-0.5 * high, 0.3 * sheet.height), rng.uniform(1.05, 2)
    for _ in range(int(rng.integers(2, 7))):
        x = rng.uniform(-0.5 * high, 0.4 * sheet.width)
        write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, high, int(rng.integers(2, 14))), rng)
        y += high * lead
        if rng.random() < 0.2:  # another pen
            plan.hand, plan.style = draw_hand(rng), replace(plan.style, dark=float(rng.uniform(0.12, 1)))
        if y > sheet.height:
            break
    plan.tight = rng.random() < 0.3


def _cells(plan: Plan) -> None:
    """A table: a cell and its neighbors; the picture is cut near the cell's lines."""
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    digits = int(rng.integers(1, 4))
    wide, tall = high * (0.75 * digits + rng.uniform(0.1, 1.2)), high * rng.uniform(1.02, 1.9)
    x, y = rng.uniform(0, max(1, sheet.width - wide)), rng.uniform(0, max(1, sheet.height - tall))
    full, style = rng.uniform(0.3, 1), replace(plan.style, gap=0.15)
    for column in range(-2, int((sheet.width + sheet.margin) / wide) + 2):
        for line in range(-2, int((sheet.height + sheet.margin) / tall) + 2):
            left, top = x + column * wide, y + line * tall
            seen = -sheet.margin - wide < left < sheet.width + sheet.margin and (
                -sheet.margin - tall < top < sheet.height + sheet.margin
            )
            if not seen or ((column or line) and rng.random() > full):
                continue
            count = int(rng.integers(1, digits + 1))
            left += rng.uniform(0, 1) * max(0, wide - 0.62 * high * count)
            write_row(
                sheet, plan.glyphs, plan.hand, style, (left, top + (tall - high) * rng.random(), high, count), rng
            )
    for horizontal, offset, spacing in ((True, y, tall), (False, x, wide)):
        if rng.random() < 0.85:
            rule(sheet, horizontal, offset, spacing, plan.tilt, plan.line, plan.line_dark, rng)
    if rng.random() < 0.75:
        right, below = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        left, top, end, bottom = rng.normal(0, 0.08, 4) * high
        plan.window = x + left, y + top, x + wide * right + end, y + tall * below + bottom


def _boxes(plan: Plan) -> None:
    """The boxes of a form, a digit in most of them."""
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    wide, tall = high * rng.uniform(0.75, 1.5), high * rng.uniform(1.03, 1.7)
    gap = rng.choice([0, rng.uniform(0.05, 0.5) * high])
    x, y = rng.uniform(-0.2 * high, 0.3 * sheet.width), rng.uniform(0, max(1, sheet.height - tall))
    first = y
    for _ in range(int(rng.integers(1, 10))):
        if rng.random() < 0.85:
            size = high * rng.uniform(0.6, 1.05)
            glyph = digit(plan.glyphs, plan.hand, size, rng, pick(plan.glyphs, plan.style, rng))
            right, down = rng.uniform(0, 1, 2) * (wide - glyph.shape[1], tall - glyph.shape[0])
            sheet.write_digit(glyph, x + right, y + down, plan.style.dark * rng.uniform(plan.style.fainter, 1), rng)
        box(sheet, (x, y, x + wide, y + tall), plan.tilt, plan.line, plan.line_dark, rng)
        x += wide + gap
        y += plan.tilt * (wide + gap)
        if x > sheet.width:
            break
    if rng.random() < 0.5:
        above, below = rng.uniform(0, 0.5, 2) * high
        plan.window = 0, first - above, sheet.width, first + tall + below


LAYOUTS: dict[str, Callable[[Plan], None]] = {
    "single": _single, "large": _large, "touching": _touching, "row": _row, "rows": _rows, "cells": _cells,
    "boxes": _boxes,
}  # fmt: skip
"""What writes a page of each kind; one of the kind `none` stays empty."""
