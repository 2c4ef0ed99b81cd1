"""Files in folders: which are read, which are left out with a word, and the pages and frames of files with several."""

import json

import numpy as np
import pytest
from PIL import Image

from edgemnist.infer import sources
from edgemnist.reading import formats


def page(image) -> Image.Image:
    return Image.fromarray(255 - image).resize((200, 200))


@pytest.fixture
def folder(tmp_path, digits):
    place = tmp_path / "pictures"
    (place / "deep" / "deeper").mkdir(parents=True)
    page(digits[-1]).save(place / "a.jfif", "JPEG")
    page(digits[-2]).save(place / "deep" / "deeper" / "b.png")
    for name in ("d.pdf", "e.PDF", "README", ".DS_Store", "a.jfif.seen.png"):
        (place / name).write_bytes(b"x")
    return place


def test_a_folder_says_what_it_leaves_out(edgemnist, folder):
    done = edgemnist("infer", folder, "--format", "csv")
    assert [line.split(",")[0] for line in done.stdout.splitlines()[1:]] == [str(folder / "a.jfif")]
    (line,) = [line for line in done.stderr.splitlines() if "not read" in line]
    assert line.startswith(f"edgemnist: not read in {folder}: 2 PDF (make pictures of its pages: pdftoppm")
    assert line.endswith("1 folder (--recursive reads them)")
    assert "1 without an ending" in line


def test_heic_is_counted_where_it_cannot_be_read(folder, monkeypatch):
    monkeypatch.setattr(formats, "_reads_heic", lambda: False)
    (folder / "c.heic").touch()
    lines = []
    assert sources.find_sources([str(folder)], False, lines.append) == [str(folder / "a.jfif")]
    assert '1 HEIC (to read it: pip install "edgemnist[heic]")' in lines[0]


def test_recursive_reads_the_folders_in_a_folder(folder):
    lines = []
    found = sources.find_sources([str(folder)], True, lines.append)
    assert found == [str(folder / "a.jfif"), str(folder / "deep" / "deeper" / "b.png")]
    assert "--recursive" not in lines[0]


@pytest.fixture
def sure(int8):
    """Which of the digits that the model carries it is surest of: three of them."""
    ranked = np.sort(int8.info.selftest.logits, axis=1)
    return np.argsort(ranked[:, -1] - ranked[:, -2])[-3:]


@pytest.fixture
def scan(tmp_path, digits, sure):
    path = tmp_path / "scan.tif"
    pages = [page(image) for image in digits[sure]]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def test_the_pages_of_a_tiff_are_read_one_by_one(edgemnist, scan, int8, sure):
    done = edgemnist("infer", scan, "--format", "json", "--save-input")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    wanted = [str(logits.argmax()) for logits in int8.info.selftest.logits[sure]]
    assert [(answer["source"], answer["frame"], answer["label"]) for answer in answers] == [
        (str(scan), frame, label) for frame, label in enumerate(wanted)
    ]
    assert list(answers[0])[-2:] == ["frame", "doubt"]
    assert (scan.parent / "scan.tif.2.seen.png").is_file()
    assert [line.split(",")[1] for line in edgemnist("infer", scan, "--format", "csv").stdout.splitlines()[1:]] == [
        "0",
        "1",
        "2",
    ]
    assert "scan.tif[2]  " in edgemnist("infer", scan).stdout
    from_stdin = edgemnist("infer", "-", "--format", "json", stdin=scan.read_bytes())
    assert [json.loads(line)["frame"] for line in from_stdin.stdout.splitlines()] == [0, 1, 2]


def test_a_tiff_of_one_page_has_no_frame(edgemnist, tmp_path, digits):
    page(digits[-1]).save(tmp_path / "one.tif")
    assert "frame" not in json.loads(edgemnist("infer", "one.tif", "--format", "json").stdout)


def test_pages_beyond_the_most_are_said_to_be_left_out(scan, monkeypatch):
    monkeypatch.setattr(sources, "MOST_PAGES", 2)
    contents = list(sources.read_sources([str(scan)]))
    assert [content.frame for content in contents] == [0, 1, 2]
    assert str(contents[-1].error) == f"{scan} has more than 2 pages; those from here on are not read"


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "moving.webp"])
def test_of_an_animation_the_first_frame_is_read_with_a_line(edgemnist, tmp_path, digits, name):
    first, second = page(digits[-1]), page(digits[-2])
    first.save(tmp_path / name, save_all=True, append_images=[second])
    alone = edgemnist("infer", tmp_path / name)
    assert alone.stderr == f"edgemnist: {tmp_path / name} holds several frames; the first is read\n"
    assert alone.returncode == 0


def test_a_jpeg_with_a_second_picture_inside_is_read_with_a_line(edgemnist, tmp_path, digits):
    page(digits[-1]).save(tmp_path / "photo.jpg", "MPO", save_all=True, append_images=[page(digits[-2])])
    done = edgemnist("infer", "photo.jpg")
    assert done.stderr == "edgemnist: photo.jpg holds several frames; the first is read\n"


def test_then_and_skip_existing_need_a_watch(edgemnist, tmp_path):
    assert edgemnist("infer", "a.png", "--then", "delete").returncode == 2
    assert edgemnist("infer", "a.png", "--skip-existing").returncode == 2
