"""From four IDX arrays to a data set whose every part has been checked, and the hash over it."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE, DataSet, Split
from edgemnist.data.idx import encode_idx
from edgemnist.errors import DataError


def make_data_set(
    arrays: Sequence[NDArray[np.uint8]], class_names: tuple[str, ...], canonical: bool, source: str
) -> DataSet:
    """The data set in the arrays of the four files, given in the order of `canonical.FILES`.

    Raises:
        DataError: as `make_split`.
    """
    train_images, train_labels, validation_images, validation_labels = arrays
    train = make_split(train_images, train_labels, f"{source}, training files")
    validation = make_split(validation_images, validation_labels, f"{source}, validation (t10k) files")
    return DataSet(
        train=train,
        validation=validation,
        class_names=class_names,
        sha256=dataset_sha256(train, validation),
        canonical=canonical,
    )


def make_split(images: NDArray[np.uint8], labels: NDArray[np.uint8], source: str) -> Split:
    """The split of `images` (N, 28, 28) uint8 and `labels` (N,) uint8; `source` names them in errors.

    Raises:
        DataError: another shape, not one label for each image, no image at all, or a label above 9.
    """
    if images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(f"{source}: images must be (N, {IMAGE_SIZE}, {IMAGE_SIZE}), these are {images.shape}")
    if labels.ndim != 1:
        raise DataError(f"{source}: labels must be (N,), these are {labels.shape}")
    if len(images) != len(labels):
        raise DataError(f"{source}: {len(images):,} images but {len(labels):,} labels; the two must belong together")
    if len(images) == 0:
        raise DataError(f"{source}: there are no images")
    if labels.max() >= CLASS_COUNT:
        raise DataError(f"{source}: labels must be 0 to {CLASS_COUNT - 1}, the highest is {labels.max()}")
    return Split(images=images, labels=labels.astype(np.int64))


def dataset_sha256(train: Split, validation: Split) -> str:
    """64 hex digits over the four uncompressed IDX files of two splits, in the order of `canonical.FILES`.

    A split without images has no files.
    """
    digest = hashlib.sha256()
    for split in filter(len, (train, validation)):
        digest.update(encode_idx(split.images))
        digest.update(encode_idx(split.labels.astype(np.uint8)))
    return digest.hexdigest()
