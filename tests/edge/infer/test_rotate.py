"""Right angles: `--rotate`, `Classifier(rotate=...)`, and rows that are said to lie on their side."""

import json
import pickle

import numpy as np
import pytest
from PIL import Image
from sheets import enlarged, picture, sheet, sure_digits

from edgemnist import Classifier
from edgemnist.errors import UsageError
from edgemnist.prediction import Prediction, join_row
from edgemnist.reading.picture import open_picture, turned
from edgemnist.turned import clearly_surer

CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Pillow counts the other way."""


@pytest.fixture(scope="module")
def row(int8):
    """A row that reads 2037."""
    images, labels = sure_digits(int8)
    marks = {label: enlarged(image, 110) for image, label in zip(images, labels, strict=True)}
    return picture(sheet((230, 480), [(marks[label], 40 + 100 * place, 60) for place, label in enumerate("2037")]))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_picture_is_turned_clockwise(row, degrees):
    seen = turned(open_picture(row), degrees)
    expected = open_picture(row.transpose(CLOCKWISE[degrees]))
    np.testing.assert_array_equal(seen.gray, expected.gray)
    assert (seen.size, seen.steps) == (expected.size, (f"turned by {degrees} degrees",))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_what_was_turned_away_is_read_when_it_is_turned_back(row, degrees):
    upright = Classifier().predict_row(row)
    back = Classifier(rotate=360 - degrees).predict_row(row.transpose(CLOCKWISE[degrees]))
    assert (back.label, back.digits) == (upright.label, upright.digits)
    assert [digit.box for digit in back.digits] == [digit.box for digit in upright.digits]


def test_the_command_turns_and_shows_pictures_turned(edgemnist, row, tmp_path):
    row.transpose(CLOCKWISE[90]).save(tmp_path / "sideways.png")
    done = edgemnist("infer", "sideways.png", "--row", "--rotate", "270", "--save-input", "--format", "json")
    assert json.loads(done.stdout)["label"] == "2037"
    assert (done.returncode, done.stderr) == (
        0,
        "edgemnist: what the model saw is in sideways.png.seen.png\n",
    )
    with Image.open(tmp_path / "sideways.png.seen.png") as seen:
        assert seen.width > seen.height


def test_other_angles_are_wrong_usage(edgemnist, row, tmp_path):
    row.save(tmp_path / "row.png")
    done = edgemnist("infer", "row.png", "--rotate", "45")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "edgemnist: --rotate must be 0, 90, 180 or 270, not 45\n"
    with pytest.raises(UsageError, match="--rotate must be 0, 90, 180 or 270, not 1"):
        Classifier(rotate=1)


def test_a_pickled_classifier_still_turns():
    assert pickle.loads(pickle.dumps(Classifier(rotate=90))).rotate == 90


def test_a_row_on_its_side_is_said_to_lie_so_and_read_as_it_is(edgemnist, row, tmp_path):
    row.transpose(CLOCKWISE[90]).save(tmp_path / "sideways.png")
    done = edgemnist("infer", "sideways.png", "--row", "--format", "json")
    answer = json.loads(done.stdout)
    assert answer["status"] == "doubtful"
    assert answer["label"] != "2037"
    assert answer["doubt"].endswith(", surer with --rotate 270")
    assert done.stderr == (
        "edgemnist: sideways.png may lie on its side or upside down: it is surer with --rotate 270\n"
    )


def test_the_angle_that_is_named_counts_from_the_picture_itself(row):
    lying = Classifier(rotate=90).predict_row(row)
    assert lying.doubt.endswith(", surer with --rotate 0")


def rows(statuses: str) -> Prediction:
    """A row with a digit for each letter: o for ok, d for doubtful."""
    kinds = {"o": "ok", "d": "doubtful"}
    return join_row([Prediction(kinds[kind], "1", 1, 0.9, (), (0, 0, 1, 1)) for kind in statuses])


@pytest.mark.parametrize(
    ("as_it_is", "when_turned", "surer"),
    [
        ("ddd", "ooo", True),
        ("d", "oooo", True),
        ("odod", "oooo", True),
        ("oodo", "oooo", False),
        ("ddd", "ood", False),
        ("ddd", "oo", False),
        ("dd", "", False),
    ],
)
def test_clearly_surer_is_all_sure_where_half_at_most_was(as_it_is, when_turned, surer):
    assert clearly_surer(rows(when_turned), rows(as_it_is)) == surer
