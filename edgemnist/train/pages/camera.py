"""Ink on a sheet -> the gray levels of a file: paper, light, camera."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from edgemnist.train.pages.pen import Rng, cloud


def photograph(ink: NDArray[np.float32], height: float, rng: Rng) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(H, W) uint8 gray of a sheet with that darkness, 0 to 1, whose digits are `height` pixels high; and where, in
    place of the sheet, the table is seen."""
    shape = (ink.shape[0], ink.shape[1])
    paper = rng.uniform(150, 255) if rng.random() < 0.85 else rng.uniform(70, 160)
    gray = paper * _light(shape, rng) * (1 - ink) + np.float32(rng.uniform(0, 40)) * ink
    table = np.zeros(shape, bool)
    if rng.random() < 0.08:
        edge = _beyond_edge(shape, rng)
        gray = gray * (1 - edge) + rng.uniform(0, 140) * edge
        table = edge > 0.5
    if rng.random() < 0.45:
        gray = gray + _grain(shape, rng) * np.exp(rng.uniform(0, np.log(15)))
    picture = Image.fromarray(gray.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    if height > 20 and rng.random() < 0.25:
        picture = _enlarged(picture, height, rng)
    if rng.random() < 0.3:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(20, 90)))
        picture = Image.open(file).convert("L")
    return np.asarray(picture), table


def _light(shape: tuple[int, int], rng: Rng) -> NDArray[np.float32]:
    light = np.ones(shape, np.float32)
    down, across = (np.arange(side, dtype=np.float32) / max(shape) for side in shape)
    if rng.random() < 0.5:
        light *= 1 - np.float32(rng.uniform(0, 0.5)) * cloud(rng, shape, int(rng.integers(2, 5)))
    if rng.random() < 0.15:  # dark corners
        x, y = rng.uniform(-0.2, 1.2, 2)
        away = np.hypot(across[None] - np.float32(x), down[:, None] - np.float32(y))
        light *= 1 - np.float32(rng.uniform(0.2, 0.8)) * (away / 1.4) ** np.float32(rng.uniform(1.5, 4))
    if rng.random() < 0.13:  # a hard shadow
        turn = rng.uniform(0, 6.3)
        side = (across[None] - rng.uniform(0, 1)) * np.cos(turn) + (down[:, None] - rng.uniform(0, 1)) * np.sin(turn)
        steep = np.float32(1 / rng.uniform(0.004, 0.06))
        light *= 1 - np.float32(rng.uniform(0.15, 0.6)) / (1 + np.exp((-side * steep).clip(-40, 40).astype(np.float32)))
    return light.clip(0.03, 1)


def _beyond_edge(shape: tuple[int, int], rng: Rng) -> NDArray[np.float32]:
    """1 where the sheet has ended."""
    turn = rng.normal(0, 0.08) + rng.choice([0, 0.5, 1, 1.5]) * np.pi
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    side = (across - shape[1] / 2) * np.cos(turn) + (down - shape[0] / 2) * np.sin(turn)
    reach = abs(shape[1] / 2 * np.cos(turn)) + abs(shape[0] / 2 * np.sin(turn))
    edge: NDArray[np.float32] = ((side - reach * rng.uniform(0.7, 0.98)) / 1.5).clip(0, 1).astype(np.float32)
    return edge


def _grain(shape: tuple[int, int], rng: Rng) -> NDArray[np.float32]:
    if rng.random() < 0.5:
        return rng.standard_normal(shape, dtype=np.float32)
    coarse = Image.fromarray(rng.standard_normal((shape[0] // 2 + 1, shape[1] // 2 + 1), dtype=np.float32))
    grain = np.asarray(coarse.resize(shape[::-1], Image.Resampling.BILINEAR))
    return (grain / max(float(grain.std()), 1e-3)).astype(np.float32, copy=False)


def _enlarged(picture: Image.Image, height: float, rng: Rng) -> Image.Image:
    """A small picture, enlarged, as the reader does it with one that is too small."""
    factor = rng.uniform(1.5, max(1.6, min(8, height / 10)))
    size = max(4, round(picture.width / factor)), max(4, round(picture.height / factor))
    small = picture.resize(size, Image.Resampling.BOX)
    way = rng.random()
    if way < 0.3:
        small = small.filter(ImageFilter.UnsharpMask(1, 100, 0))
    elif way < 0.45:  # a scan of one bit
        gray = np.asarray(small)
        small = Image.fromarray((gray > rng.uniform(0.5, 0.85) * np.median(gray)).astype(np.uint8) * np.uint8(255))
    return small.resize(picture.size, Image.Resampling.BICUBIC if rng.random() < 0.85 else Image.Resampling.NEAREST)
