"""Fixtures of the edge tests: they need the shipped models and nothing else, no MNIST, no torch, no network."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from edgemnist import Classifier
from edgemnist.model.opened import Model, default_model, open_model

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def int8_path() -> Path:
    return default_model("int8")


@pytest.fixture(scope="session")
def int8(int8_path: Path) -> Model:
    return open_model(int8_path)


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture(scope="session")
def digits(int8: Model) -> NDArray[np.uint8]:
    """(K, 28, 28): the real MNIST images that every model file carries."""
    return int8.info.selftest.images


@pytest.fixture
def digit_png(digits: NDArray[np.uint8], tmp_path: Path) -> Path:
    """The first of `digits` as a file."""
    path = tmp_path / "digit.png"
    Image.fromarray(digits[0]).save(path)
    return path


@pytest.fixture
def edgemnist(tmp_path: Path) -> Run:
    """Runs the real command in a process of its own: edgemnist("infer", path, stdin=bytes, env={...})."""

    def run(
        *arguments: object,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        preexec: Callable[[], object] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "edgemnist", *(str(argument) for argument in arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            preexec_fn=preexec,
            check=False,
            timeout=600,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
