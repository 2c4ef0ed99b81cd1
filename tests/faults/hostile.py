"""Small files that ask for much: each is made in code, and claims, repeats or unpacks to more than it is.

`HOSTILE` names them all with what makes each: it is given the path to write to.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

_SPARSE_BYTES = 100 * 2**30
_MANY = 4_000_000
"""Of parts of a file that readers take one by one in Python."""


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with a right checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _packed_zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [packer.compress(block[: min(len(block), count - at)]) for at in range(0, count, len(block))]
    return b"".join(parts) + packer.flush()


def png(width: int, height: int, kind: int = 0, bits: int = 8, more: bytes = b"", data: bytes | None = None) -> bytes:
    """A PNG of zeros; `kind` is its color type, `more` chunks before the pixels."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + (width * samples * bits + 7) // 8
    palette = png_chunk(b"PLTE", bytes(768)) if kind == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
        + palette
        + more
        + png_chunk(b"IDAT", _packed_zeros(row * height) if data is None else data)
        + png_chunk(b"IEND", b"")
    )


def webp(width: int, height: int) -> bytes:
    """34 bytes: the head of a lossless WebP, and no pixels."""
    head = struct.pack("<BI", 0x2F, (width - 1) | (height - 1) << 14) + bytes(9)
    body = b"WEBPVP8L" + struct.pack("<I", len(head)) + head
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def progressive_jpeg(width: int, height: int, scans: int, components: int = 1) -> bytes:
    """A progressive JPEG of nothing but zeros: each scan is a few runs of empty blocks."""
    blocks = -(-width // 8) * -(-height // 8)
    layers = b"".join(bytes([number, 0x11, 0]) for number in range(1, components + 1))
    # One Huffman code of one bit: for DC the category 0, for AC runs of 2^14 empty blocks and more (0xE0).
    tables = _segment(0xC4, b"\x00" + b"\x01" + bytes(15) + b"\x00" + b"\x10" + b"\x01" + bytes(15) + b"\xe0")
    first = _segment(
        0xDA, bytes([components]) + b"".join(bytes([n, 0x00]) for n in range(1, components + 1)) + b"\x00\x00\x01"
    ) + bytes(-(-blocks * components // 8))
    runs = -(-blocks // (1 << 14))
    bits = "0" * 15 * runs
    bits += "1" * (-len(bits) % 8)
    ends = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    one = _segment(0xDA, b"\x01\x01\x00\x01\x3f\x01") + ends
    return (
        b"\xff\xd8"
        + _segment(0xDB, b"\x00" + b"\x01" * 64)
        + _segment(0xC2, struct.pack(">BHHB", 8, height, width, components) + layers)
        + tables
        + first
        + one * (scans - 1)
        + b"\xff\xd9"
    )


def jpeg_with(segments: bytes) -> bytes:
    """A whole JPEG with something between its first marker and the rest."""
    stream = io.BytesIO()
    Image.new("L", (64, 64), "white").save(stream, "JPEG")
    return stream.getvalue()[:2] + segments + stream.getvalue()[2:]


def gif(width: int, height: int, before: bytes = b"", lines: int | None = None) -> bytes:
    """A GIF whose pixels end at once; `before` its picture may stand extensions."""
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, width, height if lines is None else lines, 0)
    return (
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + before + frame + b"\x02\x01\x44\x00;"
    )


def tiff(width: int, height: int, tags: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    """A TIFF of one strip or tile: `tags` by number are a type and values; `data` follows the head."""
    entries = {256: (4, [width]), 257: (4, [height]), 258: (3, [8]), 262: (3, [1]), 277: (3, [1]), **tags}
    place = 8 + 2 + 12 * len(entries) + 4
    body, table = b"", b""
    for number, (kind, values) in sorted(entries.items()):
        letter = {3: "H", 4: "I"}[kind]
        packed = struct.pack(
            f"<{len(values)}{letter}", *[len(data) if v == -2 else 8_000 if v == -1 else v for v in values]
        )
        inside = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", place + len(body))
        body += packed if len(packed) > 4 else b""
        table += struct.pack("<HHI", number, kind, len(values)) + inside
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4) + body
    return head.ljust(8_000, b"\0") + data


def bmp_rle(width: int, height: int, pairs: bytes) -> bytes:
    """A run-length coded BMP of 8 bits."""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(pairs), 0, 0, 256, 0)
    palette = b"".join(bytes([255 - v, v, v, 0]) for v in range(256))
    return b"BM" + struct.pack("<IHHI", 14 + 40 + 1024 + len(pairs), 0, 0, 14 + 40 + 1024) + head + palette + pairs


def page(draw: Callable[[ImageDraw.ImageDraw, random.Random], None], size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A page of white paper with what `draw` draws, as PNG."""
    picture = Image.new("L", size, 255)
    draw(ImageDraw.Draw(picture), random.Random(0))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def _strokes(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for number in range(5005):
        y, x = divmod(number, 77)
        draw.line((20 * x + 10, 18 * y + 12, 20 * x + 10 + chance.randrange(3), 18 * y + 24), 0, 3)


def _specks(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for _ in range(100_000):
        draw.point((chance.randrange(1600), chance.randrange(1200)), 0)


def _digits(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for y in range(15):
        for x in range(20):
            draw.text((80 * x + 20, 80 * y + 10), str(chance.randrange(10)), 0, font_size=56)


def _noise(form: str, shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, np.uint8)).save(stream, form)
    return stream.getvalue()


def _sparse(path: Path, beginning: bytes) -> None:
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(_SPARSE_BYTES)


def _npy(shape: str, data: bytes = b"") -> bytes:
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


def _wide(pixels: int) -> bytes:
    side = int(pixels**0.5)
    return b"P6\n%d %d\n65535\n" % (side, side) + bytes(6 * side * side)


def _plain_ppm(pixels: int) -> bytes:
    side = int(pixels**0.5)
    return b"P3\n%d %d\n255\n" % (side, side) + b"0 0 0\n" * (side * side)


def _zip_tiff(width: int, height: int, tags: dict[int, tuple[int, list[int]]], unpacked: int) -> bytes:
    strip = {259: (3, [8]), **tags}
    return tiff(width, height, strip, _packed_zeros(unpacked))


_STRIP = {273: (4, [-1]), 279: (4, [-2])}
_TILE = {324: (4, [-1]), 325: (4, [-2])}

BYTES: dict[str, Callable[[], bytes]] = {
    "webp-34-bytes.webp": lambda: webp(16383, 16383),
    "webp-40mp.webp": lambda: _saved("WEBP", (7900, 5000), lossless=True, quality=0, method=0),
    "webp-9mp-noise.webp": lambda: _noise("WEBP", (3_000, 3_000, 3)),
    "jpeg-178mp.jpg": lambda: _saved("JPEG", (14_900, 11_900), mode="L"),
    "jpeg-39mp-noise.jpg": lambda: _noise("JPEG", (5_000, 7_800, 3)),
    "progressive-178mp.jpg": lambda: progressive_jpeg(14_900, 11_900, 3),
    "progressive-39mp-color.jpg": lambda: progressive_jpeg(7_800, 5_000, 10, components=3),
    "progressive-1000-scans.jpg": lambda: progressive_jpeg(6_000, 6_000, 1_000),
    "jpeg-empty-segments.jpg": lambda: jpeg_with(b"\xff\xe5\x00\x02" * _MANY),
    "jpeg-fill-bytes.jpg": lambda: jpeg_with(b"\xff" * 4 * _MANY),
    "png-1x39m.png": lambda: png(1, 39_000_000),
    "png-39mx1.png": lambda: png(39_000_000, 1),
    "png-39mp-gray.png": lambda: png(7_800, 5_000),
    "png-39mp-palette.png": lambda: png(7_800, 5_000, 3, more=png_chunk(b"tRNS", bytes(256))),
    "png-39mp-color.png": lambda: png(7_800, 5_000, 2),
    "png-39mp-alpha.png": lambda: png(7_800, 5_000, 6),
    "png-39mp-16bit.png": lambda: png(7_800, 5_000, 0, 16),
    "png-39mp-16bit-alpha.png": lambda: png(7_800, 5_000, 6, 16),
    "png-many-chunks.png": lambda: png(8, 8, more=png_chunk(b"teSt", b"") * _MANY),
    "png-many-empty-idat.png": lambda: png(8, 8, more=png_chunk(b"IDAT", b"") * _MANY),
    "png-packed-text.png": lambda: png(8, 8, more=png_chunk(b"zTXt", b"a\0\0" + _packed_zeros((1 << 20) - 1)) * 63),
    "gif-65535.gif": lambda: gif(65_535, 65_535),
    "gif-178mp-disposal.gif": lambda: gif(13_300, 13_300, b"!\xf9\x04\x0d\0\0\0\0"),
    "gif-39mp.gif": lambda: _saved("GIF", (7_800, 5_000)),
    "gif-comments.gif": lambda: gif(8, 8, b"!\xfe" + b"\x01a" * 4 * _MANY + b"\0"),
    "tiff-39mp-zip.tif": lambda: _zip_tiff(7_800, 5_000, _STRIP, 7_800 * 5_000),
    "tiff-39mp-color-zip.tif": lambda: _zip_tiff(
        7_800, 5_000, {**_STRIP, 258: (3, [8] * 3), 262: (3, [2]), 277: (3, [3])}, 3 * 7_800 * 5_000
    ),
    "tiff-tile.tif": lambda: _zip_tiff(64, 64, {**_TILE, 322: (4, [40_000]), 323: (4, [40_000])}, 40_000 * 40_000),
    "tiff-strips.tif": lambda: tiff(
        8, 3_000_000, {278: (4, [1]), 273: (4, [8_000] * 3_000_000), 279: (4, [8] * 3_000_000)}, bytes(8)
    ),
    "tiff-bits.tif": lambda: tiff(8, 8, {**_STRIP, 258: (3, [8] * 8_000_000)}, bytes(64)),
    "ppm-16bit-39mp.ppm": lambda: _wide(39_000_000),
    "ppm-plain-10mp.ppm": lambda: _plain_ppm(10_000_000),
    "ppm-comment.ppm": lambda: b"P6\n#" + b"a" * 16 * _MANY + b"\n8 8\n255\n" + bytes(192),
    "bmp-rle-39mp.bmp": lambda: bmp_rle(7_800, 5_000, b"\x01\x00" * 8 * _MANY),
    "bmp-rle-lines.bmp": lambda: bmp_rle(39_000_000, 1, b"\x01\x00\x00\x00\x00\x01"),
    "page-of-digits.png": lambda: page(_digits),
    "page-of-5005-strokes.png": lambda: page(_strokes),
    "page-of-100000-specks.png": lambda: page(_specks),
    "page-of-noise.png": lambda: _noise("PNG", (1_200, 1_600)),
    "strip-1x60000.png": lambda: png(1, 60_000),
    "strip-60000x1.png": lambda: png(60_000, 1),
    "one-pixel.png": lambda: png(1, 1),
    "one-color.png": lambda: png(1_600, 1_200),
    "array-header-only.npy": lambda: _npy("(600000000, 28, 28)"),
    "array-47mb.npy": lambda: _npy("(60000, 28, 28)", bytes(47_040_000)),
    "gz-bomb-ubyte.gz": lambda: _gz(struct.pack(">BBBB3I", 0, 0, 8, 3, 600_000, 28, 28), 600 << 20),
}
"""By name: what makes a file's bytes."""

HONEST = ("page-of-digits.png", "array-47mb.npy")
"""Those that bring as much work as they ask for: 300 digits, 60,000 images; beside them the others are seen."""

PLACED: dict[str, Callable[[Path], None]] = {
    "sparse.png": lambda path: _sparse(path, b""),
    "sparse-chunk.png": lambda path: _sparse(path, png(8, 8)[:33] + struct.pack(">I", 2**31 - 1) + b"teSt"),
    "sparse.webp": lambda path: _sparse(path, webp(8, 8)),
    "sparse.npy": lambda path: _sparse(path, _npy("(60000, 28, 28)")),
    "sparse.tif": lambda path: _sparse(path, tiff(8, 8, {**_STRIP, 700: (4, [1] * 2)}, b"")),
    "zero.png": lambda path: path.symlink_to("/dev/zero"),
    "zero.npy": lambda path: path.symlink_to("/dev/zero"),
}
"""By name: what makes a file that is not just bytes."""


def make(name: str, path: Path) -> None:
    """Write the hostile file of this name."""
    if name in PLACED:
        PLACED[name](path)
    else:
        path.write_bytes(BYTES[name]())


def _saved(form: str, size: tuple[int, int], mode: str = "L", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, 255).save(stream, form, **options)
    return stream.getvalue()


def _gz(head: bytes, zeros: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    parts = [packer.compress(head)] + [packer.compress(block) for _ in range(zeros >> 20)]
    return b"".join(parts) + packer.flush()
