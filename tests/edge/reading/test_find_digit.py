"""One digit on a real-looking sheet: found whole, and nothing else with it."""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageFilter
from sheets import enlarged, picture, sheet, sure_digits, with_grain, with_lines, with_shadow

from edgemnist.reading.mnist_form import has_mnist_form

BOX_TOLERANCE = 3
"""Pixels: the soft edge of a stroke; measured 2."""
LINE_TOLERANCE = {"ruled": 14, "squared": 6, "all": 6}
"""Pixels of a digit 143 pixels high: pieces of the lines that cross it stay on it; measured 12, 5 and 5."""
INK_RATIO = 1.2
"""Of the ink of a marker's digit to a thin pen's, five times as wide before; measured 1.01."""
SHAPE = (420, 360)
LEFT, TOP, SIDE = 90, 120, 200


@pytest.fixture(scope="module")
def known(int8):
    """Pairs of ink and label."""
    images, labels = sure_digits(int8)
    return [(enlarged(image, SIDE), label) for image, label in zip(images, labels, strict=True)]


def plain(levels):
    return levels


def dusty(levels):
    levels = levels.copy()
    for row, column in ((20, 30), (60, 330), (400, 50), (390, 320)):
        levels[row : row + 4, column : column + 4] = 50
    return levels


def on_a_table(levels):
    levels = levels.copy()
    levels[:, :25] = 45
    levels[-30:] = 45
    return levels


def with_a_neighbor_cut_off(levels):
    levels = levels.copy()
    levels[150:300, -12:] = 40
    return levels


SHEETS = {
    "plain": plain,
    "shadow": with_shadow,
    "grain": lambda levels: with_grain(levels, 8),
    "ruled": lambda levels: with_lines(levels, 60, 60, squared=False),
    "squared": lambda levels: with_lines(levels, 40, 90),
    "dust": dusty,
    "table": on_a_table,
    "neighbor": with_a_neighbor_cut_off,
    "all": lambda levels: with_grain(with_shadow(dusty(with_lines(levels, 40, 150)))),
}


@pytest.mark.parametrize("name", SHEETS)
def test_every_class_is_read_from_every_sheet(known, classifier, name):
    for mark, label in known:
        levels = SHEETS[name](sheet(SHAPE, [(mark, LEFT, TOP)]))
        for shown in (picture(levels), picture(255 - levels)):
            assert classifier.predict(shown).label == label


@pytest.mark.parametrize("name", SHEETS)
def test_the_box_is_around_the_digit_alone(known, classifier, name):
    for mark, _ in known:
        reading = classifier.read_digit(picture(SHEETS[name](sheet(SHAPE, [(mark, LEFT, TOP)]))))
        expected = (LEFT, TOP, LEFT + mark.shape[1], TOP + mark.shape[0])
        assert np.abs(np.subtract(reading.box, expected)).max() <= LINE_TOLERANCE.get(name, BOX_TOLERANCE)
        assert reading.others == 0
        assert has_mnist_form(reading.image)


def test_several_digits_are_said_to_be_several(known, classifier):
    for (one, _), (other, _) in itertools.pairwise(known):
        levels = sheet((300, 600), [(one, 40, 50), (other, 330, 60)])
        prediction = classifier.predict(picture(levels))
        assert (prediction.status, prediction.label, prediction.top) == ("several", "", ())


def test_a_digit_broken_across_is_one_digit(known, classifier):
    for mark, label in known:
        broken = mark.copy()
        middle = mark.shape[0] // 2
        broken[middle : middle + 5] = 0
        prediction = classifier.predict(picture(sheet(SHAPE, [(broken, LEFT, TOP)])))
        assert prediction.status != "several"
        expected = (LEFT, TOP, LEFT + mark.shape[1], TOP + mark.shape[0])
        assert np.abs(np.subtract(prediction.box, expected)).max() <= BOX_TOLERANCE, label


def test_the_bar_of_a_5_that_stands_apart_belongs_to_it(known, classifier):
    mark = {label: mark for mark, label in known}["5"]
    gap = round(0.15 * mark.shape[0])
    top = mark.shape[0] // 4
    apart = np.zeros((mark.shape[0] + gap, mark.shape[1]))
    apart[:top], apart[top + gap :] = mark[:top], mark[top:]
    box = classifier.predict(picture(sheet(SHAPE, [(apart, LEFT, TOP)]))).box
    assert abs(box[3] - box[1] - apart.shape[0]) <= 2 * BOX_TOLERANCE


def test_thin_pens_and_thick_markers_get_like_strokes(known, classifier):
    mark = np.pad(known[0][0], 20)
    amounts = []
    for pen in (ImageFilter.MinFilter(9), ImageFilter.MaxFilter(17)):
        drawn = np.asarray(Image.fromarray((mark * 255).astype(np.uint8)).filter(pen)) / 255
        amounts.append(classifier.read_digit(picture(sheet(SHAPE, [(drawn, 50, 80)]))).image.sum())
    assert max(amounts) / min(amounts) <= INK_RATIO


@pytest.mark.parametrize("size", [0.15, 0.3, 1, 2.5])
def test_small_and_large_writing_is_read_alike(known, classifier, size):
    for mark, label in known:
        scaled = Image.fromarray((mark * 255).astype(np.uint8))
        scaled = scaled.resize((round(mark.shape[1] * size), round(mark.shape[0] * size)), Image.Resampling.BOX)
        levels = sheet((700, 900), [(np.asarray(scaled) / 255, 150, 100)])
        assert classifier.predict(picture(levels)).label == label
