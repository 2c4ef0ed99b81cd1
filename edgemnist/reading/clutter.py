"""What lies on paper beside digits: ruled and squared lines, the edge of the sheet, the table, dust."""

import numpy as np
from numpy.typing import NDArray

from edgemnist.reading.components import Components
from edgemnist.reading.paper import SMALL

_LINE_LENGTH = 0.9
"""Of the picture's side: what runs straight that far is a line on the paper, not a stroke."""
_LINE_WIDTH = 0.03
"""Of the picture's shorter side: lines on paper are thinner."""
_EDGE_BAND = 0.02
"""Of the picture's longer side: so near to the frame is at the frame."""
_EDGE_CONTACT = 0.4
"""Of the frame's side: what touches it that far is the table or a shadow; the stroke of a cut digit is narrower."""
_EDGE_PART, _EDGE_OWN = 0.15, 0.7
"""Of the frame's side and of the piece's own length along it: so does what only lies along it."""


def without_lines(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """An (H, W) mask of ink without the straight lines that cross the picture; strokes that cross them stay whole.

    Small pictures come back as they are: there the bar of a 5 crosses the picture too.
    """
    if max(mask.shape) <= SMALL:
        return mask
    height, width = mask.shape
    widest = max(2.0, _LINE_WIDTH * min(mask.shape))
    across = straight_lines(mask, _LINE_LENGTH * width, widest)
    down = straight_lines(mask.T, _LINE_LENGTH * height, widest).T
    return mask & ~across & ~down


def is_clutter(pieces: Components) -> NDArray[np.bool_]:
    """(K,) bool: the pieces that lie along the frame as a table does, or cross the picture as a leaning line does."""
    height, width = pieces.labels.shape
    if max(height, width) <= SMALL:
        return np.zeros(len(pieces), bool)
    edge = np.zeros(len(pieces), bool)
    band = max(1, round(_EDGE_BAND * max(height, width)))
    for line, extents in (
        (pieces.labels[:band].max(0), pieces.widths),
        (pieces.labels[-band:].max(0), pieces.widths),
        (pieces.labels[:, :band].max(1), pieces.heights),
        (pieces.labels[:, -band:].max(1), pieces.heights),
    ):
        contact = np.bincount(line, minlength=len(pieces) + 1)[1:]
        edge |= (contact >= _EDGE_CONTACT * len(line)) | (
            (contact >= _EDGE_PART * len(line)) & (contact >= _EDGE_OWN * extents)
        )
    crosses = (pieces.widths >= _LINE_LENGTH * width) | (pieces.heights >= _LINE_LENGTH * height)
    thin = pieces.areas <= _LINE_WIDTH * min(height, width) * pieces.long_sides
    clutter: NDArray[np.bool_] = edge | (crosses & thin)
    return clutter


def straight_lines(mask: NDArray[np.bool_], length: float, widest: float) -> NDArray[np.bool_]:
    """(H, W) bool: the pixels of horizontal lines of at least that length, but for those where a stroke crosses them.

    Lines thicker than `widest` pixels are strokes.
    """
    # A line that leans is a staircase; together with the rows above and below it still is one run.
    thick = mask.copy()
    thick[1:] |= mask[:-1]
    thick[:-1] |= mask[1:]
    line = mask & (run_lengths(thick) >= length)
    if not line.any():
        return line
    widths = run_lengths(mask.T).T
    usual = float(np.median(widths[line]))
    return line & (widths <= usual + 1) if usual <= widest else np.zeros_like(line)


def run_lengths(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(H, W) int64: for each pixel of a mask the length of the horizontal run that it is in; 0 elsewhere."""
    height, width = mask.shape
    line = np.zeros((height, width + 1), bool)
    line[:, :width] = mask
    edges = np.flatnonzero(np.diff(line.ravel(), prepend=False, append=False))
    runs = edges[1::2] - edges[::2]
    lengths = np.zeros(mask.shape, np.int64)
    lengths[mask] = np.repeat(runs, runs)
    return lengths
