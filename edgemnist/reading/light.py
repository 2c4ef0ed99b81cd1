"""Gray pixels -> the finder's page: paper is 0 and full ink 255, whatever the light and the pen.

It is the same function for pictures and for the pages that the finder is trained on.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.reading.paper import DARKEST_PAPER, paper_light

_PAPER = 40
"""Percentile of the darkness that is paper: digits leave more than that free, even where they are cut out closely."""
_CONTRAST = 3
"""Full ink is at least so much darker than paper: a thick 1 may leave less paper than `_PAPER` where it is cut out."""
_FULL = 99.93
"""Percentile of the darkness that is full ink: the finest writing on a page covers more than the rest."""
_LEAST_RANGE = 30
"""Of 255: where full ink is no darker than this beside the paper, the paper's grain stays as faint as it is."""


def to_page(gray: NDArray[np.uint8], paper: NDArray[np.float32] | None = None) -> NDArray[np.uint8]:
    """(H, W) uint8, 0 = paper, 255 = full ink, of a picture whose ink is dark; `paper` is its `paper_light`, where that
    is known."""
    paper = paper_light(gray) if paper is None else paper
    # As a share of the paper's light: ink in a shadow is as dark as ink in the sun.
    darkness = np.subtract(paper, gray)
    darkness *= np.float32(255) / np.maximum(paper, DARKEST_PAPER)
    share = darkness.clip(0, 255, out=darkness).astype(np.uint8)
    below = np.array(Image.fromarray(share).histogram()).cumsum()
    least, full = (int(np.searchsorted(below, share.size * percent / 100)) for percent in (_PAPER, _FULL))
    least = min(least, full // _CONTRAST)
    levels = (np.arange(256) - least) * (255 / max(full - least, _LEAST_RANGE))
    page: NDArray[np.uint8] = levels.clip(0, 255).round().astype(np.uint8).take(share)
    return page
