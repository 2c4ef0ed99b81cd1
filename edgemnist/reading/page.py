"""Any picture of lines of digits -> the 28x28 images that the network knows, line by line and word by word, and the
marks between them."""

from dataclasses import dataclass, replace

import numpy as np

from edgemnist.reading.digits import A_MARK, NO_DIGIT, Digit, Doubts, digits_on, doubted
from edgemnist.reading.finds import Find, Finds
from edgemnist.reading.image import Box, Polarity, Reading, Source, as_kept, box_in_picture, reading_of, to_dark_ink
from edgemnist.reading.marks import SIGNS, Kind, Written, marks_on, outside
from edgemnist.reading.order import into_lines, lean
from edgemnist.reading.picture import Picture, open_picture
from edgemnist.reading.scale import View, view
from edgemnist.reading.slashes import A_SLASH, PERHAPS, SLASH, like_a_slash
from edgemnist.reading.words import into_words

_APART = 0.05
"""Heights: so far from its number stands a minus. Of 200 drawn ones 97 % are read with and without this; rows struck
through are wrong and ok in 2.5 % of 200, and in 45 % if every dash is a minus (benchmarks/reading.py)."""


@dataclass(frozen=True)
class Mark:
    """A mark in a word: a point, comma, minus, slash or colon."""

    kind: Kind | None
    """None where it may be a point or a comma, or no minus but a piece of a line."""
    box: Box
    """Left, top, right, bottom in pixels of the picture, turned the right way up."""
    place: int
    """How many digits of its word stand before it."""

    @property
    def sign(self) -> str:
        """As it is written; `?` where its kind is unsure."""
        return SIGNS[self.kind]


@dataclass(frozen=True)
class WordReading:
    """What the network gets to see of a number that stands apart on its line."""

    digits: tuple[Reading, ...]
    """From left to right."""
    marks: tuple[Mark, ...]
    """From left to right."""


PageReading = list[list[WordReading]]
"""Lines from top to bottom, in each the words from left to right."""


def read_page(source: Source, find: Find, doubt: Doubts, polarity: Polarity = "auto") -> PageReading:
    """The digits in a picture that shows lines of them, and the marks between them.

    `doubt` says how unsure the classifier is of images; where two finds may be one digit, it decides.

    Raises:
        PictureError, TypeError, ValueError, UsageError: as `read_digit`.
    """
    return _read(source, find, doubt, polarity, marks=True)


def read_rows(source: Source, find: Find, doubt: Doubts, polarity: Polarity = "auto") -> list[list[Reading]]:
    """The digits alone, line by line: those beside marks are doubtful.

    Raises:
        PictureError, TypeError, ValueError, UsageError: as `read_digit`.
    """
    page = _read(source, find, doubt, polarity, marks=False)
    return [[digit for word in line for digit in word.digits] for line in page]


def _read(source: Source, find: Find, doubt: Doubts, polarity: Polarity, *, marks: bool) -> PageReading:
    picture = open_picture(source)
    if picture.kept:
        return [[WordReading((as_kept(picture.gray),), ())]]
    dark, steps = to_dark_ink(picture, polarity)
    seen = view(find, dark)
    found = digits_on(seen.finds, None, doubt)
    if not found.digits:
        return []
    boxes = np.stack([digit.box for digit in found.digits])
    lines = into_lines(boxes)
    slashes = _slashes(lines, found.digits, seen.finds)
    told = [index for index, likeness in slashes.items() if likeness >= SLASH and marks]
    written = marks_on([boxes[line] for line in lines], found.marks, lean(boxes)) if marks else []
    written += [Written("slash", boxes[index], n) for n, line in enumerate(lines) for index in line if index in told]
    digits = doubted(found.digits, outside(found.lost, written), NO_DIGIT)
    digits = doubted(digits, outside(found.marks, written), A_MARK)
    for index, likeness in slashes.items():
        if likeness >= PERHAPS:
            digits[index] = replace(digits[index], doubts=(*digits[index].doubts, A_SLASH))
    page = []
    for number, line in enumerate(lines):
        on_line: list[Digit | Written] = [digits[index] for index in line if index not in told]
        on_line += [mark for mark in written if mark.line == number]
        signs = ["" if isinstance(one, Digit) else SIGNS[one.kind] for one in on_line]
        words = into_words(np.stack([one.box for one in on_line]), signs, seen.finds.height)
        page.append([_word([on_line[index] for index in indices], seen, picture, steps) for indices in words])
    return page


def _slashes(lines: list[list[int]], digits: list[Digit], finds: Finds) -> dict[int, float]:
    """How much like a slash each digit is that stands between others, by its index: a slash joins numbers."""
    return {index: like_a_slash(digits[index], finds) for line in lines for index in line[1:-1]}


def _word(on_line: list[Digit | Written], seen: View, picture: Picture, steps: tuple[str, ...]) -> WordReading:
    digits: list[Reading] = []
    marks: list[Mark] = []
    for one, behind in zip(on_line, [*on_line[1:], None], strict=True):
        if isinstance(one, Digit):
            digits.append(reading_of(one, seen, picture, steps))
            continue
        # Behind a digit, or touching one, a minus may as well be a piece of a line through the number.
        touches = behind is not None and behind.box[0] - one.box[2] < _APART * seen.finds.height
        kind = None if one.kind == "minus" and (digits or touches) else one.kind
        marks.append(Mark(kind, box_in_picture(one.box, seen, picture), len(digits)))
    return WordReading(tuple(digits), tuple(marks))
