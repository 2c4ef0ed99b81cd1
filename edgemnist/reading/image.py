"""Any picture of one digit, or of rows of them -> the 28x28 images that the network knows.

The steps, each in a file of its own: picture.py opens the file, paper.py takes light and paper away, pieces.py finds
the ink that could be digits, digit.py or row.py the digits in it, mnist_form.py gives them the form of MNIST's own.
docs/preprocessing.md explains them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.errors import UsageError
from edgemnist.reading.digit import find_digit
from edgemnist.reading.mnist_form import extent, has_mnist_form, to_mnist_form
from edgemnist.reading.paper import extract_ink, ink_is_dark
from edgemnist.reading.picture import Picture, open_picture
from edgemnist.reading.pieces import Box, Found
from edgemnist.reading.row import find_rows
from edgemnist.reading.source import Given
from edgemnist.reading.touching import SURE_ODDS

Source = Given | Picture
"""A picture, opened or not."""

Polarity = Literal["auto", "dark", "light"]
"""Which the ink is: dark on light paper, light on a dark background, or whichever the picture says."""


@dataclass(frozen=True)
class Reading:
    """What the network gets to see of a picture, and how it came about."""

    image: NDArray[np.uint8]
    """(28, 28) uint8, 0 = background, 255 = full ink; zeros where nothing was found."""
    box: Box | None
    """Where the digit is, in pixels of the picture turned the right way up; None where nothing was found."""
    others: int
    """How many more things in the picture could be digits."""
    steps: tuple[str, ...]
    """What was done, in words."""


def read_image(source: Source, polarity: Polarity = "auto") -> NDArray[np.uint8]:
    """The (28, 28) uint8 image of the digit in a picture.

    The picture is a path, an encoded file's bytes, an open binary file, a data URL, a PIL image, or an array of pixels:
    (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8, or what makes such an array of itself.

    A picture that already has MNIST's form comes back bit for bit (inverted where its ink is dark). A picture
    without ink gives an image of zeros.

    Raises:
        PictureError: the picture cannot be read.
        TypeError, ValueError: no picture can be meant; the message says what can.
        UsageError: `polarity` is none of auto, dark and light.
    """
    return read_digit(source, polarity).image


def read_digit(source: Source, polarity: Polarity = "auto") -> Reading:
    """What `read_image` returns, with the place of the digit and what was done.

    Raises:
        PictureError, UsageError: as `read_image`.
    """
    picture = open_picture(source)
    dark, steps = _to_dark_ink(picture, polarity)
    if has_mnist_form(255 - dark):
        rows, columns = extent(dark < 255)
        box = (columns.start, rows.start, columns.stop, rows.stop)
        return Reading(255 - dark, box, 0, (*steps, "already in MNIST form"))
    ink = extract_ink(dark)
    found = None if ink is None else find_digit(ink)
    if found is None:
        return Reading(np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8), None, 0, (*steps, "no digit found"))
    # Ink on all four sides of a square: whoever cut this digit out has stretched it.
    stretched = found.ink.shape == dark.shape and dark.shape[0] == dark.shape[1]
    return _reading(found, picture, steps, stretched)


def read_rows(
    source: Source, classify: Callable[[NDArray[np.uint8]], NDArray[np.float32]], polarity: Polarity = "auto"
) -> list[list[Reading]]:
    """The digits in a picture that shows rows of them: lines from top to bottom, in each from left to right.

    `classify` gives the probabilities (N, 10) of (N, 28, 28) uint8 images; of the ways to part and join pieces of ink
    the one is taken of which it is surest.

    Raises:
        PictureError, UsageError: as `read_image`.
    """
    picture = open_picture(source)
    dark, steps = _to_dark_ink(picture, polarity)
    ink = extract_ink(dark)
    if ink is None:
        return []

    def costs(found: list[Found]) -> list[float]:
        best_two = np.sort(classify(np.stack([to_mnist_form(digit.ink)[0] for digit in found])), axis=1)[:, -2:]
        odds = np.diff(np.log(np.maximum(best_two, np.finfo(np.float32).tiny)))[:, 0]
        return list((1 - odds / SURE_ODDS).clip(min=0).tolist())

    return [[_reading(digit, picture, steps) for digit in line] for line in find_rows(ink, costs)]


def _to_dark_ink(picture: Picture, polarity: Polarity) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(H, W) uint8 with dark ink on light paper, and what was done to the picture so far, in words.

    Raises:
        UsageError: `polarity` is none of auto, dark and light.
    """
    if polarity not in get_args(Polarity):
        raise UsageError(f"polarity must be auto, dark or light, not {polarity}")
    if polarity == "dark" or (polarity == "auto" and ink_is_dark(picture.gray)):
        return picture.gray, (*picture.steps, "inverted")
    return 255 - picture.gray, picture.steps


def _reading(found: Found, picture: Picture, steps: tuple[str, ...], stretched: bool = False) -> Reading:
    left, top, right, bottom = box = _in_picture(found.box, picture)
    crop = f"cropped to {right - left}x{bottom - top} pixels at ({left}, {top})"
    image, more = to_mnist_form(found.ink, stretched)
    return Reading(image, box, found.others, (*steps, "taken for stretched to a square" if stretched else crop, *more))


def _in_picture(box: Box, picture: Picture) -> Box:
    """A box in the pixels of the reduced picture, in those of the picture itself."""
    across, down = picture.size[0] / picture.gray.shape[1], picture.size[1] / picture.gray.shape[0]
    left, top, right, bottom = box
    return math.floor(left * across), math.floor(top * down), math.ceil(right * across), math.ceil(bottom * down)
