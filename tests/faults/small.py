"""What the scenarios share: the command line in this process, and data so small that a training takes half a second."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

from squares import write_squares

import edgemnist.cli
import edgemnist.reading.own_data  # noqa: F401 - loaded once, before anything is forked
from edgemnist.data import DataSet
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
    write_squares(folder, train=IMAGES, validation=100)
    return load_dataset(folder, lambda line: None)


def nothing(_: Path) -> None:
    """Prepares nothing."""
