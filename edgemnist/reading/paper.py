"""Gray pixels -> ink alone: uneven light and shadow taken out, the paper's grain cut off."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from edgemnist.reading.picture import FLAT
from edgemnist.reading.strokes import stroke_width

SMALL = 64
"""Pictures up to this side are taken to be evenly lit."""
_MAP = 128
"""Pixels: the longer side of the map of light."""
_LONG_SHARE, _SHORT_SHARE = 8, 4
"""The light is that within an eighth of the longer side in each direction, at most a quarter of the shorter one:
strokes are narrower, shadows wider."""
_MEDIAN_MAP, _MEDIAN_WINDOW = 32, 9
"""Pixels: a map so coarse that paper is in the majority around every stroke."""
_NO_LIGHT = np.float32(8)
"""Gray level of black ink in a dark corner: keeps the logarithm finite."""
_NO_PLANE = 0.1
"""Share of the light's variance: where more than this is left beside the best plane, there is a shadow or ink."""
_DARKEST_PAPER = 64
"""Gray level. Ink is measured as a share of the paper's light; below this level shares would be noise."""
_FAINT = 0.2
"""Share of full ink up to which a pixel counts as paper. On other people's digits 0.25 breaks thin strokes, 0.05
keeps the paper's grain."""
_GRAIN = 90
"""Percentile of the paper's own darkness that counts as paper: squares printed on it, and its grain."""
_PAPER = (5, 30)
"""Percentiles of the smoothed darkness that both are paper; in grain they are 1.1 standard deviations apart."""
_ABOVE_GRAIN = 16
"""Times the distance of those two: the darkest spot of an empty sheet with fine grain has up to 15, ink in other
people's photos and scans 70 and more."""
_STRONG = 128
"""Gray levels. Where so much light is missing there is ink, whatever the grain."""
HALF = 128
"""Level of ink: half of the full."""
SURE = 80
"""Level of ink from which on it belongs to a stroke, if it is connected with ink of half the full level."""
_EVERYWHERE = 0.2
"""Of the pixels of a picture: writing covers less."""
_DOTS = 2.5
"""Pixels: the strokes of writing that covers so much are wider."""
FULL = 75
"""Percentile of the ink's darkness that is full ink: the soft edges of thin strokes lie below."""


def ink_is_dark(gray: NDArray[np.uint8]) -> bool:
    """Whether the ink of an (H, W) uint8 picture is darker than its background.

    In a small picture the background has the larger part of the border and of the whole, counted alike: in those cut
    out around a digit either may be mostly ink. In a larger one it is the border's gray level, and the ink what
    departs farthest from it. Where the border is so uneven that its darker and its lighter parts say different things,
    the skewness of the local contrast decides: shadows are as often darker as lighter than the median around them,
    ink is one of the two.
    """
    if max(gray.shape) <= SMALL:
        bright = gray > _middle(gray)
        return bool(_border(bright).mean() + bright.mean() > 1)
    small = _reduced(gray, _MAP)
    darkest, lightest = float(small.min()), float(small.max())
    verdicts = {bool(level - darkest > lightest - level) for level in np.percentile(_border(gray), (20, 80))}
    if len(verdicts) == 1:
        return verdicts.pop()
    around = Image.fromarray(_reduced(gray, _MEDIAN_MAP)).filter(ImageFilter.MedianFilter(_MEDIAN_WINDOW))
    level = np.asarray(around.resize(small.shape[::-1], Image.Resampling.BILINEAR))
    contrast = np.log((small + _NO_LIGHT) / (level + _NO_LIGHT))
    return bool((contrast**3).sum() < 0)


def extract_ink(gray: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W) uint8, 0 = paper, 255 = full ink, of a picture whose ink is dark; None where there is no ink.

    Ink is the share of the paper's light that is missing; Otsu's threshold parts it from the paper.

    Source: N. Otsu, "A threshold selection method from gray-level histograms" (1979).
    """
    paper = np.float32(_even_paper(gray)) if max(gray.shape) <= SMALL else _paper(gray)
    missing = (paper - gray).clip(0, 255).astype(np.uint8)
    if not _stands_out(missing):
        return None
    # As a share, 255 = all of the paper's light: ink in a shadow is as dark as ink in the sun.
    darkness = (missing * (np.float32(255) / np.maximum(paper, _DARKEST_PAPER))).clip(0, 255).astype(np.uint8)
    counts = np.bincount(darkness.ravel(), minlength=256)
    # Otsu's classes must be of like size: beside a large sheet he would not see a thin pen.
    inked = np.where(np.arange(256) < FLAT, 0, counts)
    threshold = _otsu(inked)
    full = _percentile(np.where(np.arange(256) <= threshold, 0, counts), FULL)
    floor = _FAINT * full
    if max(gray.shape) > SMALL:
        floor = max(floor, min(_percentile(counts[: threshold + 1], _GRAIN), full / 2))
    table = np.clip((np.arange(256) - floor) / (full - floor), 0, 1) * 255
    ink: NDArray[np.uint8] = table.round().astype(np.uint8)[darkness]
    return None if max(gray.shape) > SMALL and _is_noise(ink >= SURE) else ink


def _stands_out(missing: NDArray[np.uint8]) -> bool:
    """Whether any of the light that is missing is more than the paper's grain: ink is connected, grain averages out."""
    if max(missing.shape) <= SMALL:
        return bool(missing.max(initial=0) >= FLAT)
    smooth = np.asarray(Image.fromarray(missing).filter(ImageFilter.BoxBlur(1)))
    low, high = (_percentile(np.bincount(smooth.ravel(), minlength=256), percent) for percent in _PAPER)
    return bool(smooth.max() >= max(FLAT, min(_ABOVE_GRAIN * (high - low), _STRONG)))


def _is_noise(mask: NDArray[np.bool_]) -> bool:
    """Whether what would be ink is dots all over the picture."""
    return bool(mask.mean() > _EVERYWHERE) and stroke_width(mask.astype(np.uint8)) < _DOTS


def _even_paper(gray: NDArray[np.uint8]) -> float:
    """The light of the paper under dark ink, the same everywhere."""
    return float(np.median(gray[gray >= _middle(gray)]))


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) float32: the light of the paper under the ink, as a closing of the reduced picture.

    Source: J. Serra, "Image Analysis and Mathematical Morphology" (1982): the minimum, over a window, of the maxima
    over it is the picture without all that is darker and narrower than the window.
    """
    small = _reduced(gray, min(_MAP, max(gray.shape) // 2)).astype(np.float32)
    reach = max(1, min(max(small.shape) // _LONG_SHARE, min(small.shape) // _SHORT_SHARE))
    # A closing sees nothing beyond the frame and takes a slope there for ink: it must lie flat.
    slope = _slope(small)
    closed = -_window_maximum(-_window_maximum(small / slope, reach), reach) * slope
    return np.asarray(Image.fromarray(closed).resize(gray.shape[::-1], Image.Resampling.BILINEAR))


def _slope(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) float32: the plane through the light, around 1; just 1 where the light is no plane."""
    plane = np.full_like(light, light.mean())
    for axis in range(2):
        place = np.arange(light.shape[axis], dtype=np.float32) - (light.shape[axis] - 1) / 2
        rise = place * (place @ light.mean(1 - axis)) / max(float(place @ place), 1.0)
        plane += np.expand_dims(rise, 1 - axis)
    if plane.min() < _DARKEST_PAPER or np.var(light - plane) > _NO_PLANE * np.var(light):
        return np.ones_like(light)
    slope: NDArray[np.float32] = plane / light.mean()
    return slope


def _window_maximum(pixels: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """(H, W) float32: the maximum over the square of 2 reach + 1 pixels around each pixel.

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


def _middle(gray: NDArray[np.uint8]) -> float:
    return (float(gray.min()) + float(gray.max())) / 2


def _border(picture: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


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
