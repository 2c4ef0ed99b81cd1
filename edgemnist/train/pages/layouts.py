"""What is on a page: one digit, rows, table cells, form boxes, or none; and which part of it the picture shows."""

from dataclasses import dataclass

import numpy as np

from edgemnist.train.pages.glyphs import Glyphs, Hand, digit, draw_hand
from edgemnist.train.pages.pen import Rng
from edgemnist.train.pages.rows import Style, draw_style, pick, write_minus, write_row
from edgemnist.train.pages.sheet import Sheet
from edgemnist.train.pages.surroundings import box, distract, rule, sprinkle

KINDS = {
    "single": 0.14, "large": 0.14, "touching": 0.09, "row": 0.23, "rows": 0.12, "cells": 0.1, "boxes": 0.09,
    "none": 0.09,
}  # fmt: skip
Window = tuple[int, int, int, int]
"""Left, top, right, bottom: what the picture shows of a sheet."""


@dataclass
class _Plan:
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


def lay_out(glyphs: Glyphs, height: int, width: int, rng: Rng) -> tuple[Sheet, Window, float]:
    """A sheet with everything on it, what the picture shows of it, and the height of its digits."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    side = min(height, width)
    least, most = {
        "single": (0.07, 0.95), "large": (0.3, 0.97), "touching": (0.12, 0.75), "row": (0.07, 0.85),
        "rows": (0.065, 0.42), "cells": (0.12, 0.75), "boxes": (0.08, 0.75), "none": (0.1, 0.8),
    }[kind]  # fmt: skip
    high = max(9.0, float(side * np.exp(rng.uniform(np.log(least), np.log(most)))))
    sheet = Sheet(height, width, int(np.clip(0.6 * high, 16, 64)))
    line = float(np.clip(high * np.exp(rng.uniform(np.log(0.012), np.log(0.1))), 0.4, 7))
    plan = _Plan(
        sheet, glyphs, draw_hand(rng), draw_style(rng), high, rng, (0, 0, width, height), line,
        float(rng.uniform(0.1, 1)), 0.0 if rng.random() < 0.3 else float(rng.normal(0, 0.03)),
    )  # fmt: skip
    layout = {"single": _single, "large": _large, "touching": _touching, "row": _row, "rows": _rows, "cells": _cells,
              "boxes": _boxes}.get(kind)  # fmt: skip
    if layout is not None:
        layout(plan)
    if kind not in ("cells", "boxes", "large") and rng.random() < {"none": 0.7, "row": 0.6, "rows": 0.6}.get(kind, 0.4):
        _add_lines(plan)
    if rng.random() < {"none": 0.92, "large": 0.06}.get(kind, 0.3):
        distract(sheet, plan.hand, plan.height, int(rng.integers(1, 13 if kind == "none" else 5)), rng)
    if rng.random() < 0.08:
        sprinkle(sheet, int(rng.integers(5, 60)), rng)
    window = _cut_out(plan)
    if rng.random() < (0.03 if kind == "large" else 0.12):
        _leave_stubs(plan, window)
    return sheet, window, plan.height


def _single(plan: _Plan) -> None:
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


def _large(plan: _Plan) -> None:
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


def _touching(plan: _Plan) -> None:
    rng, sheet = plan.rng, plan.sheet
    count = int(rng.choice([2, 2, 2, 3, 4]))
    plan.height = min(plan.height, 1.3 * sheet.width / count)
    plan.style = _changed(plan.style, touch=float(rng.choice([0.7, 1])), marks=0.0)
    x, y = (
        rng.uniform(0, max(1, sheet.width - count * 0.7 * plan.height)),
        rng.uniform(0, max(1, sheet.height - plan.height)),
    )
    write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, plan.height, count), rng)
    plan.tight = rng.random() < 0.5


def _row(plan: _Plan) -> None:
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    x, y = rng.uniform(-0.4 * high, 0.4 * sheet.width), rng.uniform(-0.1 * high, max(0, sheet.height - high))
    write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, high, int(rng.integers(1, 12))), rng)
    if plan.style.marks and rng.random() < 0.3:
        write_minus(sheet, plan.hand, plan.style, (x, y, high), rng)
    plan.tight = rng.random() < 0.5


def _rows(plan: _Plan) -> None:
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    y, lead = rng.uniform(-0.5 * high, 0.3 * sheet.height), rng.uniform(1.05, 2)
    for _ in range(int(rng.integers(2, 7))):
        x = rng.uniform(-0.5 * high, 0.4 * sheet.width)
        write_row(sheet, plan.glyphs, plan.hand, plan.style, (x, y, high, int(rng.integers(2, 14))), rng)
        y += high * lead
        if rng.random() < 0.2:  # another pen
            plan.hand, plan.style = draw_hand(rng), _changed(plan.style, dark=float(rng.uniform(0.12, 1)))
        if y > sheet.height:
            break
    plan.tight = rng.random() < 0.3


def _cells(plan: _Plan) -> None:
    """A table: a cell and its neighbors; the picture is cut near the cell's lines."""
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    digits = int(rng.integers(1, 4))
    wide, tall = high * (0.75 * digits + rng.uniform(0.1, 1.2)), high * rng.uniform(1.02, 1.9)
    x, y = rng.uniform(0, max(1, sheet.width - wide)), rng.uniform(0, max(1, sheet.height - tall))
    full, style = rng.uniform(0.3, 1), _changed(plan.style, gap=0.15)
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


def _boxes(plan: _Plan) -> None:
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


def _add_lines(plan: _Plan) -> None:
    """Ruled or squared paper, a frame, underlines, uprights beside digits."""
    rng, sheet, high, line, dark = plan.rng, plan.sheet, plan.height, plan.line, plan.line_dark
    boxes = [placed.box for placed in sheet.digits] or [(0, 0, sheet.width, sheet.height // 2)]
    left, top, right, bottom = boxes[rng.integers(len(boxes))]
    way = rng.random()
    if way < 0.42:  # ruled, mostly through or at the feet
        slope = plan.tilt if rng.random() < 0.5 else float(rng.uniform(-0.088, 0.088))
        spacing = max(7.0, high * rng.uniform(0.8, 2.2))
        offset = bottom + rng.normal(-0.03, 0.08) * high - slope * left
        if rng.random() < 0.2:
            offset -= rng.uniform(0.1, 1) * high
        rule(sheet, True, offset, spacing, slope, line, dark, rng, only=rng.random() < 0.4)
        if rng.random() < 0.25:
            rule(sheet, False, rng.uniform(0, sheet.width), 1e4, slope, line, dark, rng, only=True)
    elif way < 0.58:  # squared
        spacing, thin = max(5.0, high * rng.uniform(0.25, 1.3)), min(line, 0.12 * high)
        for horizontal in (True, False):
            rule(sheet, horizontal, rng.uniform(0, spacing), spacing, plan.tilt, thin, dark * rng.uniform(0.4, 1), rng)
    elif way < 0.7:  # one frame around all
        away = high * rng.uniform(0.02, 0.5)
        sides = np.array(boxes)
        corners = *(sides[:, :2].min(0) - away).tolist(), *(sides[:, 2:].max(0) + away).tolist()
        box(sheet, corners, plan.tilt, line, dark, rng, 0.8)
    elif way < 0.86:  # underlined, struck through, over a bar
        for _ in range(int(rng.integers(1, 3))):
            y, rise = bottom + rng.normal(0.02, 0.1) * high, rng.uniform(-0.088, 0.088) * high
            before, after = rng.uniform(-0.1, 3, 2) * high
            sheet.segment("other", (left - before, y, right + after, y + rise), line, dark)
    else:
        for _ in range(int(rng.integers(1, 4))):
            x = (left, right)[rng.integers(2)] + rng.choice([-1, 1]) * high * rng.uniform(0.06, 0.5)
            above, below = rng.uniform(0.3, 2, 2) * high
            sheet.segment("other", (x, top - above, x - plan.tilt * high, bottom + below), line, dark)


def _cut_out(plan: _Plan) -> Window:
    """What the picture shows: the page, a part of it, or the digits cut out closely."""
    rng, sheet, high = plan.rng, plan.sheet, plan.height
    left, top, right, bottom = plan.window
    if plan.tight and sheet.digits:
        sides = np.array([placed.box for placed in sheet.digits])
        way = rng.random()
        margin = (
            np.zeros(4) if way < 0.35 else rng.integers(-1, 4, 4) if way < 0.65 else rng.uniform(-0.05, 0.6, 4) * high
        )
        (left, top), (right, bottom) = sides[:, :2].min(0) - margin[:2], sides[:, 2:].max(0) + margin[2:]
    elif plan.window == (0, 0, sheet.width, sheet.height) and rng.random() < 0.3:
        share = rng.uniform(0, 0.3, 4)
        left, top = share[0] * sheet.width, share[1] * sheet.height
        right, bottom = (1 - share[2]) * sheet.width, (1 - share[3]) * sheet.height
    x0, y0 = max(round(left), -sheet.margin), max(round(top), -sheet.margin)
    x1 = min(round(right), sheet.width + sheet.margin, x0 + sheet.width)
    y1 = min(round(bottom), sheet.height + sheet.margin, y0 + sheet.height)
    return (x0, y0, x1, y1) if x1 - x0 >= 8 and y1 - y0 >= 12 else (0, 0, sheet.width, sheet.height)


def _leave_stubs(plan: _Plan, window: Window) -> None:
    """What is left of a frame along the picture's edges."""
    rng = plan.rng
    left, top, right, bottom = window
    for _ in range(int(rng.integers(1, 4))):
        inside = rng.uniform(0, 0.06 * min(right - left, bottom - top) + 2)
        first, last = np.sort(rng.uniform(-0.2, 1.2, 2))
        if rng.random() < 0.5:
            y = (top + inside, bottom - 1 - inside)[rng.integers(2)]
            ends = (left + first * (right - left), y, left + last * (right - left), y)
        else:
            x = (left + inside, right - 1 - inside)[rng.integers(2)]
            ends = (x, top + first * (bottom - top), x, top + last * (bottom - top))
        plan.sheet.segment("other", ends, plan.line, plan.line_dark)


def _changed(style: Style, **fields: float) -> Style:
    return Style(**{**style.__dict__, **fields})
