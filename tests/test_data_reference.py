"""torchvision's reader, written by others, as the reference for ours on the real files."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import MNIST
from torchvision.datasets.mnist import read_image_file, read_label_file

from edgemnist.data import DataSet
from edgemnist.data.canonical import FILES
from edgemnist.data.idx import read_idx, write_idx


@pytest.fixture
def raw_folder(mnist: DataSet, tmp_path: Path) -> Path:
    """A folder with the four uncompressed files, as torchvision wants them."""
    folder = tmp_path / "MNIST" / "raw"
    arrays = (
        mnist.train.images,
        mnist.train.labels.astype(np.uint8),
        mnist.validation.images,
        mnist.validation.labels.astype(np.uint8),
    )
    for file, array in zip(FILES, arrays, strict=True):
        write_idx(folder / file.name, array)
    return folder


def test_written_files_are_the_published_ones(raw_folder: Path) -> None:
    for file in FILES:
        content = (raw_folder / file.name).read_bytes()
        assert len(content) == file.size_bytes
        assert hashlib.sha256(content).hexdigest() == file.sha256


def test_read_idx_agrees_with_torchvision(raw_folder: Path) -> None:
    for file in FILES:
        path = raw_folder / file.name
        reference = read_image_file(str(path)) if "images" in file.name else read_label_file(str(path))
        np.testing.assert_array_equal(read_idx(path), reference.numpy())


def test_splits_agree_with_torchvision(mnist: DataSet, raw_folder: Path) -> None:
    root = str(raw_folder.parents[1])
    for split, train in ((mnist.train, True), (mnist.validation, False)):
        reference = MNIST(root, train=train)
        np.testing.assert_array_equal(split.images, reference.data.numpy())
        np.testing.assert_array_equal(split.labels, reference.targets.numpy())


def test_splits_have_the_known_sizes(mnist: DataSet) -> None:
    assert (len(mnist.train), len(mnist.validation)) == (60_000, 10_000)
    assert np.bincount(mnist.validation.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
