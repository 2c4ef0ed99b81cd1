"""How much of what is on a page a finder finds."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.finder import FindingRecord
from edgemnist.reading.finds import MAPS, boxes_at_peaks
from edgemnist.train.pages.page import FOUND
from edgemnist.train.pages.store import PageSet

_SAME = 0.5
"""Intersection over union from which on a box that was found is a digit's."""


def judge_finds(maps: NDArray[np.float32], pages: PageSet) -> FindingRecord:
    """How many of the digits on pages are found, by the values (N, 55, H/4, W/4) of their maps, and how many finds are
    none; what may be found but need not counts neither way."""
    counts = np.array([_count(*page) for page in zip(maps, pages.boxes, pages.states, strict=True)])
    found, invented, missed = counts.sum(0).tolist()
    return FindingRecord(count=found + missed, found=found, invented=invented)


def _count(maps: NDArray[np.float32], boxes: NDArray[np.int16], states: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Of one page: digits found, finds that are none, digits missed."""
    heat = 1 / (1 + np.exp(-maps[0]))
    _, finds = boxes_at_peaks(heat, maps[MAPS["heat"] : MAPS["heat"] + MAPS["sides"]])
    left = np.flatnonzero(states).tolist()
    found = invented = 0
    for find in finds:
        shared = [_overlap(find, boxes[number].astype(np.float32)) for number in left]
        best = int(np.argmax(shared)) if shared else -1
        if best >= 0 and shared[best] >= _SAME:
            found += int(states[left.pop(best)] == FOUND)
        else:
            invented += 1
    return found, invented, int((states[left] == FOUND).sum())


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    sides = (np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])).clip(0)
    areas = (one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod()
    return float(sides.prod() / (areas - sides.prod()))
