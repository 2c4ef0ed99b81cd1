"""`edgemnist train` and `edgemnist export`, run as a user runs them, on a data set that is learned in seconds."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ctrl_c import hear_ctrl_c
from squares import write_squares

from edgemnist.data.idx import read_idx, write_idx
from edgemnist.model.opened import open_model
from edgemnist.reading.kept import image_name, keep_image

CHECKPOINT_LIMIT_BYTES = 1_000_000
"""Less than any checkpoint, more than the texts beside it."""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of IDX files."""
    folder = tmp_path_factory.mktemp("data")
    write_squares(folder, train=600, validation=200)
    return folder


def edgemnist(
    place: Path, *arguments: object, env_data: Path | None = None, **options: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgemnist", *(str(argument) for argument in arguments)]
    environment = {key: value for key, value in os.environ.items() if key != "EDGEMNIST_DATA"}
    if env_data:
        environment["EDGEMNIST_DATA"] = str(env_data)
    return subprocess.run(
        command, capture_output=True, text=True, cwd=place, check=False, timeout=600, env=environment, **options
    )


def test_what_only_a_finders_loss_needs_is_not_loaded():
    code = "import sys, edgemnist.train.loop, edgemnist.export.exporter, edgemnist.export.against\n"
    code += "print({'torchvision', 'torch._dynamo'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def files_in(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    """A finished run, in a folder of its own below `runs`."""
    place = tmp_path_factory.mktemp("place")
    done = edgemnist(place, "train", "--data", data, "--epochs", 3, "--batch-size", 50)
    assert done.returncode == 0, done.stderr
    return place, done


def test_train_leaves_a_run_and_says_what_is_next(run):
    place, done = run
    checkpoint = Path(done.stdout.strip())
    assert files_in(place) == [
        str(checkpoint.with_name(name)) for name in ("checkpoint.pt", "config.json", "curves.png", "metrics.jsonl")
    ]
    config = json.loads((place / checkpoint).with_name("config.json").read_text())
    assert config["recipe"]["common"]["allographs"] == 0  # who knows whether these classes are digits
    lines = done.stderr.splitlines()
    assert lines[0].endswith("is not the canonical MNIST")
    assert lines[1] == f"edgemnist: training in {checkpoint.parent}"
    assert [line.split()[:2] for line in lines[2:5]] == [["epoch", "1/3"], ["epoch", "2/3"], ["epoch", "3/3"]]
    assert lines[5] == f"edgemnist: next: edgemnist export {checkpoint} --quantize"


def test_float32_is_noted_in_the_run(data, tmp_path):
    done = edgemnist(tmp_path, "train", "--data", data, "--epochs", 1, "--out", "run", "--float32")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "config.json").read_text())["recipe"]["bfloat16"] is False


def test_metrics_are_json_lines(run):
    place, done = run
    metrics = (place / done.stdout.strip()).with_name("metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in metrics]
    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert records[-1]["validation_accuracy"] > 0.9


def test_export_takes_the_newest_run_and_writes_beside_it(run, data):
    place, done = run
    exported = edgemnist(place, "export", "--data", data, "--quantize")
    assert exported.returncode == 0, exported.stderr
    folder = (place / done.stdout.strip()).parent
    assert {path.name for path in folder.glob("*.onnx")} == {"edgemnist-fp32.onnx", "edgemnist-int8.onnx"}
    assert exported.stdout.count("agreement") == 5
    verified = edgemnist(
        place, "verify", folder / "edgemnist-int8.onnx", "--data", data, "--against", folder / "checkpoint.pt"
    )
    assert (verified.returncode, verified.stdout.splitlines()[-1]) == (0, "pass")


def test_evaluate_reads_a_checkpoint_as_it_reads_its_models(run, data):
    place, done = run
    checkpoint = done.stdout.strip()
    edgemnist(place, "export", checkpoint, "--data", data, "--out", "models")
    torch_result, onnx_result = (
        json.loads(edgemnist(place, "evaluate", model, "--data", data, "--format", "json").stdout)
        for model in (checkpoint, "models/edgemnist-fp32.onnx")
    )
    assert torch_result["confusion"] == onnx_result["confusion"]
    assert torch_result["correct"] > 180


def test_fine_tuning_begins_with_the_checkpoint(run, data):
    place, done = run
    tuned = edgemnist(
        place, "train", "--data", data, "--epochs", 1, "--init", done.stdout.strip(), "--out", place / "tuned"
    )
    assert tuned.returncode == 0, tuned.stderr
    record = json.loads((place / "tuned" / "metrics.jsonl").read_text())
    assert record["validation_accuracy"] > 0.9


@pytest.fixture(scope="module")
def mine(data, tmp_path_factory):
    """Own digits, as `infer --collect` and `label` leave them: those of `data` four rows lower."""
    folder = tmp_path_factory.mktemp("mine")
    for image, label in zip(read_idx(data / "t10k-images-idx3-ubyte"), np.arange(200) % 10, strict=True):
        moved = np.roll(image, 4, 0)
        keep_image(folder / str(label) / image_name(moved), moved)
    return folder


def test_own_digits_are_a_lesson_beside_mnist_and_exported_with_it(run, data, mine):
    place, done = run
    beside = {"env_data": data}
    taught = edgemnist(
        place, "train", "--data", mine, "--init", done.stdout.strip(), "--batch-size", 32, "--out", "taught", **beside
    )
    assert taught.returncode == 0, taught.stderr
    lines = taught.stderr.splitlines()
    assert re.fullmatch(rf"edgemnist: pictures in {mine}: \d+ to learn from, \d+ to judge by", lines[0])
    figures = re.fullmatch(r"edgemnist: yours (.*) -> (.*) % \(of \d+.*\), MNIST (.*) -> (.*) %", lines[-2])
    yours_before, yours, others_before, others = map(float, figures.groups())
    assert min(yours_before, yours) > 50
    assert others >= others_before - 1
    # The folder grows; the lesson holds what it learned.
    keep_image(mine / "7" / image_name(np.eye(28, dtype=np.uint8)), np.eye(28, dtype=np.uint8))
    exported = edgemnist(place, "export", "taught/checkpoint.pt", "--quantize", **beside)
    assert exported.returncode == 0, exported.stderr
    info = open_model(place / "taught" / "edgemnist-int8.onnx").info
    assert info.validation.count == 200  # of the data: own digits are counted apart
    assert info.own.count + info.own.learned == 200
    assert info.own.correct / info.own.count > 0.9
    assert exported.stdout.count(f"{info.own.learned} others learned from") == 2
    model, checkpoint = "taught/edgemnist-int8.onnx", "taught/checkpoint.pt"
    verified = edgemnist(place, "verify", model, "--against", checkpoint, "--data", data)
    assert verified.returncode == 0, verified.stderr
    for command in (["export", "taught/checkpoint.pt"], ["train", "--resume", "taught"]):
        refused = edgemnist(place, *command, "--data", mine)
        assert "holds its own digits" in refused.stderr
        assert refused.returncode == (6 if command[0] == "export" else 2)


@pytest.mark.parametrize(
    ("classes", "options", "code", "message"),
    [
        ("", [], 6, "holds none of it"),
        ("3", ["--only-mine"], 6, "holds one class alone, from which nothing is learned"),
        ("3", ["--init", "nowhere.pt"], 5, "cannot read the checkpoint nowhere.pt"),
    ],
)
def test_a_folder_that_cannot_teach_is_one_line(mine, tmp_path, classes, options, code, message):
    (tmp_path / "mine").mkdir()
    for label in classes:
        shutil.copytree(mine / label, tmp_path / "mine" / label)
    done = edgemnist(tmp_path, "train", "--data", "mine", *options)
    assert (done.returncode, message in done.stderr.splitlines()[-1]) == (code, True)
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_says_how_to_go_on_and_going_on_works(data, tmp_path):
    command = [sys.executable, "-m", "edgemnist", "train", "--data", data, "--epochs", "500", "--out", "run"]
    lines = []
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    ) as process:
        for line in process.stderr:
            lines.append(line)
            if line.startswith("epoch 2/"):
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert lines[-1] == "edgemnist: stopped; go on with: edgemnist train --resume run\n"
    assert "Traceback" not in "".join(lines)
    other = edgemnist(tmp_path, "train", "--resume", "run", "--data", data.parent / "nowhere")
    assert (other.returncode, other.stderr.count("\n")) == (6, 1)
    exported = edgemnist(tmp_path, "export", "run/checkpoint.pt", "--data", data)
    assert exported.returncode == 0, exported.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "epochs 0 is not possible"),
        (["--epochs", "-1"], "epochs -1 is not possible"),
        (["--batch-size", "0"], "batch size 0 is not possible"),
        (["--device", "abacus"], "unknown device 'abacus'"),
        (["--resume", "run", "--out", "other"], "leave --out, --init and --only-mine out"),
    ],
)
def test_impossible_options_are_one_line_and_leave_nothing(data, tmp_path, arguments, message):
    done = edgemnist(tmp_path, "train", "--data", data, *arguments)
    assert message in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the checkpoint other.pt: No such file or directory"),
        (b"", "other.pt is not a checkpoint of edgemnist, or it is damaged"),
        (b"not a checkpoint", "other.pt is not a checkpoint of edgemnist, or it is damaged"),
    ],
)
@pytest.mark.parametrize("command", ["export", "evaluate", "train --init"])
def test_what_is_no_checkpoint_is_one_line_and_exit_code_5(data, tmp_path, content, message, command):
    if content is not None:
        (tmp_path / "other.pt").write_bytes(content)
    before = files_in(tmp_path)
    done = edgemnist(tmp_path, *command.split(), "other.pt", "--data", data)
    assert message in done.stderr
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert files_in(tmp_path) == before


def test_going_on_with_no_run_is_one_line_and_exit_code_5(data, tmp_path):
    done = edgemnist(tmp_path, "train", "--resume", "run", "--data", data)
    assert "cannot read the checkpoint run/checkpoint.pt" in done.stderr
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert files_in(tmp_path) == []


def test_export_without_any_run_says_so(data, tmp_path):
    done = edgemnist(tmp_path, "export", "--data", data)
    assert done.stderr == "edgemnist: no checkpoint in runs/; make one with edgemnist train, or name one\n"
    assert done.returncode == 5


def test_exporting_with_other_data_is_refused(run, data, tmp_path):
    place, done = run
    other = tmp_path / "other"
    random = np.random.default_rng(1)
    for split in ("train", "t10k"):
        write_idx(other / f"{split}-images-idx3-ubyte", random.integers(0, 256, (20, 28, 28)).astype(np.uint8))
        write_idx(other / f"{split}-labels-idx1-ubyte", np.arange(20, dtype=np.uint8) % 10)
    refused = edgemnist(place, "export", done.stdout.strip(), "--data", other, "--out", tmp_path / "models")
    assert "was trained on other data; name its folder with --data DIR" in refused.stderr
    assert refused.returncode == 6
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("command", ["train", "export"])
def test_an_output_path_below_a_file_is_exit_code_7(run, data, tmp_path, command):
    place, done = run
    (tmp_path / "file").touch()
    arguments = ["train", "--epochs", 1] if command == "train" else ["export", done.stdout.strip()]
    failed = edgemnist(place, *arguments, "--data", data, "--out", tmp_path / "file" / "below")
    assert f"edgemnist: cannot write {tmp_path}/file/below/" in failed.stderr
    assert failed.returncode == 7


@pytest.mark.parametrize("command", ["train", "export"])
def test_a_full_disk_leaves_nothing_half_written(run, data, tmp_path, command):
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (CHECKPOINT_LIMIT_BYTES, CHECKPOINT_LIMIT_BYTES))

    place, done = run
    arguments = ["train", "--epochs", 1] if command == "train" else ["export", done.stdout.strip(), "--quantize"]
    out = tmp_path / "out"
    failed = edgemnist(place, *arguments, "--data", data, "--out", out, preexec_fn=limit)
    assert "edgemnist: cannot write" in failed.stderr
    assert failed.stderr.splitlines()[-1].endswith("free some space or choose another folder")
    assert failed.returncode == 7
    assert files_in(out) == []
