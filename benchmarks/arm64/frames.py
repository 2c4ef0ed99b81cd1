"""Reads a camera's frames between marks that the counting plugin sees: the guest's side of `count.sh frames`.

python frames.py

docs/pictures/row.jpg fills the width of each frame, and every frame has noise of its own.
"""

import io
from pathlib import Path

import numpy as np
from marks import mark
from PIL import Image

from edgemnist import CameraOptions, Classifier
from edgemnist.camera.frames import Frame
from edgemnist.camera.part import Part

SIZES = ((640, 480), (1280, 720), (1920, 1080))
FRAMES = 2
"""Between two marks, after one that warms up."""
GRAIN = 5.0
"""Gray levels."""
ROW = Path(__file__).parent.parent.parent / "docs" / "pictures" / "row.jpg"


def main() -> None:
    rng = np.random.default_rng(0)
    row = Image.open(ROW).convert("L")
    for at, size in enumerate(SIZES):
        scene = np.full(size[::-1], 200.0)
        height = size[0] * row.height // row.width
        scene[:height] = np.asarray(row.resize((size[0], height), Image.Resampling.BICUBIC))
        first, *frames = (jpeg(scene + rng.normal(0, GRAIN, scene.shape)) for _ in range(1 + FRAMES))
        part = Part(None, None, Classifier(), CameraOptions(row=True))
        part.read(Frame(lambda shown=first: shown, size), "camera")
        mark(2 * at)
        answers = [part.read(Frame(lambda shown=shown: shown, size), "camera") for shown in frames]
        mark(2 * at + 1)
        print(size, [answer.prediction.label for answer in answers])


def jpeg(levels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    main()
