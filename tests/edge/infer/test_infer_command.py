"""`edgemnist infer`, run as a user runs it: exact output, exit codes, nothing left behind."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from ctrl_c import hear_ctrl_c
from PIL import Image

from edgemnist import Classifier
from edgemnist.data.idx import encode_idx
from edgemnist.infer.answers import answer_sources
from edgemnist.infer.sources import find_sources
from edgemnist.reading.formats import NAMES

SCHEMA_FIELDS = [
    "schema", "source", "index", "status", "label", "class_index", "confidence", "top", "box", "error", "doubt",
]  # fmt: skip
"""docs/infer-output.md; schema version 1 is fixed."""


@pytest.fixture(scope="module")
def predictions(digits):
    return Classifier().predict(digits)


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_table_names_picture_digit_and_confidence(edgemnist, digit_png, predictions):
    done = edgemnist("infer", digit_png.name)
    first = predictions[0]
    share = f"{100 * first.confidence:.2f} %"
    note = "  doubtful" if first.status == "doubtful" else ""
    note += ", perhaps no digit" if "perhaps no digit" in first.doubt else ""
    assert done.stdout == (f"picture    digit  {'confidence':>10}\ndigit.png  {first.label}      {share:>10}{note}\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_json_lines_follow_the_schema(edgemnist, digit_png, predictions):
    done = edgemnist("infer", digit_png, "--format", "json", "--top-k", 3)
    first = predictions[0]
    (answer,) = lines(done.stdout)
    assert list(answer) == SCHEMA_FIELDS
    assert answer["schema"] == 1
    assert answer["source"] == str(digit_png)
    assert answer["index"] is None
    assert answer["status"] == first.status
    assert (answer["label"], answer["class_index"]) == (first.label, first.class_index)
    assert answer["confidence"] == first.confidence
    assert answer["top"] == [{"label": label, "confidence": share} for label, share in first.top[:3]]
    assert answer["error"] is None
    assert (answer["doubt"] is None) == (answer["status"] == "ok")


def test_csv_has_one_line_an_image(edgemnist, digit_png, predictions):
    done = edgemnist("infer", digit_png.name, "nowhere.png", "--format", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    first = predictions[0]
    assert rows[0] == ["source", "index", "status", "label", "confidence", "error"]
    assert rows[1] == ["digit.png", "", first.status, first.label, f"{first.confidence:.6f}", ""]
    assert rows[2][:5] == ["nowhere.png", "", "unreadable", "", ""]
    assert done.returncode == 4


@pytest.mark.parametrize("name", ["digits.npy", "t10k-images-idx3-ubyte", "noname"])
def test_arrays_are_taken_verbatim(edgemnist, digits, predictions, tmp_path, name):
    if name.endswith(".npy"):
        np.save(tmp_path / name, digits)
    else:
        (tmp_path / name).write_bytes(encode_idx(digits))
    answers = lines(edgemnist("infer", name, "--format", "json").stdout)
    assert [answer["index"] for answer in answers] == list(range(len(digits)))
    assert [answer["confidence"] for answer in answers] == [prediction.confidence for prediction in predictions]


def test_folders_globs_and_stdin_name_the_same_pictures(edgemnist, digits, digit_png, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for index in range(3):
        Image.fromarray(digits[index]).save(folder / f"{index}.png")
    (folder / "notes.txt").write_text("not a picture")
    names = [f"folder/{index}.png" for index in range(3)]
    for argument in ("folder", "folder/*.png"):
        assert [answer["source"] for answer in lines(edgemnist("infer", argument, "--format", "json").stdout)] == names
    done = edgemnist("infer", "-", "--format", "json", stdin=digit_png.read_bytes())
    (answer,) = lines(done.stdout)
    assert answer["source"] == "-"
    assert answer["label"] == Classifier().predict(digits[0]).label


def test_one_bad_file_does_not_stop_the_others_and_the_exit_code_says_so(edgemnist, digit_png, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    done = edgemnist("infer", "bad.png", digit_png.name, "--format", "json")
    answers = lines(done.stdout)
    assert [answer["status"] == "unreadable" for answer in answers] == [True, False]
    assert answers[0]["label"] is None
    assert done.stderr.count("\n") == 1
    assert done.returncode == 4


def test_a_blank_picture_is_no_digit(edgemnist, tmp_path):
    Image.new("L", (200, 300), 240).save(tmp_path / "blank.png")
    done = edgemnist("infer", "blank.png", "--format", "json")
    (answer,) = lines(done.stdout)
    assert (answer["status"], answer["label"], answer["top"]) == ("blank", None, [])
    assert done.returncode == 4
    assert "no digit: the picture is blank" in edgemnist("infer", "blank.png").stdout


@pytest.mark.parametrize(
    ("name", "content", "exit_code", "message"),
    [
        ("missing.png", None, 4, "cannot read missing.png: No such file or directory"),
        ("empty.png", b"", 4, "empty.png is empty"),
        ("text.png", b"hello", 4, "text.png is not a picture that can be read"),
        ("broken.npy", b"\x93NUMPY\x01\x00", 4, "broken.npy is not a whole .npy file"),
        ("short-images-idx3-ubyte", encode_idx(np.ones((2, 28, 28), np.uint8))[:-1], 6, "short-images-idx3-ubyte"),
        ("magic.idx", b"\x01\x02\x03\x04" + bytes(800), 6, "magic.idx"),
        ("labels.idx", encode_idx(np.ones(5, np.uint8)), 4, "labels.idx holds uint8 of shape (5,)"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_an_exit_code(edgemnist, tmp_path, name, content, exit_code, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = sorted(os.listdir(tmp_path))
    done = edgemnist("infer", name)
    assert done.stderr.startswith(f"edgemnist: {message}")
    assert done.stderr.count("\n") == 1
    assert done.returncode == exit_code
    assert sorted(os.listdir(tmp_path)) == before


def test_a_truncated_picture_is_named(edgemnist, digit_png):
    digit_png.write_bytes(digit_png.read_bytes()[:-40])
    done = edgemnist("infer", digit_png.name)
    assert done.stderr.startswith("edgemnist: digit.png is damaged")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)


def test_an_array_of_floats_says_what_is_wanted(edgemnist, tmp_path):
    np.save(tmp_path / "floats.npy", np.zeros((28, 28)))
    done = edgemnist("infer", "floats.npy")
    assert "floats.npy holds float64 of shape (28, 28); images are uint8" in done.stderr
    assert done.returncode == 4


def test_an_empty_folder_is_named(edgemnist, tmp_path):
    (tmp_path / "folder").mkdir()
    done = edgemnist("infer", "folder")
    assert done.stderr.startswith("edgemnist: folder holds no picture")
    assert done.returncode == 4


def test_polarity_can_be_said(edgemnist, digits, tmp_path):
    Image.fromarray(255 - digits[0]).save(tmp_path / "dark.png")
    labels = [
        lines(edgemnist("infer", "dark.png", "--polarity", polarity, "--format", "json").stdout)[0]["confidence"]
        for polarity in ("auto", "dark", "light")
    ]
    assert labels[0] == labels[1] == Classifier().predict(digits[0]).confidence
    assert labels[2] != labels[0]


@pytest.mark.parametrize(
    "arguments",
    [["infer", "x.png", "--format", "xml"], ["infer", "x.png", "--top-k", "0"], ["infer", "--no-such"]],
)
def test_wrong_usage_ends_with_2(edgemnist, arguments):
    done = edgemnist(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"edgemnist: .*; see: edgemnist infer --help\n", done.stderr)


@pytest.mark.parametrize("arguments", [["infer"], ["infer", "x.png", "--watch", "folder"]])
def test_either_pictures_or_a_folder_to_watch_must_be_named(edgemnist, arguments):
    done = edgemnist(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "edgemnist: name a PICTURE to read, or a folder with --watch\n"


def test_a_folder_that_cannot_be_watched_is_exit_code_4(edgemnist):
    done = edgemnist("infer", "--watch", "nowhere")
    assert done.stderr == "edgemnist: cannot watch nowhere: No such file or directory; it must be a folder\n"
    assert done.returncode == 4


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_watch_answers_at_once_and_ctrl_c_ends_it(digits, tmp_path, form):
    Image.fromarray(digits[0]).save(tmp_path / "first.png")
    command = [sys.executable, "-m", "edgemnist", "infer", "--watch", str(tmp_path), "--format", form]

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, preexec_fn=hear_ctrl_c) as process:
        if form == "csv":
            assert process.stdout.readline() == "source,index,status,label,confidence,error\n"
        assert "first.png" in process.stdout.readline()
        (tmp_path / "broken.png").write_text("no picture")
        assert "broken.png" in process.stdout.readline()
        Image.fromarray(digits[1]).save(tmp_path / "second.png")
        assert "second.png" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest == f"edgemnist: {tmp_path}/broken.png is not a picture that can be read ({NAMES})\n"


@pytest.fixture
def folder_of_pictures(digits, tmp_path):
    """60 pictures of different sizes, so that later ones are done first, and among them one that is none."""
    for number, image in enumerate(np.resize(digits, (60, 28, 28))):
        side = 1200 if number % 3 == 0 else 60
        Image.fromarray(255 - image).resize((side, side)).save(tmp_path / f"{number:02}.png")
    (tmp_path / "30a.png").write_text("no picture")
    return tmp_path


@pytest.mark.parametrize("row", [False, True])
def test_answers_of_several_threads_are_those_of_one(folder_of_pictures, row):
    classifier = Classifier()
    sources = find_sources([str(folder_of_pictures)])
    alone, together = (
        [(answer.source, answer.status, answer.prediction, str(answer.error)) for answer in answers]
        for answers in (answer_sources(classifier, sources, row, workers) for workers in (1, 4))
    )
    assert together == alone
    assert [source for source, *_ in together] == sources
    assert [status for _, status, *_ in together].count("unreadable") == 1


def test_only_a_few_pictures_are_read_ahead(folder_of_pictures):
    taken = []

    def sources():
        for source in find_sources([str(folder_of_pictures)]):
            taken.append(source)
            yield source

    for count, _ in enumerate(answer_sources(Classifier(), sources(), workers=3)):
        assert len(taken) <= count + 4


def test_ctrl_c_ends_a_long_list(folder_of_pictures):
    command = [sys.executable, "-m", "edgemnist", "infer", *[f"{folder_of_pictures}/*.png"] * 50, "--format", "json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    ) as process:
        process.stderr.readline()  # of the picture that is none: in the middle of the first round
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest


def test_impossible_threads_end_with_2(edgemnist, digit_png):
    done = edgemnist("infer", digit_png, "--threads", "0")
    assert (done.returncode, done.stderr) == (2, "edgemnist: --threads must be 1 or more, not 0\n")
