"""Draws the pictures of the docs: python docs/pictures/draw.py.

seven.jpg is what `make demo` and the README read. row.seen.png is what `infer row.jpg --row --save-input` writes, in 64
colors.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from edgemnist import Classifier
from edgemnist.infer.show import as_picture

FOLDER = Path(__file__).parent
PEN_COLOR = (42.0, 52.0, 120.0)

SEVEN = [(140, 205), (232, 196), (338, 190), (318, 262), (276, 348), (242, 430), (222, 500)]
ROW = [
    [(62, 92), (74, 66), (104, 58), (126, 76), (120, 108), (94, 146), (58, 182), (92, 176), (136, 182)],
    [(206, 62), (190, 100), (178, 132), (222, 128), (258, 122)],
    [(236, 92), (232, 140), (224, 190)],
    [(338, 66), (312, 84), (304, 128), (318, 170), (350, 176), (378, 146), (380, 100), (362, 70), (338, 66)],
    [(424, 72), (466, 66), (508, 62), (494, 106), (470, 150), (458, 190)],
    [(442, 126), (500, 118)],
    [(548, 70), (580, 58), (608, 74), (596, 106), (572, 118), (606, 128), (620, 156), (596, 182), (552, 178)],
]


def drawn(strokes: list[list[tuple[int, int]]], size: tuple[int, int], width: int) -> NDArray[np.float64]:
    """Ink 0 to 1 of strokes of a pen."""
    ink = Image.new("L", size, 0)
    draw = ImageDraw.Draw(ink)
    radius = width / 2
    for stroke in strokes:
        draw.line(stroke, fill=255, width=width, joint="curve")
        for x, y in stroke:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(ink.filter(ImageFilter.GaussianBlur(2)), float) / 255


def photo(ink: NDArray[np.float64], paper: NDArray[np.float64], grain: float) -> Image.Image:
    """The ink on a page in uneven light, with the grain of a camera (gray levels); `paper` is brightness, 0 to 1."""
    height, width = ink.shape
    rng = np.random.default_rng(7)
    light = np.linspace(238, 176, width)[np.newaxis, :, np.newaxis] * np.array([1.0, 0.985, 0.95])
    noise = rng.normal(0, grain, (height, width, 1))
    page = light * paper[..., np.newaxis] + noise
    levels = page * (1 - ink[..., np.newaxis]) + np.array(PEN_COLOR) * ink[..., np.newaxis]
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def squared(size: tuple[int, int]) -> NDArray[np.float64]:
    """Brightness of squared paper."""
    paper = Image.new("L", size, 255)
    draw = ImageDraw.Draw(paper)
    for place in range(20, max(size), 40):
        draw.line((0, place, size[0], place), fill=205, width=2)
        draw.line((place, 0, place, size[1]), fill=205, width=2)
    return np.asarray(paper, float) / 255


def main() -> None:
    seven = drawn([SEVEN], (480, 640), 26)
    photo(seven, np.ones_like(seven), 4).save(FOLDER / "seven.jpg", quality=85)
    row = drawn(ROW, (680, 250), 9)
    photo(row, squared((680, 250)), 1).save(FOLDER / "row.jpg", quality=85)
    path = str(FOLDER / "row.jpg")
    seen = as_picture(path, Classifier().read_row(path))
    seen.quantize(64).save(FOLDER / "row.seen.png", optimize=True)


main()
