"""What a checkpoint knows of a lesson: the digits themselves, and how the network did before.

The digits lie in the checkpoint, so that it can be resumed and exported whatever becomes of the folder they came from.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, DIGITS, IMAGE_SIZE, DataSet, Split
from edgemnist.data.splits import dataset_sha256

LEAST_TO_TELL = 5
"""Digits of a class to judge by: with fewer, one of them is more than 20 points."""


@dataclass(frozen=True)
class Taught:
    """A lesson's digits, and what the network answered before it."""

    own: DataSet
    """Those of one hand: to learn from, and to judge by, of which there may be none."""
    initial_sha256: str
    """Of the checkpoint file that the lesson began with."""
    own_before: int
    """Right answers of that network to the own digits to judge by."""
    accuracy_before: float
    """Of that network on MNIST's validation images, 0 to 1."""


def too_few(own: DataSet) -> list[str]:
    """The classes of which there are too few digits to judge by to tell how well they are read."""
    counts = np.bincount(own.validation.labels, minlength=CLASS_COUNT)
    return [name for name, count in zip(own.class_names, counts.tolist(), strict=True) if count < LEAST_TO_TELL]


def own_digits(train: Split, validation: Split) -> DataSet:
    """Digits of one hand as a data set; there may be none to judge by."""
    return DataSet(train, validation, DIGITS, dataset_sha256(train, validation), canonical=False, pictures=True)


def to_content(taught: Taught) -> dict[str, Any]:
    """A lesson as plain types and tensors."""
    splits = {"train": taught.own.train, "validation": taught.own.validation}
    arrays = {
        f"{name}_{what}": torch.from_numpy(np.array(getattr(split, what)))
        for name, split in splits.items()
        for what in ("images", "labels")
    }
    return arrays | {
        "initial_sha256": taught.initial_sha256,
        "own_before": taught.own_before,
        "accuracy_before": taught.accuracy_before,
    }


def from_content(content: dict[str, Any]) -> Taught:
    """What `to_content` made.

    Raises:
        KeyError, TypeError, ValueError: it is not that.
    """
    splits = [_split(content[f"{name}_images"], content[f"{name}_labels"]) for name in ("train", "validation")]
    sha256, before, accuracy = (content[name] for name in ("initial_sha256", "own_before", "accuracy_before"))
    if type(sha256) is not str or not sha256.isprintable() or not len(splits[0]):
        raise ValueError("the lesson is not one")
    if type(before) is not int or type(accuracy) is not float or not 0 <= accuracy <= 1:
        raise TypeError("the figures before the lesson are of a wrong type")
    if not 0 <= before <= len(splits[1]):
        raise ValueError(f"{before} of {len(splits[1])} own digits")
    return Taught(own_digits(*splits), sha256, before, accuracy)


def _split(images: Any, labels: Any) -> Split:
    pixels: NDArray[np.uint8] = images.numpy()
    classes: NDArray[np.int64] = labels.numpy()
    if pixels.dtype != np.uint8 or pixels.shape != (len(classes), IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"own digits are {pixels.dtype} {pixels.shape}")
    if classes.dtype != np.int64 or not ((classes >= 0) & (classes < CLASS_COUNT)).all():
        raise ValueError("labels of own digits are not 0 to 9")
    return Split(pixels, classes)
