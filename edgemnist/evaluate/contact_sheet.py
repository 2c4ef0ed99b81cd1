"""The worst mistakes as one picture: what was shown, what it is, what was answered."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist.atomic import atomic_path
from edgemnist.data import IMAGE_SIZE, Split

COLUMNS = 8
MAX_IMAGES = 64

_ZOOM = 3
_CELL = IMAGE_SIZE * _ZOOM
_CAPTION = 28
_GAP = 8


def contact_sheet(
    split: Split,
    probabilities: NDArray[np.float32],
    positions: NDArray[np.intp],
    class_names: tuple[str, ...],
) -> Image.Image:
    """A gray picture of the first `MAX_IMAGES` images of `split` at `positions`, each over its caption.

    The caption is position, truth and answer with its confidence, from `probabilities` (N, 10).
    """
    shown = [int(position) for position in positions[:MAX_IMAGES]]
    rows = max(1, -(-len(shown) // COLUMNS))
    sheet = Image.new("L", (COLUMNS * (_CELL + _GAP) + _GAP, rows * (_CELL + _CAPTION + _GAP) + _GAP), 255)
    draw = ImageDraw.Draw(sheet)
    if not shown:
        draw.text((_GAP, _GAP), "no mistakes", fill=0)
    for place, position in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        left, top = _GAP + column * (_CELL + _GAP), _GAP + row * (_CELL + _CAPTION + _GAP)
        image = Image.fromarray(split.images[position]).resize((_CELL, _CELL), Image.Resampling.NEAREST)
        sheet.paste(image, (left, top))
        answer = int(probabilities[position].argmax())
        truth = class_names[split.labels[position]]
        caption = f"#{position}\n{truth} read {class_names[answer]} {100 * probabilities[position, answer]:.0f}%"
        draw.multiline_text((left, top + _CELL + 1), caption, fill=0, spacing=0)
    return sheet


def save_contact_sheet(path: Path, sheet: Image.Image) -> None:
    """Write `sheet` as a PNG file, whatever the ending of `path`, whole or not at all.

    Raises:
        StorageError: writing fails.
    """
    with atomic_path(path) as temporary:
        sheet.save(temporary, format="PNG")
