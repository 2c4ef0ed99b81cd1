"""Any picture of one digit -> the 28x28 image that the network knows; page.py reads lines of them.

The steps, each in a file of its own: picture.py opens the file, light.py evens the light, scale.py and finds.py find
the digits, cut.py and digits.py cut each out, mnist_form.py gives it the form of MNIST's own.
docs/preprocessing.md explains them.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.errors import UsageError
from edgemnist.model.shipped import finder_path
from edgemnist.reading.digits import A_MARK, NO_DIGIT, Digit, digits_on, doubted
from edgemnist.reading.finder import open_find
from edgemnist.reading.finds import Find
from edgemnist.reading.largest import largest_ink
from edgemnist.reading.mnist_form import extent, has_mnist_form, to_mnist_form
from edgemnist.reading.paper import ink_is_dark
from edgemnist.reading.picture import Picture, open_picture
from edgemnist.reading.scale import View, view
from edgemnist.reading.source import Given

Source = Given | Picture
"""A picture, opened or not."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside."""

Polarity = Literal["auto", "dark", "light"]
"""Which the ink is: dark on light paper, light on a dark background, or whichever the picture says."""

_LIKE = 0.6
"""Of the largest digit's size: another one so large makes the picture one of several."""
_CUT_OFF = 0.2
"""Share of a side beyond the picture: a digit that is cut off so far is the rest of a neighbor."""
_CERTAIN = 0.5
"""Heat of a digit beside another: below it there may be none."""


@dataclass(frozen=True)
class Reading:
    """What the network gets to see of a picture, and how it came about."""

    image: NDArray[np.uint8]
    """(28, 28) uint8, 0 = background, 255 = full ink; zeros where nothing was found."""
    box: Box | None
    """Where the digit is, in pixels of the picture turned the right way up; None where nothing was found."""
    others: int
    """How many more digits are in the picture."""
    steps: tuple[str, ...]
    """What was done, in words."""
    doubts: tuple[str, ...] = ()
    """Why what was found may be no digit, or not the whole of it, in words."""
    ink: NDArray[np.uint8] | None = None
    """(h, w) uint8, 255 = full ink: what the finder found to be the digit's, at the size at which it looked; it fills
    `box`. None without a finder."""
    believed: Box | None = None
    """The box that the finder believes the digit fills; None without a finder."""


def read_image(source: Source, polarity: Polarity = "auto", find: Find | None = None) -> NDArray[np.uint8]:
    """The (28, 28) uint8 image of the digit in a picture, found by the finder that ships unless `find` is another.

    The picture is a path, an encoded file's bytes, an open binary file, a data URL, a PIL image, or an array of pixels:
    (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8, or what makes such an array of itself. A `Classifier` opens its
    finder once; this opens it each time.

    Raises:
        PictureError: the picture cannot be read.
        TypeError, ValueError: no picture can be meant; the message says what can.
        UsageError: `polarity` is none of auto, dark and light.
        ModelError: the finder is missing or damaged.
    """
    return read_digit(source, find or open_find(finder_path()), polarity).image


def read_digit(source: Source, find: Find | None, polarity: Polarity = "auto") -> Reading:
    """The largest digit in a picture, in MNIST's form, with its place and what was done.

    A picture that already has MNIST's form comes back bit for bit (inverted where its ink is dark), and so does a digit
    that was kept (kept.py). A picture without a digit gives an image of zeros. Without a finder the digit is the
    largest ink.

    Raises:
        PictureError: the picture cannot be read.
        TypeError, ValueError: no picture can be meant; the message says what can.
        UsageError: `polarity` is none of auto, dark and light.
    """
    picture = open_picture(source)
    if picture.kept:
        return as_kept(picture.gray)
    dark, steps = to_dark_ink(picture, polarity)
    if find is None:
        return _without_finder(picture, dark, steps)
    seen = view(find, dark)
    found = digits_on(seen.finds, seen.finds.page.shape if dark.shape[0] == dark.shape[1] else None, None)
    digits = doubted(doubted(found.digits, found.lost, NO_DIGIT), found.marks, A_MARK)
    if has_mnist_form(255 - dark):
        return Reading(255 - dark, _around_ink(dark, picture), _others(digits), (*steps, "already in MNIST form"))
    if not digits:
        return _nothing(steps)
    main, others = max(digits, key=_weight), _others(digits)
    return reading_of(main, seen, picture, steps, others)


def as_kept(image: NDArray[np.uint8]) -> Reading:
    """A (28, 28) image that was kept, as it is (kept.py)."""
    rows, columns = extent(image > 0) if image.any() else (slice(0, IMAGE_SIZE), slice(0, IMAGE_SIZE))
    return Reading(image, (columns.start, rows.start, columns.stop, rows.stop), 0, ("as it was kept",))


def _without_finder(picture: Picture, dark: NDArray[np.uint8], steps: tuple[str, ...]) -> Reading:
    """The picture as models of other things than digits see it."""
    if has_mnist_form(255 - dark):
        return Reading(255 - dark, _around_ink(dark, picture), 0, (*steps, "already in MNIST form"))
    found = largest_ink(dark)
    if found is None:
        return _nothing(steps)
    ink, (left, top) = found
    image, more = to_mnist_form(ink)
    box = _in_picture(np.array([left, top, left + ink.shape[1], top + ink.shape[0]]), picture, dark.shape)
    return Reading(image, box, 0, (*steps, "read without the finder", *more))


def _weight(digit: Digit) -> float:
    """How much a digit stands out: rather a whole one than a larger rest of a neighbor."""
    left, top, right, bottom = digit.box.tolist()
    whole = 1.0 if digit.cut <= _CUT_OFF else 0.3
    return digit.heat * whole * math.sqrt((right - left) * (bottom - top))


def _others(digits: list[Digit]) -> int:
    """How many digits are there beside the one that stands out: whole, certain, and of its size."""
    if not digits:
        return 0
    main = max(digits, key=_weight)
    return sum(
        digit is not main
        and digit.cut <= _CUT_OFF
        and digit.heat >= _CERTAIN
        and max(digit.ink.shape) >= _LIKE * max(main.ink.shape)
        for digit in digits
    )


def _nothing(steps: tuple[str, ...]) -> Reading:
    return Reading(np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8), None, 0, (*steps, "no digit found"))


def to_dark_ink(picture: Picture, polarity: Polarity) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(H, W) uint8 with dark ink on light paper, and what was done to the picture so far, in words.

    Raises:
        UsageError: `polarity` is none of auto, dark and light.
    """
    if polarity not in get_args(Polarity):
        raise UsageError(f"polarity must be auto, dark or light, not {polarity}")
    if polarity == "dark" or (polarity == "auto" and ink_is_dark(picture.gray)):
        return picture.gray, (*picture.steps, "inverted")
    return 255 - picture.gray, picture.steps


def reading_of(digit: Digit, seen: View, picture: Picture, steps: tuple[str, ...], others: int = 0) -> Reading:
    """What the network gets to see of a digit, after the steps that were done to the whole picture."""
    left, top, right, bottom = box = box_in_picture(digit.box, seen, picture)
    believed = box_in_picture(digit.believed, seen, picture)
    crop = f"cropped to {right - left}x{bottom - top} pixels at ({left}, {top})"
    return Reading(digit.image, box, others, (*steps, crop, *digit.steps), digit.doubts, digit.ink, believed)


def box_in_picture(box: NDArray[np.floating | np.integer], seen: View, picture: Picture) -> Box:
    """A box in the pixels of the page that the finder saw, in those of the picture itself."""
    return _in_picture(box / seen.scale + np.array(seen.corner * 2), picture, picture.gray.shape)


def _around_ink(dark: NDArray[np.uint8], picture: Picture) -> Box:
    """The box around all that is not white in a picture that was not reduced."""
    rows, columns = extent(dark < 255)
    box = np.array([columns.start, rows.start, columns.stop, rows.stop])
    return _in_picture(box, picture, dark.shape)


def _in_picture(box: NDArray[np.floating | np.integer], picture: Picture, shape: tuple[int, ...]) -> Box:
    """A box in the pixels of the reduced picture, in those of the whole picture itself."""
    across, down = picture.size[0] / shape[1], picture.size[1] / shape[0]
    left, top, right, bottom = box.tolist()
    x, y = picture.corner
    return (
        x + max(0, math.floor(left * across)),
        y + max(0, math.floor(top * down)),
        x + min(picture.size[0], math.ceil(right * across)),
        y + min(picture.size[1], math.ceil(bottom * down)),
    )
