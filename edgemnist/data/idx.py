"""IDX, the file format of MNIST: two zero bytes, type, rank, one big-endian uint32 per axis, then the items.

Only type 0x08 (unsigned bytes) and rank 1 to 3 are read, which is all that MNIST and its relatives use.
Reading is strict: the items end exactly where the header says. So `encode_idx(decode_idx(x, ...))` is `x`
uncompressed, byte for byte, and a hash over an array's encoding is the hash of the file it came from.

Source of the format: Yann LeCun's MNIST page, "The IDX file format".
"""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from edgemnist.atomic import write_bytes
from edgemnist.data.regular import open_regular, size_of
from edgemnist.errors import DataError, StorageError, reason_of

MAX_BYTES = 512 * 2**20
"""The largest array that is read, in bytes: more than ten times the largest of MNIST."""

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08
_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_CHUNK_BYTES = 2**20


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in an IDX file, raw or gzip: its first bytes decide, not its name.

    Returns:
        uint8, writable, of rank 1 to 3.

    Raises:
        DataError: the file is missing, damaged, no IDX file, or larger than `MAX_BYTES`.
        StorageError: the file is there and cannot be read.
    """
    try:
        with open_regular(path) as file:
            return _decode(file, str(path), size=size_of(file))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{path}: no such file; check the path") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def decode_idx(content: bytes, source: str, most_bytes: int = MAX_BYTES) -> NDArray[np.uint8]:
    """The array in the content of an IDX file, raw or gzip, of at most so many bytes; `source` names it in errors.

    Raises:
        DataError: as `read_idx`.
    """
    return _decode(io.BufferedReader(io.BytesIO(content)), source, most_bytes)


def encode_idx(array: NDArray[np.uint8]) -> bytes:
    """The uncompressed IDX file that holds `array`.

    Raises:
        ValueError: `array` is not uint8, not of rank 1 to 3, or empty.
    """
    if array.dtype != np.uint8 or not 1 <= array.ndim <= 3 or array.size == 0:
        raise ValueError(f"IDX holds non-empty uint8 of rank 1 to 3, not {array.dtype} of shape {array.shape}")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + array.tobytes()


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write `array` to `path` as uncompressed IDX, whole or not at all.

    Raises:
        ValueError: as `encode_idx`.
        StorageError: the file cannot be written.
    """
    write_bytes(path, encode_idx(array))


def _decode(
    file: io.BufferedReader, source: str, most_bytes: int = MAX_BYTES, size: int | None = None
) -> NDArray[np.uint8]:
    """The array in an open file, of which `size` are the bytes where they are known."""
    if file.peek(2)[:2] != _GZIP_MAGIC:
        return _parse(file, source, most_bytes, size)
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            return _parse(unpacked, source, most_bytes)
    except EOFError as error:
        raise DataError(f"{source}: the gzip stream is cut short; get the file again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{source}: the gzip stream is damaged ({reason_of(error)}); get the file again") from error


def _parse(stream: io.BufferedIOBase, source: str, most_bytes: int, file_bytes: int | None = None) -> NDArray[np.uint8]:
    shape = _parse_header(stream, source)
    size = math.prod(shape)
    if size == 0:
        raise DataError(f"{source}: the IDX header announces no items (shape {shape}); use a file that has some")
    if size > most_bytes:
        raise DataError(
            f"{source}: the IDX header announces {size:,} bytes, more than the {most_bytes:,} that are read; "
            "the file is damaged, or must be split"
        )
    if file_bytes is not None:
        _require_items(file_bytes - stream.tell(), size, source)
    items = read_up_to(stream, size + 1)
    _require_items(len(items), size, source)
    return np.frombuffer(items, np.uint8).reshape(shape)


def _require_items(found: int, size: int, source: str) -> None:
    if found < size:
        raise DataError(f"{source}: cut short, {found:,} of {size:,} bytes of items; get the file again")
    if found > size:
        raise DataError(f"{source}: goes on after the {size:,} bytes that its header announces; get the file again")


def _parse_header(stream: io.BufferedIOBase, source: str) -> tuple[int, ...]:
    magic = stream.read(4)
    if not magic:
        raise DataError(f"{source}: the file is empty; get it again")
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise DataError(f"{source}: not an IDX file (starts with {magic.hex(' ')}); give an IDX file, raw or gzip")
    kind, rank = magic[2:]
    if kind in _TYPES:
        raise DataError(f"{source}: an IDX file of {_TYPES[kind]}; only uint8 is read, convert it first")
    if kind != _UNSIGNED_BYTE or not 1 <= rank <= 3:
        raise DataError(f"{source}: not an IDX file of uint8 with 1 to 3 axes (starts with {magic.hex(' ')})")
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise DataError(f"{source}: cut short within the IDX header; get the file again")
    return struct.unpack(f">{rank}I", sizes)


def read_up_to(stream: BinaryIO | io.BufferedIOBase, limit_bytes: int) -> bytearray:
    """Up to `limit_bytes` of `stream`.

    In chunks, because one large read allocates what it was asked for, however little there is.

    Raises:
        OSError: reading fails.
    """
    content = bytearray()
    while len(content) < limit_bytes:
        chunk = stream.read(min(_CHUNK_BYTES, limit_bytes - len(content)))
        if not chunk:
            break
        content += chunk
    return content
