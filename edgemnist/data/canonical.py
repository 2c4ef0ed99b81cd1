"""The four files of MNIST, and the proof that an array is one of them."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.data.idx import encode_idx
from edgemnist.errors import DataError


@dataclass(frozen=True)
class CanonicalFile:
    """One IDX file as its authors published it."""

    name: str
    """The name of the uncompressed file."""
    sha256: str
    """64 hex digits over the uncompressed bytes."""
    size_bytes: int
    """The length of the uncompressed file."""

    def matches(self, array: NDArray[np.uint8]) -> bool:
        """Whether `array` is what this file holds, byte for byte."""
        return hashlib.sha256(encode_idx(array)).hexdigest() == self.sha256

    def require(self, array: NDArray[np.uint8], source: str) -> None:
        """Refuse an array that is not what this file holds; `source` names it in the error.

        Raises:
            DataError: the SHA-256 differ.
        """
        if not self.matches(array):
            raise DataError(f"{source}: the SHA-256 is not that of MNIST's {self.name}")


FILES = (
    CanonicalFile(
        name="train-images-idx3-ubyte",
        sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        size_bytes=47_040_016,
    ),
    CanonicalFile(
        name="train-labels-idx1-ubyte",
        sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        size_bytes=60_008,
    ),
    CanonicalFile(
        name="t10k-images-idx3-ubyte",
        sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        size_bytes=7_840_016,
    ),
    CanonicalFile(
        name="t10k-labels-idx1-ubyte",
        sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        size_bytes=10_008,
    ),
)
"""Training images and labels, then validation images and labels: the order of `DataSet.sha256`."""
