"""Rows of digits: found in reading order, in boxes, broken, touching, on shaded paper."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sheets import enlarged, picture, sheet, sure_digits, with_grain, with_lines, with_shadow

from edgemnist import Classifier

BOX_TOLERANCE = 3
"""Pixels: the soft edge of a stroke; measured 2."""
SPOILED_TOLERANCE = {"shaded": 30, "ruled": 11, "squared": 10}
"""Pixels, where a shadow's edge or lines cross digits: pieces of them stay on it; measured 28, 9 and 8."""
SIDE = 110
"""Pixels of a digit's image; its ink is 20/28 of it."""
STEP = 100


@pytest.fixture(scope="module")
def known(int8):
    """Label -> ink."""
    images, labels = sure_digits(int8)
    return {label: enlarged(image, SIDE) for image, label in zip(images, labels, strict=True)}


def row_of(known, text, left=40, top=60, step=STEP):
    """Marks of a row and the boxes where they are."""
    marks = [(known[label], left + step * place, top) for place, label in enumerate(text)]
    boxes = [(x, y, x + mark.shape[1], y + mark.shape[0]) for mark, x, y in marks]
    return marks, boxes


CHANGES = {
    "plain": lambda levels: levels,
    "shaded": with_shadow,
    "grain": lambda levels: with_grain(levels, 8),
    "ruled": lambda levels: with_lines(levels, 50, 80, squared=False),
    "squared": lambda levels: with_lines(levels, 36, 120),
    "light on dark": lambda levels: 255 - levels,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_is_read_from_left_to_right(known, classifier, name):
    text = "820397465"
    marks, boxes = row_of(known, text)
    prediction = classifier.predict_row(picture(CHANGES[name](sheet((230, 980), marks))))
    assert prediction.label == text
    assert [digit.label for digit in prediction.digits] == list(text)
    found = np.array([digit.box for digit in prediction.digits])
    assert np.abs(found - boxes).max() <= SPOILED_TOLERANCE.get(name, BOX_TOLERANCE)
    assert prediction.box == (*found[:, :2].min(0), *found[:, 2:].max(0))


def test_several_lines_are_read_from_top_to_bottom(known, classifier):
    marks = [*row_of(known, "2034", top=40)[0], *row_of(known, "978", left=70, top=190)[0]]
    assert classifier.predict_row(picture(sheet((320, 520), marks))).label == "2034978"


def test_a_leaning_row_is_one_line(known, classifier):
    marks = [(known[label], 40 + STEP * place, 200 - 20 * place) for place, label in enumerate("2039746")]
    assert classifier.predict_row(picture(sheet((340, 800), marks))).label == "2039746"


@pytest.mark.parametrize("apart", [0, 14])
def test_form_boxes_are_no_digits(known, classifier, apart):
    marks, _ = row_of(known, "20397", left=46)
    form = picture(sheet((220, 800), marks))
    draw = ImageDraw.Draw(form)
    for place in range(7):  # the last two boxes are empty
        left = 28 + STEP * place
        draw.rectangle((left, 45, left + STEP - apart, 165), outline=60, width=3)
    assert classifier.predict_row(form).label == "20397"


def test_an_underline_is_no_digit(known, classifier):
    form = picture(sheet((220, 600), row_of(known, "20397")[0]))
    ImageDraw.Draw(form).line((30, 150, 550, 152), fill=60, width=4)
    assert classifier.predict_row(form).label == "20397"


def test_points_and_dashes_are_left_out(known, classifier):
    form = picture(sheet((220, 900), [*row_of(known, "203")[0], *row_of(known, "97", left=480)[0]]))
    draw = ImageDraw.Draw(form)
    draw.ellipse((330, 126, 342, 138), fill=35)
    draw.line((380, 98, 430, 98), fill=35, width=8)
    assert classifier.predict_row(form).label == "20397"


def test_broken_digits_stay_whole(known, classifier):
    broken = {}
    for label, mark in known.items():
        broken[label] = mark.copy()
        middle = mark.shape[0] // 2
        broken[label][middle : middle + 4] = 0
    text = "203978"
    prediction = classifier.predict_row(picture(sheet((230, 700), row_of(broken, text)[0])))
    assert len(prediction.digits) == len(text)


@pytest.mark.parametrize("across", [600, 1400])
def test_a_fragment_beside_a_digit_makes_no_line_of_its_own(known, classifier, across):
    """On a long strip either: what counts as grain does not grow with it."""
    marks, boxes = row_of(known, "2037")
    whole = classifier.predict_row(picture(sheet((200, across), marks)))
    left, top, _, _ = boxes[2]
    fragment = (np.ones((11, 11)), left - 15, top + 2)
    prediction = classifier.predict_row(picture(sheet((200, across), [*marks, fragment])))
    assert prediction.label == whole.label == "2037"
    assert prediction.digits[2].box[0] == pytest.approx(left - 15, abs=BOX_TOLERANCE)


@pytest.mark.parametrize("text", ["20", "37", "62", "85"])
def test_digits_that_touch_are_cut_apart(known, classifier, text):
    first, second = (known[label] for label in text)
    touching = [(first, 60, 50), (second, 60 + first.shape[1] - 4, 50)]
    ink = sheet((220, 400), touching)
    ink[90:94, 60 + first.shape[1] - 20 : 60 + first.shape[1] + 20] = 35
    prediction = classifier.predict_row(picture(ink))
    assert len(prediction.digits) == 2
    assert prediction.label == text


@pytest.mark.parametrize("text", ["2", "3", "5", "0", "7"])
def test_a_wide_digit_stays_whole(known, classifier, text):
    mark = np.repeat(known[text], 2, axis=1)
    assert classifier.predict_row(picture(sheet((220, 400), [(mark, 60, 50)]))).label == text


def test_confidence_is_that_all_digits_are_right(known, classifier):
    prediction = classifier.predict_row(picture(sheet((230, 500), row_of(known, "203")[0])))
    assert prediction.confidence == pytest.approx(np.prod([digit.confidence for digit in prediction.digits]))
    assert prediction.status == "ok"


def test_one_doubtful_digit_makes_the_row_doubtful(known):
    rows = picture(sheet((230, 700), [*row_of(known, "203")[0], (known["7"].T[::-1], 400, 60)]))
    prediction = Classifier().predict_row(rows)
    least = min(prediction.digits, key=lambda digit: digit.confidence)
    strict = Classifier(min_confidence=(1 + least.confidence) / 2).predict_row(rows)
    assert strict.status == "doubtful"
    sure = [digit.label if digit is not least else "?" for digit in prediction.digits]
    assert strict.label == "".join(sure)


@pytest.mark.parametrize("paper", [20, 225])
def test_an_empty_sheet_has_no_rows(classifier, paper):
    assert classifier.predict_row(Image.new("L", (500, 200), paper)).status == "blank"


def test_a_picture_of_one_digit_is_a_row_of_one(known, classifier):
    assert classifier.predict_row(picture(sheet((230, 200), row_of(known, "6")[0]))).label == "6"


def test_noise_does_not_stop_it(classifier):
    noise = np.random.default_rng(0).integers(0, 256, (200, 600)).astype(np.uint8)
    assert classifier.predict_row(Image.fromarray(noise)).status in ("doubtful", "blank", "ok")
