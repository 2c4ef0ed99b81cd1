"""`--crop` reads a part of a picture; boxes stay those in the whole one, right way up."""

import json

import numpy as np
import pytest
from PIL import Image
from sheets import enlarged, picture, sheet, sure_digits

from edgemnist.errors import UsageError
from edgemnist.infer.answers import answer_sources
from edgemnist.reading.crop import parse_crop, part_of
from edgemnist.reading.picture import WORK_PIXELS, open_picture

BOX_TOLERANCE = 4
"""Pixels; measured 2: the finder looks at another size."""
PLACES = {"2": (60, 60), "7": (300, 60), "4": (60, 240), "9": (300, 240)}
"""Left and top of the digits of a picture of 500 x 400."""


@pytest.fixture(scope="module")
def four(int8):
    images, labels = sure_digits(int8)
    ink = {label: enlarged(image, 110) for image, label in zip(images, labels, strict=True)}
    return picture(sheet((400, 500), [(ink[label], *place) for label, place in PLACES.items()]))


def read(classifier, path, row=False, crop=None):
    (answer,) = answer_sources(classifier, [str(path)], row, crop=crop and parse_crop(crop))
    assert answer.error is None
    return answer.prediction


@pytest.mark.parametrize(
    ("crop", "label"),
    [("0,0,250,200", "2"), ("250,0,250,200", "7"), ("0%,50%,50%,50%", "4"), ("50%, 200, 50%, 200", "9")],
)
def test_a_crop_reads_its_part_and_boxes_are_those_of_the_whole(classifier, four, tmp_path, crop, label):
    four.save(tmp_path / "four.png")
    (box,) = [digit.box for digit in read(classifier, tmp_path / "four.png", row=True).digits if digit.label == label]
    for row in (False, True):
        answer = read(classifier, tmp_path / "four.png", row, crop)
        assert (answer.status, answer.label) == ("ok", label)
        assert np.abs(np.subtract(answer.box, box)).max() <= BOX_TOLERANCE


def test_a_part_that_has_mnists_form_keeps_its_place(classifier, digits, tmp_path):
    whole = np.zeros((80, 100), np.uint8)
    whole[30:58, 50:78] = digits[0]
    Image.fromarray(whole).save(tmp_path / "whole.png")
    answer = read(classifier, tmp_path / "whole.png", crop="50,30,28,28")
    rows, columns = np.nonzero(whole)
    assert answer.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_the_command_reads_a_part(edgemnist, four, tmp_path):
    four.save(tmp_path / "four.png")
    done = edgemnist("infer", "four.png", "--crop", "50%,0,50%,200", "--format", "json")
    answer = json.loads(done.stdout)
    assert (answer["label"], done.returncode, done.stderr) == ("7", 0, "")
    assert np.abs(np.subtract(answer["box"][:2], PLACES["7"])).max() <= BOX_TOLERANCE


UNDONE = dict(zip(range(2, 9), (0, 3, 1, 5, 2, 6, 4), strict=True))
"""Pillow's numbers of what makes a picture that is right way up one of each EXIF orientation, from the standard."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_crop_is_of_the_picture_right_way_up(four, tmp_path, orientation):
    turned = four.transpose(Image.Transpose(UNDONE[orientation])) if orientation > 1 else four
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned.save(tmp_path / "four.png", exif=exif)
    part = open_picture(tmp_path / "four.png", crop=parse_crop("250,0,250,200"))
    np.testing.assert_array_equal(part.gray, np.asarray(four)[:200, 250:])
    assert (part.size, part.corner) == ((250, 200), (250, 0))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_crop_is_of_the_picture_after_it_was_turned(four, degrees):
    """Clockwise: the crop's box in the picture before, cut out there and turned, is the crop itself."""
    turned = np.rot90(np.asarray(four), -degrees // 90)
    (left, top, right, bottom), corner = part_of(parse_crop("10%,20,100,30%", degrees), four.size, 1, "four.png")
    part = np.rot90(np.asarray(four)[top:bottom, left:right], -degrees // 90)
    height, width = turned.shape
    assert (part.shape, corner) == ((round(0.3 * height), 100), (round(0.1 * width), 20))
    np.testing.assert_array_equal(part, turned[20 : 20 + part.shape[0], corner[0] : corner[0] + 100])


@pytest.mark.parametrize("form", ["png", "jpeg"])
def test_a_part_of_a_large_picture_is_as_sharp_as_its_file(tmp_path, form):
    large = np.random.default_rng(0).integers(0, 255, (1500, 2000), np.uint8)
    large = np.kron(large[::8, ::8][:187, :250], np.ones((8, 8), np.uint8))
    Image.fromarray(large).save(tmp_path / f"large.{form}", quality=100)
    assert large.size > 4 * WORK_PIXELS
    part = open_picture(tmp_path / f"large.{form}", crop=parse_crop("400,800,160,80"))
    assert np.abs(part.gray.astype(int) - large[800:880, 400:560]).max() <= (0 if form == "png" else 3)


@pytest.mark.parametrize("crop", ["600,0,10,10", "0,0,501,10", "0,390.5,10,10", "50%,0,51%,10"])
def test_a_part_beyond_the_picture_is_refused(crop):
    with pytest.raises(UsageError, match="reaches beyond four.png, which is 500x400 pixels"):
        part_of(parse_crop(crop), (500, 400), 1, "four.png")


@pytest.mark.parametrize("crop", ["10,10,0,10", "10,10,10,0%"])
def test_a_part_without_area_is_refused(crop):
    with pytest.raises(UsageError, match=f"--crop {crop} has no area"):
        parse_crop(crop)


def test_bad_crops_end_with_2_and_one_line(edgemnist, four, tmp_path):
    four.save(tmp_path / "four.png")
    beyond = edgemnist("infer", "four.png", "--crop", "600,0,10,10")
    assert (beyond.returncode, beyond.stderr) == (
        2, "edgemnist: --crop 600,0,10,10 reaches beyond four.png, which is 500x400 pixels\n",
    )  # fmt: skip
    text = edgemnist("infer", "four.png", "--crop", "left half")
    assert (text.returncode, text.stdout) == (2, "")
    assert text.stderr == (
        "edgemnist: --crop must be X,Y,W,H in pixels or percent, as 120,80,400,90 or 25%,10%,50%,20%, not left half\n"
    )


@pytest.mark.parametrize("crop", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,-3,4", "1;2;3;4", "nan,0,1,1", "1e9,0,1,1"])
def test_text_that_is_no_box_is_refused(crop):
    with pytest.raises(UsageError, match=r"--crop must be X,Y,W,H in pixels or percent, as .*, not "):
        parse_crop(crop)
