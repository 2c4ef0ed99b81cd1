"""docs/read_without_edgemnist.py, which strangers begin with: it replays the self-test of every file that ships."""

import subprocess
import sys
from pathlib import Path

import pytest

from edgemnist.model.opened import default_model
from edgemnist.model.shipped import finder_path

SCRIPT = Path(__file__).parents[2] / "docs/read_without_edgemnist.py"
FILES = {
    default_model("fp32"): "32 images",
    default_model("int8"): "32 images",
    finder_path("fp32"): "2 pages",
    finder_path("int8"): "2 pages",
}


@pytest.mark.parametrize(("path", "inputs"), FILES.items(), ids=[path.name for path in FILES])
def test_the_self_test_of_a_file_is_replayed_without_us(path, inputs):
    done = subprocess.run([sys.executable, "-I", SCRIPT, path], capture_output=True, text=True, check=True)
    _, line = done.stdout.splitlines()
    found, difference, same = line.removeprefix(f"{path}: ").split(", ")
    assert (found, same) == (inputs, "same answers: 100.00 %")
    largest = float(difference.removeprefix("max abs diff "))
    assert largest == 0 if "int8" in path.name else largest <= 1e-4
