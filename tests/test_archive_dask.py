"""The example for many machines: two processes answer every picture once, also when one of them is killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import edgemnist
from edgemnist import Classifier

ROOT = Path(__file__).parent.parent
COPIES = 10
"""Of each image: some ten batches."""


@pytest.fixture
def archive(tmp_path):
    """Paths of pictures and the labels they should get."""
    classifier = Classifier()
    images = classifier.model.info.selftest.images
    wanted = {}
    for number, (image, prediction) in enumerate(zip(images, classifier.predict(images), strict=True)):
        (tmp_path / f"{number:02}").mkdir()
        for copy in range(COPIES):
            path = tmp_path / f"{number:02}" / f"{copy}.png"
            Image.fromarray(image).save(path)
            wanted[str(path)] = prediction.label
    return wanted


def worker_of(pid: int) -> int:
    """The id of one of the processes that a process has spawned to work."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    everyone = {*children, *(child for some in threads for child in some)}
    return min(int(child) for child in everyone if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes())


@pytest.mark.parametrize("dies", [False, True])
def test_no_picture_is_lost_or_read_twice(archive, tmp_path, dies):
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"?")
    command = [sys.executable, "-u", ROOT / "examples" / "archive_dask.py", tmp_path]
    environment = os.environ | {"PYTHONPATH": str(Path(edgemnist.__file__).parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        lines = [process.stdout.readline()]
        if dies:
            os.kill(worker_of(process.pid), signal.SIGKILL)
        lines += process.stdout.readlines()
    assert process.returncode == 0
    answers = [json.loads(line) for line in lines]
    assert len(answers) == len(archive) + 1
    by_source = {answer["source"]: answer for answer in answers}
    assert by_source.pop(str(damaged))["status"] == "unreadable"
    assert {source: answer["label"] for source, answer in by_source.items()} == archive
