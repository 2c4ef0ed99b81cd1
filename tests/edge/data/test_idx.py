import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from edgemnist.data.idx import MAX_BYTES, decode_idx, encode_idx, read_idx, write_idx
from edgemnist.errors import DataError, StorageError

# Written out by hand from the format's description: two images of 2x3 pixels.
IMAGES = np.array([[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 255]]], np.uint8)
CONTENT = bytes.fromhex("00000803 00000002 00000002 00000003 000102030405 060708090aff")


def test_encoding_is_the_documented_bytes() -> None:
    assert encode_idx(IMAGES) == CONTENT
    assert encode_idx(np.array([7, 9], np.uint8)) == bytes.fromhex("00000801 00000002 0709")


def test_encoding_does_not_depend_on_memory_order() -> None:
    assert encode_idx(np.asfortranarray(IMAGES)) == CONTENT


@pytest.mark.parametrize("shape", [(5,), (2, 7), (3, 28, 28)])
def test_reading_returns_what_was_written(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_idx(tmp_path / "file", array)
    found = read_idx(tmp_path / "file")
    assert found.dtype == np.uint8
    assert found.flags.writeable  # torch.from_numpy warns of arrays that are not
    np.testing.assert_array_equal(found, array)


def test_first_bytes_decide_on_gzip_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "raw.gz").write_bytes(CONTENT)
    (tmp_path / "packed").write_bytes(gzip.compress(CONTENT))
    np.testing.assert_array_equal(read_idx(tmp_path / "raw.gz"), IMAGES)
    np.testing.assert_array_equal(read_idx(tmp_path / "packed"), IMAGES)


@pytest.mark.parametrize(
    "array",
    [np.zeros(3, np.int64), np.zeros((), np.uint8), np.zeros((1, 1, 1, 1), np.uint8), np.zeros(0, np.uint8)],
    ids=["int64", "rank 0", "rank 4", "empty"],
)
def test_encoding_refuses_what_reading_would(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="IDX holds"):
        encode_idx(array)


BAD_CONTENT = {
    "empty": (b"", "x: the file is empty; get it again"),
    "text": (b"hello", "x: not an IDX file (starts with 68 65 6c 6c); give an IDX file, raw or gzip"),
    "two bytes": (b"\0\0", "x: not an IDX file (starts with 00 00); give an IDX file, raw or gzip"),
    "float32": (b"\0\0\x0d\x01", "x: an IDX file of float32; only uint8 is read, convert it first"),
    "no type": (
        b"\0\0\x07\x01",
        "x: not an IDX file of uint8 with 1 to 3 axes (starts with 00 00 07 01)",
    ),
    "rank 4": (b"\0\0\x08\x04", "x: not an IDX file of uint8 with 1 to 3 axes (starts with 00 00 08 04)"),
    "half a header": (CONTENT[:9], "x: cut short within the IDX header; get the file again"),
    "one byte short": (CONTENT[:-1], "x: cut short, 11 of 12 bytes of items; get the file again"),
    "one byte more": (
        CONTENT + b"\0",
        "x: goes on after the 12 bytes that its header announces; get the file again",
    ),
    "no items": (
        struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 0, 2**32 - 1),
        "x: the IDX header announces no items (shape (4294967295, 0, 4294967295)); use a file that has some",
    ),
    "a lie": (
        struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1),
        "x: the IDX header announces 79,228,162,458,924,105,385,300,197,375 bytes, more than the 536,870,912 "
        "that are read; the file is damaged, or must be split",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_CONTENT.values(), ids=BAD_CONTENT)
@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gzip"])
def test_bad_content_is_refused_in_one_line(content: bytes, message: str, packed: bool) -> None:
    with pytest.raises(DataError) as caught:
        decode_idx(gzip.compress(content) if packed else content, "x")
    assert str(caught.value) == message


@pytest.mark.parametrize("kept", [3, 12, 30, -4])
def test_truncated_gzip_is_refused(kept: int) -> None:
    with pytest.raises(DataError, match=r"^x: the gzip stream is cut short; get the file again$"):
        decode_idx(gzip.compress(CONTENT)[:kept], "x")


def test_every_altered_byte_behind_the_gzip_header_is_refused() -> None:
    packed = gzip.compress(CONTENT, mtime=0)
    for position in range(10, len(packed)):
        altered = bytearray(packed)
        altered[position] ^= 0x10
        with pytest.raises(DataError, match=r"^x: [^\n]+$"):
            decode_idx(bytes(altered), "x")


def test_bytes_after_the_gzip_stream_are_refused() -> None:
    with pytest.raises(DataError, match="x: the gzip stream is damaged"):
        decode_idx(gzip.compress(CONTENT) + b"more", "x")


def test_header_that_lies_allocates_nothing() -> None:
    content = struct.pack(">4BI", 0, 0, 8, 1, MAX_BYTES) + bytes(100)
    assert _peak_bytes_of_refusal(content) < 4 * 2**20
    assert _peak_bytes_of_refusal(gzip.compress(content)) < 4 * 2**20


def test_gzip_bomb_is_cut_off_where_its_header_ends() -> None:
    bomb = gzip.compress(CONTENT + bytes(64 * 2**20))
    assert _peak_bytes_of_refusal(bomb) < 4 * 2**20


def _peak_bytes_of_refusal(content: bytes) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            decode_idx(content, "x")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_missing_file_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "nothing", tmp_path / "file" / "below"):
        with pytest.raises(DataError) as caught:
            read_idx(path)
        assert str(caught.value) == f"{path}: no such file; check the path"


def test_folder_in_place_of_a_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        read_idx(tmp_path)
    assert str(caught.value) == f"cannot read {tmp_path}: Is a directory"


def test_writing_below_a_file_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        write_idx(tmp_path / "file" / "below", IMAGES)
