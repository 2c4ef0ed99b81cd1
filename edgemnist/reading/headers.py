"""What a picture's file claims, read from its structure before Pillow opens it: Pillow's own opening already allocates
what a WebP or GIF says of itself, and takes up each part of a file in Python, however many there are.

Files that end early are left to Pillow to refuse: it says how they are damaged.

Source of the structures: the specifications of PNG, GIF89a, JPEG (T.81), WebP and TIFF 6.0.
"""

import os
import re
import struct
from collections.abc import Callable, Iterator
from typing import IO

from edgemnist.errors import PictureError
from edgemnist.reading.limits import (
    BLOCK_PIXELS,
    METADATA_PIXELS,
    PART_PIXELS,
    PIXEL_BYTES,
    Claim,
    jpeg_claims,
    require_fit,
    webp_claim,
)

_UNPACKED_TEXT = 1 << 20
"""Bytes: what Pillow unpacks of a PNG's packed text or color profile at most."""
_PACKED_CHUNKS = (b"zTXt", b"iTXt", b"iCCP")
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
"""Markers of the frames that are read: sequential and progressive, Huffman or arithmetic."""
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}
_PROGRESSIVE = {0xC2, 0xCA}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xDA)}
_READ_AT_ONCE = 1 << 20
_PPM_HEADER = re.compile(rb"(?:(?:\s|#[^\r\n]*+[\r\n])*+[^\s#]++){3}")
"""What it is, width and height, with the comments between them."""
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value, by type."""
_TIFF_BYTE_TYPES = (1, 2, 6, 7)
"""Types that stay bytes; of others Pillow makes a number of Python's for each value."""


def require_plain(file: IO[bytes], form: str, name: str, max_pixels: int) -> None:
    """Return when the structure of a file, whose format goes by the name that Pillow gives it, is within the limit.

    The file stands at its beginning again afterwards.

    Raises:
        PictureError: it is not.
    """
    size = _size(file)
    require_fit([Claim(size / PIXEL_BYTES, f"{size:,} bytes")], name, max_pixels)
    walk = _WALKS.get(form)
    try:
        require_fit(walk(file) if walk else (), name, max_pixels)
    except _NotReadError as error:
        raise PictureError(f"{name} is {error}") from error
    except (struct.error, IndexError):
        pass  # it ends early
    finally:
        file.seek(0)


class _NotReadError(Exception):
    """What a file is instead."""


def _size(file: IO[bytes]) -> int:
    """The bytes of a file, which stands at its beginning then."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _read(file: IO[bytes], layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _png(file: IO[bytes]) -> Iterator[Claim]:
    size = _size(file)
    file.seek(8)
    parts = metadata = packed = 0
    own = 0
    while file.tell() < size:
        length, letters = _read(file, ">II")
        kind = letters.to_bytes(4, "big")
        parts += 1
        if kind == b"IHDR":
            width, height, depth, color = _read(file, ">IIBB")
            own = width * height * (1 if color in (0, 3) and depth <= 8 else PIXEL_BYTES)
            yield Claim(width * height, f"{width}x{height} pixels")
            length -= 10
        elif kind != b"IDAT":
            metadata += min(length, size - file.tell())
            packed += kind in _PACKED_CHUNKS
        file.seek(length + 4, os.SEEK_CUR)
        yield Claim(parts * PART_PIXELS, f"{parts:,} parts of a PNG and more", counted=False)
        yield Claim(metadata * METADATA_PIXELS, f"{metadata:,} bytes of metadata and more", counted=False)
        if packed:
            yield Claim((own + packed * _UNPACKED_TEXT) / PIXEL_BYTES, f"its pixels and {packed:,} packed texts")


def _jpeg(file: IO[bytes]) -> Iterator[Claim]:
    file.seek(2)
    parts, frame = 0, None
    while True:
        mark = file.read(2)
        parts += 1
        yield Claim(parts * PART_PIXELS, f"{parts:,} parts of a JPEG and more", counted=False)
        if mark[0] != 0xFF or mark[1] in (0, 0xFF):
            file.seek(-1, os.SEEK_CUR)  # as Pillow does: fill bytes and junk
            continue
        if mark[1] in _WITHOUT_LENGTH:
            continue
        (length,) = _read(file, ">H")
        content = file.read(max(0, length - 2)) if mark[1] in _FRAMES | {0xDA} else b""
        if mark[1] in _OTHER_FRAMES:
            raise _NotReadError("a JPEG of a kind that is not read, lossless or hierarchical; save it as another")
        if mark[1] in _FRAMES:
            frame = (mark[1], content)
        if mark[1] == 0xDA:
            break
        if not content:
            file.seek(max(0, length - 2), os.SEEK_CUR)
        yield Claim(file.tell() * METADATA_PIXELS, f"{file.tell():,} bytes of metadata and more", counted=False)
    if frame:
        yield from _jpeg_scans(file, *frame, content[0])


def _jpeg_scans(file: IO[bytes], marker: int, frame: bytes, in_first_scan: int) -> Iterator[Claim]:
    """What the coefficients count as that are held where a picture comes in several scans."""
    _, height, width, layers = struct.unpack(">BHHB", frame[:6])
    if marker not in _PROGRESSIVE and in_first_scan == layers:
        return
    factors = [(frame[at + 1] >> 4, frame[at + 1] & 15) for at in range(6, 6 + 3 * layers, 3)]
    widest, highest = (max((1, *sides)) for sides in zip(*factors, strict=True))
    samples = sum(across * down for across, down in factors) / (widest * highest)
    scans, last = 1, b""
    while block := file.read(_READ_AT_ONCE):
        scans += (last + block).count(b"\xff\xda")
        last = block[-1:]
    yield from jpeg_claims((width, height), samples, scans)


def _webp(file: IO[bytes]) -> Iterator[Claim]:
    size = _size(file)
    head = file.read(30)
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = (number & 0x3FFF for number in struct.unpack("<HH", head[26:30]))
    elif kind == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    yield webp_claim(width, height, size)


def _gif(file: IO[bytes]) -> Iterator[Claim]:
    file.seek(6)
    *screen, flags, _, _ = _read(file, "<HHBBB")
    yield Claim(screen[0] * screen[1], f"{screen[0]}x{screen[1]} pixels")
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, os.SEEK_CUR)
    blocks = frames = 0
    while frames < 2:  # Pillow looks whether there is a second one
        (kind,) = _read(file, "B")
        blocks += 1
        if kind == 0x2C:
            left, top, width, height, flags = _read(file, "<HHHHB")
            right, bottom = max(screen[0], left + width), max(screen[1], top + height)
            yield Claim(right * bottom, f"{right}x{bottom} pixels")
            file.seek((3 << (flags & 7) + 1 if flags & 0x80 else 0) + 1, os.SEEK_CUR)
            frames += 1
        elif kind == 0x21:
            file.seek(1, os.SEEK_CUR)
        elif kind == 0x3B:
            return
        while kind in (0x2C, 0x21) and (length := file.read(1)[0]):
            file.seek(length, os.SEEK_CUR)
            blocks += 1
            if blocks % PART_PIXELS == 0:
                yield Claim(blocks * BLOCK_PIXELS, f"{blocks:,} parts of a GIF and more", counted=False)
        yield Claim(blocks * BLOCK_PIXELS, f"{blocks:,} parts of a GIF and more", counted=False)


def _tiff(file: IO[bytes]) -> Iterator[Claim]:
    size = _size(file)
    head = file.read(8)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    place, count, entry, link = (
        (order + "Q", order + "Q", order + "HHQQ", order + "Q")
        if big
        else (order + "I", order + "H", order + "HHII", order + "I")
    )
    file.seek(8 if big else 4)
    (at,) = _read(file, place)
    seen: set[int] = set()
    values = metadata = 0
    while at and at not in seen:
        seen.add(at)
        file.seek(at)
        (entries,) = _read(file, count)
        for _ in range(entries):
            _, kind, number, _ = _read(file, entry)
            number = min(number, size // _TIFF_SIZES.get(kind, size))
            values += 1 if kind in _TIFF_BYTE_TYPES else number
            metadata += number if kind in _TIFF_BYTE_TYPES else 0
            yield Claim(values * BLOCK_PIXELS, f"{values:,} numbers in tables and more", counted=False)
            yield Claim(metadata * METADATA_PIXELS, f"{metadata:,} bytes of metadata and more", counted=False)
        (at,) = _read(file, link)


def _ppm(file: IO[bytes]) -> Iterator[Claim]:
    """The header is read letter by letter, comments too."""
    beginning = file.read(_READ_AT_ONCE)
    header = _PPM_HEADER.match(beginning)
    letters = header.end() if header else len(beginning)
    if header or letters == _READ_AT_ONCE:
        yield Claim(letters * BLOCK_PIXELS, f"{letters:,} letters of a header and more", counted=False)


_WALKS: dict[str, Callable[[IO[bytes]], Iterator[Claim]]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "WEBP": _webp,
    "GIF": _gif,
    "TIFF": _tiff,
    "PPM": _ppm,
}
