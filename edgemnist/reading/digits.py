"""The digits on a page, and what makes each of them doubtful."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.alone import with_its_rest
from edgemnist.reading.cut import REACH, cut_out
from edgemnist.reading.finds import WEAK, Finds, around, owners
from edgemnist.reading.left_over import left_over
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
_STRANGE = 0.0
"""Logit of other ink, from which on it is that, if it is not rather a digit's."""
NO_DIGIT, A_MARK = "ink beside it belongs to no digit", "a mark beside it is not read"
"""Doubts, in words."""
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
    believed: NDArray[np.float32]
    """(4,): the box that the finder believes it fills; may lie beyond the page."""
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
    lost: NDArray[np.int64]
    """(P, 4): the boxes of ink of a digit's size that belongs to none."""
    marks: NDArray[np.int64]
    """(M, 4): the boxes of ink that is no digit's and may be marks."""


def digits_on(finds: Finds, square: tuple[int, ...] | None, doubt: Doubts | None) -> Found:
    """The digits on a page, and what may be marks.

    Ink of the shape `square` reaches all four sides of a square picture: whoever cut it out has stretched it. `doubt`
    is asked where two finds may be one digit.
    """
    if not len(finds.heat):
        return Found([], np.zeros((0, 4), np.int64), np.zeros((0, 4), np.int64))
    owner = owners(finds)
    owner = with_its_rest(finds, _without_empty(finds, owner))

    def digit(numbers: tuple[int, ...]) -> Digit | None:
        part = _around_all(finds, numbers)
        owned = owner[part]
        mine = np.logical_or.reduce([owned == number + 1 for number in numbers])
        strange = finds.other[part] > np.maximum(_STRANGE, finds.digit[part])
        cut = cut_out(finds.page[part], mine, strange | ((owned > 0) & ~mine))
        if cut is None:
            return None
        ink, (left, top) = cut
        left, top = left + part[1].start, top + part[0].start
        boxes = finds.boxes[list(numbers)]
        heat, beyond = float(finds.heat[list(numbers)].max()), _beyond(boxes, owner.shape)
        image, steps = to_mnist_form(ink, ink.shape == square)
        doubts = (
            *(("the finder is unsure of it",) if heat < _SURE_HEAT else ()),
            *(("it is cut off",) if beyond > _MOST_CUT else ()),
        )
        box = np.array([left, top, left + ink.shape[1], top + ink.shape[0]])
        believed = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])
        return Digit(box, believed, heat, ink, image, steps, beyond, doubts)

    found: dict[tuple[int, ...], Digit] = {
        (number,): one for number in range(len(finds.heat)) if (one := digit((number,)))
    }
    if doubt is not None:
        _join(found, finds, digit, doubt)
    return Found(list(found.values()), *left_over(finds, owner))


def doubted(digits: list[Digit], pieces: NDArray[np.int64], reason: str) -> list[Digit]:
    """The digits, those of them doubtful for a reason that are the nearest to one of (P, 4) pieces of ink."""
    digits = list(digits)
    for piece in pieces if digits else ():
        nearest = min(range(len(digits)), key=lambda index: _apart(digits[index].box, piece))
        if reason not in digits[nearest].doubts:
            digits[nearest] = replace(digits[nearest], doubts=(*digits[nearest].doubts, reason))
    return digits


def _around_all(finds: Finds, numbers: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns with all ink of some finds, and what `cut_out` looks at beside it."""
    if len(finds.heat) == 1:
        return slice(0, None), slice(0, None)
    windows = [around(finds.boxes[number]) for number in numbers]
    rows, columns = (
        slice(max(0, min(part.start for part in parts) - REACH - 1), max(part.stop for part in parts) + REACH + 1)
        for parts in zip(*windows, strict=True)
    )
    return rows, columns


def _beyond(boxes: NDArray[np.float32], shape: tuple[int, ...]) -> float:
    """The share of a side of the box around (K, 4) boxes that lies beyond the page."""
    low, end = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    return float((np.maximum(-low, end - shape[::-1]).clip(0) / (end - low)).max())


def _without_empty(finds: Finds, owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """The owners without lukewarm finds to which little of the ink in their boxes belongs."""
    kept = owner.copy()
    for number in np.flatnonzero(finds.heat < _LUKEWARM).tolist():
        left, top, right, bottom = np.round(finds.boxes[number]).clip(0, None).astype(int)
        inside = finds.digit[top:bottom, left:right] > WEAK
        window = around(finds.boxes[number])
        mine = owner[window] == number + 1
        if np.count_nonzero(mine) < _OWNED * np.count_nonzero(inside):
            kept[window][mine] = 0
    return kept


def _join(
    found: dict[tuple[int, ...], Digit],
    finds: Finds,
    digit: Callable[[tuple[int, ...]], Digit | None],
    doubt: Doubts,
) -> None:
    """Makes one digit of two finds of which the classifier doubts that less than both."""
    names = list(found)
    for first, second, overlap in _pairs_of_one(finds.boxes[[name[0] for name in names]], finds.height):
        one, other = names[first], names[second]
        if one not in found or other not in found:
            continue
        both = digit((*one, *other))
        if both is None:
            continue
        left, right, whole = doubt(np.stack([found[one].image, found[other].image, both.image])).tolist()
        if whole < left + right + _WORSE + _OVERLAP * overlap:
            del found[one], found[other]
            found[(*one, *other)] = both


def _pairs_of_one(boxes: NDArray[np.float32], high: float) -> list[tuple[int, int, float]]:
    """Which two of (K, 4) boxes may be of one digit, and the share of the narrower one that lies in the other, below 0
    beside it."""
    low, end = boxes[:, None, :2], boxes[:, None, 2:]
    shared = np.minimum(end, boxes[:, 2:]) - np.maximum(low, boxes[:, :2])
    whole = np.maximum(end, boxes[:, 2:]) - np.minimum(low, boxes[:, :2])
    sides = boxes[:, 2:] - boxes[:, :2]
    lesser = np.minimum(sides[:, None], sides)
    beside = shared[..., 1] >= 0.3 * lesser[..., 1]
    narrow = (lesser[..., 0] <= _NARROW * high) & (-shared[..., 0] <= _GAP * high)
    fits = (whole[..., 0] <= whole[..., 1]) & (whole[..., 1] <= _TALLEST * high)
    first, second = np.nonzero(np.triu(beside & narrow & fits, 1))
    overlap = shared[first, second, 0] / lesser[first, second, 0]
    return list(zip(first.tolist(), second.tolist(), overlap.tolist(), strict=True))


def _apart(box: NDArray[np.int64], piece: NDArray[np.int64]) -> float:
    return float(np.maximum(np.maximum(piece[:2] - box[2:], box[:2] - piece[2:]), 0).max())
