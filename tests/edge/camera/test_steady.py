"""When a reading is told: sequences of answers, and which of them are news."""

import pytest

from edgemnist.camera.steady import Seen, see
from edgemnist.infer.answers import Answer
from edgemnist.prediction import Page, Prediction, Word


def answer(text: str) -> Answer:
    """`12` is sure, `12?` doubtful, `blank` and `several` are none."""
    if text in ("blank", "several"):
        return Answer("x", None, Prediction(text, "", -1, 0.0, ()), None)
    status = "doubtful" if text.endswith("?") else "ok"
    return Answer("x", None, Prediction(status, text.rstrip("?"), -1, 0.9, ()), None)


def news(*texts: str) -> list[int]:
    """The positions of those that are told."""
    seen, told = Seen(), []
    for position, text in enumerate(texts):
        seen, changed = see(seen, answer(text))
        told += [position] * changed
    return told


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ("1 1 1 1 1 1", [2]),
        ("1 1", []),
        ("1 1 2 1 1 2 1 1", []),
        ("1 1 1 2 1 2 1 2 1", [2]),
        ("1 1 1 2 2 1 1 1 2 2 2", [2, 10]),
        ("1 1 1 2 2 2 1 1 1", [2, 5, 8]),
        ("blank blank blank 1 1 1 blank blank blank", [2, 5, 8]),
        ("several several several blank blank blank", [2, 5]),
        ("1? 1? 1? 1? 1?", [2]),
        ("1? 1 1?", [2]),
    ],
)
def test_a_reading_is_told_once_when_three_frames_in_a_row_say_it(texts, told):
    assert news(*texts.split()) == told


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ("1? 1? 1? 1 1 1 1 1", [2, 5]),
        ("1? 1? 1? 1 1 1? 1 1 1? 1", [2]),
        ("1 1 1 1? 1? 1? 1 1 1", [2]),
        ("1? 1? 1? 1 2 1 1 1", [2, 7]),
    ],
)
def test_what_was_told_in_doubt_is_told_again_once_when_it_is_sure(texts, told):
    assert news(*texts.split()) == told


def test_gaps_and_lines_do_not_make_another_reading_but_marks_do():
    def page(*lines: str) -> Answer:
        words = tuple(tuple(Word(word, (0, 0, 1, 1), 0.9, (), ()) for word in line.split()) for line in lines)
        label = "".join(char for line in lines for char in line if char.isdigit())
        row = Prediction("ok", label, -1, 0.9, ())
        return Answer("x", None, row, None, page=Page(row, words))

    def told(*pages: Answer) -> list[bool]:
        seen, result = Seen(), []
        for each in pages:
            seen, changed = see(seen, each)
            result.append(changed)
        return result

    assert told(page("1 25"), page("12 5"), page("1", "25")) == [False, False, True]
    assert told(page("125"), page("12.5"), page("125")) == [False, False, False]
