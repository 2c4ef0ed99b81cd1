"""Digits that touch: where to cut a piece of ink that is too wide for one."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.mnist_form import extent
from edgemnist.reading.paper import HALF
from edgemnist.reading.pieces import Found

Costs = Callable[[list[Found]], list[float]]
"""How unsure the classifier is of each of several findings, 0 to 1: how far the log-odds between its best answer and
the second lie below `SURE_ODDS`. Probabilities would not do: they call half a digit nearly as sure as a whole one."""
SURE_ODDS = 12.6
"""The median of MNIST's training images with the shipped network (every sixth; 12.64). Halves and two digits at once
have far less. `_CUT` and `_TOO_WIDE` were chosen on training images, with a network whose median was 11.9;
benchmarks/touching_digits.py measures on the validation images."""

_NARROWEST, _WIDEST = 0.15, 1.2
"""Times a digit's height: what lies between two cuts is neither narrower nor wider."""
_SPACING = 0.15
"""Of a digit's height: cuts that are nearer to each other are the same one."""
_MOST_CUTS = 8
"""Of one piece of ink, where it is thinnest."""
_TOO_WIDE = 1.5
"""Cost of each height by which a digit is too wide, in the unit of `Costs`: some pairs look like one digit."""
_CUT = 0.2
"""Cost of a cut: half an 8 looks much like a 3."""


def cut(found: Found, height: float, costs: Costs) -> tuple[float, list[Found]]:
    """The cost of the cheapest way to cut what was found into digits of about that height, and the digits.

    Source: cuts where the vertical projection is low, as in R. Casey and E. Lecolinet, "A survey of methods and
    strategies in character segmentation" (1996), section 3.
    """
    places = [0, *_places(found.ink, height), found.ink.shape[1]]
    last = len(places) - 1
    digits = {
        (start, stop): part
        for stop in range(1, last + 1)
        for start in range(stop)
        if _NARROWEST * height <= places[stop] - places[start] <= _WIDEST * height or stop - start == last
        if (part := _part(found, places[start], places[stop]))
    }
    prices = dict(zip(digits, costs(list(digits.values())), strict=True))
    best: list[tuple[float, list[Found]]] = [(0.0, [])]
    for stop in range(1, last + 1):
        ways = [
            (
                best[start][0] + _CUT * (start > 0) + prices[start, stop] + _too_wide(digits[start, stop], height),
                [*best[start][1], digits[start, stop]],
            )
            for start in range(stop)
            if (start, stop) in digits
        ]
        best.append(min(ways, key=lambda way: way[0], default=(math.inf, [])))
    return best[-1]


def _too_wide(found: Found, height: float) -> float:
    return _TOO_WIDE * max(0.0, (found.box[2] - found.box[0]) / height - _WIDEST)


def _places(ink: NDArray[np.uint8], height: float) -> list[int]:
    """Columns at which little ink would be cut, from left to right."""
    profile = (ink >= HALF).sum(0)
    chosen: list[int] = []
    for column in np.argsort(profile, kind="stable").tolist():
        edges = [0, ink.shape[1], *chosen]
        if all(abs(column - edge) >= _SPACING * height for edge in edges):
            chosen.append(column)
        if len(chosen) == _MOST_CUTS:
            break
    return sorted(chosen)


def _part(found: Found, start: int, stop: int) -> Found | None:
    """The columns from `start` to before `stop`, cropped to their ink; None where there is none."""
    ink = found.ink[:, start:stop]
    if not (ink >= HALF).any():
        return None
    rows, columns = extent(ink >= HALF)
    left, top = found.box[0] + start, found.box[1]
    box = (left + columns.start, top + rows.start, left + columns.stop, top + rows.stop)
    return Found(box, ink[rows, columns])
