"""Print what `edgemnist camera` costs while nothing changes, and what becomes of many noisy frames.

    python benchmarks/camera.py [--seconds 20] [--frames 10000] [--stream 120]

First the CPU time of the command on a scene that stands still, 30 frames a second of which 5 are read, as a share of a
core: that of a long run less that of a short one, so that its start does not count. Then a film of many frames, no two
of a thousand the same, of which the second half shows another row: the readings that were told, and the memory after a
tenth of them and after all. Last the memory while an HTTP stream with garbage between its pictures breaks off and comes
back.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist import CameraOptions, Classifier, watch_camera
from edgemnist.camera.frames import Clock
from edgemnist.model.opened import default_model, open_model

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "edge"))
from films import filmed, jpeg, rows
from streams import begin_mjpeg, send_picture, serving

TEXTS = ("70592", "05926")
DIFFERENT = 1000
"""Frames that are drawn; longer films repeat them."""
SIZES = ((640, 480), (1280, 720), (1920, 1080))
CAMERA_RATE, READ_RATE = 30, 5
"""Frames a second."""
SHORT_S = 5
STREAM_FRAMES = 400
"""Until the stream breaks off."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--stream", type=int, default=120, help="seconds")
    options = parser.parse_args()
    scenes = rows(open_model(default_model("int8")), TEXTS)
    print("| MJPEG on stdin, pixels | noise | frames read a second | share of a core |")
    print("|---|---|---|---|")
    for size in SIZES:
        for noise in (True, False):
            frames = still(scenes[0], size, noise)
            short, long = (run(frames, seconds) for seconds in (SHORT_S, SHORT_S + options.seconds))
            share, read = ((more - less) / options.seconds for less, more in zip(short, long, strict=True))
            kind = "in every frame" if noise else "none"
            print(f"| {size[0]}x{size[1]} | {kind} | {read:.1f} | {100 * share:.1f} % |", flush=True)
    print()
    print("| frames | readings told | after a tenth of them, MB | after all, MB |")
    print("|---|---|---|---|")
    print(f"| {options.frames:,} | {' | '.join(many(scenes, options.frames))} |", flush=True)
    print()
    print("| HTTP stream that broke off, times | frames that came | after a tenth of the time, MB | at the end, MB |")
    print("|---|---|---|---|")
    print(f"| {' | '.join(breaking(scenes[0], options.stream))} |")


def still(scene: np.ndarray, size: tuple[int, int], noise: bool) -> list[bytes]:
    """JPEGs of a sheet that fills the frame's width."""
    large = np.full(size[::-1], scene[0, 0])
    height = size[0] * scene.shape[0] // scene.shape[1]
    sheet = Image.fromarray(scene.astype(np.uint8)).resize((size[0], height), Image.Resampling.BICUBIC)
    top = (size[1] - height) // 2
    large[top : top + height] = np.asarray(sheet)
    return [jpeg(frame) for frame in filmed([large] * (CAMERA_RATE if noise else 1))]


def run(frames: list[bytes], seconds: int) -> tuple[float, int]:
    """The CPU time of the command, to which the frames are written at a camera's pace for so long, and how many it
    read."""
    command = [sys.executable, "-m", "edgemnist", "camera", "-", "--row", "--rate", str(READ_RATE)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    began = time.monotonic()
    for number in range(seconds * CAMERA_RATE):
        time.sleep(max(0.0, began + number / CAMERA_RATE - time.monotonic()))
        child.stdin.write(frames[number % len(frames)])
        child.stdin.flush()
    child.stdin.close()
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    count = re.search(r"frames read: ([\d,]+),", child.stderr.read().decode())
    return usage.ru_utime + usage.ru_stime, int(count[1].replace(",", ""))


def many(scenes: list[np.ndarray], frames: int) -> tuple[str, str, str]:
    """The readings that were told of a film, the first half of which shows another row than the second; the memory."""
    half = frames // 2
    memory: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mjpeg"
        with film.open("wb") as file:
            for seed, scene in enumerate(scenes):
                drawn = [jpeg(frame) for frame in filmed([scene] * min(half, DIFFERENT // 2), seed=seed)]
                for number in range(half):
                    file.write(drawn[number % len(drawn)])
        taken = iter(range(frames))

        def now() -> datetime:
            """Called for each frame that is read."""
            if next(taken) in (frames // 10, 2 * half - 1):
                memory.append(resident_mb())
            return datetime.now(UTC)

        readings = list(watch_camera(str(film), CameraOptions(row=True), Classifier(), clock=Clock(now=now)))
        told = ", ".join(f"{reading.text} in frame {reading.frame:,}" for reading in readings)
    return told, f"{memory[0]:.1f}", f"{memory[-1]:.1f}"


def breaking(scene: np.ndarray, seconds: int) -> tuple[str, str, str, str]:
    """How often an HTTP stream broke off, how many frames came of it, and the memory of the command."""
    pictures = [jpeg(frame) for frame in filmed([scene] * 50)]
    sessions = 0

    def give(request: BaseHTTPRequestHandler) -> None:
        nonlocal sessions
        sessions += 1
        begin_mjpeg(request)
        for number in range(STREAM_FRAMES):
            send_picture(request, pictures[number % len(pictures)])
            request.wfile.write(os.urandom(1000))
            time.sleep(0.005)

    with serving(give) as address:
        command = [sys.executable, "-m", "edgemnist", "camera", address, "--row", "--rate", "1000"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(seconds / 10)
        before = resident_mb(child.pid)
        time.sleep(seconds * 9 / 10)
        after = resident_mb(child.pid)
        child.send_signal(signal.SIGINT)
        _, messages = child.communicate()
    read, between = re.findall(r"[\d,]+\d|\d", messages.decode().splitlines()[-1].partition(": frames")[2])
    came = int(read.replace(",", "")) + int(between.replace(",", ""))
    return str(sessions - 1), f"{came:,}", f"{before:.1f}", f"{after:.1f}"


def resident_mb(process: int | str = "self") -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
