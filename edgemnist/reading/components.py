"""The connected pieces of ink in a picture, found from runs: whole rows of pixels at a time, no loop over pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Components:
    """The K connected pieces of a mask; pixels that touch at a corner belong together."""

    labels: NDArray[np.int32]
    """(H, W) int32: 1 to K within a piece, 0 elsewhere."""
    boxes: NDArray[np.int64]
    """(K, 4) int64: left, top, right, bottom; right and bottom lie just outside."""
    areas: NDArray[np.int64]
    """(K,) int64: pixels."""

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def widths(self) -> NDArray[np.int64]:
        """(K,) int64."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def heights(self) -> NDArray[np.int64]:
        """(K,) int64."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    @property
    def long_sides(self) -> NDArray[np.int64]:
        """(K,) int64: the larger of width and height."""
        return np.maximum(self.widths, self.heights)

    def only(self, chosen: NDArray[np.bool_]) -> "Components":
        """The pieces for which `chosen` (K,) holds, numbered anew."""
        numbers = np.concatenate([[0], np.where(chosen, chosen.cumsum(), 0)]).astype(np.int32)
        return Components(numbers[self.labels], self.boxes[chosen], self.areas[chosen])


def find_components(mask: NDArray[np.bool_]) -> Components:
    """The connected pieces of an (H, W) mask, numbered from the top.

    Source: the run-based labeling of R. Haralick and L. Shapiro, "Computer and Robot Vision" (1992), chapter 2, its
    equivalences solved by pointer jumping (Y. Shiloach and U. Vishkin, "An O(log n) parallel connectivity
    algorithm", 1982).
    """
    height, width = mask.shape
    # One row after the other, each with a pixel of paper at its end, so that no run crosses a row.
    line = np.zeros((height, width + 1), bool)
    line[:, :width] = mask
    edges = np.flatnonzero(np.diff(line.ravel(), prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    roots = _roots(len(starts), *_touching(starts, ends, width + 1))
    _, numbers = np.unique(roots, return_inverse=True)
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(numbers + 1, ends - starts)
    return Components(labels, *_measure(numbers, starts, ends, width + 1))


def _touching(
    starts: NDArray[np.intp], ends: NDArray[np.intp], width: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of runs, upper and lower, that touch across a row border or its corners."""
    first = np.searchsorted(ends, starts + width, side="left")
    last = np.searchsorted(starts, ends + width, side="right")
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(len(upper)) - np.repeat(counts.cumsum() - counts, counts)
    return upper, np.repeat(first, counts) + offsets


def _roots(count: int, upper: NDArray[np.intp], lower: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each run the first run of its piece."""
    roots = np.arange(count)
    while True:
        above, below = roots[upper], roots[lower]
        if np.array_equal(above, below):
            return roots
        np.minimum.at(roots, np.maximum(above, below), np.minimum(above, below))
        while not np.array_equal(roots, shorter := roots[roots]):
            roots = shorter


def _measure(
    numbers: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Boxes (K, 4) and areas (K,) of the pieces that the runs belong to."""
    count = numbers.max(initial=-1) + 1
    row, left = np.divmod(starts, width)
    boxes = np.tile(np.array([width, np.iinfo(np.int64).max, 0, 0]), (count, 1))
    np.minimum.at(boxes[:, 0], numbers, left)
    np.minimum.at(boxes[:, 1], numbers, row)
    np.maximum.at(boxes[:, 2], numbers, left + ends - starts)
    np.maximum.at(boxes[:, 3], numbers, row + 1)
    return boxes, np.bincount(numbers, ends - starts, count).astype(np.int64)
