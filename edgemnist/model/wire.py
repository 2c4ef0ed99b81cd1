"""Protocol buffers read field by field, without a schema compiler: what an .onnx file holds, before anything runs it.

Source of the format: protobuf.dev, "Encoding"; of the field numbers: onnx.proto of ONNX 1.19.
"""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types; groups, 3 and 4, are in no file of ours."""

_MOST_VARINT_BYTES = 10


class WireError(ValueError):
    """Bytes that are no message."""


def fields(message: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Number, wire type and value of each field in turn; a varint or fixed value is an int, anything else its bytes.

    Raises:
        WireError: the message is cut short or no message at all.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if not number:
            raise WireError("a field with the number 0")
        value: int | memoryview
        if kind == VARINT:
            value, at = _varint(message, at)
        elif kind == BYTES:
            length, at = _varint(message, at)
            if length > end - at:
                raise WireError("a field that is longer than what it is part of")
            value, at = message[at : at + length], at + length
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
            if size > end - at:
                raise WireError("a number that is cut short")
            value, at = int.from_bytes(message[at : at + size], "little"), at + size
        else:
            raise WireError(f"a field of wire type {kind}")
        yield number, kind, value


def integers(kind: int, value: int | memoryview) -> list[int]:
    """The integers in one field of a repeated int64, packed or not; negative ones as the signed numbers they mean.

    Raises:
        WireError: the field holds no integers.
    """
    found: list[int] = []
    if isinstance(value, int):
        if kind != VARINT:
            raise WireError("a number of another kind")
        found.append(value)
    else:
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            found.append(number)
    return [number - 2**64 if number >= 2**63 else number for number in found]


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_MOST_VARINT_BYTES):
        if at + place >= len(message):
            raise WireError("a number that is cut short")
        byte = message[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at + place + 1
    raise WireError("a number of more than 64 bits")
