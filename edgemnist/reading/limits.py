"""How much a picture's file may ask for, in bytes, pixels and what decoding costs: all of it is counted in pixels.

A pixel stands for 4 bytes of memory, what a pixel in color takes, and for what it takes a common decoder to unpack it.
What is dearer counts as more pixels; docs/limits.md has the table. Everything is counted from headers, before anything
is unpacked.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from edgemnist.errors import PictureError, UsageError

MAX_MEGAPIXELS = 40.0
"""Of a picture, as they are counted here: 160 MB, which a process of 79 MB has room for below 240."""
MAX_SIDE = 65_535
"""Pixels: the longest that JPEG, GIF and our own work know. Each row of a picture costs memory of its own."""

PIXEL_BYTES = 4
PART_PIXELS = 1000
"""What a chunk or segment counts as, which is taken up in Python: 5 us."""
BLOCK_PIXELS = 100
"""What a GIF's block of 255 bytes or a number in a TIFF's table counts as."""
METADATA_PIXELS = 2
"""What a byte of metadata counts as: it is held, and in a JPEG's EXIF copied again for each segment."""
SLOW_PIXELS = 40
"""What a pixel counts as for which Pillow's decoder is written in Python."""
SCANS_A_PIXEL = 20
"""Scans of a progressive JPEG that cost together what unpacking its pixels does."""

_SLOW_DECODERS = {
    "bmp_rle": "of run-length coded BMP",
    "ppm": "of PPM that is neither 8 bits deep nor 16 bits of gray",
    "ppm_plain": "of PPM in plain text",
}
_WEBP_BYTES = 16
"""For each pixel: two canvases of its decoder, one copy, and the picture."""
_HEIC_BYTES = 9
"""For each pixel: the decoder's own planes, its colors, and the picture; measured: 8."""


@dataclass(frozen=True)
class Claim:
    """What something in a file counts as."""

    pixels: float
    what: str
    """In words, as they stand in front of `count as ... megapixels`."""
    counted: bool = True
    """Whether that is all of it; of parts nobody counts on beyond the limit."""


_ANEW = "save it anew with another program"


def pixels_of(megapixels: float) -> int:
    """The limit in pixels that a number of megapixels means.

    Raises:
        UsageError: it is no positive number.
    """
    if not (megapixels > 0 and math.isfinite(megapixels)):
        raise UsageError(f"--max-megapixels must be a number above 0, not {megapixels:g}")
    return int(megapixels * 1e6)


MAX_PIXELS = pixels_of(MAX_MEGAPIXELS)


def require_fit(claims: Iterable[Claim], name: str, max_pixels: int) -> None:
    """Return when none of the claims of the file `name` exceeds the limit.

    Raises:
        PictureError: one does; the message has both numbers.
    """
    for claim in claims:
        if claim.pixels > max_pixels:
            wanted = math.ceil(claim.pixels / 1e6)
            raise PictureError(
                f"{name} is too large: {claim.what} count as {wanted:,} megapixels, the limit is {max_pixels / 1e6:g}; "
                + (f"make it smaller first, or allow more with --max-megapixels {wanted}" if claim.counted else _ANEW)
            )


def require_sides(size: tuple[int, int], name: str) -> None:
    """Return when neither side of a picture is longer than `MAX_SIDE`.

    Raises:
        PictureError: one is.
    """
    if max(size) > MAX_SIDE:
        raise PictureError(
            f"{name} is too large: {size[0]}x{size[1]} pixels, the limit is {MAX_SIDE:,} a side; make it smaller first"
        )


def require_small(picture: Image.Image, name: str, max_pixels: int) -> None:
    """Return when a picture, of which Pillow has read the header, may be unpacked.

    Raises:
        PictureError: it may not.
    """
    require_sides(picture.size, name)
    require_fit(_claims(picture), name, max_pixels)


def webp_claim(width: int, height: int, file_bytes: int) -> Claim:
    """What a WebP counts as; Pillow and its decoder hold the file three times."""
    taken = _WEBP_BYTES * width * height + 3 * file_bytes
    return Claim(taken / PIXEL_BYTES, f"{width}x{height} pixels of WebP")


def jpeg_claims(size: tuple[int, int], samples: float, scans: int) -> list[Claim]:
    """What a JPEG whose coefficients are all held until its last scan counts as; `samples` are those of a pixel."""
    pixels = size[0] * size[1]
    what = f"{size[0]}x{size[1]} pixels in {scans:,} scans"
    return [Claim(2 * samples * pixels / PIXEL_BYTES, what), Claim(pixels * scans / SCANS_A_PIXEL, what)]


def _claims(picture: Image.Image) -> list[Claim]:
    pixels = picture.width * picture.height
    what = f"{picture.width}x{picture.height} pixels"
    claims = [Claim(pixels, what)]
    form, tiles = picture.format, getattr(picture, "tile", [])
    if form == "HEIF":
        claims.append(Claim(pixels * _HEIC_BYTES / PIXEL_BYTES, f"{what} of HEIC"))
    if tiles and tiles[0][0] in _SLOW_DECODERS:
        claims.append(Claim(pixels * SLOW_PIXELS, f"{what} {_SLOW_DECODERS[tiles[0][0]]}"))
    if form == "TIFF" and tiles and tiles[0][0] == "libtiff":
        claims.append(_tiff_claim(picture, what))
    return claims


def _tiff_claim(picture: Any, what: str) -> Claim:
    """A TIFF's strip or tile is unpacked whole, however little of it is in the picture."""
    tags = picture.tag_v2
    across, down = tags.get(322), tags.get(323)
    if across is None or down is None:
        across, down = picture.width, min(tags.get(278, picture.height), picture.height)
    depth = sum(tags.get(258, (1,))) / 8
    held = across * down * max(depth, 1)
    own = picture.width * picture.height * (1 if picture.mode in ("1", "L", "P") else PIXEL_BYTES)
    return Claim((held + own) / PIXEL_BYTES, f"{what} in parts of {across}x{down}")
