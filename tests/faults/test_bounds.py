"""Small files that ask for much are refused before anything is unpacked; what is left keeps within its bounds."""

import gzip
import inspect
import io
import os
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

import hostile
from bounds import measure

from edgemnist import Classifier, cli
from edgemnist.bundle.installer import install
from edgemnist.data import tables
from edgemnist.data.folder import read_class_names
from edgemnist.data.idx import decode_idx, encode_idx, read_idx
from edgemnist.errors import DataError, ModelError, PictureError, StorageError, UsageError
from edgemnist.infer import sources
from edgemnist.infer.sources import find_sources, read_sources
from edgemnist.model.opened import open_model
from edgemnist.reading import gray
from edgemnist.reading.limits import MAX_MEGAPIXELS
from edgemnist.reading.own_data import load_data
from edgemnist.reading.picture import open_picture
from edgemnist.train.checkpoint import read_checkpoint

REFUSED = {
    "webp-34-bytes.webp": "16383x16383 pixels of WebP count as 1,074 megapixels",
    "progressive-178mp.jpg": "14900x11900 pixels in 3 scans count as 89 megapixels",
    "progressive-1000-scans.jpg": "6000x6000 pixels in 1,000 scans count as 1,800 megapixels",
    "gif-178mp-disposal.gif": "13300x13300 pixels count as 177 megapixels",
    "bmp-rle-lines.bmp": "39000000x1 pixels, the limit is 65,535 a side",
}
"""Those that are made in no time."""
ROUNDING = 1
"""Gray levels by which a picture that is reduced in strips differs from one that is reduced whole; measured: 1."""


def refusal(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        open_picture(content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "why"), REFUSED.items())
def test_what_a_header_claims_is_refused_with_the_limit_in_the_line(name, why):
    said = refusal(hostile.BYTES[name]())
    assert why in said
    assert "the limit is" in said


MANY = 50_000
TILE = {324: (4, [-1]), 325: (4, [-2])}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (hostile.jpeg_with(b"\xff\xe5\x00\x02" * MANY), "parts of a JPEG"),
        (hostile.jpeg_with(b"\xff" * MANY), "parts of a JPEG"),
        (hostile.jpeg_with((b"\xff\xe1\xff\xff" + bytes(0xFFFD)) * 400), "bytes of metadata"),
        (hostile.png(8, 8, more=hostile.png_chunk(b"teSt", b"") * MANY), "parts of a PNG"),
        (hostile.png(8, 8, more=hostile.png_chunk(b"teSt", bytes(21_000_000))), "bytes of metadata"),
        (hostile.png(6_000, 6_000, data=b"", more=hostile.png_chunk(b"zTXt", b"") * 200), "packed texts count as"),
        (hostile.gif(8, 8, b"!\xfe" + b"\x01a" * 10 * MANY + b"\0"), "parts of a GIF"),
        (hostile.tiff(8, 8, {258: (3, [8] * 10 * MANY)}, b""), "numbers in tables"),
        (hostile.tiff(64, 64, {**TILE, 259: (3, [8]), 322: (4, [40_000]), 323: (4, [40_000])}, b""),
         "64x64 pixels in parts of 40000x40000 count as 401 megapixels"),
        (b"P6\n1100 1000\n65535\n" + bytes(6), "1100x1000 pixels of PPM that is neither 8 bits"),
        (b"P3\n1100 1000\n255\n", "1100x1000 pixels of PPM in plain text"),
        (b"P6\n#" + b"a" * 10 * MANY + b"\n8 8\n255\n", "letters of a header"),
        (b"P6" + b" " * (1 << 21), "letters of a header"),
        (hostile.bmp_rle(1_100, 1_000, b""), "1100x1000 pixels of run-length coded BMP"),
        (hostile.jpeg_with(b"")[:2] + b"\xff\xc3\x00\x0b" + bytes(9), "lossless or hierarchical"),
    ],
)  # fmt: skip
def test_parts_and_slow_pixels_are_counted(content, why):
    assert why in refusal(content)


def test_a_larger_limit_lets_it_pass():
    content = hostile.webp(4_000, 3_000)
    assert "count as 49 megapixels, the limit is 40" in refusal(content)
    with pytest.raises(PictureError, match="is damaged"):
        open_picture(content, max_pixels=49_000_000)


def test_the_worst_files_in_one_folder_cost_little(tmp_path):
    """Peak memory and CPU time of the process, and the picture behind them is answered."""
    for name in (*REFUSED, "progressive-39mp-color.jpg", "gif-65535.gif", "sparse-chunk.png", "sparse.npy"):
        hostile.make(name, tmp_path / name)
    Image.new("L", (28, 28)).save(tmp_path / "zz.png")
    cost = measure(["infer", ".", "--format", "json"], tmp_path)
    assert cost.fits, cost
    assert cost.lines == 10


@pytest.mark.parametrize("mode", ["RGBA", "P", "1", "LA", "I;16", "F", "CMYK", "RGB"])
def test_a_picture_reduced_in_strips_is_the_one_reduced_whole(mode, monkeypatch):
    chance = np.random.default_rng(3)
    rough = Image.fromarray(chance.integers(0, 255, (90, 70, 4), np.uint8)).resize((1_403, 1_207))
    deep = np.asarray(rough.convert("L")).astype(np.uint16) * 257
    if mode in ("I;16", "F"):
        made = Image.fromarray(deep if mode == "I;16" else deep.astype(np.float32) / 65_535)
    else:
        made = rough.convert(mode)
    whole = open_picture(made).gray
    monkeypatch.setattr(gray, "_WHOLE_PIXELS", 0)
    in_strips = open_picture(made).gray
    assert in_strips.std() > 10
    assert np.abs(in_strips.astype(int) - whole).max() <= ROUNDING


def test_the_option_has_the_limit_for_its_default():
    assert inspect.signature(cli.infer).parameters["max_megapixels"].default == MAX_MEGAPIXELS
    with pytest.raises(UsageError, match="--max-megapixels must be a number above 0, not 0"):
        Classifier(max_megapixels=0)


def test_errors_that_are_returned_keep_no_pixels():
    (error,) = Classifier().predict([b"no picture"], errors="return")
    assert isinstance(error, PictureError)
    assert error.__traceback__ is error.__context__ is None


def test_links_in_a_circle_end(tmp_path, monkeypatch):
    for path in ("a/b/one.png", "a/two.png", "three.png", ".hidden/four.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    for link in ("a/up", "a/b/up", "a/b/again"):
        (tmp_path / link).symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    wanted = ["a/b/one.png", "a/two.png", "three.png"]
    assert find_sources(["**/*.png"]) == wanted
    assert find_sources([f"{tmp_path}/**/*.png"]) == [f"{tmp_path}/{path}" for path in wanted]
    assert find_sources(["a/**/one.png", "a/**/b/**/*.png"]) == ["a/b/one.png", "a/b/one.png"]


def test_a_fifo_and_a_device_are_no_data(tmp_path):
    os.mkfifo(tmp_path / "labels.txt")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(StorageError, match="labels.txt: it is no regular file"):
        read_class_names(tmp_path / "labels.txt")
    with pytest.raises(StorageError, match="zero: it is no regular file"):
        read_idx(tmp_path / "zero")
    with pytest.raises(StorageError, match="it is no regular file"):
        tables.read_csv(tmp_path / "zero")
    for read in (open_model, read_checkpoint):
        with pytest.raises(ModelError, match="it is no regular file"):
            read(tmp_path / "labels.txt")


def test_a_fifo_among_own_pictures_is_left_alone(tmp_path):
    for digit in range(10):
        (tmp_path / str(digit)).mkdir()
        os.mkfifo(tmp_path / str(digit) / "a.png")
    with pytest.raises(DataError, match="holds 0 pictures"):
        load_data(tmp_path, print)


def test_a_file_of_another_size_than_its_header_says_is_not_read(tmp_path):
    path = tmp_path / "x-ubyte"
    path.write_bytes(encode_idx(np.zeros((2, 28, 28), np.uint8)))
    os.truncate(path, 1 << 40)
    with pytest.raises(DataError, match="goes on after the 1,568 bytes that its header announces"):
        read_idx(path)
    with pytest.raises(DataError, match="cut short"):
        decode_idx(gzip.compress(encode_idx(np.zeros((2, 28, 28), np.uint8))[:-1]), "x")


def test_an_unpacked_table_is_counted(tmp_path, monkeypatch):
    path = tmp_path / "mnist.csv.gz"
    path.write_bytes(gzip.compress((",".join(["1"] * 785) + "\n").encode() * 100))
    assert len(tables.read_csv(path)[0]) == 100
    monkeypatch.setattr(tables, "MAX_BYTES", 100_000)
    with pytest.raises(DataError, match="more than the 100,000 letters that are read"):
        tables.read_csv(path)


def test_of_what_can_be_read_only_once_no_more_is_read_than_may_be(monkeypatch):
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:
            buffer[:] = b"\xff\xd8\xff".ljust(len(buffer), b"\0")
            return len(buffer)

    with pytest.raises(PictureError, match="the limit of what can be read only once is 2 MB"):
        open_picture(Endless(), max_pixels=2_000_000)
    (found,) = read_sources(["/dev/zero"])
    assert re.search("/dev/zero is not a picture", str(found.error))
    monkeypatch.setattr(sources, "find_format", lambda *_: None)
    (found,) = read_sources(["/dev/zero"], 2_000_000)
    assert "/dev/zero is larger than 2 MB" in str(found.error)


def test_a_bundle_whose_table_of_contents_unpacks_without_end_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bundle.sh", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(100 << 20))
    with zipfile.ZipFile(tmp_path / "bundle.sh") as archive, pytest.raises(Exception, match="table of contents"):
        install.install(archive, tmp_path / "prefix")
