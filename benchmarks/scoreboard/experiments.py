"""What is done to digits: every experiment draws pages of one kind."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator

from scoreboard import boxes, lines, paper, rows
from scoreboard.digits import Hand, Ink, written
from scoreboard.paper import Page

Make = Callable[[Hand, Generator], Page]
SLOPES = (0.0, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Experiment:
    """A row of the table."""

    name: str
    make: Make
    pages: float = 1.0
    """Drawn for each page of the other rows: of pages that hold many digits fewer will do."""


def row_ink(hand: Hand, rng: Generator, text: str, height: float = 0, stagger: float = 0) -> tuple[Ink, int, float]:
    """A line of text, 26 to 46 pixels high if not told; the row of pixels on which it stands; its height."""
    height = height or rng.uniform(26, 46)
    return *rows.line(hand, text, rng, height, stagger=stagger), height


def plain_row(hand: Hand, rng: Generator, *, height: float = 0, stagger: float = 0, degrees: float = 0) -> Page:
    text = rows.digits(rng, 3, 5 if height < 90 else 3)
    ink, _, height = row_ink(hand, rng, text, height, stagger)
    return paper.page(paper.turned(rows.framed(ink, 0.6 * height), degrees * rng.choice((-1, 1))), text, rng)


def plain_single(hand: Hand, rng: Generator, *, share: float = 0) -> Page:
    """A digit in a picture 128 pixels high, `share` of it high; in a higher one, if it had less than 12 pixels."""
    label, share = int(rng.integers(10)), share or rng.uniform(0.25, 0.6)
    side = max(128, round(12 / share))
    ink = written(hand, label, rng, side * share)
    width = max(side, ink.shape[1] + 8) if rng.random() < 0.5 else round(1.4 * side)
    canvas = np.zeros((side, width), np.float32)
    top, left = (round(max(0, room) * rng.uniform(0.15, 0.85)) for room in (side - len(ink), width - ink.shape[1]))
    canvas[top : top + len(ink), left : left + ink.shape[1]] = ink
    return paper.page(canvas, str(label), rng, row=False)


def cut_single(hand: Hand, rng: Generator, *, margin: float) -> Page:
    label, height = int(rng.integers(10)), rng.uniform(28, 100)
    return paper.page(rows.cut(written(hand, label, rng, height), margin * height), str(label), rng, row=False)


def cut_row(hand: Hand, rng: Generator, *, margin: float) -> Page:
    text = rows.digits(rng)
    ink, _, height = row_ink(hand, rng, text)
    return paper.page(rows.cut(ink, margin * height), text, rng)


def lined(hand: Hand, rng: Generator, *, where: str, slope: float | None = None) -> Page:
    """A row with a line, printed or by pen, and the whole page turned by `slope` degrees; by any, if None."""
    text = rows.digits(rng)
    ink, foot, height = row_ink(hand, rng, text)
    ink = rows.framed(ink, 0.6 * height)
    away = {"feet": rng.uniform(-0.14, -0.03), "middle": rng.uniform(-0.6, -0.4), "under": rng.uniform(0.06, 0.16)}[
        where
    ]
    at = foot + round(0.6 * height) + away * height
    rule = lines.level(ink.shape, rng, at, rng.uniform(1, 3), pen=rng.random() < 0.5) * np.float32(rng.uniform(0.5, 1))
    degrees = (rng.choice(SLOPES) if slope is None else slope) * rng.choice((-1, 1))
    return paper.page(paper.turned(lines.layered(ink, rule), degrees), text, rng)


def two_pens(hand: Hand, rng: Generator) -> Page:
    """A line by marker and one by pencil, in any order."""
    height = rng.uniform(26, 42)
    texts = [rows.digits(rng), rows.digits(rng)]
    marker, pencil = (rows.line(hand, text, rng, height)[0] for text in texts)
    pencil = pencil * np.float32(0.15)
    inks = [marker, pencil]
    if rng.random() < 0.5:
        inks, texts = inks[::-1], texts[::-1]
    return paper.page(
        rows.framed(rows.stacked(inks, round(0.2 * height)), 0.5 * height), "".join(texts), rng, dark=(0.75, 0.85)
    )


def lit(hand: Hand, rng: Generator, *, light: Callable[[tuple[int, ...], Generator], paper.Map]) -> Page:
    """A row in the inner half of a picture, in some light."""
    text = rows.digits(rng)
    ink, _, height = row_ink(hand, rng, text)
    ink = np.pad(ink, ((round(0.8 * height),), (round(0.4 * ink.shape[1]),)))
    return paper.page(ink, text, rng, light=light(ink.shape, rng))


def touching(hand: Hand, rng: Generator) -> Page:
    """Two digits pushed together until their ink meets, and then 1 to 3 pixels more.

    Of the narrower one at most half lies over the other: some that lie deeper, as a 1 along the stem of a 7, nobody
    could read.
    """
    while True:
        text, height = rows.digits(rng, 2, 2), rng.uniform(32, 52)
        left, right = (written(hand, int(label), rng, height) for label in text)
        tall = max(len(left), len(right))
        left, right = (np.pad(ink, ((tall - len(ink), 0), (0, 0))) for ink in (left, right))
        place = max(0, meeting(left, right) + 1 - int(rng.integers(1, 4)))
        if left.shape[1] - place <= min(left.shape[1], right.shape[1]) / 2:
            break
    both = np.pad(left, ((0, 0), (0, max(0, place + right.shape[1] - left.shape[1]))))
    np.maximum(both[:, place : place + right.shape[1]], right, out=both[:, place : place + right.shape[1]])
    return paper.page(rows.framed(both, 0.8 * height), text, rng)


def meeting(left: Ink, right: Ink) -> int:
    """Where the right one begins, in pixels of the left one, when their ink first meets as it comes from the right."""
    first, second = left > 0.5, right > 0.5
    for place in range(left.shape[1], 0, -1):
        over = first[:, place : place + right.shape[1]]
        if (over & second[:, : over.shape[1]]).any():
            return place
    return 0


def wide(hand: Hand, rng: Generator, *, stretch: float) -> Page:
    """A single digit, not a 1, made wider, and read as a row."""
    label = int(rng.choice([0, 2, 3, 4, 5, 6, 7, 8, 9]))
    ink = written(hand, label, rng, rng.uniform(32, 52), stretch)
    return paper.page(rows.framed(ink, 32), str(label), rng)


def several_lines(
    hand: Hand, rng: Generator, *, degrees: float, words: int = 1, count: int = 2, least: int = 2, stagger: float = 0
) -> Page:
    """Lines of words of `least` to 4 digits, turned by up to as many degrees in either direction, all of it if one
    word."""
    height = rng.uniform(20, 32)
    texts = [" ".join(rows.digits(rng, least, 4) for _ in range(words)) for _ in range(count)]
    lines_of_ink = [rows.line(hand, text, rng, height, stagger=stagger)[0] for text in texts]
    ink = rows.stacked(lines_of_ink, round(rng.uniform(0.1, 0.5) * height))
    angle = rng.uniform(-degrees, degrees) if words > 1 else degrees * rng.choice((-1, 1))
    return paper.page(paper.turned(rows.framed(ink, height), angle), "\n".join(texts), rng)


def marked(hand: Hand, rng: Generator, *, kind: str) -> Page:
    """A number with a mark in it: what it says holds the mark."""
    left, right = rows.digits(rng, 1, 3), rows.digits(rng, 2, 2)
    text = {
        "point": f"{left}{rng.choice(['.', ','])}{right}",
        "minus": f"-{left}",
        "slash": f"{left[0]}/{right[0]}",
        "colon": f"{left[:2]}:{right}",
    }[kind]
    ink, _, height = row_ink(hand, rng, text)
    return paper.page(rows.framed(ink, 0.6 * height), text, rng)


def experiments() -> list[Experiment]:
    """Those with digits, in the order of the table."""
    table: list[tuple[str, Make]] = [("plain: single", plain_single), ("plain: row", plain_row)]
    for name, make in (("single", cut_single), ("row", cut_row)):
        table += [(f"cut: {name}, margin {m} %", partial(make, margin=m / 100)) for m in (0, 2, 5, 10)]
    table += [(f"line: feet, {slope:g} degrees", partial(lined, where="feet", slope=slope)) for slope in SLOPES]
    table += [(f"line: {where}, 0 to 4 degrees", partial(lined, where=where)) for where in ("middle", "under")]
    table += [
        ("box: apart", partial(boxes.boxed, gap=(0.05, 0.3))),
        ("box: side by side", partial(boxes.boxed, gap=(0, 0))),
        ("box: cut close", partial(boxes.boxed, gap=(0, 0.3), close=True)),
        ("box: cell of a table", boxes.cell),
        ("two pens", two_pens),
        ("light: dark corners", partial(lit, light=paper.corners)),
        ("light: hard shadow", partial(lit, light=paper.shadow)),
        ("light: table beside it", partial(lit, light=paper.beside_table)),
    ]
    table += [(f"turn: {degrees} degrees", partial(plain_row, degrees=degrees)) for degrees in (2, 4, 8, 15)]
    table += [("touch: pairs", touching)]
    table += [(f"touch: single, {s} times as wide", partial(wide, stretch=s)) for s in (1.0, 1.3, 1.6, 1.9)]
    table += [(f"size: row, {height} px", partial(plain_row, height=height)) for height in (12, 16, 24, 48, 96, 200)]
    table += [
        (f"size: single, {share} % of the picture", partial(plain_single, share=share / 100))
        for share in (5, 10, 25, 50, 75, 95)
    ]
    table += [
        ("stagger: to half a height", partial(plain_row, stagger=0.5)),
        ("lean: two lines, 5 degrees", partial(several_lines, degrees=5)),
        ("page: 3 x 4 numbers, to 5 degrees", partial(several_lines, degrees=5, words=4, count=3)),
        ("page: the same, staggered", partial(several_lines, degrees=5, words=4, count=3, stagger=0.25)),
        ("page: 200 digits", partial(several_lines, degrees=5, words=5, count=10, least=4)),
    ]
    table += [(f"marks: {kind}", partial(marked, kind=kind)) for kind in ("point", "minus", "slash", "colon")]
    fewer = {"page: 3 x 4 numbers, to 5 degrees": 0.25, "page: the same, staggered": 0.25, "page: 200 digits": 0.1}
    return [Experiment(name, make, fewer.get(name, 1.0)) for name, make in table]
