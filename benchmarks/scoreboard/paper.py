"""From ink to a picture of it: paper, light, a table around it, the camera's blur and grain, a file's bytes."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from scoreboard.digits import Ink

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Page:
    """A picture and what it says."""

    encoded: bytes
    """A PNG or JPEG file."""
    text: str
    """The digits, and marks if there are any, in reading order; empty where there is no digit. Where words count,
    blanks stand between them and each line has a line of its own."""
    row: bool
    """Whether it is read as a row, else as a single digit."""


def page(
    ink: Ink,
    text: str,
    rng: Generator,
    *,
    row: bool = True,
    light: Map | None = None,
    dark: tuple[float, float] = (0.55, 0.85),
) -> Page:
    """The page on paper: in the given light, a share for each pixel, of which ink takes as much as `dark` says."""
    gray = rng.uniform(185, 245) * (1 - rng.uniform(*dark) * ink)
    return Page(photographed(gray if light is None else gray * light, rng), text, row)


def photographed(gray: NDArray[np.floating], rng: Generator) -> bytes:
    """The file of a gray picture, blurred and grained; half of them are JPEGs."""
    soft = Image.fromarray(gray.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    grain = rng.standard_normal(gray.shape, np.float32) * rng.uniform(0.5, 4)
    picture = Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))
    file = io.BytesIO()
    if rng.random() < 0.5:
        picture.save(file, "JPEG", quality=int(rng.integers(70, 96)))
    else:
        picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def turned(ink: Ink, degrees: float) -> Ink:
    """Ink turned counterclockwise about its middle; what reached the edges still does."""
    margin = int(np.ceil(np.tan(np.radians(abs(degrees))) * max(ink.shape))) + 1
    wide = Image.fromarray(np.pad(ink, margin, mode="edge"))
    around = np.asarray(wide.rotate(degrees, Image.Resampling.BICUBIC)).clip(0, 1)
    return around[margin:-margin, margin:-margin]


def corners(shape: tuple[int, ...], rng: Generator) -> Map:
    """Light that falls to 30 % in the corners."""
    down, across = (np.linspace(-1, 1, size, dtype=np.float32) ** 2 for size in shape)
    far = (down[:, None] + across) / 2
    return 1 - np.float32(0.7) * far ** np.float32(rng.uniform(1, 2))


def half_plane(shape: tuple[int, ...], rng: Generator, reach: tuple[float, float], soft: float) -> Map:
    """1 on one side of a straight edge, 0 on the other, `soft` pixels between.

    The edge lies `reach` of half the page's size away from its middle, at any angle.
    """
    angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(*reach)
    down, across = (np.linspace(-1, 1, size, dtype=np.float32) for size in shape)
    distance = np.sin(angle) * down[:, None] + np.cos(angle) * across
    edge = away * (abs(np.sin(angle)) + abs(np.cos(angle)))
    return ((edge - distance) * min(shape) / 2 / soft + 0.5).clip(0, 1).astype(np.float32)


def shadow(shape: tuple[int, ...], rng: Generator) -> Map:
    """A hard shadow over a part of the page."""
    lit = half_plane(shape, rng, (-0.4, 0.4), rng.uniform(1, 6))
    return lit + (1 - lit) * np.float32(rng.uniform(0.35, 0.7))


def finger(shape: tuple[int, ...], rng: Generator) -> Map:
    """The soft shadow of a finger or a hand that reaches in from an edge."""
    down, across = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)
    angle, size = rng.uniform(0, 2 * np.pi), min(shape)
    tip = np.array([shape[0], shape[1]]) * rng.uniform(0.3, 0.7, 2)
    along = np.cos(angle) * (down - tip[0]) + np.sin(angle) * (across - tip[1])
    beside = -np.sin(angle) * (down - tip[0]) + np.cos(angle) * (across - tip[1])
    half = size * rng.uniform(0.12, 0.3)
    distance = np.hypot(np.minimum(along, 0), beside)
    dark = 1 / (1 + np.exp((distance - half) / (half * rng.uniform(0.1, 0.5))))
    return (1 - rng.uniform(0.3, 0.75) * dark).astype(np.float32)


def beside_table(shape: tuple[int, ...], rng: Generator, reach: tuple[float, float] = (0.75, 0.95)) -> Map:
    """Light that falls off where the page ends, at a straight edge: the table is darker and has the streaks of wood.

    The edge lies `reach` of half the page's size away from its middle.
    """
    paper = half_plane(shape, rng, reach, 1.5)
    streaks = np.sin(np.cumsum(rng.normal(0.3, 0.2, shape[1]))) * rng.uniform(0.01, 0.05)
    return (paper + (1 - paper) * (rng.uniform(0.1, 0.5) + streaks)).astype(np.float32)
