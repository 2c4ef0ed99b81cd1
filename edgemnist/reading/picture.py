"""Any picture file -> gray pixels, right way up, small enough to work on. Files may be damaged or hostile."""

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError

from edgemnist.data import IMAGE_SIZE
from edgemnist.errors import PictureError, UsageError, reason_of
from edgemnist.reading.crop import Crop, part_of
from edgemnist.reading.formats import NAMES, TIFF_BEGINNINGS, open_format
from edgemnist.reading.limits import MAX_PIXELS, require_small
from edgemnist.reading.source import Given, as_file, name_of

RIGHT_ANGLES = (0, 90, 180, 270)
"""Degrees, clockwise."""
WORK_PIXELS = 1 << 19
"""Pictures are reduced to this area before any work. An area, not a side: a long strip keeps its digits."""

_WHOLE_PIXELS, _STRIP_PIXELS = 1 << 22, 1 << 18
"""Pictures above the first are converted and reduced in strips of the second area."""

_MOST_LEVEL = 2**31 - 128
"""The largest float32 that is an int32."""

FLAT = 24
"""Gray levels of 255. What differs less is taken for empty paper: the noise of cameras stays below it."""

KEPT = "edgemnist"
"""Key of the comment in a PNG file whose pixels are an image of the network's own (kept.py)."""

_CLEARLY_BETTER = 1.2
"""Ratio of variances; colors of nearly gray pictures differ less."""
_SAMPLE = 1 << 14
"""Pixels, evenly spread, that say how much each color varies."""

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
) -> tuple[Image.Image, int, Size, tuple[int, int]]:
    """The picture or its part in mode L, RGB or RGBA, no larger than the work needs, its EXIF orientation, the size
    that it has in the file, and the corner of the part, right way up."""
    require_small(file, name, max_pixels)
    orientation = file.getexif().get(ExifTags.Base.Orientation, 1)  # first: of a TIFF Pillow 9 cannot tell afterwards
    if crop is None:
        return _reduced(file, _work_size(size)), orientation, size, (0, 0)
    (left, top, right, bottom), corner = part_of(crop, size, orientation, name)
    across, down = file.width / size[0], file.height / size[1]
    part = file.crop((int(left * across), int(top * down), math.ceil(right * across), math.ceil(bottom * down)))
    size = right - left, bottom - top
    return _reduced(part, _work_size(size)), orientation, size, corner


def _reduced(picture: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """A copy in mode L, RGB or RGBA of the wanted size; of a large one in strips: there is no room for it twice."""
    picture.load()
    (width, height), (across, down) = picture.size, wanted
    if width * height <= _WHOLE_PIXELS:
        return _to_plain(picture, [(0, 0, width, height)])(picture).resize(wanted, Image.Resampling.BOX)
    step = max(1, down * _STRIP_PIXELS // (width * height))
    tops = range(0, down, step)
    rows = [(top * height / down, min(top + step, down) * height / down) for top in tops]
    parts = [(0, math.floor(first), width, math.ceil(end)) for first, end in rows]
    convert = _to_plain(picture, parts)
    reduced = None
    for top, part, (first, end) in zip(tops, parts, rows, strict=True):
        strip = convert(picture.crop(part))
        box = (0, first - part[1], width, min(end - part[1], strip.height))
        small = strip.resize((across, min(step, down - top)), Image.Resampling.BOX, box)
        reduced = reduced or Image.new(small.mode, wanted)
        reduced.paste(small, (0, top))
    assert reduced  # there is one row at least
    return reduced


def _to_plain(picture: Image.Image, parts: list[tuple[int, int, int, int]]) -> Callable[[Image.Image], Image.Image]:
    """What brings a part of a picture to mode L, RGB or RGBA."""
    if picture.mode.startswith(("I", "F")):
        return _to_eight_bits(np.asarray(picture.crop(part)) for part in parts)
    mode = "RGBA" if _has_transparency(picture) else "L" if picture.mode in ("1", "L") else "RGB"
    return lambda part: part if part.mode == mode else part.convert(mode)


def _finish(colors: Image.Image, orientation: int, size: Size, corner: tuple[int, int]) -> Picture:
    """The reduced picture in gray, right way up; `size` is what it had in its file."""
    width, height = size
    if colors.size != _work_size(size):  # a JPEG that was unpacked at a fraction of its size
        colors = colors.resize(_work_size(size), Image.Resampling.BOX)
    gray, steps = _to_gray(_on_paper(colors))
    if orientation in _TURNS:
        gray = gray.transpose(_TURNS[orientation])
        steps = (*steps, "turned the right way up")
        if orientation >= 5:
            width, height = height, width
    return Picture(np.array(gray), (width, height), steps, corner=corner)


def _has_transparency(picture: Image.Image) -> bool:
    """What Pillow 10.1 and newer call `has_transparency_data`."""
    if "transparency" in picture.info or picture.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        return True
    if picture.mode != "P":
        return False
    if picture.palette is None:
        raise ValueError("it has no palette")
    return picture.palette.mode == "RGBA"


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
    if picture.mode == "L":
        return picture, ()
    step = max(1, math.isqrt(picture.width * picture.height // _SAMPLE))
    few = (max(1, picture.width // step), max(1, picture.height // step))
    sample = picture if step == 1 else picture.resize(few, Image.Resampling.NEAREST)
    variances = ImageStat.Stat(sample).var
    best = int(np.argmax(variances))
    if variances[best] <= _CLEARLY_BETTER * ImageStat.Stat(sample.convert("L")).var[0]:
        return picture.convert("L"), ()
    return picture.getchannel(best), (f"seen in {('red', 'green', 'blue')[best]} light",)


def _to_eight_bits(parts: Iterable[NDArray[Any]]) -> Callable[[Image.Image], Image.Image]:
    """What makes mode L of each part of a picture in whole or real numbers of any depth: 65,535, 4,095 and 1.0 may all
    stand for white."""
    highest = max(float(_finite(part).max(initial=0)) for part in parts)
    # Whole bits are dropped, so that 8-bit pixels v stored as v * 256 or v * 257 come back as they were.
    bits = max(0, int(min(highest, _MOST_LEVEL)).bit_length() - 8)

    def convert(part: Image.Image) -> Image.Image:
        deep = _finite(np.asarray(part))
        if deep.dtype.kind == "f":
            deep = (deep * (255 if highest <= 1 else 1)).clip(0, _MOST_LEVEL).astype(np.int32)
        return Image.fromarray((deep.clip(0) >> bits).astype(np.uint8))

    return convert


def _finite(deep: NDArray[Any]) -> NDArray[Any]:
    return np.nan_to_num(deep, posinf=0, neginf=0) if deep.dtype.kind == "f" else deep
