"""What the model saw of a picture, for people: characters for a terminal, or a picture of its own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist.atomic import atomic_path
from edgemnist.data import IMAGE_SIZE
from edgemnist.infer.draw_page import draw_page
from edgemnist.infer.sources import SEEN_ENDING
from edgemnist.prediction import Page
from edgemnist.reading.image import Reading, Source
from edgemnist.reading.limits import MAX_PIXELS
from edgemnist.reading.paper import HALF
from edgemnist.reading.picture import open_picture, turned

_COLUMNS = 80
"""Characters in a line of a terminal."""
_BLOCKS = " ▄▀█"
"""By upper pixel * 2 + lower pixel."""
_RAMP = " .:-=+*#%@"
"""From background to full ink."""

_ZOOM = 4
_SIDE = 560
"""Pixels: the longer side of the picture in which the boxes are drawn."""
_SHOWN, _OUTLINE = 64, 128
"""Level from which on ink is shown in characters, and that of the boxes around it."""
_GAP = 8
_LINE = 14
"""Pixels: the height of a line of text."""
_LETTER = 6
"""Pixels: the width of a letter."""
_BOX_COLOR, _FINDER_COLOR = (220, 30, 30), (20, 90, 220)
_MAP_ROWS = 24
"""Pixels: the most that the finder's ink gets in height, two to a line of a terminal."""


def as_lines(readings: Sequence[Reading], plain: bool) -> list[str]:
    """What was done to each, and the images in characters, two pixels high: half blocks, or ASCII when `plain`."""
    if not readings:
        return ["no digit found"]
    lines = [f"{number}. " * (len(readings) > 1) + "; ".join(reading.steps) for number, reading in _numbered(readings)]
    lines += _found(readings, plain)
    images = [as_characters(reading.image, plain) for reading in readings]
    side_by_side = _COLUMNS // (IMAGE_SIZE + 1)
    for start in range(0, len(images), side_by_side):
        lines += ["|".join(parts) + "|" for parts in zip(*images[start : start + side_by_side], strict=True)]
    return lines


def save_beside(
    source: str | bytes,
    readings: Sequence[Reading],
    frame: int | None = None,
    rotate: int = 0,
    max_pixels: int = MAX_PIXELS,
    page: Page | None = None,
) -> Path:
    """The path of a PNG file beside the picture `source` that shows what the model saw of it, turned clockwise by
    `rotate` degrees; it is written.

    It bears the picture's whole name, the number of the page where the file has several, and `SEEN_ENDING`; for bytes
    from stdin it is in the current folder.

    Raises:
        PictureError: the picture cannot be read any more.
        StorageError: writing fails.
    """
    name = "stdin" if isinstance(source, bytes) else source
    path = Path(f"{name}{'' if frame is None else f'.{frame}'}{SEEN_ENDING}")
    with atomic_path(path) as temporary:
        picture = turned(open_picture(source, frame or 0, max_pixels), rotate)
        as_picture(picture, readings, page).save(temporary, format="PNG")
    return path


def as_picture(source: Source, readings: Sequence[Reading], page: Page | None = None) -> Image.Image:
    """The picture `source` with the finder's ink and boxes in blue and what was cut out in red, below it what was done,
    in words, and the images that the model saw. Of a `page` its lines and words are drawn too, with what was read.
    """
    picture = open_picture(source)
    scale = _SIDE / max(picture.size)
    shown = Image.fromarray(picture.gray).resize(
        (max(1, round(picture.size[0] * scale)), max(1, round(picture.size[1] * scale)))
    )
    texts = [f"{number}. {'; '.join(reading.steps)}" for number, reading in _numbered(readings)]
    width = max(_SIDE, _LETTER * max(map(len, texts), default=0))
    cell = IMAGE_SIZE * _ZOOM + _GAP
    across = (width + _GAP) // cell
    top = shown.height + 2 * _GAP
    images_top = top + _LINE * len(texts) + _GAP
    height = images_top + cell * -(-len(readings) // across)
    sheet = Image.new("RGB", (width + 2 * _GAP, height), "white")
    sheet.paste(shown, (_GAP, _GAP))
    draw = ImageDraw.Draw(sheet)
    for number, reading in _numbered(readings):
        if reading.box:
            left, upper, right, lower = (round(edge * scale) + _GAP for edge in reading.box)
            if reading.ink is not None:
                ink = Image.fromarray(reading.ink).resize((max(1, right - left), max(1, lower - upper)))
                sheet.paste(_FINDER_COLOR, (left, upper), ink)
            # Around the box, not on it: a 1 may be no wider than the line.
            if page is None:
                draw.rectangle((left - 3, upper - 3, right + 2, lower + 2), outline=_BOX_COLOR, width=2)
        if reading.believed:
            draw.rectangle([round(edge * scale) + _GAP for edge in reading.believed], outline=_FINDER_COLOR)
        draw.text((_GAP, top + _LINE * (number - 1)), texts[number - 1], fill="black")
        row, column = divmod(number - 1, across)
        image = Image.fromarray(reading.image).resize((cell - _GAP, cell - _GAP), Image.Resampling.NEAREST)
        sheet.paste(image, (_GAP + column * cell, images_top + row * cell))
    if page:
        draw_page(draw, page, scale, _GAP)
    return sheet


def _found(readings: Sequence[Reading], plain: bool) -> list[str]:
    """The finder's ink where it is, with the boxes that the finder believes in, in characters."""
    found = [
        (reading.ink, np.array(reading.box), np.array(reading.believed))
        for reading in readings
        if reading.ink is not None and reading.box and reading.believed
    ]
    if not found:
        return []
    every = np.stack([box for _, *boxes in found for box in boxes])
    corner, end = every[:, :2].min(0), every[:, 2:].max(0)
    scale = float(((_COLUMNS - 1, _MAP_ROWS - 1) / (end - corner)).min())
    width, height = (np.ceil((end - corner) * scale).astype(int) + 1).tolist()
    canvas = Image.new("L", (width, height + height % 2))
    draw = ImageDraw.Draw(canvas)
    for ink, box, believed in found:
        left, top, right, bottom = np.round((box - np.tile(corner, 2)) * scale).astype(int).tolist()
        part = Image.fromarray(ink).resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.BOX)
        canvas.paste(255, (left, top), part.point(lambda level: 255 * (level >= _SHOWN)))
        draw.rectangle(np.round((believed - np.tile(corner, 2)) * scale).astype(int).tolist(), outline=_OUTLINE)
    return as_characters(np.asarray(canvas), plain)


def _numbered(readings: Sequence[Reading]) -> list[tuple[int, Reading]]:
    return list(enumerate(readings, start=1))


def as_characters(image: NDArray[np.uint8], plain: bool) -> list[str]:
    """Of (2 n, m) pixels n lines of m characters."""
    if plain:
        levels = image.reshape(len(image) // 2, 2, -1).mean(1) / 255
        return ["".join(_RAMP[level] for level in row) for row in (levels * (len(_RAMP) - 1)).round().astype(int)]
    inked = (image >= HALF).astype(int)
    return ["".join(_BLOCKS[index] for index in row) for row in 2 * inked[::2] + inked[1::2]]
