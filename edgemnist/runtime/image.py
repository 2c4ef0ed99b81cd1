"""Any picture of one digit -> the 28x28 image that the network knows.

MNIST's own treatment: gray, light ink on a dark background, cropped to the ink, the longest side scaled to 20
pixels, the centre of mass moved to the middle of 28x28 (LeCun et al. 1998, "Gradient-based learning applied to
document recognition", section III.A). docs/preprocessing.md explains each step with a picture.
"""

import io
import warnings
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from edgemnist.data import IMAGE_SIZE
from edgemnist.errors import PictureError, UsageError

Polarity = Literal["auto", "dark", "light"]
"""Which the ink is: dark on light paper, light on a dark background, or whichever the border says."""

FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM")
MAX_PIXELS = 100_000_000
"""Larger pictures are refused before they are unpacked: 100 megapixels in gray are 100 MB."""

INK_SIDE = 20
"""MNIST's digits fill a box of 20x20 pixels."""
CENTER = 14
"""MNIST's centre of mass, as a pixel index."""

_WORK_SIDE = 1024
"""Pictures are reduced to this side before any work: fifty times what the network sees."""
_MIN_CONTRAST = 24
"""Ink and background closer than this (of 255) are taken for an empty page: noise of cameras stays below it."""


def read_image(source: Path | str | bytes | Image.Image, polarity: Polarity = "auto") -> NDArray[np.uint8]:
    """The (28, 28) uint8 image of the digit in a picture: a path, an encoded file's bytes, or a PIL image.

    A picture that already has MNIST's form comes back bit for bit (inverted where its ink is dark). A picture
    without ink gives an image of zeros.

    Raises:
        PictureError: the picture cannot be read.
        UsageError: `polarity` is none of auto, dark and light.
    """
    if polarity not in get_args(Polarity):
        raise UsageError(f"polarity must be auto, dark or light, not {polarity}")
    gray = _open_gray(source)
    ink_is_dark = polarity == "dark" or (polarity == "auto" and _background(gray) > 127)
    if ink_is_dark:
        gray = 255 - gray
    if has_mnist_form(gray):
        return gray
    return to_mnist_form(gray)


def has_mnist_form(image: NDArray[np.uint8]) -> bool:
    """Whether an image is like MNIST's own: 28x28, ink's long side 19 or 20, centre of mass in the middle.

    All 70,000 MNIST images are; the centre of mass lies within 1 pixel of index (14, 14).
    """
    if image.shape != (IMAGE_SIZE, IMAGE_SIZE) or not image.any():
        return False
    rows, columns = _extent(image > 0)
    long_side = max(rows.stop - rows.start, columns.stop - columns.start)
    row, column = _center_of_mass(image)
    return long_side in (19, 20) and max(abs(row - CENTER), abs(column - CENTER)) <= 1


def to_mnist_form(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The (28, 28) uint8 image made from an (H, W) uint8 picture with light ink on a dark background.

    An empty page gives zeros.
    """
    ink = _without_background(gray)
    if ink is None:
        return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    crop = ink[_extent(ink > 127)]
    scale = INK_SIDE / max(crop.shape)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    digit = np.asarray(
        Image.fromarray(crop).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    )
    return _centered(digit)


def _open_gray(source: Path | str | bytes | Image.Image) -> NDArray[np.uint8]:
    """(H, W) uint8, right way up, at most `_WORK_SIDE` on the longer side."""
    if isinstance(source, Image.Image):
        return _to_gray(source)
    name = "the picture" if isinstance(source, bytes) else str(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes below MAX_PIXELS and of odd EXIF data
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError(
                        f"{name} is too large ({picture.width}x{picture.height} pixels); make it smaller first"
                    )
                picture.draft("L", (_WORK_SIDE, _WORK_SIDE))  # JPEG: unpacks at a fraction of the size
                return _to_gray(picture)
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture that can be read ({', '.join(FORMATS)})") from error
    except FileNotFoundError as error:
        raise PictureError(f"{name} does not exist") from error
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name} is too large; make it smaller first") from error
    # Pillow's decoders raise these on damaged files.
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, OverflowError) as error:
        raise PictureError(f"{name} is damaged or cannot be read: {error}") from error


def _to_gray(picture: Image.Image) -> NDArray[np.uint8]:
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        upright = Image.fromarray((np.asarray(upright, np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if upright.has_transparency_data:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    gray = upright.convert("L")
    gray.thumbnail((_WORK_SIDE, _WORK_SIDE), Image.Resampling.BOX)
    return np.array(gray)


def _background(gray: NDArray[np.uint8]) -> float:
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    return float(np.median(border))


def _without_background(gray: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W) uint8 with the background at 0 and full ink at 255; None where there is no ink."""
    level = np.float32(_background(gray))
    signal = np.clip(gray - level, 0, None)
    if signal.max() < _MIN_CONTRAST:
        return None
    threshold = _otsu(signal.astype(np.uint8))
    full_ink = np.float32(np.median(signal[signal > threshold]))
    # Paper's grain lies below a quarter of the ink; MNIST's background is exactly 0.
    floor = full_ink / 4
    ink: NDArray[np.uint8] = (np.clip((signal - floor) / (full_ink - floor), 0, 1) * 255).round().astype(np.uint8)
    return ink


def _otsu(gray: NDArray[np.uint8]) -> int:
    """The gray level that parts a picture into two classes (Otsu 1979, "A threshold selection method")."""
    counts = np.bincount(gray.ravel(), minlength=256).astype(np.float64)
    weight = counts.cumsum()
    total = (counts * np.arange(256)).cumsum()
    rest = weight[-1] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        between = weight * rest * (total / weight - (total[-1] - total) / rest) ** 2
    return int(np.nan_to_num(between[:-1]).argmax())


def _extent(ink: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around all ink; there must be some."""
    rows = np.flatnonzero(ink.any(1))
    columns = np.flatnonzero(ink.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _center_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Row and column, as pixel indices."""
    mass = image.astype(np.float64)
    rows, columns = np.arange(image.shape[0]), np.arange(image.shape[1])
    return float(mass.sum(1) @ rows / mass.sum()), float(mass.sum(0) @ columns / mass.sum())


def _centered(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A digit of at most 20x20 pixels on a 28x28 image, its centre of mass as near the middle as whole pixels allow."""
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    height, width = digit.shape
    row, column = _center_of_mass(digit)
    top = min(max(round(CENTER - row), 0), IMAGE_SIZE - height)
    left = min(max(round(CENTER - column), 0), IMAGE_SIZE - width)
    image[top : top + height, left : left + width] = digit
    return image
