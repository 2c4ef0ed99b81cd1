"""A digit's pixels -> the lines its pen went along, so that it can be written anew: any size, any pen."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.reading.strokes import thin

Lines = tuple[NDArray[np.float32], ...]
"""The lines of one glyph: (n, 2) float32 each, x and y; the glyph is 1 high, from y = 0 down to 1."""

_FINE = 3
"""Pixels are traced on a picture this many times finer."""
_LAYERS = 12
"""Enough to thin the thickest strokes of MNIST on the fine picture."""
_SMOOTHINGS = 3
"""Times each point moves halfway to the middle of its neighbors: pixels are staircases."""
_AROUND = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))
"""Neighbors, the sides first: a corner is one only where no side leads there."""
_SHORTEST = 4
"""Pixels of the fine picture: shorter lines with a free end are the spurs of thinning."""


def trace(image: NDArray[np.uint8]) -> Lines:
    """The lines of an (28, 28) image's digit; none where nothing is left of it."""
    mask = np.asarray(Image.fromarray(image).resize((28 * _FINE, 28 * _FINE), Image.Resampling.BICUBIC)) >= 128
    paths = _paths(thin(np.pad(mask, 1), _LAYERS))
    return upright([_smooth(np.array(path, np.float32)[:, ::-1]) for path in paths])


def upright(lines: list[NDArray[np.float32]]) -> Lines:
    """The lines moved and scaled so that they are 1 high; none where they have no height."""
    if not lines:
        return ()
    points = np.concatenate(lines)
    low, high = points.min(0), points.max(0)
    if high[1] - low[1] < 1e-3:
        return ()
    return tuple(((line - low) / (high[1] - low[1])).astype(np.float32) for line in lines)


def straightened(lines: Lines, tolerance: float) -> Lines:
    """The same with dead straight strokes: of each line only the corners that it strays farther from than that.

    Source: D. Douglas, T. Peucker, "Algorithms for the reduction of the number of points required to represent a
    digitized line" (1973).
    """
    return tuple(_corners(line, tolerance) for line in lines)


def _corners(line: NDArray[np.float32], tolerance: float) -> NDArray[np.float32]:
    first, last = line[0], line[-1]
    along = last - first
    away = line - first
    length = float(np.hypot(*along))
    if length < 1e-6:
        distance = np.hypot(away[:, 0], away[:, 1])
    else:
        distance = np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length
    farthest = int(distance.argmax())
    if len(line) < 3 or distance[farthest] <= tolerance:
        return line[[0, -1]]
    parts = _corners(line[: farthest + 1], tolerance), _corners(line[farthest:], tolerance)
    return np.concatenate([parts[0][:-1], parts[1]])


def _paths(line: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """The pixels of a thinned mask in the order of writing: from ends and crossings to the next."""
    pixels = {(int(y), int(x)) for y, x in np.argwhere(line)}
    near = {pixel: _neighbors(pixel, pixels) for pixel in pixels}
    walked: set[frozenset[tuple[int, int]]] = set()
    paths = []
    # Ends and crossings first; what is left then are rings.
    for start in sorted(pixels, key=lambda pixel: (len(near[pixel]) == 2, pixel)):
        for step in near[start]:
            if frozenset((start, step)) in walked:
                continue
            path = [start]
            while frozenset((path[-1], step)) not in walked:
                walked.add(frozenset((path[-1], step)))
                path.append(step)
                if len(near[step]) != 2:
                    break
                step = next(way for way in near[step] if way != path[-2])
            free = len(near[path[0]]) == 1 or len(near[path[-1]]) == 1
            if len(path) > _SHORTEST or not free or len(pixels) <= 2 * _SHORTEST:
                paths.append(path)
    return paths


def _neighbors(pixel: tuple[int, int], pixels: set[tuple[int, int]]) -> list[tuple[int, int]]:
    y, x = pixel
    return [
        (y + down, x + right)
        for down, right in _AROUND
        if (y + down, x + right) in pixels
        and not (down and right and ((y + down, x) in pixels or (y, x + right) in pixels))
    ]


def _smooth(line: NDArray[np.float32]) -> NDArray[np.float32]:
    for _ in range(_SMOOTHINGS):
        line = np.concatenate([line[:1], line[1:-1] / 2 + (line[:-2] + line[2:]) / 4, line[-1:]])
    return line
