"""Own pictures as a data set: a folder for each class."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from edgemnist.data import DIGITS
from edgemnist.data.idx import write_idx
from edgemnist.errors import DataError
from edgemnist.reading import own_data
from edgemnist.reading.image import read_digit
from edgemnist.reading.kept import image_name, keep_image
from edgemnist.reading.own_data import load_data


@pytest.fixture
def pictures(tmp_path, digits):
    """Seven pictures a class, each in MNIST form, so that they are read bit for bit."""
    folder = tmp_path / "pictures"
    for label in range(10):
        (folder / str(label)).mkdir(parents=True)
        for position in range(7):
            Image.fromarray(digits[label + position]).save(folder / str(label) / f"{position}.png")
    return folder


def judges(image) -> bool:
    """Every fifth picture, by the SHA-256 of its pixels: docs/training.md's words, done anew."""
    return int.from_bytes(hashlib.sha256(image.tobytes()).digest()[:4], "big") % 5 == 0


def test_pictures_are_divided_by_the_hash_of_their_pixels(pictures, digits):
    lines: list[str] = []
    data = load_data(pictures, lines.append)
    given = [(digits[label + position], label) for label in range(10) for position in range(7)]
    for split, side in ((data.train, False), (data.validation, True)):
        expected = [(image, label) for image, label in given if judges(image) == side]
        np.testing.assert_array_equal(split.images, [image for image, _ in expected])
        assert split.labels.tolist() == [label for _, label in expected]
    assert 0 < len(data.validation) < len(data.train)
    assert (data.class_names, data.canonical, data.pictures) == (DIGITS, False, True)
    assert lines == [f"pictures in {pictures}: {len(data.train)} to learn from, {len(data.validation)} to judge by"]


def test_a_folder_that_grows_moves_no_picture(pictures, digits):
    before = load_data(pictures, lambda line: None)
    for image in digits[16:24]:
        keep_image(pictures / "3" / image_name(image), image)
    after = load_data(pictures, lambda line: None)
    for old, new in ((before.train, after.train), (before.validation, after.validation)):
        assert {image.tobytes() for image in old.images} <= {image.tobytes() for image in new.images}
    assert len(after.train) + len(after.validation) == 78


def test_what_waits_for_its_label_is_left_out_and_said(pictures, digits):
    before, lines = load_data(pictures, lambda line: None), []
    keep_image(pictures / "unlabeled" / image_name(digits[20]), digits[20])
    assert load_data(pictures, lines.append).sha256 == before.sha256
    assert lines[1] == f"1 more wait for their label: edgemnist label {pictures}"


def test_a_folder_without_any_label_says_how_to_label(digits, tmp_path):
    keep_image(tmp_path / "unlabeled" / image_name(digits[0]), digits[0])
    with pytest.raises(DataError, match="holds 0 pictures in folders 0 to 9; label the 1 that wait: edgemnist label"):
        load_data(tmp_path, lambda line: None)


def test_classes_may_be_missing(pictures):
    for label in (0, *range(2, 10)):
        for file in (pictures / str(label)).iterdir():
            file.unlink()
    data = load_data(pictures, lambda line: None)
    assert {*data.train.labels.tolist(), *data.validation.labels.tolist()} == {1}


def test_pictures_that_vanish_meanwhile_are_left_out(pictures, monkeypatch):
    """Somebody labels while the folder is read."""
    gone = pictures / "4" / "2.png"

    def vanishing(picture, find):
        gone.unlink(missing_ok=True)
        return read_digit(picture, find)

    monkeypatch.setattr(own_data, "read_digit", vanishing)
    data = load_data(pictures, lambda line: None)
    assert len(data.train) + len(data.validation) == 69


def test_too_many_pictures_are_refused_before_any_is_read(pictures, monkeypatch):
    monkeypatch.setattr(own_data, "MOST_PICTURES", 69)
    monkeypatch.setattr(own_data, "read_digit", lambda *arguments: pytest.fail("read"))
    with pytest.raises(DataError, match="holds 70 pictures in folders 0 to 9; at most 69 are read"):
        load_data(pictures, lambda line: None)


def test_other_class_names_come_from_labels_txt(pictures):
    names = [f"class {label}" for label in range(10)]
    for label, name in enumerate(names):
        (pictures / str(label)).rename(pictures / name)
    (pictures / "labels.txt").write_text("\n".join(names))
    assert load_data(pictures, lambda line: None).class_names == tuple(names)


def test_the_same_pictures_have_the_same_digest(pictures):
    first = load_data(pictures, lambda line: None)
    assert load_data(pictures, lambda line: None).sha256 == first.sha256
    (pictures / "3" / "6.png").unlink()
    assert load_data(pictures, lambda line: None).sha256 != first.sha256


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "letters").mkdir(), "letters is not a class; the classes are 0, 1, 2"),
        (lambda folder: (folder / "4" / "2.png").write_text("no picture"), "2.png is not a picture that can be read"),
        (
            lambda folder: [file.unlink() for file in folder.rglob("*.png")],
            "holds 0 pictures in folders 0 to 9",
        ),
        (lambda folder: (folder / "labels.txt").write_text("a\nb\n"), "labels.txt: must hold 10 distinct class names"),
    ],
)
def test_what_is_wrong_with_a_folder_is_named(pictures, spoil, message):
    spoil(pictures)
    with pytest.raises(DataError, match=message):
        load_data(pictures, lambda line: None)


def test_idx_files_win_over_folders_beside_them(pictures, digits):
    labels = np.arange(len(digits), dtype=np.uint8) % 10
    for split in ("train", "t10k"):
        write_idx(pictures / f"{split}-images-idx3-ubyte", digits)
        write_idx(pictures / f"{split}-labels-idx1-ubyte", labels)
    assert len(load_data(pictures, lambda line: None).train) == len(digits)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="nowhere: no such file or folder; data is four IDX files"):
        load_data(tmp_path / "nowhere", lambda line: None)


@pytest.mark.parametrize("names", [("train", "test"), ("training", "testing")])
def test_pictures_that_are_divided_already_stay_so(tmp_path, digits, names):
    for part, count in zip(names, (2, 1), strict=True):
        for label in range(10):
            folder = tmp_path / part / str(label)
            folder.mkdir(parents=True)
            for position in range(count):
                Image.fromarray(digits[label + position]).save(folder / f"{position}.jfif.png")
    data = load_data(tmp_path, lambda line: None)
    assert (len(data.train), len(data.validation)) == (20, 10)
    np.testing.assert_array_equal(data.train.images[:2], digits[:2])
    np.testing.assert_array_equal(data.validation.images, digits[:10])
    (tmp_path / names[1] / "7" / "0.jfif.png").unlink()
    with pytest.raises(DataError, match=f"{names[1]}/7 holds 0 pictures; each class needs 1 or more$"):
        load_data(tmp_path, lambda line: None)


def test_a_folder_of_nothing_names_all_forms(tmp_path):
    with pytest.raises(DataError, match=r"IDX files .*MNIST/raw.*CSV.*\.npz.*pictures in folders 0 to 9"):
        load_data(tmp_path, lambda line: None)
