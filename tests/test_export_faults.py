"""An export whose checkpoint is replaced meanwhile, one that a signal ends, and a home that nobody can write to."""

import dataclasses
import hashlib
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from edgemnist.data import DataSet
from edgemnist.data.idx import write_idx
from edgemnist.data.mnist import load_dataset
from edgemnist.export.exporter import export_checkpoint
from edgemnist.train import loop
from edgemnist.train.checkpoint import load_checkpoint, save_checkpoint
from edgemnist.train.recipe import default_recipe

LIMIT_S = 300
"""Nothing here waits; this ends a test that would hang."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise as IDX files, and a network that has seen it in `run`."""
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    for split, count in (("train", 100), ("t10k", 50)):
        write_idx(folder / f"{split}-images-idx3-ubyte", random.integers(0, 256, (count, 28, 28)).astype(np.uint8))
        write_idx(folder / f"{split}-labels-idx1-ubyte", (np.arange(count) % 10).astype(np.uint8))
    recipe = default_recipe(epochs=1, batch_size=50)
    loop.train(load(folder), recipe, folder / "run", seed=0, device="cpu", progress=lambda event: None)
    return folder


def load(folder: Path) -> DataSet:
    return load_dataset(folder, lambda line: None)


def test_an_export_records_the_very_bytes_that_it_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training replaces the checkpoint whenever it has been opened, and just before and after torch reads it."""
    data, content = load(folder), (folder / "run" / "checkpoint.pt").read_bytes()
    checkpoint, other = tmp_path / "checkpoint.pt", tmp_path / "other.pt"
    checkpoint.write_bytes(content)
    (calm,) = export_checkpoint(checkpoint, tmp_path / "calm", data, quantize=False, announce=lambda line: None)
    found = load_checkpoint(checkpoint)
    seeds, plain_open, plain_load = itertools.count(1), Path.open, torch.load

    def replace() -> None:
        seed = next(seeds)
        state = {name: value + seed for name, value in found.state.items()}
        save_checkpoint(other, dataclasses.replace(found, state=state, seed=seed))
        other.replace(checkpoint)

    def opened(path: Path, *arguments: Any, **options: Any) -> Any:
        file = plain_open(path, *arguments, **options)
        if path == checkpoint:
            replace()
        return file

    def loaded(*arguments: Any, **options: Any) -> Any:
        replace()
        content = plain_load(*arguments, **options)
        replace()
        return content

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", opened)
        patched.setattr(torch, "load", loaded)
        (busy,) = export_checkpoint(checkpoint, tmp_path / "busy", data, quantize=False, announce=lambda line: None)
    assert checkpoint.read_bytes() != content
    assert busy.info.checkpoint_sha256 == hashlib.sha256(content).hexdigest()
    assert busy.path.read_bytes() == calm.path.read_bytes()


def test_a_home_that_cannot_be_written_to_is_not_worth_a_word() -> None:
    script = (
        "from edgemnist.process import extra, main\n"
        'def work():\n    with extra("train"):\n        import edgemnist.export.exporter, edgemnist.train.loop\n'
        "    import matplotlib\n    print(matplotlib.get_cachedir() != '')\n    return 0\nmain(work)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL"))}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env=environment | {"HOME": "/dev/null"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


STRUCK = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import edgemnist.cli_workstation as commands
from edgemnist.process import main
say = commands.say
def struck(*lines):
    say(*lines)
    if lines[0].startswith({moment!r}):
        os.kill(os.getpid(), {number})
commands.say = struck
main()
"""


@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [
        ("quantizing", signal.SIGTERM, 143),
        ("writing and checking edgemnist-int8.onnx", signal.SIGINT, 130),
    ],
)
def test_a_signal_ends_an_export_in_one_line_and_leaves_nothing(
    folder: Path, tmp_path: Path, moment: str, number: int, code: int
) -> None:
    (tmp_path / "edgemnist-fp32.onnx").write_text("old")
    script = STRUCK.format(moment=moment, number=int(number))
    checkpoint = folder / "run" / "checkpoint.pt"
    arguments = ["export", checkpoint, "--data", folder, "--out", tmp_path, "--quantize"]
    # The gate is for digits: int8 of noise need not pass it.
    gate = "import edgemnist.export.exporter as exporter\nexporter._require_gate = lambda *_: None\n"
    done = subprocess.run(
        [sys.executable, "-c", gate + script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    *before, last = done.stderr.splitlines()
    assert before[-1].startswith(f"edgemnist: {moment}")
    assert last == f"edgemnist: stopped; no model in {tmp_path} is half written"
    assert all(line.startswith("edgemnist: ") for line in before)
    assert (done.returncode, done.stdout) == (code, "")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"edgemnist-fp32.onnx": "old"}
