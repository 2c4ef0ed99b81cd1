"""What a classifier answers: one `Prediction` for a digit or for a row of them, a `Page` for lines of numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from edgemnist.reading.image import Box, Reading
from edgemnist.reading.page import Mark

Status = Literal["ok", "doubtful", "blank", "several"]
"""`doubtful`: not sure enough; `blank`: nothing that could be a digit; `several`: more than one. The last two are no
answers."""

UNSURE, NO_DIGIT, UNSURE_MARK = "unsure which digit", "perhaps no digit", "unsure which mark"
"""Doubts: the confidence is too low; the evidence that there is a digit at all is (model/thresholds.py)."""
_BETWEEN = ", "
"""Stands between doubts."""
WITHHELD = "?"
"""Stands in a row for a digit that is withheld."""


@dataclass(frozen=True)
class Prediction:
    """The answer for one picture."""

    status: Status
    label: str
    """The class name, or the names in a row one after the other; empty where there is no answer."""
    class_index: int
    """0 to 9; -1 where there is no answer, and for a row."""
    confidence: float
    """The probability of the top class, 0..1, of a row that all are right; 0 when blank or several."""
    top: tuple[tuple[str, float], ...]
    """All class names with their probabilities, the likeliest first; empty when blank or several, and for a row."""
    box: Box | None = field(default=None, compare=False)
    """Left, top, right, bottom in pixels of the picture, turned the right way up; None for arrays."""
    digits: tuple["Prediction", ...] = ()
    """The digits of a row, in reading order."""
    doubt: str = ""
    """Why it is doubtful: `UNSURE`, `NO_DIGIT` and what the finder doubts, with commas between; empty when it is not,
    and where there is no answer."""


@dataclass(frozen=True)
class Word:
    """A number that stands apart on its line."""

    text: str
    """Its digits and marks, `?` where a digit is withheld or a mark's kind is unsure."""
    box: Box
    """Around its digits and marks: left, top, right, bottom in pixels of the picture, turned the right way up."""
    confidence: float
    """The probability that all digits are right, 0..1."""
    digits: tuple[Prediction, ...]
    """From left to right."""
    marks: tuple[Mark, ...]
    """From left to right."""


@dataclass(frozen=True)
class Page:
    """The answer for a picture of lines of numbers."""

    row: Prediction
    """All digits in reading order, without the marks; `doubtful` also where the kind of a mark is unsure."""
    lines: tuple[tuple[Word, ...], ...]
    """From top to bottom, in each the words from left to right."""

    @property
    def status(self) -> Status:
        """`ok`, `doubtful` or `blank`."""
        return self.row.status

    @property
    def text(self) -> str:
        """Digits and marks, blanks between words, a line for each line."""
        return "\n".join(" ".join(word.text for word in line) for line in self.lines)


def join_page(lines: Iterable[Sequence[tuple[Sequence[Prediction], Sequence[Mark]]]]) -> Page:
    """The `Page` of lines of words, each the predictions for its digits and its marks."""
    words = tuple(tuple(_word(digits, marks) for digits, marks in line) for line in lines)
    row = join_row([digit for line in words for word in line for digit in word.digits])
    if any(mark.kind is None for line in words for word in line for mark in word.marks):
        row = replace(row, status="doubtful", doubt=joined(*row.doubt.split(_BETWEEN), UNSURE_MARK))
    return Page(row, words)


def _word(digits: Sequence[Prediction], marks: Sequence[Mark]) -> Word:
    row = join_row(digits)
    symbols = [*(digit.label or WITHHELD for digit in digits), ""]
    signs = ["".join(mark.sign for mark in marks if mark.place == place) for place in range(len(symbols))]
    text = "".join(sign + symbol for sign, symbol in zip(signs, symbols, strict=True))
    boxes = np.array([row.box, *(mark.box for mark in marks)])
    box = (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    return Word(text, box, row.confidence, tuple(digits), tuple(marks))


def join_row(digits: Sequence[Prediction]) -> Prediction:
    """The `Prediction` for a row, from those for its digits."""
    if not digits:
        return Prediction("blank", "", -1, 0.0, ())
    boxes = np.array([digit.box for digit in digits])
    box = (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    sure = all(digit.status == "ok" for digit in digits)
    label = "".join(digit.label or WITHHELD for digit in digits)
    confidence = math.prod(digit.confidence for digit in digits)
    doubt = joined(*(reason for digit in digits for reason in digit.doubt.split(_BETWEEN)))
    return Prediction("ok" if sure else "doubtful", label, -1, confidence, (), box, tuple(digits), doubt)


def placed(prediction: Prediction, reading: Reading) -> Prediction:
    """`prediction` with the box of what was read and the reading's doubts; `several` where more could be digits."""
    if reading.others:
        return Prediction("several", "", -1, 0.0, (), reading.box)
    if prediction.status == "blank" or not reading.doubts:
        return replace(prediction, box=reading.box)
    doubt = joined(*prediction.doubt.split(_BETWEEN), *reading.doubts)
    return replace(prediction, box=reading.box, status="doubtful", doubt=doubt)


def joined(*reasons: str) -> str:
    """Doubts as `Prediction.doubt` has them: each once, empty ones left out."""
    return _BETWEEN.join(dict.fromkeys(reason for reason in reasons if reason))
