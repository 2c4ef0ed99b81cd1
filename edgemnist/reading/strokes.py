"""How thick the strokes of a digit are, and how to make them thicker or thinner without breaking them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def stroke_width(image: NDArray[np.uint8]) -> float:
    """The mean width of the strokes of an (H, W) image, in pixels; 0 without ink.

    It is twice the ink's area over the length of its outline, since a stroke of length l and width w has the area lw
    and an outline of about 2l. The outline is the total variation of the gray levels, so that soft edges count once.

    Source: L. Rudin, S. Osher, E. Fatemi, "Nonlinear total variation based noise removal algorithms" (1992), for
    total variation.
    """
    levels = padded(image, 1).astype(np.float32)
    here = levels[1:, 1:]
    across, down = here - levels[1:, :-1], here - levels[:-1, 1:]
    outline = float(np.sqrt(across * across + down * down).sum())
    return 2 * float(image.sum(dtype=np.int64)) / outline if outline else 0.0


def thicken(mask: NDArray[np.bool_], layers: int) -> NDArray[np.bool_]:
    """The strokes of an (H, W) mask grown by `layers` pixels on every side: (H + 2 layers, W + 2 layers) bool.

    Source: dilation by crosses and squares in turn, which grows a point to an octagon; J. Serra, "Image Analysis and
    Mathematical Morphology" (1982).
    """
    grown = padded(mask, layers)
    for layer in range(layers):
        rows = _with_neighbors(grown, 0)
        grown = _with_neighbors(rows, 1) if layer % 2 else rows | _with_neighbors(grown, 1)
    return grown


def thin(mask: NDArray[np.bool_], layers: int) -> NDArray[np.bool_]:
    """The strokes of an (H, W) mask with `layers` pixels peeled off every side, of thin ones only down to a line.

    What is connected stays connected and holes stay open: a thick upright loses width, the hair that ends it stays.

    Source: T. Zhang and C. Suen, "A fast parallel algorithm for thinning digital patterns" (1984), stopped early.
    """
    framed = padded(mask, 1).astype(np.uint8)
    inner = framed[1:-1, 1:-1]
    # P2 to P9 of the paper: from the pixel above, clockwise.
    neighbors = [
        framed[1 + down : framed.shape[0] - 1 + down, 1 + right : framed.shape[1] - 1 + right]
        for down, right in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
    ]
    thinned = mask
    for _ in range(layers):
        for peels in _PEELS:
            code = sum(neighbor << bit for bit, neighbor in enumerate(neighbors))
            inner[peels[code]] = 0
        if not inner.any():  # of a round blot nothing is left in the end
            break
        thinned = inner.astype(bool)
    return thinned


def padded(pixels: NDArray[Any], margin: int) -> NDArray[Any]:
    """(H, W) pixels with so many of zero on every side; `np.pad` takes ten times as long for small ones."""
    height, width = pixels.shape
    framed = np.zeros((height + 2 * margin, width + 2 * margin), pixels.dtype)
    framed[margin : margin + height, margin : margin + width] = pixels
    return framed


def _with_neighbors(mask: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    along = mask if axis == 0 else mask.T
    spread = along.copy()
    spread[1:] |= along[:-1]
    spread[:-1] |= along[1:]
    return spread if axis == 0 else spread.T


def _peel_tables() -> list[NDArray[np.bool_]]:
    """For each of the 256 neighborhoods, whether the first and the second step of Zhang and Suen peel its middle."""
    bits = np.arange(256)[:, np.newaxis] >> np.arange(8) & 1
    count = bits.sum(1)
    rises = ((bits == 0) & (np.roll(bits, -1, 1) == 1)).sum(1)
    removable = (count >= 2) & (count <= 6) & (rises == 1)
    top, right, bottom, left = bits[:, 0::2].T
    return [
        removable & (top * right * bottom == 0) & (right * bottom * left == 0),
        removable & (top * right * left == 0) & (top * bottom * left == 0),
    ]


_PEELS = _peel_tables()
