"""Digits in rows: a postcode, a phone number, an amount, in one line or several.

Pieces of ink are sorted into lines. In a line neighbors may be parts of one digit, and what is too wide may be several
that touch: of all readings the one is taken whose digits the classifier is surest of.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition" (1998),
section V: over-segmentation, and the best path through the hypotheses.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import Components
from edgemnist.reading.pieces import Box, Found, box_around, find_pieces, isolate
from edgemnist.reading.touching import Costs, cut

_DUST = 0.1
"""Of a digit's height: what is shorter is dust. Smaller than for single digits: there is the row to compare with."""
_FLAT = 0.35
"""Of a digit's height: what is lower is a point, a dash, or a part of a digit."""
_BROKEN = 0.15
"""Of a digit's height: the gaps in broken strokes are smaller, those between two lines larger."""
_STACKED = 0.35
"""Of a digit's height: parts of one digit that lie above each other are no farther apart."""
_TALLEST = 1.6
"""Times a digit's height: what lies above each other and is taller together is two lines."""
_BESIDE = 0.2
"""Of a digit's height: parts of one digit that lie beside each other are no farther apart."""
_WIDE = 1.2
"""Times a digit's height: a single digit is narrower."""
_MOST_PARTS = 3
"""Of one digit."""
_SAME_LINE = 0.3
"""Of the lower one's height: neighbors in a line are side by side that far."""
_LEFT_OUT = 0.5
"""Cost of taking something flat for a point or a dash, in the unit of `Costs`."""


@dataclass(frozen=True)
class _Part:
    """A digit, a part of one, or several that touch."""

    chosen: NDArray[np.bool_]
    """(K,) bool: its pieces."""
    box: Box

    @property
    def height(self) -> int:
        """Pixels."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> int:
        """Pixels."""
        return self.box[2] - self.box[0]


def find_rows(ink: NDArray[np.uint8], costs: Costs) -> list[list[Found]]:
    """The digits in (H, W) ink: lines from top to bottom, in each the digits from left to right."""
    pieces = find_pieces(ink)
    if not len(pieces):
        return []
    parts = [_Part(chosen, box_around(pieces, chosen)) for chosen in np.eye(len(pieces), dtype=bool)]
    # Where every digit is broken, their height shows only when the breaks are healed.
    parts = _stack(parts, _BROKEN * _digit_height(parts), math.inf)
    height = _digit_height(parts)
    parts = [part for part in parts if max(part.height, part.width) >= _DUST * height]
    parts = _stack(parts, _STACKED * height, _TALLEST * height)
    lines = [_read_line(line, ink, pieces, height, costs) for line in _into_lines(parts, height)]
    return [line for line in lines if line]


def _digit_height(parts: list[_Part]) -> float:
    """The usual height of the larger parts."""
    heights = np.array([part.height for part in parts])
    return float(np.median(heights[2 * heights >= heights.max()]))


def _stack(parts: list[_Part], gap: float, tallest: float) -> list[_Part]:
    """The parts, those put together that lie above each other, no farther apart and no taller together than this."""
    left, top, right, bottom = np.array([part.box for part in parts]).T[:, :, np.newaxis]
    shared = np.minimum(right, right.T) - np.maximum(left, left.T)
    above = 2 * shared >= np.minimum(right - left, (right - left).T)
    near = np.maximum(top, top.T) - np.minimum(bottom, bottom.T) <= gap
    low = np.maximum(bottom, bottom.T) - np.minimum(top, top.T) <= tallest
    together = (above & near & low) | np.eye(len(parts), dtype=bool)
    # numpy multiplies real numbers far faster than bool: a page may hold a thousand pieces.
    while not np.array_equal(together, wider := together.astype(np.float32) @ together.astype(np.float32) > 0):
        together = wider
    return [
        _union([part for part, member in zip(parts, row, strict=True) if member]) for row in np.unique(together, axis=0)
    ]


def _union(parts: list[_Part]) -> _Part:
    sides = list(zip(*(part.box for part in parts), strict=True))
    box = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
    return _Part(np.any([part.chosen for part in parts], axis=0), box)


def _into_lines(parts: list[_Part], height: float) -> list[list[_Part]]:
    """Lines from top to bottom, in each the parts from left to right; lines may lean.

    The digits make the lines. What is flat, as the bar of a 5 or a point, goes to the line of the digit beside it.
    """
    lines: list[list[_Part]] = []
    for part in sorted(parts, key=lambda part: (part.height < _FLAT * height, part.box[0])):
        neighbors = [min(line, key=lambda other: abs(other.box[0] - part.box[0])) for line in lines]
        shares = [_side_by_side(neighbor.box, part.box) for neighbor in neighbors]
        best = max(range(len(lines)), key=shares.__getitem__, default=None)
        if best is not None and shares[best] >= _SAME_LINE:
            lines[best].append(part)
        else:
            lines.append([part])
    lines.sort(key=lambda line: sum(part.box[1] for part in line) / len(line))
    return [sorted(line, key=lambda part: part.box[0]) for line in lines]


def _side_by_side(one: Box, other: Box) -> float:
    return (min(one[3], other[3]) - max(one[1], other[1])) / min(one[3] - one[1], other[3] - other[1])


def _read_line(
    line: list[_Part], ink: NDArray[np.uint8], pieces: Components, height: float, costs: Costs
) -> list[Found]:
    """The digits of one line, by the cheapest way to put its parts together."""
    spans = [
        (start, stop)
        for stop in range(1, len(line) + 1)
        for start in range(max(0, stop - _MOST_PARTS), stop)
        if _could_be_one(line[start:stop], height)
    ]
    found = [isolate(ink, pieces, _union(line[start:stop]).chosen) for start, stop in spans]
    readings = {span: (cost, [digit]) for span, cost, digit in zip(spans, costs(found), found, strict=True)}
    for index, part in enumerate(line):
        whole = readings[index, index + 1]
        if part.height < _FLAT * height:
            readings[index, index + 1] = (_LEFT_OUT, [])
        elif part.width > _WIDE * height:
            readings[index, index + 1] = cut(whole[1][0], height, costs)
    best: list[tuple[float, list[Found]]] = [(0.0, [])]
    for stop in range(1, len(line) + 1):
        ways = [
            (best[start][0] + readings[start, stop][0], best[start][1] + readings[start, stop][1])
            for start in range(stop)
            if (start, stop) in readings
        ]
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1][1]


def _could_be_one(parts: list[_Part], height: float) -> bool:
    """Whether neighbors in a line are near enough to be parts of one digit."""
    gaps = [right.box[0] - left.box[2] for left, right in pairwise(parts)]
    return len(parts) == 1 or (max(gaps) <= _BESIDE * height and _union(parts).width <= _WIDE * height)
