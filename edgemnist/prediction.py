"""What a classifier answers: one `Prediction` for a digit or for a row of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from edgemnist.reading.image import Box, Reading

Status = Literal["ok", "doubtful", "blank", "several"]
"""`doubtful`: not sure enough; `blank`: nothing that could be a digit; `several`: more than one. The last two are no
answers."""

UNSURE, NO_DIGIT = "unsure which digit", "perhaps no digit"
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
