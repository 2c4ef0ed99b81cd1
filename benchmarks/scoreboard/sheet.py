"""The worst mistakes as one picture: the pages with the boxes of what was found, and what was read."""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from scoreboard.versions import Answer

CELL, CAPTION, COLUMNS = (230, 130), 26, 6
"""Pixels; pixels; pictures side by side."""
FOR_EACH = 4
"""Mistakes kept of each row of the table."""


@dataclass(frozen=True)
class Mistake:
    """A picture that was read wrongly."""

    experiment: str
    encoded: bytes
    text: str
    answer: Answer


def worst(mistakes: list[Mistake]) -> list[Mistake]:
    """The sure ones first, the surest of them first."""
    return sorted(mistakes, key=lambda one: (not one.answer.sure, -one.answer.confidence))[:FOR_EACH]


def sheet_of(mistakes: list[Mistake]) -> Image.Image:
    across, down = CELL[0] + 8, CELL[1] + CAPTION + 8
    lines = max(1, -(-len(mistakes) // COLUMNS))
    sheet = Image.new("RGB", (COLUMNS * across + 8, lines * down + 8), "white")
    draw = ImageDraw.Draw(sheet)
    for place, mistake in enumerate(mistakes):
        left, top = 8 + place % COLUMNS * across, 8 + place // COLUMNS * down
        sheet.paste(_boxed(mistake), (left, top))
        caption = f"{mistake.experiment}\n{mistake.text or 'nothing'} read {mistake.answer.text or 'as none'}"
        draw.multiline_text((left, top + CELL[1] + 1), f"{caption}, {mistake.answer.status}", fill="black", spacing=0)
    return sheet


def _boxed(mistake: Mistake) -> Image.Image:
    with Image.open(io.BytesIO(mistake.encoded)) as file:
        picture = file.convert("RGB")
    scale = min(CELL[0] / picture.width, CELL[1] / picture.height)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    draw = ImageDraw.Draw(picture)
    for box in mistake.answer.boxes:
        draw.rectangle([round(side * scale) for side in box], outline="red")
    return picture
