"""Whether ink is dark or light, and the light of the paper under it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from edgemnist.reading.gray import FLAT
from edgemnist.reading.ranks import median, percentile

SMALL = 64
"""Pictures up to this side are taken to be evenly lit."""
_MAP = 128
"""Pixels: the longer side of the map of light."""
_LONG_SHARE, _SHORT_SHARE = 6, 2
"""The light is that within a sixth of the longer side in each direction, at most half of the shorter one: strokes are
narrower than that together, also those of a thick 1 that was cut out closely; shadows are wider."""
_MEDIAN_MAP, _MEDIAN_WINDOW = 32, 9
"""Pixels: a map so coarse that paper is in the majority around every stroke."""
_NO_LIGHT = np.float32(8)
"""Gray level of black ink in a dark corner: keeps the logarithm finite."""
_NO_SURFACE = 0.1
"""Share of the light's variance: where more than this is left beside the best plane or quadratic surface, there is a
shadow or ink. A straight edge of light leaves a quarter beside a plane, a fifth beside a quadratic surface."""
_SHADOW = 0.9
"""Of the brightest light: where a square of half of the shorter side has less, there is a shadow."""
DARKEST_PAPER = 64
"""Gray level. Ink is measured as a share of the paper's light; below this level shares would be noise."""
_PAPER = (5, 30)
"""Percentiles of the smoothed darkness that both are paper; in grain they are 1.1 standard deviations apart."""
_ABOVE_GRAIN = 16
"""Times the distance of those two: the darkest spot of an empty sheet with fine grain has up to 15, ink in other
people's photos and scans 70 and more."""
_STRONG = 128
"""Gray levels. Where so much light is missing there is ink, whatever the grain."""
HALF = 128
"""Level of ink: half of the full."""


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
    border = _border(gray)
    verdicts = {level - darkest > lightest - level for level in (percentile(border, 20), percentile(border, 80))}
    if len(verdicts) == 1:
        return verdicts.pop()
    around = Image.fromarray(_reduced(gray, _MEDIAN_MAP)).filter(ImageFilter.MedianFilter(_MEDIAN_WINDOW))
    level = np.asarray(around.resize(small.shape[::-1], Image.Resampling.BILINEAR))
    contrast = np.log((small + _NO_LIGHT) / (level + _NO_LIGHT))
    return bool((contrast**3).sum() < 0)


def stands_out(gray: NDArray[np.uint8], paper: NDArray[np.float32]) -> bool:
    """Whether anything on (H, W) gray with dark ink is more than the grain of its paper, whose light is `paper_light`:
    ink is connected, grain averages out."""
    missing = np.subtract(paper, gray).clip(0, 255).astype(np.uint8)
    if max(gray.shape) <= SMALL:
        return bool(missing.max(initial=0) >= FLAT)
    smooth = _blurred(missing)
    darkest = int(smooth.max())
    if darkest < FLAT or darkest >= _STRONG:
        return darkest >= _STRONG
    return darkest >= _ABOVE_GRAIN * (percentile(smooth, _PAPER[1]) - percentile(smooth, _PAPER[0]))


def _blurred(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W): the mean of three neighbors in each row, then in each column; the edge's own neighbor is itself."""
    blurred = pixels.astype(np.uint16).T
    for _ in range(2):
        padded = np.concatenate([blurred[:1], blurred, blurred[-1:]])
        blurred = ((padded[:-2] + padded[1:-1] + padded[2:] + 1) // 3).T
    return blurred.T.astype(np.uint8)


def paper_light(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The light of the paper under dark ink, (H, W) float32, or (1, 1) where it is the same everywhere."""
    return np.full((1, 1), _even_paper(gray), np.float32) if max(gray.shape) <= SMALL else _paper(gray)


def _even_paper(gray: NDArray[np.uint8]) -> float:
    """The light of the paper under dark ink, the same everywhere."""
    return median(gray[gray >= _middle(gray)])


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) float32: the light of the paper under the ink, as a closing of the reduced picture.

    Source: J. Serra, "Image Analysis and Mathematical Morphology" (1982): the minimum, over a window, of the maxima
    over it is the picture without all that is darker and narrower than the window.
    """
    small = _reduced(gray, min(_MAP, max(gray.shape) // 2)).astype(np.float32)
    reach = max(1, min(max(small.shape) // _LONG_SHARE, min(small.shape) // _SHORT_SHARE))
    # A closing sees nothing beyond the frame and takes a slope there for ink: it must lie flat.
    slope = _slope(small)
    closed = _with_shadows(small / slope, reach) * slope
    return _enlarged(closed, gray.shape)


def _with_shadows(light: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """A closing that leaves a shadow dark also where it runs out into a wedge at the frame, in which no window fits.

    There windows may lie half beyond the frame. Wherever there is no shadow they may not: they would take the ink of
    digits that were cut out closely for one.
    """
    lit = _closed(light, min(light.shape) // 2)
    if lit.min() > _SHADOW * lit.max():
        return _closed(light, reach)
    return _over_windows(_over_windows(np.pad(light, 2 * reach), reach, np.maximum), reach, np.minimum)


def without_falloff(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) uint8: the picture as it would be if the light did not fall off to its corners, as it does behind a lens
    and under a lamp; the picture itself where the light is no such bowl."""
    if max(gray.shape) <= SMALL:
        return gray
    small = _reduced(gray, _MAP).astype(np.float32)
    reach = max(small.shape) // _LONG_SHARE
    if min(small.shape) <= 3 * reach:
        return gray
    bowl = _bowl(_closed(small, reach), reach)
    if bowl is None:
        return gray
    lighter = _enlarged(bowl.max() / bowl, gray.shape)
    return (gray * lighter).clip(0, 255).astype(np.uint8)


def _enlarged(small: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(small).resize((shape[1], shape[0]), Image.Resampling.BILINEAR))


def _closed(light: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    for extreme in (np.maximum, np.minimum):
        light = _over_windows(np.pad(light, reach, mode="edge"), reach, extreme)
    return light


def _bowl(light: NDArray[np.float32], margin: int) -> NDArray[np.float32] | None:
    """(H, W) float32: the quadratic surface through the light, but for the margin, where a closing takes a slope for
    ink; None where the light is no such surface."""
    down, across = (np.linspace(-1, 1, side, dtype=np.float32) for side in light.shape)
    inner = slice(margin, -margin, 3)
    known = light[inner, inner].ravel()
    terms = _quadratic(across[inner], down[inner]).reshape(6, -1)
    weights = np.linalg.lstsq(terms.T, known, rcond=None)[0].astype(np.float32)
    if np.var(known - weights @ terms) > _NO_SURFACE * np.var(known):
        return None
    bowl: NDArray[np.float32] = np.tensordot(weights, _quadratic(across, down), 1)
    return None if bowl.min() < DARKEST_PAPER else bowl


def _quadratic(across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.float32]:
    """(6, H, W): the terms of a quadratic surface."""
    x, y = np.meshgrid(across, down)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y])


def _slope(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) float32: the plane through the light, around 1; just 1 where the light is no plane."""
    plane = np.full_like(light, light.mean())
    for axis in range(2):
        place = np.arange(light.shape[axis], dtype=np.float32) - (light.shape[axis] - 1) / 2
        rise = place * (place @ light.mean(1 - axis)) / max(float(place @ place), 1.0)
        plane += np.expand_dims(rise, 1 - axis)
    if plane.min() < DARKEST_PAPER or np.var(light - plane) > _NO_SURFACE * np.var(light):
        return np.ones_like(light)
    slope: NDArray[np.float32] = plane / light.mean()
    return slope


def _over_windows(pixels: NDArray[np.float32], reach: int, extreme: np.ufunc) -> NDArray[np.float32]:
    """(H - 2 reach, W - 2 reach) float32: the maximum or minimum over each square of 2 reach + 1 pixels.

    Windows are doubled, each from two that overlap: as many steps as the reach has bits.
    """
    for _ in range(2):
        windows, width = pixels, 1
        while width < 2 * reach + 1:
            step = min(width, 2 * reach + 1 - width)
            windows = extreme(windows[:-step], windows[step:])
            width += step
        pixels = windows.T
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
