"""What a page says, put together from predictions and marks."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgemnist.infer.announce import Telling, announce
from edgemnist.infer.answers import Answer
from edgemnist.infer.draw_page import DIGIT, DOUBTFUL, LINE, MARK, WORD, draw_page
from edgemnist.infer.report import as_line, render
from edgemnist.prediction import Page, Prediction, join_page
from edgemnist.reading.marks import Kind
from edgemnist.reading.page import Mark


def digit(label: str, left: int, status: str = "ok") -> Prediction:
    return Prediction(status, label, int(label or -1), 0.9, ((label, 0.9),), (left, 10, left + 10, 30))


def amount(kind: Kind | None, label: str = "2") -> Page:
    """12.50 and 7 on a line, and 3 below."""
    first = [digit("1", 0), digit(label, 20, "ok" if label else "doubtful"), digit("5", 50), digit("0", 70)]
    return join_page([[(first, [Mark(kind, (40, 26, 44, 33), 2)]), ([digit("7", 120)], [])], [([digit("3", 0)], [])]])


@pytest.mark.parametrize(
    ("kind", "text"),
    [("point", "12.50"), ("comma", "12,50"), ("minus", "12-50"), ("slash", "12/50"), ("colon", "12:50")],
)
def test_a_mark_stands_where_it_is_written(kind, text):
    page = amount(kind)
    assert page.text == f"{text} 7\n3"
    assert (page.status, page.row.label, page.row.doubt) == ("ok", "125073", "")
    word = page.lines[0][0]
    assert (word.box, word.confidence) == ((0, 10, 80, 33), pytest.approx(0.9**4))
    assert page.row.confidence == pytest.approx(0.9**6)


def test_a_mark_of_unsure_kind_makes_the_page_doubtful():
    page = amount(None)
    assert page.text == "12?50 7\n3"
    assert (page.status, page.row.doubt) == ("doubtful", "unsure which mark")


def test_a_mark_may_lead_or_end_a_word():
    page = join_page([[([digit("7", 20)], [Mark("minus", (5, 18, 15, 20), 0), Mark("point", (32, 28, 34, 30), 1)])]])
    assert page.text == "-7."


def test_withheld_digits_are_question_marks():
    page = amount("point", "")
    assert (page.text, page.row.label) == ("1?.50 7\n3", "1?5073")
    assert page.status == "doubtful"


def test_a_page_without_digits_is_blank():
    assert (join_page([]).status, join_page([]).text, join_page([]).lines) == ("blank", "", ())


def answer(page: Page) -> Answer:
    return Answer("bill.png", None, page.row, None, page=page)


def test_where_labels_are_printed_the_marks_that_they_lack_are_said():
    said: list[str] = []
    announce(answer(amount("point")), Telling(said.append, labels=True))
    assert said == ["bill.png: the label 125073 has no marks; with them it is 12.50 7"]
    announce(answer(amount("point")), Telling(said.append))
    announce(answer(join_page([[([digit("7", 20)], [])]])), Telling(said.append, labels=True))
    assert len(said) == 1


def test_a_table_has_a_line_for_each_line_and_csv_the_label():
    rows = list(render([answer(amount("point")), answer(amount("comma"))], "table", 1))
    assert [row.rstrip() for row in rows] == [
        "picture   digit    confidence",
        "bill.png  12.50 7     53.14 %",
        "          3",
        "bill.png  12,50 7     53.14 %",
        "          3",
    ]
    assert list(render([answer(amount("point"))], "csv", 1))[1] == "bill.png,,ok,125073,0.531441,"
    assert as_line(answer(amount("point")), 1) == "bill.png  12.50 7 | 3  53.14 %"


def drawn(page: Page) -> np.ndarray:
    sheet = Image.new("RGB", (320, 120), "white")
    draw_page(ImageDraw.Draw(sheet), page, 2.0, 8)
    return np.asarray(sheet)


def pixels(picture: np.ndarray, color: tuple[int, int, int], box: tuple[int, int, int, int]) -> int:
    """How many pixels of a color lie on the outline of a box of the page or a few pixels from it."""
    left, top, right, bottom = (2 * edge + 8 for edge in box)
    part = picture[top - 6 : bottom + 6, left - 6 : right + 6]
    return int((part == color).all(2).sum())


def test_lines_words_digits_and_marks_are_drawn_where_they_are():
    picture = drawn(amount("point"))
    assert pixels(picture, MARK, (40, 26, 44, 33)) > 20
    assert pixels(picture, DIGIT, (120, 10, 130, 30)) > 80
    assert pixels(picture, WORD, (120, 10, 130, 30)) > 80
    assert pixels(picture, LINE, (80, 28, 120, 34)) > 100  # from word to word
    assert not (picture == DOUBTFUL).all(2).any()


def test_what_is_doubtful_is_drawn_so():
    picture = drawn(amount(None))
    assert pixels(picture, DOUBTFUL, (0, 10, 80, 33)) > 200
    assert pixels(picture, DOUBTFUL, (120, 10, 130, 30)) == 0
    assert pixels(drawn(amount("point", "")), DOUBTFUL, (20, 10, 30, 30)) > 80
