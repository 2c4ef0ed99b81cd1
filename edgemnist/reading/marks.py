"""What a piece of ink is that the finder calls a mark: point, comma, minus, slash or colon, by its shape and place.

All lengths are in heights of the digits beside it, all places go from 0, their tops, to 1, their feet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.order import Boxes
from edgemnist.reading.ranks import median

Kind = Literal["point", "comma", "minus", "slash", "colon"]
SIGNS: dict[Kind | None, str] = {"point": ".", "comma": ",", "minus": "-", "slash": "/", "colon": ":", None: "?"}
"""How they are written; None: it may be more than one of them, or none."""

_NEIGHBORS = 4
"""Digits on either side that say where tops and feet are: a staggered one must not."""
_NEAR = 1.0
"""Heights: farther from every digit of its line stands no mark."""
_INSIDE = 0.5
"""Of a piece that lies in a digit's box: more is a piece of that digit."""
_DOT = 0.3
"""The longest side of a dot. Pens are 0.05 to 0.16 thick, and dots are pressed: up to twice that."""
_FOOT, _HANGS = 0.75, 1.14
"""A point stands lower than the first; what reaches below the second hangs from the line, as commas do. MNIST's digits
stand on their line to within 0.05, and a dot's own half is 0.08."""
_LOWEST = 1.12
"""Marks that stand at the foot begin above that: of a faint comma only its tail may be seen."""
_TAIL = 0.2
"""Commas are so high; lower ones may be points."""
_RAISED = (0.15, 0.75)
"""The middle of a colon's upper dot, and of a minus."""
_ABOVE = 0.2
"""So far to the side may the dots of a colon stand."""
_DASH, _FLAT = 0.2, 2.0
"""The least width of a minus, and of that over its height: what is so flat at the foot is a piece of a line."""
_STROKE, _LEANS = 0.75, 0.12
"""The least height of a slash, and its least width."""


@dataclass(frozen=True)
class Written:
    """A mark that is written on a line."""

    kind: Kind | None
    """None where it may be a point or a comma."""
    box: NDArray[np.int64]
    """(4,): left, top, right, bottom of its ink."""
    line: int
    """In which of the lines it stands."""


@dataclass(frozen=True)
class _Piece:
    """A piece of ink as the line sees it in which it stands; in heights of its digits."""

    box: NDArray[np.int64]
    line: int
    across: float
    """Of its middle, from the page's left."""
    top: float
    bottom: float
    width: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def is_dot(self) -> bool:
        return max(self.width, self.height) <= _DOT

    @property
    def is_raised(self) -> bool:
        return _RAISED[0] <= self.middle <= _RAISED[1]

    @property
    def at_foot(self) -> bool:
        return self.middle > _FOOT and self.top < _LOWEST


def marks_on(lines: Sequence[Boxes], pieces: NDArray[np.int64], slope: float) -> list[Written]:
    """The marks on lines, each the (K, 4) boxes of its digits, of (P, 4) boxes of pieces of ink.

    `slope` says how the lines lean (order.py).
    """
    placed = [piece for box in pieces if (piece := _placed(lines, box, slope))]
    marks, rest = _colons(placed)
    for piece in rest:
        kinds = _kinds(piece)
        if kinds:
            marks.append(Written(kinds[0] if len(kinds) == 1 else None, piece.box, piece.line))
    return marks


def outside(pieces: NDArray[np.int64], marks: Sequence[Written]) -> NDArray[np.int64]:
    """Those of (P, 4) boxes of pieces of ink whose larger part lies in no mark's box."""
    if not len(pieces) or not marks:
        return pieces
    boxes = np.stack([mark.box for mark in marks])
    return pieces[[_share_inside(boxes, piece) <= _INSIDE for piece in pieces]]


def _placed(lines: Sequence[Boxes], box: NDArray[np.int64], slope: float) -> _Piece | None:
    """A piece of ink in the line that is nearest; None where it is far from all, or within a digit's box."""
    x = float(box[0] + box[2]) / 2
    best: _Piece | None = None
    for number, boxes in enumerate(lines):
        away = np.maximum(np.maximum(boxes[:, 0] - box[2], box[0] - boxes[:, 2]), 0)
        near = boxes[np.argsort(away, kind="stable")[:_NEIGHBORS]]
        level = near[:, 1::2] - slope * (near[:, ::2].mean(1, keepdims=True) - x)
        top, foot = median(level[:, 0]), median(level[:, 1])
        high = median(near[:, 3] - near[:, 1])
        if away.min() > _NEAR * high or _share_inside(near, box) > _INSIDE:
            continue
        ends = ((float(box[1]) - top) / (foot - top), (float(box[3]) - top) / (foot - top))
        piece = _Piece(box, number, x / high, *ends, float(box[2] - box[0]) / high)
        if best is None or abs(piece.middle - 0.5) < abs(best.middle - 0.5):
            best = piece
    return best


def _share_inside(boxes: Boxes, piece: NDArray[np.int64]) -> float:
    """The largest share of a piece's box that lies in one of (K, 4) boxes."""
    sides = np.minimum(boxes[:, 2:], piece[2:]) - np.maximum(boxes[:, :2], piece[:2])
    return float((sides.clip(0).prod(1) / (piece[2:] - piece[:2]).prod()).max())


def _colons(pieces: list[_Piece]) -> tuple[list[Written], list[_Piece]]:
    """Two dots above each other are one colon; and what is left."""
    colons: list[Written] = []
    taken: set[int] = set()
    dots = [piece for piece in pieces if piece.is_dot]
    for lower in dots:
        for upper in dots:
            above = abs(lower.across - upper.across) <= _ABOVE and lower.line == upper.line
            if lower.at_foot and upper.is_raised and above and not taken & {id(lower), id(upper)}:
                taken |= {id(lower), id(upper)}
                box = np.concatenate([np.minimum(lower.box, upper.box)[:2], np.maximum(lower.box, upper.box)[2:]])
                colons.append(Written("colon", box, lower.line))
    return colons, [piece for piece in pieces if id(piece) not in taken]


def _kinds(piece: _Piece) -> tuple[Kind, ...]:
    """What a piece may be on its own; nothing if it has the shape or the place of no mark."""
    if piece.height >= _STROKE:
        return ("slash",) if piece.width >= _LEANS else ()
    if piece.width >= _FLAT * piece.height:
        return ("minus",) if piece.width >= _DASH and piece.is_raised else ()
    if not piece.at_foot:
        return ()
    if piece.bottom > _HANGS and piece.height >= _TAIL:
        return ("comma",)
    return ("point",) if piece.bottom <= _HANGS and piece.height < _TAIL and piece.is_dot else ("point", "comma")
