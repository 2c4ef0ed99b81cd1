"""Files that are broken, endless or can be read only once; folders that cannot be read; no child imports from here."""

import io
import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgemnist import Classifier
from edgemnist.device.cold_start import measure_cold_start
from edgemnist.errors import EdgemnistError, PictureError, StorageError
from edgemnist.infer.answers import answer_sources
from edgemnist.infer.sources import find_sources, read_sources
from edgemnist.reading import picture
from edgemnist.reading.picture import open_picture


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version)
    return stream.getvalue()


def read(path: Path):
    (found,) = read_sources([str(path)])
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:8],
        lambda data: data[:40],
        lambda data: data[:-1],
        lambda data: data.replace(b"(3, 28, 28)", b"(99999999999999999999, 28, 28)"),
        lambda data: data.replace(b"(3, 28, 28)", b"(-3, 28, 28)"),
        lambda data: data.replace(b"(3, 28, 28)", b"(3, 28, "),
        lambda data: data.replace(b"(3, 28, 28)", b"(3.0, 28, 28)"),
        lambda data: data.replace(b"|u1", b"|O8"),
        lambda data: data.replace(b"|u1", b"<zz"),
        lambda data: data.replace(b"'descr'", b"'\xff\xfe'"),
        lambda data: data.replace(b"'|u1'", b"'|\x9b|,u1'").replace(b"   \n", b"\n"),
        lambda data: data.replace(b"{", b"("),
        lambda data: data.replace(b"{", b"\0"),
        lambda data: data[:6] + b"\x03" + data[7:],
        lambda data: data[:6] + b"\xff" + data[7:],
        lambda data: data[:8] + b"\xff\xff" + data[10:],
    ],
)
def test_damaged_arrays_are_a_picture_error(tmp_path, change):
    whole = npy(np.zeros((3, 28, 28), np.uint8))
    assert change(whole) != whole
    (tmp_path / "a.npy").write_bytes(change(whole))
    error = read(tmp_path / "a.npy").error
    assert isinstance(error, PictureError)
    assert str(error).isprintable()


def test_a_second_array_behind_the_first_is_not_lost_in_silence(tmp_path, digits):
    (tmp_path / "a.npy").write_bytes(npy(digits[:2]) + npy(digits[2:]))
    assert "goes on after its first array; save one array in a file" in str(read(tmp_path / "a.npy").error)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_arrays_in_either_order_and_version_are_those_of_numpy(tmp_path, digits, version):
    for array in (digits, np.asfortranarray(digits), digits[0]):
        (tmp_path / "a.npy").write_bytes(npy(array, version))
        np.testing.assert_array_equal(read(tmp_path / "a.npy").images, array.reshape(-1, 28, 28))


def test_what_can_be_read_only_once_is_read_once(tmp_path, digits):
    fifo = tmp_path / "fifo.png"
    os.mkfifo(fifo)
    stream = io.BytesIO()
    Image.fromarray(digits[0]).save(stream, "PNG")
    writer = threading.Thread(target=lambda: fifo.write_bytes(stream.getvalue()))
    writer.start()
    (answer,) = answer_sources(Classifier(), [str(fifo)])
    writer.join()
    assert answer.prediction == Classifier().predict(stream.getvalue())


def test_a_folder_that_cannot_be_read_is_one_line(tmp_path, monkeypatch):
    def scandir(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(StorageError, match=f"cannot read the folder {tmp_path}: Permission denied"):
        find_sources([str(tmp_path)])


def test_whatever_a_decoder_raises_is_a_picture_error(digit_png, monkeypatch):
    def broken(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(picture, "_unpack", broken)
    with pytest.raises(PictureError, match="is damaged or cannot be read: AssertionError"):
        open_picture(digit_png)


def test_a_palette_without_colors_is_a_picture_error(tmp_path):
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 3, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    with pytest.raises(PictureError, match="the picture is damaged or cannot be read"):
        open_picture(content)


def test_our_own_bugs_are_not_taken_for_damaged_pictures(digit_png, monkeypatch):
    monkeypatch.setattr(picture, "_finish", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        open_picture(digit_png)


def test_errors_keep_no_pixels(tmp_path):
    Image.new("L", (500, 500)).save(tmp_path / "cut.png")
    content = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(content[: len(content) // 2])
    (answer,) = answer_sources(Classifier(), [str(tmp_path / "cut.png")])
    assert isinstance(answer.error, EdgemnistError)
    assert traceback.extract_tb(answer.error.__traceback__) == []
    assert answer.error.__cause__ is answer.error.__context__ is None


def test_a_child_imports_nothing_from_the_current_folder(tmp_path, int8_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("numpy", "onnxruntime", "json", "edgemnist"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the current folder was run')")
    assert measure_cold_start(int8_path).total_ms > 0


def test_an_isolated_process_has_isolated_children(tmp_path, int8_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file in PYTHONPATH was run')")
    code = (
        f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}\n"
        "import subprocess; from edgemnist.device import cold_start\n"
        "class Seen(Exception): pass\n"
        "def run(command, **_): raise Seen(command)\n"
        "cold_start.subprocess.run = run\n"
        "from pathlib import Path\n"
        f"try: cold_start.measure_cold_start(Path({str(int8_path)!r}))\n"
        "except Seen as seen: print(seen.args[0][1])"
    )
    for flag, wanted in (("-I", "-I"), ("-P", "-P")):
        done = subprocess.run([sys.executable, flag, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == wanted
