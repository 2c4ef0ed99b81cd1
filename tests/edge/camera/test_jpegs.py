"""Pictures out of a stream of JPEGs, whatever lies between them."""

import io

import numpy as np
import pytest
from PIL import Image

from edgemnist.camera.jpegs import MOST_GARBAGE_BYTES, jpeg_size, split_jpegs
from edgemnist.errors import PictureError

MOST_BYTES = 10_000_000
RNG = np.random.default_rng(0)


def jpeg(width: int = 64, height: int = 48, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(file, "JPEG", **options)
    return file.getvalue()


THUMBNAIL = jpeg(16, 12)


def with_thumbnail(picture: bytes) -> bytes:
    """A JPEG with another one in its metadata, as cameras have it."""
    return picture[:2] + b"\xff\xe1" + (len(THUMBNAIL) + 2).to_bytes(2) + THUMBNAIL + picture[2:]


def split(stream: bytes, at_once: int = 65_536, most_bytes: int = MOST_BYTES) -> list[bytes]:
    file = io.BytesIO(stream)
    return list(split_jpegs(lambda: file.read(at_once), "stdin", most_bytes))


KINDS = {
    "plain": jpeg(),
    "gray": jpeg(1, 1),
    "progressive": jpeg(progressive=True),
    "restarts": jpeg(restart_marker_blocks=1),
    "thumbnail": with_thumbnail(jpeg()),
    "filled": jpeg().replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1),
}


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 1000, 65_536])
def test_each_picture_comes_whole_however_the_stream_is_cut(at_once):
    pictures = list(KINDS.values())
    assert split(b"".join(pictures), at_once) == pictures


def test_what_lies_between_pictures_is_skipped():
    between = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8 \xff\xff"
    pictures = [jpeg() for _ in range(5)]
    assert split(between + between.join(pictures) + between, 50) == pictures


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_cut_short_costs_no_other(kind):
    whole = jpeg()
    for length in {2, 3, 10, *range(20, len(KINDS[kind]), 97)}:
        assert whole in split(KINDS[kind][:length] + whole + whole)
        # Of one that ends within its metadata the thumbnail may come.
        assert split(whole + KINDS[kind][:length]) in ([whole], [whole, THUMBNAIL])


def test_pictures_that_come_are_those_that_were_sent_whatever_was_damaged():
    """Random damage: a picture may be lost or damaged; all that were left alone come, but for the one behind."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        pictures = [jpeg(24, 24) for _ in range(4)]
        hurt = bytearray(pictures[1])
        for place in rng.integers(0, len(hurt), 5):
            hurt[place] = rng.integers(256)
        found = split(pictures[0] + bytes(hurt) + pictures[2] + pictures[3])
        assert found[0] == pictures[0]
        assert found[-1] == pictures[3]


@pytest.mark.parametrize(
    "garbage", [b"\0", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda\0\2" + bytes(10), b"H.264 \xff\xd9"]
)
def test_a_stream_without_pictures_is_given_up(garbage):
    reads = 0

    def read() -> bytes:
        nonlocal reads
        reads += 1
        return (garbage * 65_536)[:65_536]

    with pytest.raises(PictureError, match="stdin holds no JPEG pictures"):
        list(split_jpegs(read, "stdin", 2 * MOST_GARBAGE_BYTES))
    assert reads * 65_536 <= 4 * MOST_GARBAGE_BYTES


def test_a_picture_without_end_is_given_up():
    beginning = KINDS["plain"][:-2]
    with pytest.raises(PictureError, match="holds no JPEG pictures"):
        split(beginning + bytes(8 * MOST_GARBAGE_BYTES), most_bytes=3 * MOST_GARBAGE_BYTES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_pillows(kind):
    with Image.open(io.BytesIO(KINDS[kind])) as picture:
        assert jpeg_size(KINDS[kind]) == picture.size


def test_the_size_of_a_damaged_header_is_unknown():
    for length in range(20):
        assert jpeg_size(KINDS["plain"][:length]) is None
