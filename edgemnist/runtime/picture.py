"""Any picture file -> gray pixels, right way up, small enough to work on. Files may be damaged or hostile."""

import io
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError

from edgemnist.errors import PictureError

FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM")
"""Pillow opens dozens of rarer formats; each is one more parser that a hostile file can reach."""

MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are unpacked: 64 megapixels in color are 192 MB. A JPEG file is unpacked
at a fraction of its size, down to an eighth a side, and counted as it is unpacked."""

WORK_PIXELS = 1 << 20
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

# Pillow's decoders raise all of these on damaged files.
_DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, OverflowError, IndexError, KeyError, AttributeError,
    struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture that was opened."""

    gray: NDArray[np.uint8]
    """(H, W) uint8, 0 = black, at most `WORK_PIXELS` pixels."""
    size: tuple[int, int]
    """Width and height before the reduction, right way up."""
    steps: tuple[str, ...]
    """What was done, in words."""


def open_picture(source: Path | str | bytes | Image.Image) -> Picture:
    """The picture in a file, in an encoded file's bytes, or in a PIL image; the first frame of an animation.

    Pillow warns of odd files through `warnings`; a program that wants silence must filter them.

    Raises:
        PictureError: it does not exist, is none of `FORMATS`, too large, or damaged.
    """
    name = str(source) if isinstance(source, Path | str) else "the picture"
    try:
        if isinstance(source, Image.Image):
            return _unpack(source, name)
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as file:
            return _unpack(file, name)
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture that can be read ({', '.join(FORMATS)})") from error
    except FileNotFoundError as error:
        raise PictureError(f"{name} does not exist; check the path") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(f"{name} is too large; make it smaller first") from error
    except _DAMAGED as error:
        raise PictureError(f"{name} is damaged or cannot be read: {' '.join(str(error).split())}") from error


def _unpack(file: Image.Image, name: str) -> Picture:
    width, height = file.size
    scale = min(1.0, math.sqrt(WORK_PIXELS / max(1, width * height)))
    file.draft(None, (math.ceil(width * scale), math.ceil(height * scale)))  # JPEG: a fraction of the size
    if file.width * file.height > MAX_PIXELS:
        raise PictureError(f"{name} is too large ({width}x{height} pixels); make it smaller first")
    work = _simplify(file)
    if scale < 1:
        work = work.resize((max(1, int(width * scale)), max(1, int(height * scale))), Image.Resampling.BOX)
    gray, steps = _to_gray(work)
    orientation = file.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation in _TURNS:
        gray = gray.transpose(_TURNS[orientation])
        steps = (*steps, "turned the right way up")
        if orientation >= 5:
            width, height = height, width
    return Picture(np.array(gray), (width, height), steps)


def _simplify(picture: Image.Image) -> Image.Image:
    """Mode L or RGB; what is transparent lies on white paper, or on black where the drawing would not show on white."""
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(_to_eight_bits(np.asarray(picture)))
    if not picture.has_transparency_data:
        return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    drawing = picture.convert("RGBA")
    on_white, on_black = (
        Image.alpha_composite(Image.new("RGBA", drawing.size, paper), drawing).convert("RGB")
        for paper in ("white", "black")
    )
    levels = np.asarray(on_white.convert("L"))
    return on_white if int(levels.max()) - int(levels.min()) >= FLAT else on_black


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


def _to_eight_bits(deep: NDArray[np.generic]) -> NDArray[np.uint8]:
    """(H, W) uint8 of whole or real numbers of any depth: 65,535, 4,095 and 1.0 may all stand for white."""
    values = np.nan_to_num(deep.astype(np.float64), posinf=0, neginf=0).clip(0)
    top = values.max(initial=0)
    if top <= 1:
        return (values * 255).round().astype(np.uint8)
    # Whole bits are dropped, so that 8-bit pixels v stored as v * 256 or v * 257 come back as they were.
    bits = max(0, int(top).bit_length() - 8)
    kept: NDArray[np.uint8] = (values / 2**bits).astype(np.uint8)
    return kept
