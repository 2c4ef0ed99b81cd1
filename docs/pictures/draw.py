"""Draws the pictures of the docs: python docs/pictures/draw.py.

seven.jpg is what `make demo` and the README read. row.seen.png is what `infer row.jpg --row --save-input` writes, in
256 colors, and page.seen.png the upper part of the same for page.jpg.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from edgemnist import Classifier
from edgemnist.infer.answers import answer_sources
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

DIGITS = {
    "0": [[(20, 0), (6, 12), (2, 34), (10, 56), (26, 58), (38, 40), (38, 16), (28, 2), (18, 0)]],
    "1": [[(22, 0), (19, 30), (17, 60)]],
    "2": [[(4, 12), (14, 0), (30, 2), (34, 16), (22, 36), (2, 58), (22, 54), (40, 57)]],
    "3": [[(4, 6), (18, 0), (32, 6), (28, 22), (14, 28), (32, 34), (36, 48), (22, 60), (2, 54)]],
    "4": [[(12, 2), (4, 22), (0, 36), (20, 36), (38, 33)], [(28, 14), (26, 40), (23, 62)]],
    "5": [[(8, 2), (6, 24), (22, 22), (34, 34), (30, 52), (16, 60), (2, 54)], [(8, 3), (22, 1), (36, 2)]],
    "6": [[(28, 0), (12, 18), (4, 40), (10, 56), (24, 58), (32, 46), (26, 34), (10, 36), (5, 44)]],
    "7": [[(2, 4), (20, 2), (38, 0), (28, 28), (20, 60)]],
    "8": [[(32, 8), (20, 0), (8, 8), (14, 24), (30, 38), (30, 54), (16, 60), (6, 50), (12, 36), (28, 22), (32, 8)]],
    "9": [[(34, 10), (20, 0), (6, 12), (8, 26), (22, 28), (33, 12), (32, 34), (26, 60)]],
    ".": [[(4, 58), (6, 59)]],
    "-": [[(0, 32), (22, 30)]],
    ":": [[(4, 24), (6, 25)], [(4, 56), (6, 57)]],
    "/": [[(30, -8), (14, 30), (0, 68)]],
}
"""Strokes on a grid of 40 x 60."""
PAGE_SHOWN = (576, 362)
"""Of what `--save-input` draws: the page itself."""
LINES = ["1984  12.50", "-7  36.4  8:15", "205  7/12  96"]


def page_strokes() -> list[list[tuple[int, int]]]:
    """Lines that lean a little, and whose digits stand a little staggered."""
    rng = np.random.default_rng(3)
    strokes = []
    for number, line in enumerate(LINES):
        left, top = 60.0, 70.0 + 130 * number
        for symbol in line:
            if symbol == " ":
                left += 24
                continue
            size, up = rng.uniform(0.9, 1.05), rng.uniform(-4, 4) - 0.04 * left
            right = max(x for stroke in DIGITS[symbol] for x, _ in stroke)
            strokes += [[(round(left + size * x), round(top + up + size * y)) for x, y in s] for s in DIGITS[symbol]]
            left += size * right + 15
    return strokes


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
    page = drawn(page_strokes(), (680, 420), 7)
    photo(page, np.ones_like(page), 2).save(FOLDER / "page.jpg", quality=85)
    classifier = Classifier()
    for name in ("row", "page"):
        (answer,) = answer_sources(classifier, [str(FOLDER / f"{name}.jpg")], row=True)
        seen = as_picture(answer.source, answer.readings, answer.page)
        if name == "page":
            seen = seen.crop((0, 0, *PAGE_SHOWN))
        seen.quantize(256).save(FOLDER / f"{name}.seen.png", optimize=True)


main()
