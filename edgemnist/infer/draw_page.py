"""The lines, words, digits and marks of a page, drawn on a picture of it with what was read.

The colors are those that people tell apart whatever colors they see; what is doubtful has a question mark too.

Source: M. Okabe, K. Ito, "Color universal design" (2008), for the colors.
"""

from PIL import ImageDraw

from edgemnist.prediction import Page, Word
from edgemnist.reading.image import Box

LINE, WORD, DIGIT, MARK, DOUBTFUL = (0, 158, 115), (0, 114, 178), (86, 180, 233), (204, 121, 167), (213, 94, 0)
"""Bluish green, blue, sky blue, reddish purple, vermillion."""
_AROUND_DIGIT, _AROUND_WORD = 1, 4
"""Pixels between ink and boxes: a 1 may be no wider than a line."""
_LETTER_HEIGHT = 11
"""Pixels of the font's lines."""


def draw_page(draw: ImageDraw.ImageDraw, page: Page, scale: float, corner: int) -> None:
    """Draws a page on a picture of it, made so much larger, whose left and top are at `corner`."""

    def placed(box: Box, margin: int) -> Box:
        left, top, right, bottom = (round(edge * scale) + corner for edge in box)
        return left - margin, top - margin, right + margin - 1, bottom + margin - 1

    for line in page.lines:
        feet = [(x, placed(word.box, _AROUND_WORD)[3]) for word in line for x in placed(word.box, _AROUND_WORD)[::2]]
        draw.line(feet, fill=LINE, width=3)
        for word in line:
            for digit in word.digits:
                assert digit.box  # it was read from a picture
                color = DIGIT if digit.status == "ok" else DOUBTFUL
                draw.rectangle(placed(digit.box, _AROUND_DIGIT), outline=color, width=1 if digit.status == "ok" else 2)
            for mark in word.marks:
                draw.rectangle(placed(mark.box, _AROUND_DIGIT), outline=MARK if mark.kind else DOUBTFUL)
            _draw_word(draw, word, placed(word.box, _AROUND_WORD))


def _draw_word(draw: ImageDraw.ImageDraw, word: Word, box: Box) -> None:
    sure = all(digit.status == "ok" for digit in word.digits) and all(mark.kind for mark in word.marks)
    color = WORD if sure else DOUBTFUL
    draw.rectangle(box, outline=color)
    text = word.text if sure else f"{word.text} (?)"
    place = (box[0] + 1, max(0, box[1] - _LETTER_HEIGHT))
    draw.rectangle(draw.textbbox(place, text), fill="white")
    draw.text(place, text, fill=color)
