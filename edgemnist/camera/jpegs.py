"""A stream of JPEG pictures, one behind the other -> each of them; what lies between is skipped.

Source of the structure: ITU T.81, appendix B.
"""

import re
from collections.abc import Callable, Iterator

from edgemnist.camera.frames import Frame, Frames, Size
from edgemnist.errors import PictureError

MOST_GARBAGE_BYTES = 1 << 20
"""Without a picture, until a stream is taken for something else: raw H.264, for example."""

JPEG_BEGINNING = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In a scan, where stuffed zeros and restarts stand too."""
_END, _SCAN = 0xD9, 0xDA
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of segments that hold width and height."""
_NO_SEGMENT = {0x00, 0x01, *range(0xD0, 0xD9)}


class _BrokenError(Exception):
    """What began like a picture is none."""


def split_jpegs(read: Callable[[], bytes], name: str, most_bytes: int) -> Iterator[bytes]:
    """Each whole picture in the stream of which `read` gives the next bytes, none at its end.

    No more than `most_bytes` and one read are ever held.

    Raises:
        PictureError: `MOST_GARBAGE_BYTES` and more come without a picture.
    """
    held, garbage = bytearray(), 0
    at, in_scan = 0, False  # how far the picture that `held` begins with was looked through
    ended = False
    while not ended:
        chunk = read()
        held += chunk
        ended = not chunk
        while True:
            if not at:
                garbage += _skip_to_beginning(held)
                if not held.startswith(JPEG_BEGINNING):
                    break
                at, in_scan = 2, False
            try:
                end, at, in_scan = _look_on(held, at, in_scan)
                if not end and (ended or len(held) > most_bytes):
                    raise _BrokenError
            except _BrokenError:  # another one may have begun in it
                del held[:2]
                garbage, at = garbage + 2, 0
                continue
            if not end:
                break
            yield bytes(held[:end])
            del held[:end]
            garbage = at = 0
        if garbage > MOST_GARBAGE_BYTES:
            raise PictureError(f"{name} holds no JPEG pictures; what is read there is MJPEG, one JPEG behind the other")


def jpeg_frames(read: Callable[[], bytes], name: str, most_bytes: int) -> Frames:
    """The pictures of such a stream as frames, each a file of its own; raises as `split_jpegs`."""
    for jpeg in split_jpegs(read, name, most_bytes):
        yield jpeg_frame(jpeg)


def jpeg_frame(jpeg: bytes, position_s: float | None = None) -> Frame:
    """A frame that is a JPEG file, unpacked only when it is read."""
    return Frame(lambda: jpeg, jpeg_size(jpeg), position_s)


def jpeg_size(data: bytes) -> Size | None:
    """Width and height of a JPEG, from its header; None where that is damaged."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        code = data[at + 1]
        if code in _SIZES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 1 if code == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _skip_to_beginning(held: bytearray) -> int:
    """How many bytes were dropped in front of a picture's beginning; the last two may be part of one."""
    start = held.find(JPEG_BEGINNING)
    dropped = max(0, len(held) - 2) if start < 0 else start
    del held[:dropped]
    return dropped


def _look_on(held: bytearray, at: int, in_scan: bool) -> tuple[int, int, bool]:
    """Where the picture ends, 0 if that has not come yet; and from where to look on, and whether that is in a scan."""
    while True:
        if in_scan:
            found = _MARKER.search(held, at)
            if not found:
                return 0, max(at, len(held) - 1), True
            at, in_scan = found.start(), False
        if len(held) < at + 4 and held[at + 1 : at + 2] != bytes([_END]):
            return 0, at, False
        code = held[at + 1]
        if held[at] != 0xFF or code in _NO_SEGMENT:
            raise _BrokenError
        if code == _END:
            return at + 2, at, False
        length = int.from_bytes(held[at + 2 : at + 4])
        if code == 0xFF:  # fill
            at += 1
        elif length < 2:
            raise _BrokenError
        else:
            at, in_scan = at + 2 + length, code == _SCAN
