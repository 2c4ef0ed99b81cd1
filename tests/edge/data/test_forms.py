"""MNIST in the forms that others pass it on in: the same images and labels come out of each."""

import gzip

import numpy as np
import pytest

from edgemnist.data.canonical import FILES
from edgemnist.data.forms import load_arrays
from edgemnist.data.idx import encode_idx
from edgemnist.errors import DataError

RNG = np.random.default_rng(20)
COUNT = 120
IMAGES = RNG.integers(0, 256, (COUNT, 28, 28), dtype=np.uint8)
LABELS = (np.arange(COUNT) % 10).astype(np.uint8)
TRAIN, TEST = slice(0, 100), slice(100, COUNT)
PIXEL_NAMES = [f"pixel{number}" for number in range(784)]


def table(part: slice, header: list[str] | None = None, label_last: bool = False) -> str:
    columns = [LABELS[part, np.newaxis], IMAGES[part].reshape(-1, 784)]
    rows = np.hstack(columns[::-1] if label_last else columns).tolist()
    lines = [",".join(map(str, row)) for row in rows]
    return "\n".join(([",".join(header)] if header else []) + lines) + "\n"


def require_parts(data) -> None:
    np.testing.assert_array_equal(data.train.images, IMAGES[TRAIN])
    np.testing.assert_array_equal(data.train.labels, LABELS[TRAIN])
    np.testing.assert_array_equal(data.validation.images, IMAGES[TEST])
    np.testing.assert_array_equal(data.validation.labels, LABELS[TEST])
    assert not data.canonical


def load(path):
    return load_arrays(path, lambda line: None)


@pytest.mark.parametrize("place", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("pack", [False, True])
def test_idx_files_are_found_where_torchvision_keeps_them(tmp_path, place, pack):
    folder = tmp_path / place
    folder.mkdir(parents=True, exist_ok=True)
    arrays = (IMAGES[TRAIN], LABELS[TRAIN], IMAGES[TEST], LABELS[TEST])
    for file, array in zip(FILES, arrays, strict=True):
        content = encode_idx(array)
        (folder / (f"{file.name}.gz" if pack else file.name)).write_bytes(gzip.compress(content) if pack else content)
    require_parts(load(tmp_path))


def test_two_sets_of_idx_files_must_be_told_apart(tmp_path):
    for name in ("MNIST", "FashionMNIST"):
        (tmp_path / name / "raw").mkdir(parents=True)
        (tmp_path / name / "raw" / "train-images-idx3-ubyte").touch()
    with pytest.raises(DataError, match="FashionMNIST/raw and in .*MNIST/raw; name one of them"):
        load(tmp_path)


def test_two_tables_are_the_two_parts(tmp_path):
    """As pjreddie has them: no header, the label first."""
    (tmp_path / "mnist_train.csv").write_text(table(TRAIN))
    (tmp_path / "mnist_test.csv").write_text(table(TEST))
    require_parts(load(tmp_path))


def test_a_packed_table_with_the_label_last(tmp_path):
    """As OpenML has it."""
    header = [*PIXEL_NAMES, "class"]
    (tmp_path / "train.csv.gz").write_bytes(gzip.compress(table(TRAIN, header, label_last=True).encode()))
    (tmp_path / "test.csv.gz").write_bytes(gzip.compress(table(TEST, header, label_last=True).encode()))
    require_parts(load(tmp_path))


@pytest.mark.parametrize("named", ["folder", "file"])
def test_one_table_is_split_as_own_pictures_are(tmp_path, named):
    """As Kaggle has it: a header, and a test.csv that has no labels."""
    (tmp_path / "train.csv").write_text(table(slice(0, COUNT), ["label", *PIXEL_NAMES]))
    unlabeled = "\n".join([",".join(PIXEL_NAMES), ",".join(["0"] * 784)])
    (tmp_path / "test.csv").write_text(unlabeled)
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    data = load(tmp_path if named == "folder" else tmp_path / "train.csv")
    assert (len(data.train), len(data.validation)) == (100, 20)
    of_class_3 = np.flatnonzero(LABELS == 3)  # twelve of them
    np.testing.assert_array_equal(data.validation.images[data.validation.labels == 3], IMAGES[of_class_3[[1, 7]]])


@pytest.mark.parametrize("named", ["folder", "file"])
def test_the_npz_of_keras(tmp_path, named):
    path = tmp_path / "mnist.npz"
    parts = {"x_train": IMAGES[TRAIN], "y_train": LABELS[TRAIN], "x_test": IMAGES[TEST], "y_test": LABELS[TEST]}
    np.savez(path, **parts)
    require_parts(load(tmp_path if named == "folder" else path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "1,2,3\n", "3 columns; a table of digits has 785"),
        ("a.csv", "10" + ",0" * 784, "labels must be 0 to 9, these go from 10 to 10"),
        ("a.csv", "1" + ",256" * 784, "pixels must be 0 to 255, these go from 256 to 256"),
        ("a.csv", "1" + ",0.5" * 784, "could not convert"),
        ("a.csv", "1" + ",0" * 784 + "\n1,2\n", "number of columns changed"),
        ("a.csv", ",".join(["label", *PIXEL_NAMES]) + "\n", "there are no images"),
        ("a.csv", b"\xff\xfe\0", "no table of text"),
        ("a.npz", "no zip", "no whole .npz file"),
        ("a.txt", "1,2", "not one data set; data is four IDX files"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message):
        load(path)


def test_an_npz_of_something_else_names_what_is_missing(tmp_path):
    np.savez(tmp_path / "other.npz", images=IMAGES)
    with pytest.raises(DataError, match="x_train, y_train, x_test, y_test is missing"):
        load(tmp_path)


def test_two_tables_without_names_are_refused(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(table(TEST))
    with pytest.raises(DataError, match="one table, or two with train and test in their names"):
        load(tmp_path)
