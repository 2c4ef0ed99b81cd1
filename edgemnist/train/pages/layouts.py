"""A page's layout: of which kind it is, the lines around what is written, and which part the picture shows."""

import numpy as np

from edgemnist.train.pages.glyphs import Glyphs, draw_hand
from edgemnist.train.pages.pen import Rng
from edgemnist.train.pages.rows import draw_style
from edgemnist.train.pages.sheet import Sheet
from edgemnist.train.pages.surroundings import box, distract, rule, sprinkle
from edgemnist.train.pages.written import LAYOUTS, Plan

KINDS = {
    "single": 0.14, "large": 0.14, "touching": 0.09, "row": 0.23, "rows": 0.12, "cells": 0.1, "boxes": 0.09,
    "none": 0.09,
}  # fmt: skip
Window = tuple[int, int, int, int]
"""Left, top, right, bottom: what the picture shows of a sheet."""


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
    plan = Plan(
        sheet, glyphs, draw_hand(rng), draw_style(rng), high, rng, (0, 0, width, height), line,
        float(rng.uniform(0.1, 1)), 0.0 if rng.random() < 0.3 else float(rng.normal(0, 0.03)),
    )  # fmt: skip
    if kind in LAYOUTS:
        LAYOUTS[kind](plan)
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


def _add_lines(plan: Plan) -> None:
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


def _cut_out(plan: Plan) -> Window:
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


def _leave_stubs(plan: Plan, window: Window) -> None:
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
