"""Which mark a piece of ink is, by its shape and its place on its line."""

import numpy as np
import pytest

from edgemnist.reading.marks import marks_on, outside

LINE = np.array([[left, 100, left + 25, 140] for left in range(0, 300, 50)])
"""Digits 40 pixels high, 25 pixels apart."""
PIECES = {
    "point": [(135, 134, 140, 140)],
    "comma": [(133, 133, 141, 150)],
    "minus": [(131, 118, 145, 122)],
    "slash": [(128, 98, 148, 142)],
    "colon": [(135, 113, 140, 118), (135, 134, 140, 140)],
}


def kinds(pieces: list[tuple[int, int, int, int]], line: np.ndarray = LINE, slope: float = 0.0) -> list[str | None]:
    return [mark.kind for mark in marks_on([line], np.array(pieces).reshape(-1, 4), slope)]


@pytest.mark.parametrize("kind", PIECES)
def test_shape_and_place_tell_the_kind(kind: str) -> None:
    assert kinds(PIECES[kind]) == [kind]
    pieces = np.array(PIECES[kind])
    marks = marks_on([LINE], pieces, 0.0)
    assert len(outside(pieces, marks)) == 0
    np.testing.assert_array_equal(marks[0].box, [*pieces[:, :2].min(0), *pieces[:, 2:].max(0)])


@pytest.mark.parametrize("slope", [-0.08, 0.08])
@pytest.mark.parametrize("kind", PIECES)
def test_a_line_may_lean(kind: str, slope: float) -> None:
    def down(boxes: np.ndarray) -> np.ndarray:
        shift = (slope * boxes[:, ::2].mean(1)).round().astype(int)
        return boxes + shift[:, None] * np.array([0, 1, 0, 1])

    assert kinds(down(np.array(PIECES[kind])), down(LINE), slope) == [kind]


def test_one_staggered_digit_does_not_move_the_line() -> None:
    staggered = LINE + np.where(np.arange(6) == 2, 20, 0)[:, None] * np.array([0, 1, 0, 1])
    assert [kinds(PIECES[kind], staggered) for kind in PIECES] == [[kind] for kind in PIECES]


def test_what_may_be_a_point_or_a_comma_is_unsure() -> None:
    assert kinds([(134, 134, 141, 145)]) == [None]


@pytest.mark.parametrize(
    "piece",
    [
        (135, 88, 140, 93),
        (131, 98, 145, 102),
        (135, 118, 140, 123),
        (5, 110, 15, 120),
        (360, 134, 365, 140),
        (134, 137, 141, 139),
    ],
    ids=["above the line", "a bar at the tops", "half a colon", "within a digit", "far away", "a line at the feet"],
)
def test_ink_without_the_shape_and_place_of_a_mark_is_none(piece: tuple[int, int, int, int]) -> None:
    marks = marks_on([LINE], np.array([piece]), 0.0)
    assert (marks, outside(np.array([piece]), marks).tolist()) == ([], [list(piece)])


def test_a_mark_belongs_to_the_line_it_stands_on() -> None:
    below = LINE + np.array([0, 70, 0, 70])
    pieces = np.concatenate([PIECES["comma"], np.array(PIECES["minus"]) + np.array([0, 70, 0, 70])])
    marks = marks_on([LINE, below], pieces, 0.0)
    assert [(mark.kind, mark.line) for mark in marks] == [("comma", 0), ("minus", 1)]
