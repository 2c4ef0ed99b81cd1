"""Draws seven.jpg, the picture that `make demo` and the README read: python docs/pictures/draw.py."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 480, 640
PEN = [(140, 205), (232, 196), (338, 190), (318, 262), (276, 348), (242, 430), (222, 500)]


def main() -> None:
    stroke = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(stroke)
    draw.line(PEN, fill=255, width=26, joint="curve")
    for x, y in PEN:
        draw.ellipse((x - 13, y - 13, x + 13, y + 13), fill=255)
    ink = np.asarray(stroke.filter(ImageFilter.GaussianBlur(2)), float) / 255

    rng = np.random.default_rng(7)
    light = np.linspace(238, 176, WIDTH)[np.newaxis, :, np.newaxis] * np.array([1.0, 0.985, 0.95])
    grain = rng.normal(0, 4, (HEIGHT, WIDTH, 1))
    pen_color = np.array([42.0, 52.0, 120.0])
    page = (light + grain) * (1 - ink[..., np.newaxis]) + pen_color * ink[..., np.newaxis]
    picture = Image.fromarray(page.clip(0, 255).astype(np.uint8))
    picture.save(Path(__file__).with_name("seven.jpg"), quality=85)


main()
