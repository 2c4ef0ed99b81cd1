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
    """Whole strings; of pages of words, words."""
    symbols: float
    """1 - edit distance / digits and marks."""
    sure: float
    wrong_and_sure: float
    right_and_doubtful: float
    ms: float
    """CPU time for each."""


def said(text: str, answer: Answer) -> str:
    """What the answer to a page with that text says: without its words' blanks where words do not count."""
    return answer.text if len(text.split()) > 1 else "".join(answer.text.split())


def words_right(text: str, answer: str) -> float:
    """The share of the words that are right and in their line."""
    wanted, found = (words.replace("\n", " \n ").split(" ") for words in (text, answer))
    return max(0.0, 1 - edit_distance(found, wanted) / len(text.split()))


def figures(texts: Sequence[str], answers: Sequence[Answer]) -> Figures:
    given = [said(text, answer) for text, answer in zip(texts, answers, strict=True)]
    right = np.array([answer == text for text, answer in zip(texts, given, strict=True)])
    sure = np.array([answer.sure for answer in answers])
    edits = sum(edit_distance(answer, text) for text, answer in zip(texts, given, strict=True))
    shares = (sure, ~right & sure, right & ~sure)
    whole = 100 * float(np.mean([words_right(text, answer) for text, answer in zip(texts, given, strict=True)]))
    answered, wrong_and_sure, right_and_doubtful = (100 * float(share.mean()) for share in shares)
    symbols = 100 * (1 - edits / sum(map(len, texts)))
    ms = float(np.mean([answer.ms for answer in answers]))
    return Figures(whole, symbols, answered, wrong_and_sure, right_and_doubtful, ms)


def answered(answers: Sequence[Answer]) -> tuple[float, float]:
    """Percent of the answers that name a digit at all, and of those that are sure of it; 0 of none."""
    if not answers:
        return 0.0, 0.0
    named = [answer.status in ("ok", "doubtful") for answer in answers]
    return 100 * float(np.mean(named)), 100 * float(np.mean([answer.sure for answer in answers]))
