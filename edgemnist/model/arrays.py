"""Whether arrays of images are the way that a model knows them, by what it answers to them and to them turned.

Other programs hand over black on white, and rows for columns (EMNIST's files). A model that was trained on MNIST itself
and beside outliers is sure of few such images, and of nearly all when they are put right.
"""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.opened import Model, run
from edgemnist.model.session import Outputs
from edgemnist.model.thresholds import evidence

FEW, MANY = 20, 200
"""Images from which on it is asked whether they are inverted, or turned: a few that are doubtful prove nothing."""
LOOKED_AT = 400
"""Images at most, evenly spread: the answer is the same for all of a file."""
MOST, PUT_RIGHT = 0.65, 0.9
"""Shares that are answered: as they are, at most; and put right, at least. Of MNIST's validation images, 300 at a time,
0 are answered inverted, 0.22 to 0.29 transposed and 0.49 to 0.55 mirrored (a 0, 1 or 8 stays one)."""

WAYS: dict[str, tuple[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]] = {
    "inverted": ("255 - images", lambda images: 255 - images),
    "transposed": ("images.transpose(0, 2, 1)", lambda images: images.transpose(0, 2, 1)),
    "mirrored": ("images[:, :, ::-1]", lambda images: images[:, :, ::-1]),
}
"""What can be wrong, and what puts it right, for people and done."""


def answered(outputs: Outputs, info: ClassifierInfo) -> NDArray[np.bool_]:
    """(N,) bool: the images that get an answer that is not doubtful, by the model's own thresholds."""
    sure: NDArray[np.bool_] = outputs.probabilities.max(1) >= info.confidence.threshold
    if info.outliers is not None:
        sure &= evidence(outputs.logits) >= info.outliers.threshold
    return sure


def wrong_way(model: Model[ClassifierInfo], images: NDArray[np.uint8], ways: Collection[str] = WAYS) -> str | None:
    """One of `ways` when (N, 28, 28) uint8 images are so, beyond doubt; None when they are not, or too few to tell.

    Models of other data than MNIST itself are never asked.
    """
    if not model.info.data_canonical or len(images) < FEW:
        return None
    some = images[:: -(-len(images) // LOOKED_AT)]
    some = some[some.any((1, 2))]
    if len(some) < FEW or _share(model, some) > MOST:
        return None
    for way in ways:
        enough = FEW if way == "inverted" else MANY
        if len(some) >= enough and _share(model, np.ascontiguousarray(WAYS[way][1](some))) >= PUT_RIGHT:
            return way
    return None


def _share(model: Model[ClassifierInfo], images: NDArray[np.uint8]) -> float:
    return float(answered(run(model, images), model.info).mean())
