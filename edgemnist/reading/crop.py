"""The part of a picture that is read: four numbers of a person, in pixels or percent of the picture right way up."""

import math
import re
from dataclasses import dataclass

from edgemnist.errors import UsageError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
_ROUNDING = 1e-6
"""Pixels that sums of percentages may lie too high."""
_NUMBER = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,6})?)(%?)")

_ORIENTATIONS = {
    2: (0, True), 3: (180, False), 4: (180, True), 5: (90, True), 6: (90, False), 7: (270, True), 8: (270, False),
}  # fmt: skip
"""How a file's picture of each EXIF orientation but 1 is put right way up: turned by so many degrees clockwise, then
mirrored from left to right."""


@dataclass(frozen=True)
class Crop:
    """Which part of pictures is read."""

    text: str
    """As it was given, with its option, for messages."""
    sides: tuple[tuple[float, bool], ...]
    """Left, top, width, height: each a number, and whether it is percent of the picture's width or height."""
    turned: int = 0
    """Degrees, 0, 90, 180 or 270, by which the picture is turned clockwise before."""


def parse_crop(text: str, turned: int = 0, option: str = "--crop") -> Crop:
    """The crop that `X,Y,W,H` means; `option` is how messages call it.

    Raises:
        UsageError: it is no box, or one of no area.
    """
    found = [_NUMBER.fullmatch(part.strip()) for part in text.split(",")]
    if len(found) != 4 or None in found:
        raise UsageError(
            f"{option} must be X,Y,W,H in pixels or percent, as 120,80,400,90 or 25%,10%,50%,20%, not {text}"
        )
    sides = tuple((float(match[1]), bool(match[2])) for match in found if match)
    if not (sides[2][0] and sides[3][0]):
        raise UsageError(f"{option} {text} has no area")
    return Crop(f"{option} {text}", sides, turned)


def part_of(crop: Crop, size: tuple[int, int], orientation: int, name: str) -> tuple[Box, tuple[int, int]]:
    """The box of a crop in a file's pixels, of that width, height and EXIF orientation, and its left and top in the
    picture right way up.

    Raises:
        UsageError: it does not lie in the picture.
    """
    degrees, mirrored = _ORIENTATIONS.get(orientation, (0, False))
    upright = size if degrees % 180 == 0 else size[::-1]
    width, height = upright if crop.turned % 180 == 0 else upright[::-1]
    left, top, across, down = (
        number * whole / 100 if percent else number
        for (number, percent), whole in zip(crop.sides, (width, height) * 2, strict=True)
    )
    right, bottom = math.ceil(left + across - _ROUNDING), math.ceil(top + down - _ROUNDING)
    if right > width or bottom > height:
        raise UsageError(f"{crop.text} reaches beyond {name}, which is {width}x{height} pixels")
    box = _turned_back((int(left), int(top), right, bottom), width, height, crop.turned)
    if mirrored:
        box = (upright[0] - box[2], box[1], upright[0] - box[0], box[3])
    return _turned_back(box, *upright, degrees), (int(left), int(top))


def _turned_back(box: Box, width: int, height: int, degrees: int) -> Box:
    """A box of a picture of that size, in the picture that was turned clockwise by so much to become it."""
    left, top, right, bottom = box
    return {
        0: box,
        90: (top, width - right, bottom, width - left),
        180: (width - right, height - bottom, width - left, height - top),
        270: (height - bottom, left, height - top, right),
    }[degrees]
