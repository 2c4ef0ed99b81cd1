"""Own pictures as a data set: a folder for each class."""

import numpy as np
import pytest
from PIL import Image

from edgemnist.data import DIGITS
from edgemnist.data.idx import write_idx
from edgemnist.errors import DataError
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


def test_the_second_of_every_six_pictures_is_a_validation_image(pictures, digits):
    lines: list[str] = []
    data = load_data(pictures, lines.append)
    assert (len(data.train), len(data.validation)) == (60, 10)
    assert data.validation.labels.tolist() == list(range(10))
    for label in range(10):
        np.testing.assert_array_equal(data.validation.images[label], digits[label + 1])
    np.testing.assert_array_equal(data.train.images[:2], digits[[0, 2]])
    assert data.train.labels.tolist() == [label for label in range(10) for _ in range(6)]
    assert (data.class_names, data.canonical) == (DIGITS, False)
    assert lines == [f"the data in {pictures} is not the canonical MNIST: 60 training and 10 validation pictures"]


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
        (lambda folder: (folder / "5").rename(folder.parent / "5"), "5 holds 0 pictures; each class needs 2 or more"),
        (lambda folder: [file.unlink() for file in (folder / "6").iterdir()], "6 holds 0 pictures"),
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
