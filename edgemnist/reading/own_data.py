"""The data set that --data names, in any form; the form that only reading knows is one's own pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, DataSet
from edgemnist.data.folder import read_class_names
from edgemnist.data.forms import FORMS, VALIDATION_EVERY, load_arrays
from edgemnist.data.mnist import load_dataset
from edgemnist.data.splits import make_data_set
from edgemnist.errors import DataError, PictureError
from edgemnist.model.shipped import finder_path
from edgemnist.reading.finder import open_find
from edgemnist.reading.finds import Find
from edgemnist.reading.formats import suffixes
from edgemnist.reading.image import read_digit

_PARTS = (("train", "test"), ("training", "testing"))


def load_data(path: Path | None, announce: Callable[[str], None]) -> DataSet:
    """The data set in `path`, in whichever of `FORMS` it comes; MNIST when None.

    Raises:
        DataError: the data is missing, damaged or out of reach; names the picture, class or file.
        StorageError: `path` cannot be read.
    """
    if path is None:
        return load_dataset(None, announce)
    arrays = load_arrays(path, announce)
    return load_pictures(path, announce) if arrays is None else arrays


def load_pictures(folder: Path, announce: Callable[[str], None]) -> DataSet:
    """The pictures in the sub-folders of `folder`, read as `infer` reads them, with a training and a validation split.

    The sub-folders are named after the ten classes: 0 to 9, or the lines of an optional labels.txt in `folder`. There
    is one of them for each class, which is split, or one in each of train and test (or training and testing).

    Raises:
        DataError: a sub-folder that is no class, a class without a picture for each split, or an unreadable picture.
        StorageError: `folder` cannot be read.
    """
    names = folder / "labels.txt"
    classes = read_class_names(names) if names.exists() else DIGITS
    find = open_find(finder_path()) if classes == DIGITS else None
    parts = _parts(folder)
    for place in parts or [folder]:
        strangers = sorted({entry.name for entry in place.iterdir() if entry.is_dir()} - set(classes))
        if strangers:
            raise DataError(f"{place / strangers[0]} is not a class; the classes are {', '.join(classes)}")
    images: dict[bool, list[NDArray[np.uint8]]] = {False: [], True: []}
    labels: dict[bool, list[int]] = {False: [], True: []}
    for label, name in enumerate(classes):
        for picture, validation in _divided(parts, name) if parts else _split(folder / name):
            images[validation].append(_read(picture, find))
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


def _parts(folder: Path) -> list[Path]:
    """The folders of the training and of the validation pictures; empty where there is one for each class.

    Raises:
        DataError: there are no folders at all.
    """
    names = {entry.name for entry in folder.iterdir() if entry.is_dir()}
    if not names:
        raise DataError(f"{folder} holds none of it; {FORMS}")
    return [folder / name for name in next((pair for pair in _PARTS if names.issuperset(pair)), ())]


def _divided(parts: list[Path], name: str) -> list[tuple[Path, bool]]:
    return [(picture, part == parts[1]) for part in parts for picture in _pictures(part / name, 1)]


def _split(folder: Path) -> list[tuple[Path, bool]]:
    pictures = _pictures(folder, 2)
    return [(picture, position % VALIDATION_EVERY == 1) for position, picture in enumerate(pictures)]


def _pictures(folder: Path, least: int) -> list[Path]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [file for file in files if file.suffix.lower() in suffixes() and file.is_file()]
    if len(found) < least:
        why = ", so that one can be a validation image" if least > 1 else ""
        raise DataError(f"{folder} holds {len(found)} pictures; each class needs {least} or more{why}")
    return found


def _read(picture: Path, find: Find | None) -> NDArray[np.uint8]:
    try:
        reading = read_digit(picture, find)
        # The label says that there is one: where the finder sees none, it is the largest ink.
        return (read_digit(picture, None) if reading.box is None else reading).image
    except PictureError as error:
        raise DataError(str(error)) from error
