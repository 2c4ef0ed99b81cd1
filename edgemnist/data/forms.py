"""In which form a data set of the user's comes: found by looking, so that nobody has to say it."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, DataSet
from edgemnist.data.canonical import FILES
from edgemnist.data.folder import load_folder
from edgemnist.data.splits import make_data_set
from edgemnist.data.tables import has_labels, read_csv, read_npz, split_off
from edgemnist.errors import DataError, StorageError

FORMS = (
    "data is four IDX files (also in MNIST/raw, as torchvision keeps them), CSV tables of a label and 784 pixels, "
    "an .npz file of Keras, or pictures in folders 0 to 9, of train/ and test/ where there are these"
)
VALIDATION_EVERY = 6
"""Where nothing says what is for validation, of each class the 2nd, 8th, 14th... image is: nearly MNIST's 1 in 7."""

_TABLES = (".csv", ".csv.gz")
_TRAIN, _TEST = "train", "test"


def load_arrays(path: Path, announce: Callable[[str], None]) -> DataSet | None:
    """The data set of IDX, CSV or .npz files that `path` is or holds; None for a folder of none of these.

    Raises:
        DataError: a file is missing or damaged, or it is not clear which files are meant.
        StorageError: something cannot be read.
    """
    if path.is_file():
        return _load_files([path], announce)
    try:
        entries = sorted(path.iterdir())
        holders = [folder for folder in (path, *_inside(path)) if _holds_idx(folder)]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{path}: no such file or folder; {FORMS}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    if len(holders) > 1 and path not in holders:
        raise DataError(f"{path}: IDX files in {' and in '.join(map(str, holders))}; name one of them")
    if holders:
        return load_folder(holders[0], announce)
    files = [entry for entry in entries if entry.name.lower().endswith((*_TABLES, ".npz")) and entry.is_file()]
    return _load_files(files, announce) if files else None


def _inside(folder: Path) -> list[Path]:
    """The folders one and two levels down."""
    first = _folders(folder)
    return first + [inner for place in first for inner in _folders(place)]


def _folders(place: Path) -> list[Path]:
    with os.scandir(place) as entries:  # tells folders apart without a question for each of 60,000 pictures
        return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def _holds_idx(folder: Path) -> bool:
    return any("-ubyte" in entry.name for entry in folder.iterdir())


def _load_files(files: Sequence[Path], announce: Callable[[str], None]) -> DataSet:
    if all(file.suffix == ".npz" for file in files) and len(files) == 1:
        train, test = read_npz(files[0])
        return _data_set([*train, *test], files[0], announce)
    if any(not file.name.lower().endswith(_TABLES) for file in files):
        raise DataError(f"{', '.join(map(str, files))}: not one data set; {FORMS}")
    tables = [file for file in files if has_labels(file)] if len(files) > 1 else list(files)
    if len(tables) == 1:
        images, labels = read_csv(tables[0])
        chosen = split_off(labels, VALIDATION_EVERY)
        arrays = [images[~chosen], labels[~chosen], images[chosen], labels[chosen]]
        return _data_set(arrays, tables[0], announce)
    parts = [[file for file in tables if part in file.name.lower()] for part in (_TRAIN, _TEST)]
    if [len(part) for part in parts] != [1, 1] or len(tables) != 2:
        raise DataError(f"{files[0].parent}: one table, or two with train and test in their names; {FORMS}")
    return _data_set([*read_csv(parts[0][0]), *read_csv(parts[1][0])], files[0].parent, announce)


def _data_set(arrays: Sequence[NDArray[np.uint8]], source: Path, announce: Callable[[str], None]) -> DataSet:
    canonical = all(file.matches(array) for file, array in zip(FILES, arrays, strict=True) if array.size)
    if not canonical:
        announce(
            f"the data in {source} is not the canonical MNIST: {len(arrays[1]):,} training and "
            f"{len(arrays[3]):,} validation images"
        )
    return make_data_set(arrays, DIGITS, canonical, str(source))
