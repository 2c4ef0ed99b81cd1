"""Which picture formats are read. A file's first bytes say which it is, and only its own plugin of Pillow's is loaded:
all of them together cost as much as numpy, and each is one more parser that a hostile file can reach."""

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from typing import IO

from PIL import Image

from edgemnist.errors import PictureError
from edgemnist.reading.headers import require_plain


@dataclass(frozen=True)
class Format:
    """One picture format."""

    name: str
    """As Pillow calls it."""
    plugin: str
    """The module of `PIL` that reads it; empty for HEIC, which has a package of its own."""
    beginnings: tuple[bytes, ...]
    """How its files begin."""
    suffixes: tuple[str, ...]
    """How the names of its files end, in lower case."""


BEGINNING_BYTES = 16
"""Which say of every format what it is."""
TIFF_BEGINNINGS = (b"II", b"MM")

FORMATS = (
    Format("PNG", "PngImagePlugin", (b"\x89PNG",), (".png", ".apng")),
    Format("JPEG", "JpegImagePlugin", (b"\xff\xd8\xff",), (".jpg", ".jpeg", ".jfif", ".jpe")),
    Format("BMP", "BmpImagePlugin", (b"BM",), (".bmp",)),
    Format("WEBP", "WebPImagePlugin", (b"RIFF",), (".webp",)),
    Format("GIF", "GifImagePlugin", (b"GIF8",), (".gif",)),
    Format("TIFF", "TiffImagePlugin", TIFF_BEGINNINGS, (".tif", ".tiff")),
    Format(
        "PPM",
        "PpmImagePlugin",
        (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf", b"P0", b"Py"),
        (".pgm", ".ppm", ".pbm", ".pnm"),
    ),
)
NAMES = ", ".join(known.name for known in FORMATS)

HEIC = Format("HEIF", "", (), ())
HEIC_SUFFIXES = (".heic", ".heif", ".hif")
"""The pictures of iPhones."""
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Which follow `ftyp` in the first bytes."""


def find_format(beginning: bytes, name: str) -> Format:
    """The format of a file by its first `BEGINNING_BYTES`; `name` is for messages.

    Raises:
        PictureError: it is none that is read; the message says what it is, and what to type, where that is known.
    """
    for known in FORMATS:
        if beginning.startswith(known.beginnings):
            return known
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _HEIC_BRANDS:
        if not _reads_heic():
            raise PictureError(f'{name} is HEIC; to read it type: pip install "edgemnist[heic]"')
        return HEIC
    if beginning.startswith(b"%PDF"):
        raise PictureError(f"{name} is a PDF; make pictures of its pages: pdftoppm -r 200 -png FILE.pdf page")
    raise PictureError(f"{name} is not a picture that can be read ({NAMES})")


def open_format(file: IO[bytes], name: str, max_pixels: int) -> Image.Image:
    """The picture in a seekable file, its pixels not yet read; `name` is for messages.

    Raises:
        PictureError: it is none of `FORMATS`, or its structure claims more than `max_pixels`.
        Exception: whatever Pillow raises on a damaged file.
    """
    form = find_format(file.read(BEGINNING_BYTES), name)
    require_plain(file, form.name, name, max_pixels)
    if form is HEIC:
        importlib.import_module("pillow_heif").register_heif_opener(thumbnails=False)
    else:
        importlib.import_module(f"PIL.{form.plugin}")
    return Image.open(file, formats=(form.name,))


def suffixes() -> tuple[str, ...]:
    """How names of files end that are taken for pictures: HEIC's only where it can be read."""
    plain = tuple(suffix for known in FORMATS for suffix in known.suffixes)
    return plain + HEIC_SUFFIXES if _reads_heic() else plain


@cache
def _reads_heic() -> bool:
    return importlib.util.find_spec("pillow_heif") is not None
