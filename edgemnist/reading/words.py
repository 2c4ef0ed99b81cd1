"""Words: numbers that stand apart on a line."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from edgemnist.reading.order import Boxes

_SPACE = 0.52
"""Of the usual height of a digit: the narrowest space between words. A digit of MNIST is 0.75 as wide as high (the
median of all but 1s; half of them 0.6 to 0.9), and 0.8 of the narrower ones' width is a space. Within a number most
people leave 0.1 to 0.4."""
_SPACED = 1.8
"""Times the lower quartile of the gaps between the line's digits: in a form's cells all of them stand apart."""
_WIDEST = 1.3
"""Heights: what stands farther apart is never one word."""
_JOINED = 2.0
"""Times as wide may the gap be on either side of a mark that is no minus: 3 / 4 is one word, and 3 -4 are two."""
_JOINING = ".,/:?"


def into_words(boxes: Boxes, signs: Sequence[str], high: float) -> list[list[int]]:
    """The indices of (K, 4) boxes of a line's digits and marks, from left to right, word by word.

    `signs` has the sign of each mark, and nothing for digits, of which there is at least one; `high` is the usual
    height of a digit. Every word holds a digit.
    """
    order = np.argsort(boxes[:, ::2].mean(1), kind="stable").tolist()
    ends = np.maximum.accumulate(boxes[order, 2])
    gaps = (boxes[order[1:], 0] - ends[:-1]).clip(0) / high
    signed = [signs[index] for index in order]
    beside = [left + right for left, right in pairwise(signed)]
    close = sorted(gaps[[not marks for marks in beside]].tolist())
    usual = close[(len(close) - 1) // 4] if close else 0.0
    space = min(max(_SPACE, _SPACED * usual), _WIDEST)
    limits = np.array([space * (_JOINED if set(marks) & set(_JOINING) else 1) for marks in beside])
    words = [part.tolist() for part in np.split(np.array(order), np.flatnonzero(gaps > limits) + 1)]
    return _with_digits(words, signs)


def _with_digits(words: list[list[int]], signs: Sequence[str]) -> list[list[int]]:
    """The words, each mark that stands alone put to the word behind it if it is a minus, else to the one before."""
    whole: list[list[int]] = []
    leading: list[int] = []
    for word in words:
        if all(signs[index] for index in word):
            if whole and signs[word[-1]] != "-":
                whole[-1] += word
            else:
                leading += word
        else:
            whole.append(leading + word)
            leading = []
    whole[-1] += leading
    return whole
