"""What a data set is: two splits of 28x28 images with their labels, and where they came from.

Nothing here opens a picture or knows a network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IMAGE_SIZE = 28
CLASS_COUNT = 10
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Split:
    """Images with their labels."""

    images: NDArray[np.uint8]
    """(N, 28, 28) uint8, 0 = background, 255 = full ink."""
    labels: NDArray[np.int64]
    """(N,) int64, 0 to 9: positions in `DataSet.class_names`."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class DataSet:
    """A training and a validation split, and what is known of their origin."""

    train: Split
    validation: Split
    class_names: tuple[str, ...]
    """Ten names; `DIGITS` for MNIST."""
    sha256: str
    """64 hex digits over the four uncompressed IDX files, in the order of `data.canonical.FILES`."""
    canonical: bool
    """Whether the four files are MNIST's own, byte for byte."""
    pictures: bool = False
    """Whether they were read from pictures."""
    own: "DataSet | None" = None
    """Digits of one hand that are learned beside these."""
