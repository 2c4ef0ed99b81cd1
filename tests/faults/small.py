"""What the scenarios share: the command line in this process, and data so small that a training takes half a second."""

import sys
from pathlib import Path

import numpy as np

import edgemnist.cli
import edgemnist.reading.own_data  # noqa: F401 - loaded once, before anything is forked
from edgemnist.data import DataSet
from edgemnist.data.idx import write_idx
from edgemnist.data.mnist import load_dataset
from edgemnist.process import main as process_main

IMAGES = 256


def command(*arguments: object) -> int:
    """The exit code of `edgemnist` with these arguments, in this process."""
    sys.argv = ["edgemnist", *map(str, arguments)]
    try:
        process_main()
    except SystemExit as end:
        return int(end.code or 0)


def make_data(folder: Path) -> DataSet:
    """Ten classes, each a bright square in a place of its own."""
    random = np.random.default_rng(0)
    for split, count in (("train", IMAGES), ("t10k", 100)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = random.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 4 + 12 * (label // 5), 1 + 5 * (label % 5)
            image[row : row + 9, column : column + 5] = 250
        write_idx(folder / f"{split}-images-idx3-ubyte", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte", labels)
    return load_dataset(folder, lambda line: None)


def nothing(_: Path) -> None:
    """Prepares nothing."""
