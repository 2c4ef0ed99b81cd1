"""Serving stays light: it needs its own extra, and nothing of the workstation."""

import subprocess
import sys
from pathlib import Path

import edgemnist.serve

WORKSTATION = {"torch", "torchvision", "onnx", "onnxscript", "matplotlib"}


def test_serving_loads_nothing_of_the_workstation():
    modules = [f"edgemnist.serve.{path.stem}" for path in Path(edgemnist.serve.__file__).parent.glob("[a-z]*.py")]
    code = f"import sys\nimport {', '.join(modules)}\nprint(*sorted({WORKSTATION!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")
