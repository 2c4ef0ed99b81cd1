"""Films for tests: rows of real digits as a camera sees them, in the dark, with a hand before them."""

import io
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from sheets import enlarged, picture, sheet, sure_digits

from edgemnist.model.opened import Model

SIZE = (400, 120)
"""Width and height of a frame."""
_DIGIT, _STEP = 56, 66
_GRAIN = 5.0
"""Gray levels: what a webcam has in a lit room."""
_SKIN = 150.0
Levels = NDArray[np.float64]


def rows(model: Model, texts: Iterable[str]) -> list[Levels]:
    """(H, W) gray levels of a sheet for each text."""
    images, labels = sure_digits(model)
    ink = {label: enlarged(image, _DIGIT) for image, label in zip(images, labels, strict=True)}
    middle = (SIZE[1] - _DIGIT) // 2
    return [
        sheet(SIZE[::-1], [(ink[digit], 30 + _STEP * place, middle) for place, digit in enumerate(text)])
        for text in texts
    ]


def filmed(scenes: Iterable[Levels], grain: float = _GRAIN, seed: int = 0) -> Iterator[Image.Image]:
    """Each scene as a camera has it: no two frames are the same."""
    rng = np.random.default_rng(seed)
    return (picture(levels + rng.normal(0, grain, levels.shape)) for levels in scenes)


def dark(levels: Levels) -> Levels:
    """The scene with the light switched off."""
    return levels * 0.02


def with_hand(levels: Levels, place: float) -> Levels:
    """The scene with a hand before it; `place` is how far it has come from left (0) to right (1)."""
    height, width = levels.shape
    left = place * (width + 200) - 200
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    draw.rounded_rectangle((left, height * 0.35, left + 120, height + 80), 40, fill=255)
    for finger in range(4):
        x = left + 4 + 29 * finger
        draw.rounded_rectangle((x, -20 + 12 * abs(finger - 2), x + 24, height * 0.6), 12, fill=255)
    covered = np.asarray(mask.filter(ImageFilter.GaussianBlur(2)), float) / 255
    shade = 0.85 + 0.15 * np.cos(np.arange(width) / 9.0)
    return levels * (1 - covered) + _SKIN * shade * covered


def jpeg(frame: Image.Image, **options: object) -> bytes:
    """The frame as a JPEG file."""
    file = io.BytesIO()
    frame.save(file, "JPEG", **({"quality": 85} | options))
    return file.getvalue()
