"""Print what a whole process of edgemnist costs, beside the least that any such program could cost.

    python benchmarks/cold_start.py [--runs 9]

`infer` is compared with the floor: python, numpy, onnxruntime, one inference of the same picture's pixels with the same
model. `--help` and `--version` are compared with a bare typer program of two commands. The processes take turns; their
CPU time is the operating system's own account, and a ratio is the median of the ratios of the turns. All of them run
from compiled files, as pip leaves them.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist.model.opened import default_model, open_model
from edgemnist.model.session import onnxruntime_version

FLOOR = """
import os, sys
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print(session.run(None, {"image": numpy.load(sys.argv[2])})[0].argmax())
"""
BARE = """
import typer
app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
@app.command()
def first(option: int = 1): pass
@app.command()
def second(option: int = 1): pass
app()
"""
EDGEMNIST = "from edgemnist.process import main; main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        image = open_model(default_model()).info.selftest.images[0]
        picture, photo, pixels = (Path(folder, name) for name in ("digit.png", "photo.jpg", "digit.npy"))
        Image.fromarray(image).save(picture)
        Image.fromarray(255 - image).resize((640, 640)).save(photo)
        np.save(pixels, image[np.newaxis, np.newaxis])
        floor = ["-c", FLOOR, str(default_model()), str(pixels)]
        pairs = {
            "infer digit.png": (["-c", EDGEMNIST, "infer", str(picture)], floor, "floor"),
            "infer photo.jpg": (["-c", EDGEMNIST, "infer", str(photo)], floor, "floor"),
            "--help": (["-c", EDGEMNIST, "--help"], ["-c", BARE, "--help"], "bare typer"),
            "--version": (["-c", EDGEMNIST, "--version"], ["-c", BARE, "--help"], "bare typer"),
        }
        print("| edgemnist | CPU ms | beside | CPU ms | ratio: median (min to max) |")
        print("|---|---|---|---|---|")
        for name, (ours, theirs, beside) in pairs.items():
            cpu_ms(ours), cpu_ms(theirs)  # once each, for the disk's cache
            turns = [(cpu_ms(ours), cpu_ms(theirs)) for _ in range(runs)]
            ratios = [mine / other for mine, other in turns]
            mine, other = (statistics.median(column) for column in zip(*turns, strict=True))
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"| {name} | {mine:.0f} | {beside} | {other:.0f} | {spread} |")
    print(
        f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}, {runs} turns"
    )


def cpu_ms(arguments: list[str]) -> float:
    """User and system time of one Python process, in milliseconds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return 1000 * (usage.ru_utime + usage.ru_stime)


main()
