"""Whether a doubtful page is rather the right way up at another right angle. It is said; the answer stays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from edgemnist.prediction import Page, Prediction, joined
from edgemnist.reading.digits import Doubts
from edgemnist.reading.page import PageReading
from edgemnist.reading.picture import RIGHT_ANGLES

TURNED = "surer with --rotate"
"""Doubt: a row is surer when its picture is turned by so many degrees, which stand behind."""
_LEAST_TURNED = 3
"""Digits: shorter rows are too often read as another one on their side or upside down."""


def look_around(
    page: Page, rotate: int, read: Callable[[int], PageReading], predict: Callable[[PageReading], Page], doubt: Doubts
) -> Page:
    """`page`, which was read at the angle `rotate`, with a doubt more where it is clearly surer at another one.

    Args:
        page: doubtful or not; of one whose digits are mostly sure nothing more is read.
        rotate: degrees clockwise.
        read: the picture at an angle.
        predict: the page of what was read.
        doubt: how unsure the classifier is of each of some images; of several surer angles the surest is named.
    """
    surer: list[tuple[float, int]] = []
    for degrees in RIGHT_ANGLES[1:] if page.status == "doubtful" and _mostly_unsure(page.row) else ():
        angle = (rotate + degrees) % 360
        found = read(angle)
        if clearly_surer(predict(found).row, page.row):
            images = np.stack([digit.image for line in found for word in line for digit in word.digits])
            surer.append((float(doubt(images).mean()), angle))
    if not surer:
        return page
    return replace(page, row=replace(page.row, doubt=joined(page.row.doubt, f"{TURNED} {min(surer)[1]}")))


def clearly_surer(turned: Prediction, row: Prediction) -> bool:
    """Whether a row that was turned is so much surer that it is rather the right way up: all of its digits are sure,
    and of those of the row as it is half at most."""
    return turned.status == "ok" and len(turned.digits) >= _LEAST_TURNED and _mostly_unsure(row)


def _mostly_unsure(row: Prediction) -> bool:
    """Whether at most half of a row's digits are sure."""
    return 2 * sum(digit.status == "ok" for digit in row.digits) <= len(row.digits)
