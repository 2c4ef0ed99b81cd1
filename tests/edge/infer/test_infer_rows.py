"""`edgemnist infer` with --row, --min-confidence, --show-input and --save-input, run as a user runs it."""

import json

import numpy as np
import pytest
from PIL import Image
from sheets import enlarged, picture, sheet, sure_digits

from edgemnist import Classifier
from edgemnist.infer import draw_page
from edgemnist.infer.show import as_lines, as_picture

PAINTED_TOLERANCE = 0.1
"""Share of a digit's box: soft edges of strokes are painted in part; measured 0.05."""


@pytest.fixture(scope="module")
def marks(int8):
    images, labels = sure_digits(int8)
    return {label: enlarged(image, 110) for image, label in zip(images, labels, strict=True)}


def colored(path, color):
    """How many pixels of a PNG file have a color."""
    with Image.open(path) as saved:
        assert saved.format == "PNG"
        return int((np.asarray(saved.convert("RGB")).reshape(-1, 3) == color).all(1).sum())


@pytest.fixture
def row_png(marks, tmp_path):
    """A row that reads 2037."""
    levels = sheet((230, 480), [(marks[label], 40 + 100 * place, 60) for place, label in enumerate("2037")])
    picture(levels).save(tmp_path / "row.png")
    return tmp_path / "row.png"


@pytest.fixture
def single_png(marks, tmp_path):
    picture(sheet((230, 230), [(marks["9"], 70, 60)])).save(tmp_path / "single.png")
    return tmp_path / "single.png"


def test_a_row_in_json_has_the_string_and_its_digits(edgemnist, row_png):
    done = edgemnist("infer", "row.png", "--row", "--format", "json", "--top-k", 2)
    (answer,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(answer)[:10] == [
        "schema", "source", "index", "status", "label", "class_index", "confidence", "top", "box", "error",
    ]  # fmt: skip
    assert list(answer)[10:] == ["digits", "doubt", "lines"]
    (((word,),)) = answer["lines"]
    assert (word["text"], word["box"], word["marks"]) == ("2037", answer["box"], [])
    assert word["confidence"] == answer["confidence"]
    assert [list(digit) for digit in word["digits"]] == [["label", "box", "confidence"]] * 4
    assert [digit["box"] for digit in word["digits"]] == [digit["box"] for digit in answer["digits"]]
    assert (answer["schema"], answer["label"], answer["class_index"], answer["top"]) == (1, "2037", None, [])
    assert [digit["label"] for digit in answer["digits"]] == list("2037")
    assert [digit["class_index"] for digit in answer["digits"]] == [2, 0, 3, 7]
    assert list(answer["digits"][0]) == ["status", "label", "class_index", "confidence", "top", "box", "doubt"]
    assert all(len(digit["top"]) == 2 for digit in answer["digits"])
    lefts = [digit["box"][0] for digit in answer["digits"]]
    assert lefts == sorted(lefts)
    assert answer["confidence"] == pytest.approx(np.prod([digit["confidence"] for digit in answer["digits"]]))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_row_in_a_table_and_in_csv_is_its_string(edgemnist, row_png):
    assert edgemnist("infer", "row.png", "--row").stdout.splitlines()[1].split()[:2] == ["row.png", "2037"]
    assert edgemnist("infer", "row.png", "--row", "--format", "csv").stdout.splitlines()[1].split(",")[3] == "2037"


@pytest.fixture
def page_png(marks, tmp_path):
    """Two lines, 20 37 and 96, with a space of a digit's width."""
    places = [("2", 40, 40), ("0", 120, 40), ("3", 300, 40), ("7", 370, 40), ("9", 40, 180), ("6", 120, 180)]
    picture(sheet((300, 520), [(marks[label], left, top) for label, left, top in places])).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_a_page_is_told_line_by_line_and_word_by_word(edgemnist, page_png):
    (answer,) = [
        json.loads(line) for line in edgemnist("infer", "page.png", "--row", "--format", "json").stdout.splitlines()
    ]
    assert answer["label"] == "203796"
    assert [[word["text"] for word in line] for line in answer["lines"]] == [["20", "37"], ["96"]]
    header, first, second = edgemnist("infer", "page.png", "--row").stdout.splitlines()
    assert first.split()[:3] == ["page.png", "20", "37"]
    assert second == " " * header.index("digit") + "96"
    assert edgemnist("infer", "page.png", "--row", "--format", "csv").stdout.splitlines()[1].split(",")[3] == "203796"


def test_an_empty_page_has_no_lines(edgemnist, tmp_path):
    Image.new("L", (300, 200), 230).save(tmp_path / "blank.png")
    answer = json.loads(edgemnist("infer", "blank.png", "--row", "--format", "json").stdout)
    assert (answer["status"], answer["label"], answer["lines"]) == ("blank", None, [])


def test_several_digits_without_row_are_no_answer(edgemnist, row_png):
    done = edgemnist("infer", "row.png")
    assert done.stdout.splitlines()[1].split(maxsplit=2) == [
        "row.png", "-", "several digits: read them with --row, or show one",
    ]  # fmt: skip
    assert done.returncode == 4
    (answer,) = [json.loads(line) for line in edgemnist("infer", "row.png", "--format", "json").stdout.splitlines()]
    assert (answer["status"], answer["label"], answer["confidence"], answer["top"]) == ("several", None, None, [])


def test_a_single_digit_has_its_box(edgemnist, single_png):
    (answer,) = [json.loads(line) for line in edgemnist("infer", "single.png", "--format", "json").stdout.splitlines()]
    assert answer["box"] == list(Classifier().read_digit(single_png).box)


def test_min_confidence_withholds_answers(edgemnist, single_png):
    for least, label, code in (("0.5", "9", 0), ("1", None, 4)):
        done = edgemnist("infer", "single.png", "--format", "json", "--min-confidence", least)
        answer = json.loads(done.stdout)
        assert (answer["label"], done.returncode) == (label, code)
        assert (answer["class_index"], answer["status"]) == ((9, "ok") if label else (None, "doubtful"))
        assert answer["confidence"] > 0.9
        assert answer["top"][0]["label"] == "9"
    assert edgemnist("infer", "single.png", "--min-confidence", "1").stdout.splitlines()[1].split()[1] == "?"


def test_min_confidence_withholds_digits_of_a_row(edgemnist, row_png):
    answer = json.loads(edgemnist("infer", "row.png", "--row", "--format", "json").stdout)
    middle = sorted(digit["confidence"] for digit in answer["digits"])[1]
    done = edgemnist("infer", "row.png", "--row", "--format", "json", "--min-confidence", middle)
    answer = json.loads(done.stdout)
    labels = [digit["label"] for digit in answer["digits"]]
    assert answer["label"] == "".join(label or "?" for label in labels)
    assert (labels.count(None), answer["status"], done.returncode) == (1, "doubtful", 0)


def test_a_row_of_which_all_is_withheld_is_no_answer(edgemnist, single_png):
    done = edgemnist("infer", "single.png", "--row", "--format", "json", "--min-confidence", "1")
    answer = json.loads(done.stdout)
    assert answer["confidence"] < 1
    assert (answer["label"], answer["status"], done.returncode) == ("?", "doubtful", 4)


@pytest.mark.parametrize("least", ["-0.1", "1.5"])
def test_an_impossible_min_confidence_ends_with_2(edgemnist, single_png, least):
    done = edgemnist("infer", "single.png", "--min-confidence", least)
    assert (done.returncode, done.stderr) == (2, f"edgemnist: --min-confidence must be 0 to 1, not {least}\n")


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({"PYTHONIOENCODING": "utf-8", "NO_COLOR": ""}, False),
        ({"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}, True),
        ({"PYTHONIOENCODING": "ascii", "NO_COLOR": ""}, True),
    ],
    ids=["blocks", "no color", "ASCII"],
)
def test_show_input_draws_what_the_model_saw(edgemnist, single_png, environment, plain):
    done = edgemnist("infer", "single.png", "--show-input", env=environment)
    expected = as_lines([Classifier().read_digit(single_png)], plain)
    assert done.stderr == "edgemnist: single.png\n" + "\n".join(expected) + "\n"
    assert expected[0].startswith("inverted; cropped to ")
    assert len(done.stdout.splitlines()) == 2


def test_show_input_of_an_empty_sheet_says_so(edgemnist, tmp_path):
    Image.new("L", (300, 200), 230).save(tmp_path / "blank.png")
    done = edgemnist("infer", "blank.png", "--row", "--show-input", "--save-input")
    assert done.stderr.splitlines()[:2] == ["edgemnist: blank.png", "no digit found"]
    assert (tmp_path / "blank.png.seen.png").is_file()


def test_show_input_draws_the_finders_ink_and_boxes_where_they_are(row_png):
    """Of four digits side by side, in characters: each in a box, and its ink the picture's own."""
    readings = Classifier().read_row(row_png)
    lines = as_lines(readings, plain=False)[len(readings) :]
    found = lines[: next(number for number, line in enumerate(lines) if line.endswith("|"))]
    assert len({len(line) for line in found}) == 1
    assert len(found[0]) <= 80
    assert len(found) <= 13
    upper = np.array([[character in "▀█" for character in line] for line in found])
    lower = np.array([[character in "▄█" for character in line] for line in found])
    pixels = np.stack([upper, lower], 1).reshape(2 * len(found), -1)
    every = np.array([box for reading in readings for box in (reading.box, reading.believed)])
    corner = every[:, :2].min(0)
    scale = (pixels.shape[1] - 1) / (every[:, 2].max() - corner[0])
    for reading in readings:
        left, top, _, bottom = ((np.array(reading.believed) - np.tile(corner, 2)) * scale).round().astype(int)
        assert pixels[top:bottom, max(0, left - 1) : left + 2].any(1).all()


def test_save_input_paints_the_finders_ink(row_png):
    readings = Classifier().read_row(row_png)
    colors = np.asarray(as_picture(row_png, readings))[: int(230 * 560 / 480)]
    blue = (colors == (20, 90, 220)).all(2)
    ink = sum(int((reading.ink >= 250).sum()) / reading.ink.size for reading in readings)
    assert blue.sum() > 0
    for reading in readings:
        left, top, right, bottom = (round(edge * 560 / 480) + 8 for edge in reading.box)
        inside = blue[top:bottom, left:right].mean()
        share = (reading.ink >= 250).mean()
        assert abs(inside - share) <= PAINTED_TOLERANCE
    assert ink > 0


def test_characters_are_the_pixels(digits):
    reading = Classifier().read_digit(Image.fromarray(digits[0]))
    _, *lines = as_lines([reading], plain=False)
    assert [len(line) for line in lines] == [29] * 14
    pixels = [
        [character in bits for line in lines for bits in ("▀█", "▄█") for character in line[:28]]
    ]  # each line holds its upper and its lower row
    np.testing.assert_array_equal(np.reshape(pixels, (28, 28)), digits[0] >= 128)
    _, *plain = as_lines([reading], plain=True)
    assert all(line.isascii() for line in plain)


def test_save_input_writes_a_picture_beside(edgemnist, row_png, single_png, tmp_path):
    done = edgemnist("infer", "single.png", "--save-input")
    assert done.stderr == "edgemnist: what the model saw is in single.png.seen.png\n"
    assert colored(tmp_path / "single.png.seen.png", (220, 30, 30)) >= 200  # the outline of a box
    done = edgemnist("infer", "row.png", "--row", "--save-input")
    assert done.stderr == "edgemnist: what the model saw is in row.png.seen.png\n"
    saved = tmp_path / "row.png.seen.png"
    assert colored(saved, draw_page.DIGIT) >= 4 * 100  # the outlines of four boxes
    assert colored(saved, draw_page.WORD) >= 400
    assert colored(saved, draw_page.LINE) >= 300
    assert colored(saved, draw_page.DOUBTFUL) == 0
    single_png.unlink()
    # Our own pictures are not read when a folder or a glob names them, only by their name.
    for argument in (".", "*.png"):
        answers = edgemnist("infer", argument, "--row", "--format", "json").stdout.splitlines()
        assert [json.loads(answer)["source"] for answer in answers] == ["row.png"]


def test_pictures_that_cannot_be_saved_cost_no_answers(edgemnist, row_png, single_png, tmp_path):
    (tmp_path / "row.png.seen.png").mkdir()
    done = edgemnist("infer", "row.png", "single.png", "--row", "--save-input", "--format", "json")
    assert [json.loads(answer)["label"] for answer in done.stdout.splitlines()] == ["2037", "9"]
    first, second = done.stderr.splitlines()
    assert first.startswith("edgemnist: cannot write row.png.seen.png: Is a directory;")
    assert second == "edgemnist: what the model saw is in single.png.seen.png"
    assert done.returncode == 7


def test_save_input_of_stdin_is_in_the_current_folder(edgemnist, single_png, tmp_path):
    done = edgemnist("infer", "-", "--save-input", stdin=single_png.read_bytes())
    assert done.stderr == "edgemnist: what the model saw is in stdin.seen.png\n"
    assert (tmp_path / "stdin.seen.png").is_file()


def test_rows_of_array_files_are_single_digits(edgemnist, digits, tmp_path):
    np.save(tmp_path / "digits.npy", digits[:3])
    answers = edgemnist("infer", "digits.npy", "--row", "--format", "json").stdout.splitlines()
    assert [json.loads(answer)["index"] for answer in answers] == [0, 1, 2]
