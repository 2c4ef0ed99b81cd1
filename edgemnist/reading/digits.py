"""The digits on a page, and what makes each of them doubtful."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import find_components
from edgemnist.reading.cut import cut_out
from edgemnist.reading.finds import WEAK, Finds, owners
from edgemnist.reading.mnist_form import to_mnist_form

Doubts = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""Of (N, 28, 28) images: how unsure the classifier is of each, (N,) 0 to 1."""

_SURE_HEAT = 0.4
"""Of a digit: below it the finder is unsure."""
_MOST_CUT = 0.1
"""Share of a box's side that may lie beyond the picture: more is cut off."""
_OWNED = 0.35
"""Share of the ink in a lukewarm find's box that must be its own."""
_LUKEWARM = 0.75
_STRANGE = 0.5
"""Probability of other ink, from which on it is that, if it is not rather a digit's."""
_DIGIT_SIZE = (0.6, 1.5)
"""Times the usual digit's height: ink so high, and no longer, that belongs to no digit may be one. Lines are flat."""
_LEFT = 0.45
"""Times the usual digit's height: so large is digit's ink that was left over."""
_DARK = 0.5
"""Of the digits' darkness: what is as dark was written with their pen."""
_SPECK = 0.05
"""Times the usual digit's height: smaller marks are dust."""
NO_DIGIT, A_MARK = "ink beside it belongs to no digit", "a mark beside it is not read"
"""Doubts, in words."""
_FRAME = 3
"""Pixels from the picture's frame: other ink that reaches it is a line or a shadow."""
_NARROW, _GAP, _TALLEST = 0.4, 0.08, 1.4
"""Times the usual digit's height: two finds may be one if the narrower is no wider, if they are no farther apart, and
if they are no taller together."""
_WORSE, _OVERLAP = -0.15, 0.3
"""They are one if the classifier doubts it less than both by that much, and less for each share of overlap."""


@dataclass(frozen=True)
class Digit:
    """One digit that was found on a page."""

    box: NDArray[np.int64]
    """(4,): left, top, right, bottom of its ink in pixels of the page."""
    heat: float
    """How sure the finder is, 0 to 1."""
    ink: NDArray[np.uint8]
    """(h, w): 0 = paper, 255 = full ink, cropped."""
    image: NDArray[np.uint8]
    """(28, 28)"""
    steps: tuple[str, ...]
    """What was done to bring it to MNIST's form, in words."""
    cut: float
    """The share of a side that the finder believes beyond the picture."""
    doubts: tuple[str, ...]
    """Why it is doubtful, in words; empty where nothing speaks against it."""


@dataclass(frozen=True)
class Found:
    """What is written on a page."""

    digits: list[Digit]
    """The surest first."""
    marks: NDArray[np.int64]
    """(M, 4): the boxes of ink that is no digit's and may be marks."""


def digits_on(finds: Finds, square: tuple[int, ...] | None, doubt: Doubts | None) -> Found:
    """The digits on a page, and what may be marks.

    Ink of the shape `square` reaches all four sides of a square picture: whoever cut it out has stretched it. `doubt`
    is asked where two finds may be one digit.
    """
    if not len(finds.heat):
        return Found([], _boxes([]))
    owner = owners(finds)
    owner = _without_empty(finds, owner)
    strange = finds.other > np.maximum(_STRANGE, finds.digit)
    high = finds.height

    def digit(numbers: tuple[int, ...]) -> Digit | None:
        mine = np.isin(owner, [number + 1 for number in numbers])
        cut = cut_out(finds.page, mine, strange | ((owner > 0) & ~mine))
        if cut is None:
            return None
        ink, (left, top) = cut
        boxes = finds.boxes[list(numbers)]
        heat, beyond = float(finds.heat[list(numbers)].max()), _beyond(boxes, owner.shape)
        image, steps = to_mnist_form(ink, ink.shape == square)
        doubts = (
            *(("the finder is unsure of it",) if heat < _SURE_HEAT else ()),
            *(("it is cut off",) if beyond > _MOST_CUT else ()),
        )
        box = np.array([left, top, left + ink.shape[1], top + ink.shape[0]])
        return Digit(box, heat, ink, image, steps, beyond, doubts)

    found: dict[tuple[int, ...], Digit] = {
        (number,): one for number in range(len(finds.heat)) if (one := digit((number,)))
    }
    if doubt is not None:
        _join(found, finds, digit, doubt)
    left_over = _left_over(finds, owner, high)
    lost, marks = (_boxes([box for box, why in left_over if why == reason]) for reason in (NO_DIGIT, A_MARK))
    return Found(doubted(list(found.values()), lost, NO_DIGIT), marks)


def doubted(digits: list[Digit], pieces: NDArray[np.int64], reason: str) -> list[Digit]:
    """The digits, those of them doubtful for a reason that are the nearest to one of (P, 4) pieces of ink."""
    digits = list(digits)
    for piece in pieces if digits else ():
        nearest = min(range(len(digits)), key=lambda index: _apart(digits[index].box, piece))
        if reason not in digits[nearest].doubts:
            digits[nearest] = replace(digits[nearest], doubts=(*digits[nearest].doubts, reason))
    return digits


def _boxes(boxes: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.array(boxes, np.int64).reshape(-1, 4)


def _beyond(boxes: NDArray[np.float32], shape: tuple[int, ...]) -> float:
    """The share of a side of the box around (K, 4) boxes that lies beyond the page."""
    low, end = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    return float((np.maximum(-low, end - shape[::-1]).clip(0) / (end - low)).max())


def _without_empty(finds: Finds, owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """The owners without lukewarm finds to which little of the ink in their boxes belongs."""
    total = len(finds.heat) + 1
    owned = np.bincount(owner.ravel(), minlength=total)
    for number in np.flatnonzero(finds.heat < _LUKEWARM):
        left, top, right, bottom = np.round(finds.boxes[number]).clip(0, None).astype(int)
        inside = finds.digit[top:bottom, left:right] > WEAK
        if owned[number + 1] < _OWNED * np.count_nonzero(inside):
            owner = np.where(owner == number + 1, 0, owner)
    return owner


def _join(
    found: dict[tuple[int, ...], Digit],
    finds: Finds,
    digit: Callable[[tuple[int, ...]], Digit | None],
    doubt: Doubts,
) -> None:
    """Makes one digit of two finds of which the classifier doubts that less than both."""
    pairs = [
        (one, other, overlap)
        for one, other in combinations(found, 2)
        if (overlap := _overlap_of_one(finds.boxes[one[0]], finds.boxes[other[0]], finds.height)) is not None
    ]
    for one, other, overlap in pairs:
        if one not in found or other not in found:
            continue
        both = digit((*one, *other))
        if both is None:
            continue
        left, right, whole = doubt(np.stack([found[one].image, found[other].image, both.image])).tolist()
        if whole < left + right + _WORSE + _OVERLAP * overlap:
            del found[one], found[other]
            found[(*one, *other)] = both


def _overlap_of_one(one: NDArray[np.float32], other: NDArray[np.float32], high: float) -> float | None:
    """The share of the narrower box that lies in the other, below 0 beside it; None where they cannot be one digit."""
    low, end = np.minimum(one[:2], other[:2]), np.maximum(one[2:], other[2:])
    width, height = (end - low).tolist()
    narrow = float(min(one[2] - one[0], other[2] - other[0]))
    gap = float(max(one[0], other[0]) - min(one[2], other[2]))
    shared = float(min(one[3], other[3]) - max(one[1], other[1]))
    beside = shared >= 0.3 * float(min(one[3] - one[1], other[3] - other[1]))
    fits = narrow <= _NARROW * high and gap <= _GAP * high and width <= height <= _TALLEST * high
    return -gap / narrow if beside and fits else None


def _left_over(finds: Finds, owner: NDArray[np.int32], high: float) -> list[tuple[NDArray[np.int64], str]]:
    """The boxes of ink, dark as the digits, that speaks against an answer, and why: ink of a digit's size that belongs
    to none, and marks, of which nothing is told."""
    free = owner == 0
    dark = finds.page > (_DARK * float(np.median(finds.page[~free])) if not free.all() else 0.0)
    lost = find_components((finds.digit > WEAK) & free & dark)
    other = find_components((finds.other > _STRANGE) & free & dark)
    height, width = owner.shape
    inside = (other.boxes[:, :2] >= _FRAME).all(1) & (other.boxes[:, 2:] <= np.array([width, height]) - _FRAME).all(1)
    least, most = _DIGIT_SIZE
    sized = (other.heights > least * high) & (other.long_sides < most * high)
    frames = _surrounds(other.boxes, finds.boxes)
    marks = find_components((finds.mark > _STRANGE) & free & dark)
    return [
        *((box, NO_DIGIT) for box in lost.boxes[lost.long_sides > _LEFT * high]),
        *((box, NO_DIGIT) for box in other.boxes[inside & sized & ~frames]),
        *((box, A_MARK) for box in marks.boxes[marks.long_sides > _SPECK * high]),
    ]


def _surrounds(pieces: NDArray[np.int64], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(P,) bool: which of (P, 4) boxes of ink hold the middle of one of (K, 4) digits, as frames do."""
    x, y = (boxes[:, :2] + boxes[:, 2:]).T / 2
    left, top, right, bottom = pieces.T[:, :, np.newaxis]
    held = (left < x) & (x < right) & (top < y) & (y < bottom)
    surrounds: NDArray[np.bool_] = np.logical_or.reduce(held, axis=1)
    return surrounds


def _apart(box: NDArray[np.int64], piece: NDArray[np.int64]) -> float:
    return float(np.maximum(np.maximum(piece[:2] - box[2:], box[:2] - piece[2:]), 0).max())
