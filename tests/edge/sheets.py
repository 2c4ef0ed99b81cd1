"""Sheets of paper for tests: real digits from the shipped model's self-test record, written on what people write on."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from edgemnist.model.opened import Model, run

PAPER, INK = 225, 35
SURE = 0.999


def sure_digits(model: Model) -> tuple[NDArray[np.uint8], list[str]]:
    """The images of the self-test record that the model is sure of, one of each class, and their labels."""
    images = model.info.selftest.images
    probabilities = run(model, images).probabilities
    best = {int(row.argmax()): index for index, row in enumerate(probabilities) if row.max() >= SURE}
    return images[list(best.values())], [model.info.labels[label] for label in best]


def enlarged(image: NDArray[np.uint8], side: int) -> NDArray[np.float64]:
    """Ink 0 to 1 of an image at `side` pixels, cropped to it."""
    large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(large.crop(large.point(lambda level: 255 * (level > 100)).getbbox())) / 255


def sheet(shape: tuple[int, int], marks: list[tuple[NDArray[np.float64], int, int]]) -> NDArray[np.float64]:
    """(H, W) gray levels of a sheet with ink, each at its left and top."""
    ink = np.zeros(shape)
    for mark, left, top in marks:
        window = ink[top : top + mark.shape[0], left : left + mark.shape[1]]
        np.maximum(window, mark, out=window)
    return PAPER + (INK - PAPER) * ink


def picture(levels: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))


def with_lines(levels: NDArray[np.float64], spacing: int, level: int, squared: bool = True) -> NDArray[np.float64]:
    """The sheet with lines two pixels wide printed on it."""
    lined = picture(levels)
    draw = ImageDraw.Draw(lined)
    height, width = levels.shape
    for place in range(spacing // 2, height, spacing):
        draw.line((0, place, width, place), fill=level, width=2)
    if squared:
        for place in range(spacing // 2, width, spacing):
            draw.line((place, 0, place, height), fill=level, width=2)
    return np.minimum(levels, np.asarray(lined, float))


def with_shadow(levels: NDArray[np.float64], share: float = 0.5, soft: float = 6) -> NDArray[np.float64]:
    """The sheet with a slanting shadow over one half."""
    height, width = levels.shape
    mask = Image.new("L", (width, height), 255)
    ImageDraw.Draw(mask).polygon(
        [(0, 0), (width * 0.7, 0), (width * 0.3, height), (0, height)], fill=round(255 * share)
    )
    return levels * np.asarray(mask.filter(ImageFilter.GaussianBlur(soft))) / 255


def with_grain(levels: NDArray[np.float64], deviation: float = 5) -> NDArray[np.float64]:
    return levels + np.random.default_rng(0).normal(0, deviation, levels.shape)
