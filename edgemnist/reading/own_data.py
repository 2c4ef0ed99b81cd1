"""The data set that --data names, in any form; the form that only reading knows is one's own pictures."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, IMAGE_SIZE, DataSet, Split
from edgemnist.data.folder import read_class_names
from edgemnist.data.forms import FORMS, load_arrays
from edgemnist.data.mnist import load_dataset
from edgemnist.data.splits import dataset_sha256
from edgemnist.errors import DataError, PictureError, StorageError
from edgemnist.model.shipped import finder_path
from edgemnist.reading.finder import open_find
from edgemnist.reading.finds import Find
from edgemnist.reading.formats import suffixes
from edgemnist.reading.image import read_digit
from edgemnist.reading.kept import UNLABELED

MOST_PICTURES = 200_000
"""In all: more are refused before any is read, which takes milliseconds for each."""
JUDGING_EVERY = 5
"""Where nothing says what is for validation, every fifth picture is, by the hash of its pixels."""

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
    is one for each class, or for some, whose pictures are divided by `is_for_validation`; or one for each class in each
    of train and test (or training and testing). Either split may come out empty. Digits that wait for their label
    (kept.py) are left out, and pictures that vanish meanwhile.

    Raises:
        DataError: a sub-folder that is no class, no picture at all, or an unreadable picture.
        StorageError: `folder` cannot be read.
    """
    try:
        return _load_pictures(folder, announce)
    except OSError as error:
        raise StorageError(f"cannot read {error.filename or folder}: {error.strerror or error}") from error


def is_for_validation(image: NDArray[np.uint8]) -> bool:
    """Whether a (28, 28) image is to judge by, and not to learn from.

    It follows from the pixels alone: a folder that grows moves no picture, and the same digit is on one side only.
    """
    return int(hashlib.sha256(image.tobytes()).hexdigest()[:8], 16) % JUDGING_EVERY == 0


def _load_pictures(folder: Path, announce: Callable[[str], None]) -> DataSet:
    names = folder / "labels.txt"
    classes = read_class_names(names) if names.exists() else DIGITS
    find = open_find(finder_path()) if classes == DIGITS else None
    parts = _parts(folder)
    for place in parts or [folder]:
        strangers = sorted({entry.name for entry in place.iterdir() if entry.is_dir()} - {*classes, UNLABELED})
        if strangers:
            raise DataError(f"{place / strangers[0]} is not a class; the classes are {', '.join(classes)}")
    files = [
        (picture, label, part)
        for part in parts or [folder]
        for label, name in enumerate(classes)
        for picture in _pictures(part / name, least=1 if parts else 0)
    ]
    waiting = _pictures(folder / UNLABELED, least=0)
    if not files or len(files) > MOST_PICTURES:
        way = f"label the {len(waiting):,} that wait: edgemnist label {folder}" if waiting else FORMS
        way = f"at most {MOST_PICTURES:,} are read" if files else way
        raise DataError(f"{folder} holds {len(files):,} pictures in folders {classes[0]} to {classes[-1]}; {way}")
    images: dict[bool, list[NDArray[np.uint8]]] = {False: [], True: []}
    labels: dict[bool, list[int]] = {False: [], True: []}
    for picture, label, part in files:
        image = _read(picture, find)
        if image is not None:
            validation = part == parts[1] if parts else is_for_validation(image)
            images[validation].append(image)
            labels[validation].append(label)
    train, validation_split = (_split(images[validation], labels[validation]) for validation in (False, True))
    announce(f"pictures in {folder}: {len(train):,} to learn from, {len(validation_split):,} to judge by")
    if waiting:
        announce(f"{len(waiting):,} more wait for their label: edgemnist label {folder}")
    sha256 = dataset_sha256(train, validation_split)
    return DataSet(train, validation_split, classes, sha256, canonical=False, pictures=True)


def _parts(folder: Path) -> list[Path]:
    """The folders of the training and of the validation pictures; empty where there is one for each class.

    Raises:
        DataError: there are no folders at all.
    """
    names = {entry.name for entry in folder.iterdir() if entry.is_dir()}
    if not names:
        raise DataError(f"{folder} holds none of it; {FORMS}")
    return [folder / name for name in next((pair for pair in _PARTS if names.issuperset(pair)), ())]


def _pictures(folder: Path, least: int) -> list[Path]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [file for file in files if file.suffix.lower() in suffixes() and file.is_file()]
    if len(found) < least:
        raise DataError(f"{folder} holds {len(found)} pictures; each class needs {least} or more")
    return found


def _read(picture: Path, find: Find | None) -> NDArray[np.uint8] | None:
    try:
        reading = read_digit(picture, find)
        # The label says that there is one: where the finder sees none, it is the largest ink.
        return (read_digit(picture, None) if reading.box is None else reading).image
    except PictureError as error:
        if not picture.exists():  # it was labeled anew, or deleted, since the folder was listed
            return None
        raise DataError(str(error)) from error


def _split(images: list[NDArray[np.uint8]], labels: list[int]) -> Split:
    empty = np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    return Split(np.stack(images) if images else empty, np.array(labels, np.int64))
