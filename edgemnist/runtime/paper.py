"""Gray pixels -> ink alone: uneven light and shadow taken out, the paper's grain cut off."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from edgemnist.runtime.picture import FLAT

SMALL = 64
"""Pictures up to this side are taken to be evenly lit."""
_MAP = 128
"""Pixels: the longer side of the map of light."""
_WINDOW_SHARE = 8
"""The light is that within an eighth of the map's side in each direction: strokes are narrower, shadows wider."""
_MEDIAN_MAP, _MEDIAN_WINDOW = 32, 9
"""Pixels: a map so coarse that paper is in the majority around every stroke."""
_NO_LIGHT = np.float32(8)
"""Gray level of black ink in a dark corner: keeps the logarithm finite."""
_DARKEST_PAPER = 64
"""Gray level. Ink is measured as a share of the paper's light; below this level shares would be noise."""
_FAINT = 0.15
"""Share of full ink up to which a pixel counts as paper. On other people's digits 0.25 broke thin strokes and 0.05
kept the paper's grain."""
_GRAIN = 90
"""Percentile of the paper's own darkness that counts as paper: squares printed on it, and its grain."""
HALF = 128
"""Level of ink: half of the full."""
SURE = 100
"""Level of ink that decides where a digit begins and ends, if it is connected with ink of half the full level."""
_FULL = 75
"""Percentile of the ink's darkness that is full ink: the soft edges of thin strokes lie below."""


def ink_is_dark(gray: NDArray[np.uint8]) -> bool:
    """Whether the ink of an (H, W) uint8 picture is darker than its background.

    The background is the border's gray level, the ink what departs farthest from it. Where the border is so uneven
    that its darker and its lighter parts say different things, the skewness of the local contrast decides: shadows
    are as often darker as lighter than the median around them, ink is one of the two.
    """
    small = _reduced(gray, _MAP)
    middle, *shares = np.percentile(_border(gray), (50, 20, 80))
    darkest, lightest = float(small.min()), float(small.max())
    verdicts = {bool(level - darkest > lightest - level) for level in shares}
    if len(verdicts) == 1 or max(gray.shape) <= SMALL:
        return bool(middle - darkest > lightest - middle)
    around = Image.fromarray(_reduced(gray, _MEDIAN_MAP)).filter(ImageFilter.MedianFilter(_MEDIAN_WINDOW))
    level = np.asarray(around.resize(small.shape[::-1], Image.Resampling.BILINEAR))
    contrast = np.log((small + _NO_LIGHT) / (level + _NO_LIGHT))
    return bool((contrast**3).sum() < 0)


def extract_ink(gray: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W) uint8, 0 = paper, 255 = full ink, of a picture whose ink is dark; None where there is no ink.

    Ink is the share of the paper's light that is missing; Otsu's threshold parts it from the paper.

    Source: N. Otsu, "A threshold selection method from gray-level histograms" (1979).
    """
    paper = np.float32(np.median(_border(gray))) if max(gray.shape) <= SMALL else _paper(gray)
    missing = (paper - gray).clip(0, 255).astype(np.uint8)
    if not _stands_out(missing):
        return None
    # As a share, 255 = all of the paper's light: ink in a shadow is as dark as ink in the sun.
    darkness = (missing * (np.float32(255) / np.maximum(paper, _DARKEST_PAPER))).clip(0, 255).astype(np.uint8)
    counts = np.bincount(darkness.ravel(), minlength=256)
    # Otsu's classes must be of like size: beside a large sheet he would not see a thin pen.
    inked = np.where(np.arange(256) < FLAT, 0, counts)
    threshold = _otsu(inked)
    full = _percentile(np.where(np.arange(256) <= threshold, 0, counts), _FULL)
    floor = _FAINT * full
    if max(gray.shape) > SMALL:
        floor = max(floor, min(_percentile(counts[: threshold + 1], _GRAIN), full / 2))
    table = np.clip((np.arange(256) - floor) / (full - floor), 0, 1) * 255
    ink: NDArray[np.uint8] = table.round().astype(np.uint8)[darkness]
    return ink


def _stands_out(missing: NDArray[np.uint8]) -> bool:
    """Whether any of the light that is missing is more than the paper's grain: ink is connected, grain averages out."""
    if max(missing.shape) > SMALL:
        missing = np.asarray(Image.fromarray(missing).filter(ImageFilter.BoxBlur(1)))
    return bool(missing.max(initial=0) >= FLAT)


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) float32: the light of the paper under the ink, as a closing of the reduced picture.

    Source: J. Serra, "Image Analysis and Mathematical Morphology" (1982): the minimum, over a window, of the maxima
    over it is the picture without all that is darker and narrower than the window.
    """
    small = _reduced(gray, min(_MAP, max(gray.shape) // 2))
    window = max(small.shape) // _WINDOW_SHARE
    closed = 255 - _window_maximum(255 - _window_maximum(small, window), window)
    return np.asarray(Image.fromarray(closed).resize(gray.shape[::-1], Image.Resampling.BILINEAR)).astype(np.float32)


def _window_maximum(pixels: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    """(H, W) uint8: the maximum over the square of 2 reach + 1 pixels around each pixel.

    Windows are doubled, each from two that overlap: as many steps as the reach has bits.
    """
    for axis in range(2):
        padded = np.pad(pixels, [(reach, reach) if axis == other else (0, 0) for other in range(2)], mode="edge")
        width = 1
        while width < 2 * reach + 1:
            step = min(width, 2 * reach + 1 - width)
            length = padded.shape[axis] - step
            padded = np.maximum(padded.take(range(length), axis), padded.take(range(step, step + length), axis))
            width += step
        pixels = padded
    return pixels


def _reduced(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    scale = side / max(gray.shape)
    if scale >= 1:
        return gray
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    return np.asarray(Image.fromarray(gray).resize(size, Image.Resampling.BOX))


def _border(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])


def _otsu(counts: NDArray[np.int64]) -> int:
    """The level, 0 to 255, that parts a histogram (256,) into two classes farthest apart."""
    weight = counts.cumsum().astype(np.float64)
    total = (counts * np.arange(256)).cumsum()
    rest = weight[-1] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        between = weight * rest * (total / weight - (total[-1] - total) / rest) ** 2
    return int(np.nan_to_num(between).argmax())


def _percentile(counts: NDArray[np.int64], percent: float) -> int:
    """The level below or at which `percent` of a histogram lie."""
    return int(np.searchsorted(counts.cumsum(), counts.sum() * percent / 100))
