"""Digits to write pages with: MNIST's validation images, or scans of a folder of other people's digits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from real_digits import is_single, read_sets

from edgemnist.data import Split

Ink = NDArray[np.float32]
"""(H, W) float32, 0 = paper, 1 = full ink."""


@dataclass(frozen=True)
class Hand:
    """What every digit can look like."""

    shapes: tuple[tuple[NDArray[np.uint8], ...], ...]
    """For each of the ten digits (H, W) uint8 images, cropped to their ink: 0 = background, 255 = full ink."""


def from_mnist(split: Split) -> Hand:
    return _sorted([(cropped(image), str(label)) for image, label in zip(split.images, split.labels, strict=True)])


def from_folder(folder: Path) -> Hand:
    """The scans of single digits in a folder of sets: those whose border is nothing but paper.

    Raises:
        ValueError: for some digit there is no such scan.
    """
    scans = []
    for found in read_sets(folder).values():
        if not is_single(found):
            continue
        for picture, label in zip(found.pictures, found.labels, strict=True):
            if isinstance(picture, Path):
                ink = scanned(picture)
                if ink is not None:
                    scans.append((ink, label))
    hand = _sorted(scans)
    if not all(hand.shapes):
        raise ValueError(f"{folder} lacks a clean scan of some digit")
    return hand


def scanned(path: Path) -> NDArray[np.uint8] | None:
    """The ink of a scan, cropped; None where the paper is not evenly white, or the ink not one piece."""
    with Image.open(path) as file:
        rgba = file.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    gray = np.asarray(Image.alpha_composite(white, rgba).convert("L"), np.float32)
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = float(np.median(border))
    if paper < 200 or border.min() < 0.85 * paper:
        return None
    ink = (paper - gray) / max(paper - float(np.percentile(gray, 1)), 1)
    shape = (255 * ((ink - 0.25) / 0.6).clip(0, 1)).astype(np.uint8)
    if (shape > 128).sum() < 20:
        return None
    shape = cropped(shape)
    # Gray paper around the digit: a photo's piece, pasted on white. Ink in several pieces: dust, or a neighbor.
    white = (shape == 0).sum() >= ((shape > 0) & (shape < 128)).sum()
    return shape if white and in_one_piece(shape > 128) else None


def in_one_piece(ink: NDArray[np.bool_]) -> bool:
    """Whether all ink hangs together, gaps of up to four pixels aside."""
    picture = Image.fromarray(np.uint8(255) * ink).filter(ImageFilter.MaxFilter(5))
    row, column = np.argwhere(ink)[0]
    ImageDraw.floodfill(picture, (int(column), int(row)), 0)
    return picture.getbbox() is None


def cropped(image: NDArray[np.uint8], least: int = 40) -> NDArray[np.uint8]:
    """The part of an image that holds ink above `least`."""
    rows, columns = np.flatnonzero((image > least).any(1)), np.flatnonzero((image > least).any(0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def written(hand: Hand, digit: int, rng: Generator, height: float, stretch: float = 1) -> Ink:
    """One of the hand's shapes of a digit, its longer side `height` pixels, its width times `stretch`.

    Enlarged shapes get the sharp edges of a pen; how high the threshold lies makes the pen thicker or thinner.
    """
    shapes = hand.shapes[digit]
    shape = shapes[rng.integers(len(shapes))]
    scale = height / max(shape.shape)
    size = (max(1, round(shape.shape[1] * scale * stretch)), max(1, round(shape.shape[0] * scale)))
    ink = np.asarray(Image.fromarray(shape).resize(size, Image.Resampling.BICUBIC), np.float32) / 255
    threshold = rng.uniform(0.35, 0.6)
    sharpness = max(scale, 0.5 / threshold)  # less would leave a gray box of paper around the shape
    return ((ink - threshold) * sharpness + 0.5).clip(0, 1) if scale > 1 else ink


def _sorted(labeled: list[tuple[NDArray[np.uint8], str]]) -> Hand:
    return Hand(tuple(tuple(shape for shape, label in labeled if label == str(digit)) for digit in range(10)))
