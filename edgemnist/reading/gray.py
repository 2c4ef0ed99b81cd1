"""Unpacked pixels of any kind -> gray ones, as few as the work needs: any depth, palettes, transparency, colors."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

_WHOLE_PIXELS, _STRIP_PIXELS = 1 << 22, 1 << 18
"""Pictures above the first are converted and reduced in strips of the second area."""

_MOST_LEVEL = 2**31 - 128
"""The largest float32 that is an int32."""

FLAT = 24
"""Gray levels of 255. What differs less is taken for empty paper: the noise of cameras stays below it."""

_CLEARLY_BETTER = 1.2
"""Ratio of variances; colors of nearly gray pictures differ less."""

_SAMPLE = 1 << 14
"""Pixels, evenly spread, that say how much each color varies."""


@dataclass(frozen=True)
class Reduced:
    """A picture that was unpacked and made as small as the work needs it."""

    gray: Image.Image
    """Mode L."""
    steps: tuple[str, ...]
    """What was done, in words."""


def reduced_to_gray(picture: Image.Image, wanted: tuple[int, int]) -> Reduced:
    """A gray copy of the wanted size; of a large picture in strips: there is no room for it twice.

    Gray comes first where nothing is transparent: it is reduced in a third of the time.
    """
    picture.load()
    width, height = picture.size
    strips = _strips(picture.size, wanted[1]) if width * height > _WHOLE_PIXELS else [_Strip(0, wanted[1], 0.0, height)]
    convert = _to_plain(picture, [strip.part(width) for strip in strips])
    to_gray, steps = _to_gray(convert(_sampled(picture)))
    reduced = None
    for strip in strips:
        part = to_gray(convert(picture.crop(strip.part(width)) if len(strips) > 1 else picture))
        box = (0, strip.first - math.floor(strip.first), width, min(strip.end - math.floor(strip.first), part.height))
        small = part.resize((wanted[0], strip.rows), Image.Resampling.BOX, box)
        reduced = reduced or Image.new(small.mode, wanted)
        reduced.paste(small, (0, strip.top))
    assert reduced  # there is one row at least
    if reduced.mode == "L":
        return Reduced(reduced, steps)
    colors = _on_paper(reduced)
    to_gray, steps = _to_gray(_sampled(colors))
    return Reduced(to_gray(colors), steps)


@dataclass(frozen=True)
class _Strip:
    """Some rows of a reduced picture, and of which rows of the whole one they are made."""

    top: int
    rows: int
    first: float
    end: float

    def part(self, width: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the whole picture's."""
        return 0, math.floor(self.first), width, math.ceil(self.end)


def _strips(size: tuple[int, int], down: int) -> list[_Strip]:
    """A picture of that size in strips, when it is reduced to `down` rows."""
    width, height = size
    step = max(1, down * _STRIP_PIXELS // (width * height))
    counts = [(top, min(step, down - top)) for top in range(0, down, step)]
    return [_Strip(top, rows, top * height / down, (top + rows) * height / down) for top, rows in counts]


def _to_plain(picture: Image.Image, parts: list[tuple[int, int, int, int]]) -> Callable[[Image.Image], Image.Image]:
    """What brings a part of a picture to mode L, RGB or RGBA."""
    if picture.mode.startswith(("I", "F")):
        return _to_eight_bits(np.asarray(picture.crop(part)) for part in parts)
    mode = "RGBA" if _has_transparency(picture) else "L" if picture.mode in ("1", "L") else "RGB"
    return lambda part: part if part.mode == mode else part.convert(mode)


def _has_transparency(picture: Image.Image) -> bool:
    """What Pillow 10.1 and newer call `has_transparency_data`."""
    if "transparency" in picture.info or picture.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        return True
    if picture.mode != "P":
        return False
    if picture.palette is None:
        raise ValueError("it has no palette")
    return picture.palette.mode == "RGBA"


def _sampled(picture: Image.Image) -> Image.Image:
    """Some of its pixels, evenly spread."""
    step = max(1, math.isqrt(picture.width * picture.height // _SAMPLE))
    few = (max(1, picture.width // step), max(1, picture.height // step))
    return picture if step == 1 else picture.resize(few, Image.Resampling.NEAREST)


def _on_paper(picture: Image.Image) -> Image.Image:
    """Mode RGB of mode RGBA; what is transparent lies on white paper, or on black where the drawing would not show on
    white."""
    on_white, on_black = (
        Image.alpha_composite(Image.new("RGBA", picture.size, paper), picture).convert("RGB")
        for paper in ("white", "black")
    )
    shows = np.ptp(np.asarray(on_white.convert("L"))) >= FLAT
    return on_white if shows else on_black


def _to_gray(sample: Image.Image) -> tuple[Callable[[Image.Image], Image.Image], tuple[str, ...]]:
    """What makes gray of a picture of which that is a sample, and of its parts, and that in words: the luminance, or
    the one of red, green and blue in which the ink shows clearly better. Mode RGBA stays as it is.

    Yellow ink on white paper is nearly invisible in luminance and black in blue.
    """
    if sample.mode != "RGB":
        return lambda part: part, ()
    variances = ImageStat.Stat(sample).var
    best = int(np.argmax(variances))
    if variances[best] <= _CLEARLY_BETTER * ImageStat.Stat(sample.convert("L")).var[0]:
        return lambda part: part.convert("L"), ()
    return lambda part: part.getchannel(best), (f"seen in {('red', 'green', 'blue')[best]} light",)


def _to_eight_bits(parts: Iterable[NDArray[Any]]) -> Callable[[Image.Image], Image.Image]:
    """What makes mode L of each part of a picture in whole or real numbers of any depth: 65,535, 4,095 and 1.0 may all
    stand for white."""
    highest = max(float(_finite(part).max(initial=0)) for part in parts)
    # Whole bits are dropped, so that 8-bit pixels v stored as v * 256 or v * 257 come back as they were.
    bits = max(0, int(min(highest, _MOST_LEVEL)).bit_length() - 8)

    def convert(part: Image.Image) -> Image.Image:
        deep = _finite(np.asarray(part))
        if deep.dtype.kind == "f":
            deep = (deep * (255 if highest <= 1 else 1)).clip(0, _MOST_LEVEL).astype(np.int32)
        return Image.fromarray((deep.clip(0) >> bits).astype(np.uint8))

    return convert


def _finite(deep: NDArray[Any]) -> NDArray[Any]:
    return np.nan_to_num(deep, posinf=0, neginf=0) if deep.dtype.kind == "f" else deep
