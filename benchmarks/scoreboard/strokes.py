"""Letters and marks as strokes of a pen, by hand: no font is needed."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from scoreboard.digits import Ink

FINE = 4
"""Strokes are drawn this many times as large, and reduced."""

# Strokes are parted by blanks; each is a way through points of a grid, x and y of each one after the
# other, y downwards: capitals reach from 0 to 6, small letters from 2, commas to 7.
LETTERS = {
    "A": "062046 1434",
    "E": "40000646 0333",
    "F": "400006 0333",
    "H": "0006 4046 0343",
    "K": "0006 400346",
    "M": "0600234046",
    "N": "06004640",
    "P": "0600304142330303",
    "R": "06003041423303 2346",
    "T": "0040 2026",
    "W": "0016243640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "a": "4232130304152535 4246",
    "d": "4046 43331304162645",
    "e": "0444433313040516263645",
    "f": "402011 1116 0333",
    "h": "0006 0423334446",
    "k": "0006 420426",
    "m": "0306 0423334446",
    "n": "0206 0322324346",
    "r": "0206 04132333",
    "u": "0205162636454246",
    "v": "022642",
    "w": "0216243642",
    "x": "0246 4206",
}
MARKS = {
    ".": "0606",
    ",": "1607",
    "-": "0343",
    "/": "0630",
    ":": "0303 0606",
}


def stroked(strokes: str, rng: Generator, height: float, width: float) -> Ink:
    """Strokes by a pen of `width` pixels, capitals `height` pixels high; every point shakes a little.

    Below the line on which they stand a sixth of the height is left, for commas.
    """
    unit, edge = FINE * height / 6, FINE * (width + 1)
    ways = [
        [(unit * int(x) + edge, unit * int(y) + edge) for x, y in zip(stroke[::2], stroke[1::2], strict=True)]
        for stroke in strokes.split()
    ]
    right = max(x for way in ways for x, _ in way)
    size = (int(right + edge) // FINE * FINE + FINE, int(7 * unit + 2 * edge) // FINE * FINE + FINE)
    canvas = Image.new("L", size)
    draw = ImageDraw.Draw(canvas)
    reach, lean = FINE * width / 2, rng.uniform(-0.1, 0.15)
    for way in ways:
        shaken = [
            (x + rng.normal(0, 0.05 * unit) + lean * (edge - y + 3 * unit), y + rng.normal(0, 0.05 * unit))
            for x, y in way
        ]
        draw.line(shaken, fill=255, width=max(1, round(FINE * width)), joint="curve")
        for x, y in (shaken[0], shaken[-1]):
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(canvas.reduce(FINE), np.float32) / 255
