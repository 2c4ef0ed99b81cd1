"""Words: numbers that stand apart on a line."""

import numpy as np
import pytest

from edgemnist.reading.words import into_words

HIGH = 30


def line(text: str, gap: float, space: float, narrow: int = 6, wide: int = 22) -> tuple[np.ndarray, list[str]]:
    """Boxes and signs of a line of digits and marks; gaps and spaces in heights, 1s and marks narrow."""
    boxes, signs, x = [], [], 0.0
    for symbol in text:
        if symbol == " ":
            x += (space - gap) * HIGH
            continue
        width = wide if symbol.isdigit() and symbol != "1" else narrow
        boxes.append([x, 0, x + width, HIGH])
        signs.append("" if symbol.isdigit() else symbol)
        x += width + gap * HIGH
    return np.array(boxes).round().astype(np.int64), signs


def words(text: str, gap: float = 0.2, space: float = 0.7) -> str:
    boxes, signs = line(text, gap, space)
    found = into_words(boxes, signs, HIGH)
    symbols = text.replace(" ", "")
    return " ".join("".join(symbols[index] for index in word) for word in found)


@pytest.mark.parametrize("gap", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("text", ["12 345 6", "1 23 4", "2024 11 27", "47110"])
def test_numbers_that_stand_apart_are_words(text: str, gap: float) -> None:
    assert words(text, gap, gap + 0.55) == text


def test_digits_in_the_cells_of_a_form_are_one_word() -> None:
    assert words("20456", gap=0.7) == "20456"
    assert words("2045 6378", gap=0.6, space=1.6) == "2045 6378"


@pytest.mark.parametrize("text", ["12.50", "12,50", "3/4", "12:30", "12?50"])
def test_a_mark_between_digits_joins_them_even_with_room_around_it(text: str) -> None:
    assert words(text, gap=0.2) == text
    assert words(text, gap=0.5) == text


def test_a_minus_belongs_to_the_number_behind_it() -> None:
    assert words("-7 -12 3") == "-7 -12 3"
    assert words("3 - 1", gap=0.2, space=0.8) == "3 -1"
    assert words("3-1") == "3-1"


def test_a_mark_that_stands_alone_at_the_end_belongs_to_the_last_number() -> None:
    assert words("12 -", space=0.9) == "12-"


def test_order_of_the_boxes_does_not_matter() -> None:
    boxes, signs = line("12 345", 0.2, 0.8)
    shuffled = np.random.default_rng(1).permutation(5)
    found = into_words(boxes[shuffled], [signs[index] for index in shuffled], HIGH)
    assert [shuffled[word].tolist() for word in found] == [[0, 1], [2, 3, 4]]
