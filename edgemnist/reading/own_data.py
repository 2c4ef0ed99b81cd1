"""The data set that --data names: MNIST, other IDX files, or one's own pictures in a folder for each class."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, DataSet
from edgemnist.data.folder import read_class_names
from edgemnist.data.mnist import load_dataset
from edgemnist.data.splits import make_data_set
from edgemnist.errors import DataError, PictureError
from edgemnist.reading.formats import suffixes
from edgemnist.reading.image import read_image

VALIDATION_EVERY = 6
"""Of each class the 2nd, 8th, 14th... picture in the order of names is a validation image: nearly MNIST's 1 in 7."""


def load_data(folder: Path | None, announce: Callable[[str], None]) -> DataSet:
    """The data set in `folder`: IDX files, or pictures in sub-folders named after the classes; MNIST when None.

    Raises:
        DataError: the data is missing, damaged or out of reach; names the picture, class or file.
        StorageError: `folder` cannot be read.
    """
    if folder is not None and _holds_classes(folder):
        return load_pictures(folder, announce)
    return load_dataset(folder, announce)


def load_pictures(folder: Path, announce: Callable[[str], None]) -> DataSet:
    """The pictures in the sub-folders of `folder`, read as `infer` reads them and split into training and validation.

    The sub-folders are named after the ten classes: 0 to 9, or the lines of an optional labels.txt in `folder`.

    Raises:
        DataError: a sub-folder that is no class, a class without a picture for each split, or an unreadable picture.
        StorageError: `folder` cannot be read.
    """
    names = folder / "labels.txt"
    classes = read_class_names(names) if names.exists() else DIGITS
    strangers = sorted({entry.name for entry in folder.iterdir() if entry.is_dir()} - set(classes))
    if strangers:
        raise DataError(f"{folder / strangers[0]} is not a class; the classes are {', '.join(classes)}")
    images: dict[bool, list[NDArray[np.uint8]]] = {False: [], True: []}
    labels: dict[bool, list[int]] = {False: [], True: []}
    for label, name in enumerate(classes):
        for position, picture in enumerate(_pictures(folder / name)):
            validation = position % VALIDATION_EVERY == 1
            images[validation].append(_read(picture))
            labels[validation].append(label)
    announce(
        f"the data in {folder} is not the canonical MNIST: {len(labels[False]):,} training and "
        f"{len(labels[True]):,} validation pictures"
    )
    arrays = [
        array
        for validation in (False, True)
        for array in (np.stack(images[validation]), np.array(labels[validation], np.uint8))
    ]
    return make_data_set(arrays, classes, False, str(folder))


def _holds_classes(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    entries = list(folder.iterdir())
    return any(entry.is_dir() for entry in entries) and not any("ubyte" in entry.name for entry in entries)


def _pictures(folder: Path) -> list[Path]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [file for file in files if file.suffix.lower() in suffixes()]
    if len(found) < 2:
        raise DataError(
            f"{folder} holds {len(found)} pictures; each class needs 2 or more, so that one can be a validation image"
        )
    return found


def _read(picture: Path) -> NDArray[np.uint8]:
    try:
        return read_image(picture)
    except PictureError as error:
        raise DataError(str(error)) from error
