"""What answers are worth: the figures of a row of the table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from real_digits import edit_distance

from scoreboard.versions import Answer


@dataclass(frozen=True)
class Figures:
    """Of some pictures; all but the last in percent of them, `symbols` of what they say."""

    right: float
    """Whole strings."""
    symbols: float
    """1 - edit distance / digits and marks."""
    sure: float
    wrong_and_sure: float
    right_and_doubtful: float
    ms: float
    """CPU time for each."""


def figures(texts: Sequence[str], answers: Sequence[Answer]) -> Figures:
    right = np.array([answer.text == text for text, answer in zip(texts, answers, strict=True)])
    sure = np.array([answer.sure for answer in answers])
    edits = sum(edit_distance(answer.text, text) for text, answer in zip(texts, answers, strict=True))
    shares = (right, sure, ~right & sure, right & ~sure)
    whole, answered, wrong_and_sure, right_and_doubtful = (100 * float(share.mean()) for share in shares)
    symbols = 100 * (1 - edits / sum(map(len, texts)))
    ms = float(np.mean([answer.ms for answer in answers]))
    return Figures(whole, symbols, answered, wrong_and_sure, right_and_doubtful, ms)


def answered(answers: Sequence[Answer]) -> tuple[float, float]:
    """Percent of the answers that name a digit at all, and of those that are sure of it; 0 of none."""
    if not answers:
        return 0.0, 0.0
    named = [answer.status in ("ok", "doubtful") for answer in answers]
    return 100 * float(np.mean(named)), 100 * float(np.mean([answer.sure for answer in answers]))
