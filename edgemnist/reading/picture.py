"""Any picture file -> gray pixels, right way up, small enough to work on. Files may be damaged or hostile."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError

from edgemnist.errors import PictureError, reason_of
from edgemnist.reading.formats import NAMES, TIFF_BEGINNINGS, open_format
from edgemnist.reading.source import Given, as_file, name_of

MAX_PIXELS = 40_000_000
"""Larger pictures are refused before they are unpacked: 40 megapixels in color are 160 MB. A JPEG file is unpacked
at a fraction of its size, down to an eighth a side, and counted as it is unpacked."""

WORK_PIXELS = 1 << 19
"""Pictures are reduced to this area before any work. An area, not a side: a long strip keeps its digits."""

FLAT = 24
"""Gray levels of 255. What differs less is taken for empty paper: the noise of cameras stays below it."""

_CLEARLY_BETTER = 1.2
"""Ratio of variances; colors of nearly gray pictures differ less."""

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


def open_picture(source: Given | Picture, frame: int = 0) -> Picture:
    """The picture in whatever a caller hands in; of a file with several frames the one numbered `frame` from 0.

    Pillow warns of odd files through `warnings`; a program that wants silence must filter them.

    Raises:
        PictureError: it does not exist, is of no format that is read, too large, or damaged.
        TypeError, ValueError: no picture can be meant; the message says what can.
    """
    if isinstance(source, Picture):
        return source
    name = name_of(source)
    handed = as_file(source)
    if isinstance(handed, Image.Image):
        with _as_picture_error(name):
            unpacked = _unpack(handed, name)
        return _reduce(*unpacked, handed.size)
    with handed, _as_picture_error(name), open_format(handed, name) as file:
        if frame:
            file.seek(frame)
        size = file.size
        file.draft(None, _work_size(size))  # JPEG: unpacks at a fraction of the size
        unpacked = _unpack(file, name)
        several = getattr(file, "is_animated", False)
    return replace(_reduce(*unpacked, size), several_frames=several)


def holds_pages(source: str | bytes) -> bool:
    """Whether a file, by its path or content, is of the one format that scanners put several pages into: TIFF."""
    if isinstance(source, bytes):
        return source.startswith(TIFF_BEGINNINGS)
    try:
        with Path(source).open("rb") as file:
            return file.read(2) in TIFF_BEGINNINGS
    except OSError:
        return False


def open_frames(source: Given) -> Iterator[Picture | PictureError]:
    """Each frame of a file in turn, or why it cannot be read; a damaged one does not stop those behind it.

    Raises:
        PictureError, TypeError, ValueError: as `open_picture`, where there is no first frame.
    """
    name = name_of(source)
    handed = as_file(source)
    assert not isinstance(handed, Image.Image)  # callers have files
    with contextlib.ExitStack() as stack:
        stack.enter_context(handed)
        with _as_picture_error(name):
            file = stack.enter_context(open_format(handed, name))
        for frame in count():
            with _as_picture_error(name):
                try:
                    file.seek(frame)
                except EOFError:
                    return
            try:
                with _as_picture_error(f"{name}[{frame}]"):
                    unpacked = _unpack(file, f"{name}[{frame}]")
                    several = getattr(file, "is_animated", False)
            except PictureError as error:
                yield error
            else:
                yield replace(_reduce(*unpacked, file.size), several_frames=several)


@contextlib.contextmanager
def _as_picture_error(name: str) -> Iterator[None]:
    """Whatever Pillow raises on a file from outside becomes a `PictureError`.

    Nothing of ours but what calls its decoders stands inside, so that our own bugs still show.
    """
    try:
        yield
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture that can be read ({NAMES})") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(f"{name} is too large; make it smaller first") from error
    except Exception as error:  # its decoders raise a dozen kinds
        raise PictureError(f"{name} is damaged or cannot be read: {reason_of(error)}") from error


def _work_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = math.sqrt(WORK_PIXELS / max(WORK_PIXELS, size[0] * size[1]))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _unpack(file: Image.Image, name: str) -> tuple[Image.Image, int]:
    """The picture in mode L, RGB or RGBA, unpacked, and its EXIF orientation."""
    if file.width * file.height > MAX_PIXELS:
        raise PictureError(f"{name} is too large ({file.width}x{file.height} pixels); make it smaller first")
    colors = _plain(file)
    # A copy: a file of several frames that is closed by then cannot be worked on.
    colors = colors.copy() if colors is file else colors
    return colors, file.getexif().get(ExifTags.Base.Orientation, 1)


def _reduce(colors: Image.Image, orientation: int, size: tuple[int, int]) -> Picture:
    """The unpacked picture in gray, no larger than the work needs; `size` is what it had when it was whole."""
    width, height = size
    if colors.size != _work_size(size):
        colors = colors.resize(_work_size(size), Image.Resampling.BOX)
    gray, steps = _to_gray(_on_paper(colors))
    if orientation in _TURNS:
        gray = gray.transpose(_TURNS[orientation])
        steps = (*steps, "turned the right way up")
        if orientation >= 5:
            width, height = height, width
    return Picture(np.array(gray), (width, height), steps)


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in mode L, RGB or RGBA."""
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(_to_eight_bits(np.asarray(picture)))
    mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in ("1", "L") else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _on_paper(picture: Image.Image) -> Image.Image:
    """Mode L or RGB; what is transparent lies on white paper, or on black where the drawing would not show on white."""
    if picture.mode != "RGBA":
        return picture
    on_white, on_black = (
        Image.alpha_composite(Image.new("RGBA", picture.size, paper), picture).convert("RGB")
        for paper in ("white", "black")
    )
    shows = np.ptp(np.asarray(on_white.convert("L"))) >= FLAT
    return on_white if shows else on_black


def _to_gray(picture: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Mode L: the luminance, or the one of red, green and blue in which the ink shows clearly better.

    Yellow ink on white paper is nearly invisible in luminance and black in blue.
    """
    luminance = picture.convert("L")
    if picture.mode == "L":
        return luminance, ()
    variances = ImageStat.Stat(picture).var
    best = int(np.argmax(variances))
    if variances[best] <= _CLEARLY_BETTER * ImageStat.Stat(luminance).var[0]:
        return luminance, ()
    return picture.getchannel(best), (f"seen in {('red', 'green', 'blue')[best]} light",)


def _to_eight_bits(deep: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) uint8 of whole or real numbers of any depth: 65,535, 4,095 and 1.0 may all stand for white."""
    if deep.dtype.kind == "f":
        deep = np.nan_to_num(deep, posinf=0, neginf=0)
        if deep.max(initial=0) <= 1:
            deep = deep * 255
        deep = deep.clip(0, 2**31 - 128).astype(np.int32)
    # Whole bits are dropped, so that 8-bit pixels v stored as v * 256 or v * 257 come back as they were.
    bits = max(0, int(deep.max(initial=0)).bit_length() - 8)
    return (deep.clip(0) >> bits).astype(np.uint8)
