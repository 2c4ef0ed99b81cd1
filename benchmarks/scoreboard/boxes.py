"""Forms and tables: digits in printed boxes, and cells cut out of a table."""

import numpy as np
from numpy.random import Generator

from scoreboard import lines, paper, rows
from scoreboard.digits import Hand, Ink, written
from scoreboard.paper import Page


def pasted(canvas: Ink, ink: Ink, middle: tuple[float, float]) -> None:
    """Draws ink on the canvas, in place, about its middle (y, x); what lies outside is lost."""
    top, left = (round(at - size / 2) for at, size in zip(middle, ink.shape, strict=True))
    above, before = max(-top, 0), max(-left, 0)
    part = canvas[max(top, 0) : max(top + len(ink), 0), max(left, 0) : max(left + ink.shape[1], 0)]
    np.maximum(part, ink[above : above + len(part), before : before + part.shape[1]], out=part)


def boxed(hand: Hand, rng: Generator, *, gap: tuple[float, float], close: bool = False) -> Page:
    """Each digit in a box, the boxes `gap` of the digits' height apart; `close`: cut along the outer sides."""
    text, height, width = rows.digits(rng), rng.uniform(26, 46), rng.uniform(1, 3)
    apart = height * rng.uniform(*gap)
    margin, tall, wide = round(0.5 * height), height * rng.uniform(1.25, 1.7), height * rng.uniform(1.15, 1.5)
    shape = (round(2 * margin + tall), round(2 * margin + len(text) * (wide + apart) - apart))
    canvas, strength = np.zeros(shape, np.float32), np.float32(rng.uniform(0.4, 1))
    for place, label in enumerate(text):
        left = margin + place * (wide + apart)
        sides = (left, margin, left + wide, margin + tall)
        canvas = lines.layered(canvas, strength * lines.box(shape, rng, sides, width))
        ink = written(hand, int(label), rng, height * rng.uniform(0.85, 1))
        room = (tall - len(ink) - 2 * width) / 2, (wide - ink.shape[1] - 2 * width) / 2
        shift = [rng.uniform(-0.9, 0.9) * max(half, 0) for half in room]
        pasted(canvas, ink, (margin + tall / 2 + shift[0], left + wide / 2 + shift[1]))
    canvas = paper.turned(canvas, rng.uniform(-1, 1))
    if close:
        near = [margin + int(rng.integers(-2, 4)) for _ in range(4)]
        canvas = canvas[near[0] : shape[0] - near[1], near[2] : shape[1] - near[3]]
    return paper.page(canvas, text, rng)


def cell(hand: Hand, rng: Generator) -> Page:
    """A cell of a table, cut out with its lines at some sides and what its neighbors reach into it."""
    text, height = rows.digits(rng, 1, 3), rng.uniform(28, 48)
    ink, _ = rows.line(hand, text, rng, height)
    ink = rows.cut(ink, 0)
    tall, wide = height * rng.uniform(1.3, 1.7), ink.shape[1] + height * rng.uniform(0.4, 1)
    canvas, (top, left) = table(rng, tall, wide)
    pasted(canvas, ink, (top + tall / 2, left + wide / 2))
    neighbors(canvas, hand, rng, (top, left, tall, wide))
    return paper.page(cut_out(canvas, rng, (top, left, tall, wide)), text, rng)


def empty_cell(hand: Hand, rng: Generator) -> Page:
    """The same with nothing in it."""
    tall, wide = rng.uniform(36, 70), rng.uniform(40, 130)
    canvas, (top, left) = table(rng, tall, wide)
    neighbors(canvas, hand, rng, (top, left, tall, wide))
    return paper.page(cut_out(canvas, rng, (top, left, tall, wide)), "", rng, row=rng.random() < 0.5)


def table(rng: Generator, tall: float, wide: float) -> tuple[Ink, tuple[float, float]]:
    """The lines around a cell in the middle of a page, and the cell's top and left."""
    shape, width = (round(2.2 * tall), round(wide + 1.2 * tall)), rng.uniform(1, 2.5)
    top, left = 0.6 * tall, 0.6 * tall
    ink = np.zeros(shape, np.float32)
    for at in (top, top + tall):
        ink = lines.layered(ink, lines.level(shape, rng, at, width))
    for at in (left, left + wide):
        ink = lines.layered(ink, lines.upright(shape, rng, at, width))
    return ink * np.float32(rng.uniform(0.4, 1)), (top, left)


def neighbors(canvas: Ink, hand: Hand, rng: Generator, place: tuple[float, float, float, float]) -> None:
    """Writes, in place, digits above and below the cell (top, left, tall, wide) that reach over its lines a little."""
    top, left, tall, wide = place
    for side in (-1, 1):
        if rng.random() < 0.6:
            ink = written(hand, int(rng.integers(10)), rng, 0.6 * tall)
            over = rng.uniform(-0.05, 0.12) * tall
            edge = top if side < 0 else top + tall
            pasted(canvas, ink, (edge + side * (len(ink) / 2 - over), left + rng.uniform(0.2, 0.8) * wide))


def cut_out(canvas: Ink, rng: Generator, place: tuple[float, float, float, float]) -> Ink:
    """The cell (top, left, tall, wide), cut by hand: a few pixels too much or too little at every side."""
    top, left, tall, wide = place
    near = [int(rng.integers(-3, 7)) for _ in range(4)]
    return canvas[
        max(0, round(top) - near[0]) : round(top + tall) + near[1],
        max(0, round(left) - near[2]) : round(left + wide) + near[3],
    ]
