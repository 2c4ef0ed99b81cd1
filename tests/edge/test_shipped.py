"""The models that ship, by their names, in the library, in commands, and in other processes."""

import multiprocessing
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import edgemnist as package
from edgemnist import Classifier, model_path
from edgemnist.model.opened import default_model


def test_the_names_are_the_models_that_ship():
    assert model_path() == model_path("int8") == default_model("int8")
    assert model_path("fp32") == default_model("fp32")
    assert Classifier("fp32").model.info.precision == "fp32"
    assert Classifier().model.info.precision == "int8"


def test_a_file_of_that_name_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(model_path("int8"), "fp32")
    assert Classifier("./fp32").model.info.precision == "int8"
    assert Classifier(Path("fp32")).model.info.precision == "int8"
    assert Classifier("fp32").model.info.precision == "fp32"


def test_finding_a_model_for_another_runtime_loads_none():
    code = "import sys, edgemnist\nprint(edgemnist.model_path('fp32').name, 'onnxruntime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "edgemnist-fp32.onnx False\n"
    assert "model_path" in package.__all__


def test_commands_take_the_names(edgemnist, digit_png, tmp_path):
    shutil.copy(model_path("int8"), tmp_path / "fp32")
    by_name, by_path, by_file = (
        edgemnist("verify", model).stdout.splitlines()[0] for model in ("fp32", model_path("fp32"), "./fp32")
    )
    assert by_name == by_path != by_file
    assert edgemnist("verify").stdout.splitlines()[0] == by_file
    assert edgemnist("infer", digit_png, "--model", "fp32").returncode == 0


@pytest.mark.parametrize("name", ["int8", "fp32", "a file"])
def test_a_classifier_is_pickled_as_its_model_and_options(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    model = shutil.copy(model_path("int8"), "own.onnx") if name == "a file" else name
    classifier = Classifier(model, threads=2, polarity="dark", min_confidence=0.5)
    pickled = pickle.dumps(classifier)
    assert len(pickled) < 1000
    monkeypatch.chdir("/")
    again = pickle.loads(pickled)
    assert again.__getstate__() == classifier.__getstate__()
    images = classifier.model.info.selftest.images
    assert again.predict(images) == classifier.predict(images)


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_other_processes_give_the_same_answers(digits, way, threads):
    classifier = Classifier(threads=threads)
    wanted = classifier.predict(digits)  # before the fork: its threads are there
    with ProcessPoolExecutor(2, multiprocessing.get_context(way)) as pool:
        assert list(pool.map(classifier.predict, [digits, digits[::-1]])) == [wanted, wanted[::-1]]
