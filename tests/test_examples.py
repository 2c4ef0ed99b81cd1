"""The examples run as they stand; for the camera of a Raspberry Pi there is a stand-in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import edgemnist

ROOT = Path(__file__).parent.parent

CAMERA = """
import numpy
from PIL import Image

class Picamera2:
    def create_video_configuration(self, main):
        assert main == {"format": "RGB888", "size": (1280, 960)}
        return main

    def configure(self, configuration):
        self.frames = [numpy.asarray(Image.open(PICTURE).convert("RGB"))[:, :, ::-1]]  # blue first, as libcamera has it

    def start(self):
        pass

    def capture_array(self):
        if not self.frames:
            raise SystemExit
        return self.frames.pop()
"""


def run(example: str, *arguments: str | Path, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([path, str(Path(edgemnist.__file__).parent.parent)])}
    command = [sys.executable, ROOT / "examples" / example, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True)


def test_the_camera_example_reads_a_row(tmp_path):
    picture = str(ROOT / "docs" / "pictures" / "row.jpg")
    (tmp_path / "picamera2.py").write_text(CAMERA.replace("PICTURE", repr(picture)))
    assert run("picamera2_rows.py", path=str(tmp_path)).stdout == "24073\n"


def test_the_archive_example_keeps_the_order(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(ROOT / "docs" / "pictures" / "seven.jpg", tmp_path / name)
    (tmp_path / "c.png").write_bytes(b"?")
    done = run("archive.py", tmp_path, "--processes", "2")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(Path(record["source"]).name, record["status"]) for record in records] == [
        ("a.jpg", "ok"),
        ("b.jpg", "ok"),
        ("c.png", "unreadable"),
    ]
    assert done.stderr.startswith("2 processes: ")
