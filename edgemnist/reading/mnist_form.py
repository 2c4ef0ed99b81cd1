"""Ink of any size -> an image as MNIST's own are: 20 pixels long, strokes of MNIST's width, centered by mass."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from edgemnist.data import IMAGE_SIZE
from edgemnist.reading.paper import HALF
from edgemnist.reading.strokes import padded, stroke_width, thicken, thin

INK_SIDE = 20
"""Pixels: MNIST's digits fill a box of 20x20."""
CENTER = 14
"""MNIST's center of mass, as a pixel index."""

USUAL_STROKES = (2.0, 2.8)
"""Pixels: the middle half of MNIST's 60,000 training images (quartiles 2.02 and 2.82, median 2.39)."""
STROKE = 1.8
"""Pixels: what strokes outside the usual are brought to. Below MNIST's median, so that small loops and the opening
of a 4 do not close."""

NARROW = 0.6
"""Width over height: digits up to this keep it, and one that was stretched gets it."""
_WIDTH_KEPT = 0.3
"""Share of the width beyond `NARROW` that wide digits keep: many people's are wider than those in MNIST, and the
network reads narrow ones more surely. Chosen on other people's digits, with two networks; 0.2 to 0.5, and `NARROW`
from 0.55 to 0.7, are all better than 1."""

_FINE = 4
"""Strokes are changed on a picture this many times finer than the image."""
_MARGIN = 8
"""Pixels of the fine picture around the ink, so that a blur has room."""
_KEPT = 1
"""Pixels of the fine picture on every side of a line that thinning leaves: hairs would vanish at the image's size."""
_SMOOTHING = 2
"""Pixels of the fine picture (standard deviation). The steps of coarse pixels would grow into spurs when thinned."""


def has_mnist_form(image: NDArray[np.uint8]) -> bool:
    """Whether an image is like MNIST's own: 28x28, ink's long side 19 or 20, center of mass in the middle.

    All 70,000 MNIST images are; the center of mass lies within 1 pixel of index (14, 14).
    """
    if image.shape != (IMAGE_SIZE, IMAGE_SIZE) or not image.any():
        return False
    rows, columns = extent(image > 0)
    long_side = max(rows.stop - rows.start, columns.stop - columns.start)
    row, column = _center_of_mass(image)
    return long_side in (INK_SIDE - 1, INK_SIDE) and max(abs(row - CENTER), abs(column - CENTER)) <= 1


def to_mnist_form(ink: NDArray[np.uint8], stretched: bool = False) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The (28, 28) uint8 image of a digit's ink, cropped to it, and what was done, in words.

    `ink` is (H, W) uint8, 0 = paper, 255 = full ink, with some ink on every side. `stretched` says that its aspect
    ratio is not the writer's.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition"
    (1998), section III.A, for scale and center; C.-L. Liu, K. Nakashima, H. Sako, H. Fujisawa, "Handwritten digit
    recognition: investigation of normalization and feature extraction techniques" (2004), for the aspect ratio.
    """
    aspect = NARROW if stretched else _usual_aspect(ink.shape[1] / ink.shape[0])
    digit = _resized(ink, INK_SIDE, aspect)
    steps = [f"scaled to {digit.shape[1]}x{digit.shape[0]} pixels"]
    width = stroke_width(digit)
    if width and not USUAL_STROKES[0] <= width <= USUAL_STROKES[1]:
        changed = _with_usual_strokes(ink, aspect)
        digit = _resized(changed, INK_SIDE, changed.shape[1] / changed.shape[0])
        steps.append(f"strokes made {'thicker' if width < STROKE else 'thinner'}")
    image, (right, down) = _centered(digit)
    return image, (*steps, f"shifted by ({right:+d}, {down:+d}) to the center of mass")


def extent(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around a mask; there must be something in it."""
    rows = np.flatnonzero(mask.any(1))
    columns = np.flatnonzero(mask.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _usual_aspect(aspect: float) -> float:
    """Width over height: as it is for narrow digits, nearer to them for wide ones."""
    return aspect if aspect <= NARROW else NARROW + _WIDTH_KEPT * (aspect - NARROW)


def _with_usual_strokes(ink: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    """`ink` on a finer grid and in black and white, its strokes brought to `STROKE` and cropped again."""
    fine = padded(_on_fine_grid(ink, aspect), _MARGIN)
    width = stroke_width(fine.astype(np.uint8)) / _FINE
    # Growing by r on each side makes the box longer, and scaling it back to 20 makes the strokes thinner again:
    # (width + 2r) * 20 / (20 + 2r) = STROKE.
    layers = round((STROKE - width) / (2 - 2 * STROKE / INK_SIDE) * _FINE)
    if layers >= 0:
        changed = thicken(fine, layers)
    else:
        blurred = Image.fromarray(fine).convert("L").filter(ImageFilter.GaussianBlur(_SMOOTHING))
        smooth = np.asarray(blurred) >= HALF
        changed = thicken(thin(smooth, _KEPT - layers), _KEPT)[_KEPT:-_KEPT, _KEPT:-_KEPT] & smooth
    return changed[extent(changed)].astype(np.uint8) * 255


def _on_fine_grid(ink: NDArray[np.uint8], aspect: float) -> NDArray[np.bool_]:
    side = INK_SIDE * _FINE
    if max(ink.shape) < side:
        return _resized(ink, side, aspect) >= HALF
    # Any ink makes a pixel: on average the line of a thin pen in a large picture would vanish.
    return _resized((ink >= HALF).astype(np.uint8) * 255, side, aspect) > 0


def _resized(ink: NDArray[np.uint8], side: int, aspect: float) -> NDArray[np.uint8]:
    """`ink` with a longer side of `side` pixels and that width over height: averaged where it shrinks, else smooth."""
    width, height = (side, round(side / aspect)) if aspect > 1 else (round(side * aspect), side)
    way = Image.Resampling.BOX if side < max(ink.shape) else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(ink).resize((max(1, width), max(1, height)), way))


def _center_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Row and column, as pixel indices."""
    mass = image.astype(np.float64)
    rows, columns = np.arange(image.shape[0]), np.arange(image.shape[1])
    return float(mass.sum(1) @ rows / mass.sum()), float(mass.sum(0) @ columns / mass.sum())


def _centered(digit: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """A digit of at most 20x20 pixels on a 28x28 image, its center of mass as near the middle as whole pixels allow.

    Also how far to the right and down that is from having its box in the middle.
    """
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    height, width = digit.shape
    row, column = _center_of_mass(digit)
    top = min(max(round(CENTER - row), 0), IMAGE_SIZE - height)
    left = min(max(round(CENTER - column), 0), IMAGE_SIZE - width)
    image[top : top + height, left : left + width] = digit
    return image, (left - (IMAGE_SIZE - width) // 2, top - (IMAGE_SIZE - height) // 2)
