"""Model files as users bring them: `verify`, and --model of `infer`; `evaluate` with its own small data."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgemnist.data.idx import write_idx
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.opened import default_model, run

FULL_DISK_BYTES = 512


@pytest.fixture
def model_file(tmp_path, int8_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(int8_path.read_bytes())
    return path


def restamped(content: bytes, old: bytes, new: bytes) -> bytes:
    """`content` with `old` replaced by `new` of the same length and a digest that fits again."""
    assert content.count(old) == 1
    assert len(old) == len(new)
    changed = content.replace(old, new)
    value = changed.index(DIGEST_KEY.encode() + b"\x12\x40") + len(DIGEST_KEY) + 2
    return stamp(changed[:value] + UNSTAMPED.encode() + changed[value + 64 :])


def test_verify_passes_the_models_that_ship(edgemnist):
    for precision in ("fp32", "int8"):
        done = edgemnist("verify", default_model(precision))
        assert done.stdout.splitlines()[-1] == "pass"
        assert "agreement 100.00 %" in done.stdout
        assert (done.returncode, done.stderr) == (0, "")


def test_verify_without_a_model_takes_the_one_that_ships(edgemnist, int8):
    assert int8.sha256 in edgemnist("verify").stdout


def newer(content: bytes) -> bytes:
    version = f"edgemnist.format_version\x12\x01{ClassifierInfo.format_version}".encode()
    return restamped(content, version, version[:-1] + b"9")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[:200_000] + bytes([content[200_000] ^ 1]) + content[200_001:], "is damaged"),
        (lambda content: content[:-1], "is damaged"),
        (lambda content: content[:1000], "is damaged"),
        (newer, "has format version 9, this edgemnist reads up to 2"),
        (lambda content: b"", "is not an edgemnist model"),
        (lambda content: b"not a model at all", "is not an edgemnist model"),
    ],
    ids=["one bit", "one byte short", "cut", "newer", "empty", "text"],
)
@pytest.mark.parametrize("command", ["verify", "infer"])
def test_unusable_models_are_one_line_and_exit_code_5(edgemnist, model_file, digit_png, damage, message, command):
    model_file.write_bytes(damage(model_file.read_bytes()))
    arguments = ["verify", model_file.name] if command == "verify" else ["infer", digit_png, "--model", model_file.name]
    done = edgemnist(*arguments)
    assert message in done.stderr
    assert done.stderr.startswith("edgemnist: model.onnx")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)


def test_a_missing_model_is_exit_code_5(edgemnist, digit_png):
    done = edgemnist("infer", digit_png, "--model", "nowhere.onnx")
    assert done.stderr == "edgemnist: cannot read the model nowhere.onnx: No such file or directory; check the path\n"
    assert done.returncode == 5


@pytest.fixture
def small_data(tmp_path, digits, int8):
    """A folder of IDX files whose validation images are the self-test's, labeled as the model answers, one wrongly."""
    answers = run(int8, digits).logits.argmax(1).astype(np.uint8)
    answers[0] = (answers[0] + 1) % 10
    folder = tmp_path / "data"
    for split in ("train", "t10k"):
        write_idx(folder / f"{split}-images-idx3-ubyte", digits)
        write_idx(folder / f"{split}-labels-idx1-ubyte", answers)
    return folder


def test_evaluate_counts_what_was_answered(edgemnist, small_data, digits, int8_path):
    done = edgemnist("evaluate", int8_path, "--data", small_data, "--format", "json")
    result = json.loads(done.stdout)
    assert (result["count"], result["correct"]) == (len(digits), len(digits) - 1)
    assert result["mistakes"] == [0]
    assert np.sum(result["confusion"]) == len(digits)
    assert np.trace(result["confusion"]) == len(digits) - 1
    assert result["interval_95"][0] < result["accuracy"] < result["interval_95"][1]
    assert "is not the canonical MNIST" in done.stderr


def test_evaluate_prints_tables_and_saves_the_mistakes(edgemnist, small_data, digits, int8_path, tmp_path):
    done = edgemnist("evaluate", int8_path, "--data", small_data, "--mistakes", "sheet.png")
    assert f"({len(digits) - 1} of {len(digits)} correct" in done.stdout
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    tripled = digits[0].repeat(3, axis=0).repeat(3, axis=1)
    assert np.array_equal(sheet[8 : 8 + 84, 8 : 8 + 84], tripled)
    assert done.returncode == 0


def test_a_picture_that_cannot_be_written_is_exit_code_7(edgemnist, small_data, int8_path, tmp_path):
    (tmp_path / "file").touch()
    done = edgemnist("evaluate", int8_path, "--data", small_data, "--mistakes", "file/sheet.png")
    assert "edgemnist: cannot write file/sheet.png" in done.stderr
    assert done.returncode == 7


def test_a_full_disk_leaves_no_half_picture(edgemnist, small_data, int8_path, tmp_path):
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_DISK_BYTES, FULL_DISK_BYTES))

    before = sorted(os.listdir(tmp_path))
    done = edgemnist("evaluate", int8_path, "--data", small_data, "--mistakes", "sheet.png", preexec=limit)
    assert "edgemnist: cannot write sheet.png: File too large" in done.stderr
    assert done.returncode == 7
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("t10k-images-idx3-ubyte", b"\0\0\x08\x03", "t10k-images-idx3-ubyte"),
        ("t10k-labels-idx1-ubyte", b"nonsense", "t10k-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", None, "train-images-idx3-ubyte"),
    ],
)
def test_damaged_data_is_exit_code_6(edgemnist, small_data, int8_path, file, content, message):
    if content is None:
        (small_data / file).unlink()
    else:
        (small_data / file).write_bytes(content)
    done = edgemnist("evaluate", int8_path, "--data", small_data)
    assert message in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)


def test_output_on_a_full_disk_is_exit_code_7(int8_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "edgemnist", "verify"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.stderr == "edgemnist: cannot write the output: the disk is full\n"
    assert done.returncode == 7
