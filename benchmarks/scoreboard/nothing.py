"""Pages without a digit: whatever is answered to them is wrong. Half of them are read as rows."""

from functools import partial

import numpy as np
from numpy.random import Generator

from scoreboard import boxes, lines, paper
from scoreboard.digits import Hand, Ink
from scoreboard.experiments import Experiment
from scoreboard.paper import Page
from scoreboard.strokes import LETTERS, stroked


def size(rng: Generator) -> tuple[int, int]:
    return int(rng.integers(80, 180)), int(rng.integers(90, 220))


def empty(ink: Ink, rng: Generator, light: paper.Map | None = None) -> Page:
    return paper.page(ink, "", rng, row=rng.random() < 0.5, light=light)


def grained(_hand: Hand, rng: Generator) -> Page:
    """Paper with grain, fine or soft, of a standard deviation of up to 15 gray levels."""
    shape = size(rng)
    grain = rng.standard_normal(shape)
    for _ in range(rng.integers(4)):
        grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 4
    return empty(
        np.zeros(shape, np.float32), rng, 1 + (rng.uniform(0.01, 0.06) * grain / grain.std()).astype(np.float32)
    )


def ruled(_hand: Hand, rng: Generator, *, squared: bool) -> Page:
    shape, step = size(rng), rng.uniform(14, 50)
    ink = lines.grid(shape, rng, (step, step if squared else 0), rng.uniform(1, 2.5)) * np.float32(
        rng.uniform(0.2, 0.8)
    )
    return empty(paper.turned(ink, rng.uniform(-4, 4)), rng)


def empty_boxes(_hand: Hand, rng: Generator) -> Page:
    """One to five empty boxes of a form."""
    side, count, gap = rng.uniform(34, 64), int(rng.integers(1, 6)), rng.choice([0, 8])
    shape = (round(side + 60), round(count * (side + gap) + 60))
    width = rng.uniform(1, 3)
    sides = [(30 + place * (side + gap), 30, 30 + place * (side + gap) + side, 30 + side) for place in range(count)]
    ink = lines.layered(*(lines.box(shape, rng, box, width) for box in sides))
    return empty(paper.turned(ink, rng.uniform(-2, 2)) * np.float32(rng.uniform(0.4, 1)), rng)


def corner(_hand: Hand, rng: Generator) -> Page:
    """An empty page beside the edge of a table; in half of the pictures the corners are dark."""
    shape = size(rng)
    light = paper.beside_table(shape, rng, (0.3, 0.95))
    return empty(np.zeros(shape, np.float32), rng, light * paper.corners(shape, rng) if rng.random() < 0.5 else light)


def fingers(_hand: Hand, rng: Generator) -> Page:
    shape = size(rng)
    return empty(np.zeros(shape, np.float32), rng, paper.finger(shape, rng))


def letters(_hand: Hand, rng: Generator) -> Page:
    """One to four letters of which none looks like a digit."""
    height = rng.uniform(28, 52)
    width = height * rng.uniform(0.06, 0.14)
    names = rng.choice(sorted(LETTERS), int(rng.integers(1, 5)))
    inks = [np.pad(stroked(LETTERS[name], rng, height, width), ((0, 0), (0, round(0.15 * height)))) for name in names]
    return empty(np.pad(np.concatenate(inks, axis=1), round(0.6 * height)), rng)


def experiments() -> list[Experiment]:
    return [
        Experiment("grain", grained),
        Experiment("ruled paper", partial(ruled, squared=False)),
        Experiment("squared paper", partial(ruled, squared=True)),
        Experiment("empty boxes", empty_boxes),
        Experiment("empty cells", boxes.empty_cell),
        Experiment("dark corners, table's edge", corner),
        Experiment("shadow of a finger", fingers),
        Experiment("letters", letters),
    ]
