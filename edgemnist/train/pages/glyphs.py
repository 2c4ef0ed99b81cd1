"""Digits to write on pages: MNIST's training digits, in their own ink or written anew; and letters, which are none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.data import Split
from edgemnist.train.pages.pen import Rng, cropped, write
from edgemnist.train.pages.tracing import Lines, straightened, trace, upright


@dataclass(frozen=True)
class Glyphs:
    """Digits of MNIST's training images, traced."""

    images: tuple[NDArray[np.float32], ...]
    """(h, w) float32, 0 to 1, cropped."""
    lines: tuple[Lines, ...]
    """Of the same digits."""
    labels: NDArray[np.int64]
    """(N,)"""


@dataclass(frozen=True)
class Hand:
    """How one page is written."""

    pen: float
    """Width of its strokes, as a share of a digit's height."""
    anew: float
    """Share of its digits that are written anew rather than in MNIST's own ink."""
    straight: float
    """How far from its strokes straight ones may lie, as a share of the height; 0 leaves them as they are."""
    aspect: float
    """Width of its digits, times what it was."""
    lean: float
    """Pixels to the right for each pixel up."""
    vary: float
    """Standard deviation of what digits differ in from each other."""


def trace_digits(split: Split, count: int, rng: Rng) -> Glyphs:
    """`count` digits of a split, traced."""
    images, lines, labels = [], [], []
    for index in rng.permutation(len(split.labels)).tolist():
        traced = trace(split.images[index])
        if traced:
            images.append(cropped(split.images[index].astype(np.float32) / 255))
            lines.append(traced)
            labels.append(int(split.labels[index]))
        if len(images) == count:
            break
    return Glyphs(tuple(images), tuple(lines), np.array(labels))


def draw_hand(rng: Rng) -> Hand:
    """How a page is written: most with one pen, all digits alike."""
    return Hand(
        pen=float(np.exp(rng.uniform(np.log(0.018), np.log(0.25)))),
        anew=1.0 if rng.random() < 0.5 else 0.5 if rng.random() < 0.5 else 0.0,
        straight=float(rng.uniform(0.02, 0.1)) if rng.random() < 0.2 else 0.0,
        aspect=float(np.exp(rng.normal(0, 0.15))),
        lean=float(rng.normal(0, 0.12)),
        vary=float(rng.choice([0.05, 0.12])),
    )


def digit(glyphs: Glyphs, hand: Hand, height: float, rng: Rng, index: int | None = None) -> NDArray[np.float32]:
    """(h, w) float32, 0 to 1: a digit about `height` pixels high, cropped to its ink."""
    index = int(rng.integers(len(glyphs.labels))) if index is None else index
    height = max(6.0, height)
    if rng.random() >= hand.anew:
        return _own_ink(glyphs.images[index], height, hand.aspect * float(np.exp(rng.normal(0, hand.vary))))
    lines = glyphs.lines[index]
    if hand.straight and (rng.random() < 0.8):
        lines = straightened(lines, hand.straight)
    lines = _other_shape(lines, int(glyphs.labels[index]), rng)
    lines = bent(lines, hand, rng)
    pen = float(max(0.7, hand.pen * height * np.exp(rng.normal(0, 0.1))))
    pressure = None
    if pen > 2.5 and rng.random() < 0.25:
        pressure = rng.uniform(0.6, 1.4, (4, 4)).astype(np.float32)
    return write(lines, height, min(pen, 0.3 * height), pressure)


def bent(lines: Lines, hand: Hand, rng: Rng) -> Lines:
    """The lines as another hand would move: turned, leaning, narrower, one half longer, a little wavy."""
    if not lines:
        return lines
    points = np.concatenate(lines)
    for axis in (0, 1):
        if rng.random() < 0.25:
            knee = rng.uniform(0.35, 0.65) * points[:, axis].max()
            factor = np.exp(rng.normal(0, 0.35))
            beyond = points[:, axis] > knee
            points[beyond, axis] = knee + (points[beyond, axis] - knee) * factor
    if rng.random() < 0.5:
        for axis in (0, 1):
            wave = rng.uniform(2, 6) * points[:, 1 - axis] + rng.uniform(0, 6.3)
            points[:, axis] += rng.normal(0, 0.03) * np.sin(wave)
    turn = np.deg2rad(rng.normal(0, 5))
    lean = hand.lean + rng.normal(0, 0.5 * hand.vary)
    aspect = hand.aspect * np.exp(rng.normal(0, hand.vary))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[aspect, -lean], [0, 1]]
    )
    moved = (points @ matrix.T).astype(np.float32)
    return upright(np.split(moved, np.cumsum([len(line) for line in lines])[:-1]))


def _own_ink(image: NDArray[np.float32], height: float, aspect: float) -> NDArray[np.float32]:
    size = max(3, round(image.shape[1] / image.shape[0] * height * aspect)), max(6, round(height))
    way = Image.Resampling.BICUBIC if size[1] > image.shape[0] else Image.Resampling.BOX
    ink = np.asarray(Image.fromarray(image).resize(size, way))
    # Enlarged, soft edges would be softer than a camera's.
    sharper = np.float32(max(1.0, 0.6 * height / image.shape[0]))
    return cropped(((ink - 0.5) * sharper + 0.5).clip(0, 1))


def _other_shape(lines: Lines, label: int, rng: Rng) -> Lines:
    """A 1 with a flag or a foot, a 7 with a bar: shapes that MNIST's writers seldom make."""
    points = np.concatenate(lines)
    more = []
    if label == 1:
        top, foot = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
        if rng.random() < 0.35:
            length, angle = rng.uniform(0.12, 0.75), np.deg2rad(rng.uniform(20, 65))
            more.append(np.stack([top, top + length * np.array([-np.sin(angle), np.cos(angle)])]))
        if rng.random() < 0.25:
            half = rng.uniform(0.1, 0.35)
            more.append(np.stack([foot + np.array([side, rng.normal(0, 0.02)]) for side in (-half, half)]))
    elif label == 7 and rng.random() < 0.3:
        row = points[np.abs(points[:, 1] - rng.uniform(0.4, 0.6)).argmin()]
        half = rng.uniform(0.12, 0.3)
        more.append(np.stack([row + np.array([side, rng.normal(0, 0.03)]) for side in (-half, half)]))
    return upright([*lines, *(line.astype(np.float32) for line in more)]) if more else lines
