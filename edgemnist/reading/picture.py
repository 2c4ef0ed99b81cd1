"""Any picture file -> gray pixels, right way up, small enough to work on. Files may be damaged or hostile."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from edgemnist.data import IMAGE_SIZE
from edgemnist.errors import PictureError, UsageError, reason_of
from edgemnist.reading.crop import Crop, part_of
from edgemnist.reading.formats import NAMES, TIFF_BEGINNINGS, open_format
from edgemnist.reading.gray import Reduced, reduced_to_gray
from edgemnist.reading.limits import MAX_PIXELS, require_small
from edgemnist.reading.source import Given, as_file, name_of

RIGHT_ANGLES = (0, 90, 180, 270)
"""Degrees, clockwise."""
WORK_PIXELS = 1 << 19
"""Pictures are reduced to this area before any work. An area, not a side: a long strip keeps its digits."""

KEPT = "edgemnist"
"""Key of the comment in a PNG file whose pixels are an image of the network's own (kept.py)."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation but 1."""


@dataclass(frozen=True)
class Picture:
    """A picture that was opened."""

    gray: NDArray[np.uint8]
    """(H, W) uint8, 0 = black, at most `WORK_PIXELS` pixels."""
    size: tuple[int, int]
    """Width and height before the reduction, right way up."""
    steps: tuple[str, ...]
    """What was done, in words."""
    several_frames: bool = False
    """Whether its file holds more than this one."""
    corner: tuple[int, int] = (0, 0)
    """Where it begins in the whole picture that it was cropped from: x, y."""
    kept: bool = False
    """Whether its pixels are an image of the network's own already, 0 = background, as its file says."""


def open_picture(
    source: Given | Picture, frame: int = 0, max_pixels: int = MAX_PIXELS, crop: Crop | None = None
) -> Picture:
    """The picture in whatever a caller hands in; of a file with several frames the one numbered `frame` from 0. With
    `crop` it is that part of it, as sharp as the file has it; one that is open already stays as it is.

    A file that asks for more than `max_pixels`, as limits.py counts them, is refused before it is unpacked.
    Pillow warns of odd files through `warnings`; a program that wants silence must filter them.

    Raises:
        PictureError: it does not exist, is of no format that is read, too large, or damaged.
        TypeError, ValueError: no picture can be meant; the message says what can.
        UsageError: `crop` is no part of it.
    """
    if isinstance(source, Picture):
        return source
    name = name_of(source)
    handed = as_file(source, max_pixels)
    if isinstance(handed, Image.Image):
        with _as_picture_error(name):
            unpacked = _unpack(handed, name, max_pixels, handed.size, crop)
        return _finish(*unpacked)
    with handed, _as_picture_error(name), open_format(handed, name, max_pixels) as file:
        if frame:
            file.seek(frame)
        size = file.size
        # JPEG: unpacks at a fraction of the size; where a part is wanted, at one that its whole is not too large at.
        file.draft(None, _work_size(size, max_pixels // 4 if crop else WORK_PIXELS))
        unpacked = _unpack(file, name, max_pixels, size, crop)
        several = getattr(file, "is_animated", False)
        kept = KEPT in file.info and (file.mode, size, crop) == ("L", (IMAGE_SIZE, IMAGE_SIZE), None)
    return replace(_finish(*unpacked), several_frames=several, kept=kept)


def require_right_angle(degrees: int) -> None:
    """Refuses anything but `RIGHT_ANGLES`.

    Raises:
        UsageError: it is none.
    """
    if degrees not in RIGHT_ANGLES:
        raise UsageError(f"--rotate must be 0, 90, 180 or 270, not {degrees}")


def turned(picture: Picture, degrees: int) -> Picture:
    """The picture turned clockwise by one of `RIGHT_ANGLES`."""
    if degrees == 0:
        return picture
    gray = np.ascontiguousarray(np.rot90(picture.gray, -degrees // 90))
    size = picture.size if degrees == 180 else picture.size[::-1]
    return replace(picture, gray=gray, size=size, steps=(*picture.steps, f"turned by {degrees} degrees"))


def holds_pages(source: str | bytes) -> bool:
    """Whether a file, by its path or content, is of the one format that scanners put several pages into: TIFF."""
    if isinstance(source, bytes):
        return source.startswith(TIFF_BEGINNINGS)
    try:
        with Path(source).open("rb") as file:
            return file.read(2) in TIFF_BEGINNINGS
    except OSError:
        return False


def open_frames(source: Given, max_pixels: int = MAX_PIXELS) -> Iterator[Picture | PictureError]:
    """Each frame of a file in turn, or why it cannot be read; a damaged one does not stop those behind it.

    Raises:
        PictureError, TypeError, ValueError: as `open_picture`, where there is no first frame.
    """
    name = name_of(source)
    handed = as_file(source, max_pixels)
    assert not isinstance(handed, Image.Image)  # callers have files
    with contextlib.ExitStack() as stack:
        stack.enter_context(handed)
        with _as_picture_error(name):
            file = stack.enter_context(open_format(handed, name, max_pixels))
        for frame in count():
            with _as_picture_error(name):
                try:
                    file.seek(frame)
                except EOFError:
                    return
            try:
                with _as_picture_error(f"{name}[{frame}]"):
                    unpacked = _unpack(file, f"{name}[{frame}]", max_pixels, file.size)
                    several = getattr(file, "is_animated", False)
            except PictureError as error:
                # A new one: where it was raised, its frames still hold the pixels.
                yield PictureError(str(error))
            else:
                yield replace(_finish(*unpacked), several_frames=several)


@contextlib.contextmanager
def _as_picture_error(name: str) -> Iterator[None]:
    """Whatever Pillow raises on a file from outside becomes a `PictureError`.

    Nothing of ours but what calls its decoders stands inside, so that our own bugs still show.
    """
    try:
        yield
    except (PictureError, UsageError):
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture that can be read ({NAMES})") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(f"{name} is too large; make it smaller first") from error
    except Exception as error:  # its decoders raise a dozen kinds
        raise PictureError(f"{name} is damaged or cannot be read: {reason_of(error)}") from error


def _work_size(size: tuple[int, int], pixels: int = WORK_PIXELS) -> tuple[int, int]:
    scale = math.sqrt(pixels / max(pixels, size[0] * size[1]))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


Size = tuple[int, int]


def _unpack(
    file: Image.Image, name: str, max_pixels: int, size: Size, crop: Crop | None = None
) -> tuple[Reduced, int, Size, tuple[int, int]]:
    """The picture or its part, no larger than the work needs, its EXIF orientation, the size that it has in the file,
    and the corner of the part, right way up."""
    require_small(file, name, max_pixels)
    orientation = file.getexif().get(ExifTags.Base.Orientation, 1)  # first: of a TIFF Pillow 9 cannot tell afterwards
    if crop is None:
        return reduced_to_gray(file, _work_size(size)), orientation, size, (0, 0)
    (left, top, right, bottom), corner = part_of(crop, size, orientation, name)
    across, down = file.width / size[0], file.height / size[1]
    part = file.crop((int(left * across), int(top * down), math.ceil(right * across), math.ceil(bottom * down)))
    size = right - left, bottom - top
    return reduced_to_gray(part, _work_size(size)), orientation, size, corner


def _finish(reduced: Reduced, orientation: int, size: Size, corner: tuple[int, int]) -> Picture:
    """The reduced picture, right way up; `size` is what it had in its file."""
    (width, height), gray, steps = size, reduced.gray, reduced.steps
    if orientation in _TURNS:
        gray = gray.transpose(_TURNS[orientation])
        steps = (*steps, "turned the right way up")
        if orientation >= 5:
            width, height = height, width
    return Picture(np.array(gray), (width, height), steps, corner=corner)
