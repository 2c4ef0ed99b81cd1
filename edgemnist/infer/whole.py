"""Whether a picture's file looks whole from its ends alone: a writer that pauses leaves it cut short for a while."""

from pathlib import Path

_END_BYTES = 4096
"""Of the file's end that are looked at: cameras put a few bytes behind the picture."""

_ENDS = {
    b"\x89PNG\r\n\x1a\n": b"IEND\xaeB`\x82",
    b"\xff\xd8\xff": b"\xff\xd9",
    b"GIF8": b";",
}
"""What a file begins with: what stands near its end. Source: the formats' specifications."""


def looks_whole(path: Path) -> bool:
    """Whether nothing speaks against it that all of the picture in `path` is there; of a TIFF or PPM nobody can tell.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES))
        end = file.read(_END_BYTES)
    if head.startswith(b"RIFF"):
        return size >= 8 + int.from_bytes(head[4:8], "little")
    if head.startswith(b"BM"):
        return size >= int.from_bytes(head[2:6], "little")
    return all(mark in end for magic, mark in _ENDS.items() if head.startswith(magic))
