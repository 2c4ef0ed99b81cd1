"""Formats: told by their first bytes, each opened by its own plugin of Pillow's alone."""

import io
import subprocess
import sys

import pytest
from PIL import Image

from edgemnist.errors import PictureError
from edgemnist.reading import formats
from edgemnist.reading.picture import open_frames, open_picture

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_only_the_plugin_of_the_format_is_loaded(tmp_path):
    path = tmp_path / "photo.jfif"
    Image.new("L", (50, 40)).save(path, "JPEG")
    code = (
        "import sys\nfrom edgemnist.reading.picture import open_picture\n"
        "print(open_picture(sys.argv[1]).size, *{'PIL.PdfParser', 'PIL.WebPImagePlugin'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout == "(50, 40)\n"


def test_heic_without_its_package_names_the_pip_line(monkeypatch):
    monkeypatch.setattr(formats, "_reads_heic", lambda: False)
    assert ".heic" not in formats.suffixes()
    with pytest.raises(PictureError, match=r'HEIC; to read it type: pip install "edgemnist\[heic\]"'):
        open_picture(HEIC)


def tiff(*sizes: tuple[int, int]) -> bytes:
    pages = [Image.new("L", size, 255) for size in sizes]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def test_the_frames_of_a_file_come_in_turn():
    content = tiff((10, 20), (30, 40), (50, 60))
    assert [picture.size for picture in open_frames(content)] == [(10, 20), (30, 40), (50, 60)]
    assert open_picture(content).several_frames
    assert open_picture(content, 2).size == (50, 60)
    assert not open_picture(tiff((10, 20))).several_frames


def test_a_damaged_frame_does_not_stop_those_behind_it():
    pages = [Image.new("L", (64, 64), 255) for _ in range(3)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")
    content = bytearray(file.getvalue())
    with Image.open(file) as whole:
        whole.seek(1)
        start = whole.tag_v2[273][0]
    content[start : start + 8] = b"\xff" * 8
    first, second, third = open_frames(bytes(content))
    assert (first.size, third.size) == ((64, 64), (64, 64))
    assert isinstance(second, PictureError)
    assert "the picture[1] is damaged" in str(second)
