"""A model file of the wrong kind, wherever a file is taken: one clear line, exit code 5."""

import dataclasses

import pytest

from edgemnist import Classifier
from edgemnist.errors import ModelError
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.opened import default_model, open_any, open_finder
from edgemnist.model.shipped import finder_path
from edgemnist.reading.finder import of_digits

NO_CLASSIFIER = "edgemnist: {} is a finder; what is needed here is a classifier, as edgemnist-int8.onnx\n"
NO_FINDER = "edgemnist: {} is a classifier; what is needed here is a finder, as edgemnist-finder-int8.onnx\n"


def restamped(content: bytes, old: bytes, new: bytes) -> bytes:
    """`content` with `old` replaced by `new` of the same length and a digest that fits again."""
    assert (content.count(old), len(old)) == (1, len(new))
    changed = content.replace(old, new)
    value = changed.index(DIGEST_KEY.encode() + b"\x12\x40") + len(DIGEST_KEY) + 2
    return stamp(changed[:value] + UNSTAMPED.encode() + changed[value + 64 :])


@pytest.fixture
def other_maps(tmp_path):
    """The finder that ships with another name for one of its maps."""
    path = tmp_path / "other.onnx"
    path.write_bytes(restamped(finder_path().read_bytes(), b'"name": "heat"', b'"name": "cold"'))
    return path


def test_a_finder_where_a_classifier_is_wanted(edgemnist, digit_png, tmp_path):
    finder = finder_path()
    for arguments in (
        ["infer", digit_png, "--model", finder],
        ["label", tmp_path, "--model", finder],
        ["camera", tmp_path / "film.mjpeg", "--model", finder],
    ):
        done = edgemnist(*arguments)
        assert (done.returncode, done.stdout, done.stderr) == (5, "", NO_CLASSIFIER.format(finder.name)), arguments
    with pytest.raises(ModelError, match="is a finder; what is needed here is a classifier"):
        Classifier(finder)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_classifier_where_a_finder_is_wanted(edgemnist, digit_png, precision):
    path = default_model(precision)
    done = edgemnist("infer", digit_png, "--row", "--finder", path)
    assert (done.returncode, done.stdout, done.stderr) == (5, "", NO_FINDER.format(path.name))
    with pytest.raises(ModelError, match="is a classifier; what is needed here is a finder"):
        Classifier(finder=path).predict_row(digit_png)


def test_a_finder_has_no_mistakes_to_draw(edgemnist):
    done = edgemnist("evaluate", finder_path(), "--mistakes", "mistakes.png")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert "is a finder; --mistakes draws what a classifier got wrong" in done.stderr


def test_verify_does_not_leave_data_out_in_silence(edgemnist, tmp_path):
    done = edgemnist("verify", finder_path(), "--data", tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "of a finder: edgemnist evaluate FILE --data DIR" in done.stderr


def test_two_kinds_are_not_measured_side_by_side(edgemnist):
    done = edgemnist("benchmark", default_model(), finder_path())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_finder_of_a_newer_format_version(edgemnist, digit_png, tmp_path):
    version = b"edgemnist.format_version\x12\x01"
    (tmp_path / "newer.onnx").write_bytes(restamped(finder_path().read_bytes(), version + b"2", version + b"3"))
    done = edgemnist("infer", digit_png, "--row", "--finder", "newer.onnx")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert "newer.onnx has format version 3, this edgemnist reads up to 2" in done.stderr


def test_a_finder_of_other_things_than_digits(edgemnist, digit_png, other_maps):
    done = edgemnist("infer", digit_png, "--row", "--finder", other_maps)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        "edgemnist: other.onnx has other maps than a finder of digits (heat 1, sides 4, way 2, digit 16, other 16, "
        "mark 16); train one with: edgemnist train --network finder\n"
    )
    assert edgemnist("evaluate", other_maps).stderr == done.stderr
    assert edgemnist("verify", other_maps).returncode == 0  # it is right on this device, whatever it finds


def test_maps_in_another_order_or_of_other_sizes_are_other_maps():
    finder = open_finder(finder_path())
    heat, sides, *rest = finder.info.maps
    for maps in ((sides, heat, *rest), (heat, sides), (dataclasses.replace(heat, channels=2), sides, *rest)):
        with pytest.raises(ModelError, match="has other maps than a finder of digits"):
            of_digits(dataclasses.replace(finder, info=dataclasses.replace(finder.info, maps=maps)))
    assert of_digits(finder) is finder


def test_both_kinds_pass_verify_and_say_what_they_answered(edgemnist):
    for path, inputs in ((default_model(), "32 images"), (finder_path(), "2 pages")):
        done = edgemnist("verify", path)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "pass")
        assert inputs in done.stdout
        assert open_any(path).sha256 in done.stdout
