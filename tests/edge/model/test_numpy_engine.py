"""int8 files run in numpy: the bits of onnxruntime, chosen where that is missing, and nothing run that is not exact.

Not a tolerance for logits and maps in this file: equal means equal bits.
"""

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import filmed, jpeg, rows

from edgemnist import Classifier
from edgemnist.data.idx import write_idx
from edgemnist.errors import ModelError, UsageError
from edgemnist.model.graph import read_graph
from edgemnist.model.numpy_engine import OPERATORS, NumpySession
from edgemnist.model.opened import default_model, open_any, open_finder, open_model, run, run_values
from edgemnist.model.selftest import require_selftest
from edgemnist.model.session import new_session
from edgemnist.model.shipped import finder_path

PROBABILITY_TOLERANCE = 1e-6
"""Of the softmax alone, since the logits are equal; measured 2.4e-7."""
NOT_THERE = 'raise ModuleNotFoundError("No module named \'onnxruntime\'", name="onnxruntime")'
BROKEN = 'raise ImportError("libonnxruntime.so: cannot open shared object file")'


@pytest.fixture(scope="module")
def engines():
    """The classifier that ships, in onnxruntime and in numpy."""
    return [open_model(default_model(), engine=engine) for engine in ("onnxruntime", "numpy")]


@pytest.fixture
def no_onnxruntime(tmp_path_factory):
    """An environment for commands and their children in which onnxruntime is not installed, or broken."""

    def environment(statement: str = NOT_THERE) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("first-in-path")
        (folder / "onnxruntime.py").write_text(statement)
        return {"PYTHONPATH": str(folder)}

    return environment


def noise(*shape: int) -> np.ndarray:
    """Images or pages of all shades, from nearly empty to full."""
    generator = np.random.default_rng(0)
    shades = generator.integers(0, 256, shape)
    inked = generator.random(shape) < np.linspace(0.05, 1, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    return (shades * inked).astype(np.uint8)


@pytest.mark.parametrize("path", [default_model(), finder_path()], ids=["classifier", "finder"])
def test_the_self_test_record_is_answered_bit_for_bit(path):
    report = require_selftest(open_any(path, engine="numpy"))
    assert (report.max_abs_diff, report.changed) == (0.0, ())


@pytest.mark.parametrize("batch", [1, 7, 64, 300])
def test_logits_are_onnxruntimes_for_every_batch(engines, digits, batch):
    images = np.concatenate([digits, 255 - digits, noise(300, 28, 28)])[-batch:]
    theirs, ours = (run(model, images) for model in engines)
    np.testing.assert_array_equal(ours.logits, theirs.logits)
    assert np.abs(ours.probabilities - theirs.probabilities).max() <= PROBABILITY_TOLERANCE


@pytest.mark.parametrize("size", [(32, 64), (96, 160), (480, 640)], ids=str)
def test_maps_are_onnxruntimes_for_pages_of_every_size(size):
    pages = noise(2, *size)
    theirs, ours = (run_values(open_finder(finder_path(), engine=engine), pages) for engine in ("onnxruntime", "numpy"))
    np.testing.assert_array_equal(ours, theirs)


def test_it_describes_a_file_as_onnxruntime_does():
    for path in (default_model(), finder_path()):
        theirs, ours = (new_session(path.read_bytes(), "x", engine=engine) for engine in ("onnxruntime", "numpy"))
        assert ours.get_modelmeta().custom_metadata_map == theirs.get_modelmeta().custom_metadata_map
        for put in ("get_inputs", "get_outputs"):
            described = [[(it.name, it.type, it.shape) for it in getattr(engine, put)()] for engine in (theirs, ours)]
            assert described[0] == described[1]


def test_the_library_takes_it_and_keeps_it_when_pickled(digits):
    classifier = pickle.loads(pickle.dumps(Classifier(engine="numpy")))
    assert classifier.model.engine == f"numpy {np.__version__}"
    theirs = Classifier(engine="onnxruntime")
    assert theirs.model.engine.startswith("onnxruntime ")
    labels = [[answer.label for answer in one.predict(digits)] for one in (theirs, classifier)]
    assert labels[0] == labels[1]


def test_there_are_three_engines():
    with pytest.raises(UsageError, match="there is no engine tpu; engines are: auto, onnxruntime, numpy"):
        Classifier(engine="tpu")


# ---- what is refused


def test_fp32_is_refused_with_the_reason(edgemnist):
    done = edgemnist("verify", "fp32", "--engine", "numpy")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        f"edgemnist: numpy cannot run {default_model('fp32')}: it is fp32, whose last bits depend on the order of "
        "sums; numpy runs int8 files\n"
    )


def changed(path: Path, name: str, value: object) -> bytes:
    """The file with other numbers in one of its tensors; digests are not looked at here."""
    content = path.read_bytes()
    old = read_graph(content).constants[name]
    # The raw data, field 9, stands behind the name.
    at = content.index(old.tobytes(), content.index(f"{name}\x4a".encode()))
    return content[:at] + np.full_like(old, value).tobytes() + content[at + old.nbytes :]


@pytest.mark.parametrize("name", ["conv1_scale", "conv2_scale", "dense1_scale", "dense2_scale"])
def test_weights_whose_sums_float32_would_round_are_refused(name):
    """0.1 has 24 bits as float32: products with it are no float32 any more."""
    with pytest.raises(ModelError, match="its sums would be rounded"):
        new_session(changed(default_model(), name, 0.1), "x.onnx", engine="numpy")
    NumpySession(changed(default_model(), name, 0.125))


@pytest.mark.parametrize("name", ["stem_bias", "head_bias"])
def test_biases_that_are_too_large_are_refused(name):
    with pytest.raises(ModelError, match="its sums would be rounded"):
        new_session(changed(finder_path(), name, 2**24 - 1), "x.onnx", engine="numpy")


def test_weights_with_a_zero_point_are_refused():
    with pytest.raises(ModelError, match="a zero point other than 0"):
        new_session(changed(finder_path(), "last_zero_point", 1), "x.onnx", engine="numpy")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\x22\x05QGemm", b"\x22\x05QNorm", "it has the operator com.microsoft.QNorm, which no int8 file of ours has"),
        (b"kernel_shape", b"kernel_shade", "is unlike ours"),
        (b"channels_last", b"channels_lost", "is unlike ours"),
    ],
)
def test_operators_that_it_does_not_know_are_one_line(old, new, message):
    content = default_model().read_bytes()
    assert old in content
    with pytest.raises(ModelError, match=message) as caught:
        new_session(content.replace(old, new), "x.onnx", engine="numpy")
    assert "\n" not in str(caught.value)


def test_what_is_no_file_at_all_is_one_line():
    for content in (b"", b"nonsense", default_model().read_bytes()[:1000]):
        with pytest.raises(ModelError, match="numpy cannot run x.onnx: ") as caught:
            new_session(content, "x.onnx", engine="numpy")
        assert "\n" not in str(caught.value)


def test_every_operator_of_the_files_that_ship_is_known():
    for path in (default_model(), finder_path()):
        assert {node.operator for node in read_graph(path.read_bytes()).nodes} <= OPERATORS.keys()


# ---- without onnxruntime


def test_pictures_are_read_without_onnxruntime(edgemnist, no_onnxruntime, digit_png):
    ours = edgemnist("infer", digit_png, "--format", "json", env=no_onnxruntime())
    theirs = edgemnist("infer", digit_png, "--format", "json")
    assert (ours.returncode, ours.stderr) == (0, "")
    assert json.loads(ours.stdout)["label"] == json.loads(theirs.stdout)["label"]


def test_a_camera_is_read_without_onnxruntime(edgemnist, no_onnxruntime, int8, tmp_path):
    (row,) = rows(int8, ["70592"])
    (tmp_path / "film.mjpeg").write_bytes(b"".join(jpeg(frame) for frame in filmed([row] * 3)))
    done = edgemnist("camera", tmp_path / "film.mjpeg", "--digits", "5", "--format", "json", env=no_onnxruntime())
    assert done.returncode == 0
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == ["70592"]


def test_verify_names_the_engine(edgemnist, no_onnxruntime):
    done = edgemnist("verify", env=no_onnxruntime())
    assert (done.returncode, done.stderr) == (0, "")
    assert f"\nengine     numpy {np.__version__}\n" in done.stdout
    assert "max abs diff 0.00e+00" in done.stdout
    assert "\nengine     onnxruntime " in edgemnist("verify").stdout


def test_evaluate_works_without_onnxruntime(edgemnist, no_onnxruntime, digits, int8, tmp_path):
    answers = run(int8, digits).logits.argmax(1).astype(np.uint8)
    for split in ("train", "t10k"):
        write_idx(tmp_path / "data" / f"{split}-images-idx3-ubyte", digits)
        write_idx(tmp_path / "data" / f"{split}-labels-idx1-ubyte", answers)
    done = edgemnist("evaluate", "int8", "--data", tmp_path / "data", "--format", "json", env=no_onnxruntime())
    assert json.loads(done.stdout)["correct"] == len(digits)


def test_benchmark_measures_int8_alone_and_names_the_engine(no_onnxruntime):
    code = """
import functools, sys
from edgemnist.device import benchmark
from edgemnist.process import main

benchmark.Effort = functools.partial(benchmark.Effort, 1, 1, 3)
sys.argv = ["edgemnist", "benchmark", "--format", "json"]
main()
"""
    environment = os.environ | no_onnxruntime()
    done = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    assert result["engine"] == f"numpy {np.__version__}"
    assert [model["name"] for model in result["models"]] == ["edgemnist-int8.onnx"]


def test_doctor_loads_no_engine(edgemnist, no_onnxruntime):
    done = edgemnist("doctor", env=no_onnxruntime(BROKEN))
    assert (done.returncode, done.stderr) == (edgemnist("doctor").returncode, "")
    assert re.search(r"^ok +engine +onnxruntime \d", done.stdout, re.MULTILINE)


def test_asking_for_an_onnxruntime_that_is_not_there_says_what_to_type(edgemnist, no_onnxruntime):
    done = edgemnist("verify", "--engine", "onnxruntime", env=no_onnxruntime())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (8, "", 1)
    assert done.stderr.startswith("edgemnist: onnxruntime is not installed; type: pip install onnxruntime")


def test_a_broken_onnxruntime_is_an_error_and_never_replaced(edgemnist, no_onnxruntime):
    done = edgemnist("verify", env=no_onnxruntime(BROKEN))
    assert (done.returncode, done.stdout) == (1, "")
    assert "libonnxruntime.so" in done.stderr
    assert edgemnist("verify", "--engine", "numpy", env=no_onnxruntime(BROKEN)).returncode == 0
