"""Pictures with their labels, kept to learn from (reading/kept.py)."""

import os
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.classifier import Classifier
from edgemnist.data import DIGITS, IMAGE_SIZE
from edgemnist.errors import PictureError
from edgemnist.reading.kept import UNLABELED, image_name, keep_image, move_kept
from edgemnist.reading.picture import open_picture
from edgemnist.serve.problems import ProblemError

MOST_EXAMPLES = 10_000
"""In the folder, of half a kilobyte each: more than are needed to teach one hand."""


class Examples:
    """The labeled digits in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._keeping = folder, threading.Lock()

    def keep(self, image: NDArray[np.uint8], label: str) -> str:
        """The name that a (28, 28) image is kept by, below its label; what was said of it before is forgotten.

        Raises:
            ProblemError: the folder is full.
            StorageError: it cannot be written.
        """
        name = image_name(image)
        target = self._folder / label / name
        kept = (self._folder / place / name for place in (UNLABELED, *DIGITS))
        with self._keeping:
            if any(path.exists() and move_kept(path, target) for path in kept):
                return name
            if _count(self._folder) >= MOST_EXAMPLES:
                reason = f"{MOST_EXAMPLES:,} examples are kept, and no more; train with them, then move some elsewhere"
                raise ProblemError(507, reason)
            keep_image(target, image)
        return name


def example_image(classifier: Classifier, picture: bytes) -> NDArray[np.uint8]:
    """The (28, 28) image of the digit in a picture; a picture of that size with light ink is one already.

    Raises:
        PictureError: it cannot be read, or no digit is found.
    """
    opened = open_picture(picture, max_pixels=classifier.max_pixels)
    if opened.gray.shape == (IMAGE_SIZE, IMAGE_SIZE) and opened.gray.mean() < 128:
        opened = replace(opened, kept=True)
    image = classifier.read_digit(opened).image
    if not image.any():
        raise PictureError("the picture is blank: there is no digit to keep")
    return image


def _count(folder: Path) -> int:
    total = 0
    for label in DIGITS:
        with suppress(FileNotFoundError), os.scandir(folder / label) as entries:
            total += sum(1 for _ in entries)
    return total
