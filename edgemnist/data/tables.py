"""MNIST as others pass it on: CSV tables (Kaggle's, pjreddie's, OpenML's) and the .npz of Keras."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.data.idx import MAX_BYTES
from edgemnist.data.regular import open_regular
from edgemnist.errors import DataError, StorageError, reason_of

_PIXELS = IMAGE_SIZE * IMAGE_SIZE
_LONGEST_LINE = 20 * _PIXELS
"""Letters."""
_LABEL_NAMES = ("label", "class")
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

Labeled = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""(N, 28, 28) and (N,) uint8."""


def has_labels(path: Path) -> bool:
    """Whether a CSV table has a label beside the 784 pixels; Kaggle's test.csv has none.

    Raises:
        DataError, StorageError: as `read_csv`.
    """
    return len(_first_lines(path)[0]) == _PIXELS + 1


def read_csv(path: Path) -> Labeled:
    """The images and labels in a CSV table of 785 columns, with or without a header; the label is first or last.

    Raises:
        DataError: another number of columns, or what is no whole number within range.
        StorageError: the file cannot be read.
    """
    first, second = _first_lines(path)
    if len(first) != _PIXELS + 1:
        raise DataError(
            f"{path}: {len(first)} columns; a table of digits has {_PIXELS + 1}: the label and {_PIXELS} pixels"
        )
    has_header = not first[0].strip().isdecimal()
    if has_header and second == [""]:
        raise DataError(f"{path}: there are no images")
    try:
        with _opened(path) as file:
            table = np.loadtxt(_lines(file, path), np.int16, delimiter=",", skiprows=int(has_header), ndmin=2)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: {reason_of(error)}") from error
    is_last = has_header and first[-1].strip().strip('"').lower() in _LABEL_NAMES
    labels, pixels = (table[:, -1], table[:, :-1]) if is_last else (table[:, 0], table[:, 1:])
    if labels.min() < 0 or labels.max() >= CLASS_COUNT:
        raise DataError(
            f"{path}: labels must be 0 to {CLASS_COUNT - 1}, these go from {labels.min()} to {labels.max()}"
        )
    if pixels.min() < 0 or pixels.max() > 255:
        raise DataError(f"{path}: pixels must be 0 to 255, these go from {pixels.min()} to {pixels.max()}")
    return pixels.astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE), labels.astype(np.uint8)


def read_npz(path: Path) -> tuple[Labeled, Labeled]:
    """The training and the test part of an .npz file with Keras' names: x_train, y_train, x_test, y_test.

    Raises:
        DataError: an array is missing, damaged, too large, or not what MNIST's are.
        StorageError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise DataError(f"{path}: {size:,} bytes unpacked, more than the {MAX_BYTES:,} that are read")
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in _ARRAYS if name not in arrays]
            if missing:
                raise DataError(f"{path}: {', '.join(missing)} is missing; it must hold {', '.join(_ARRAYS)}")
            x_train, y_train, x_test, y_test = (arrays[name] for name in _ARRAYS)
    except (FileNotFoundError, PermissionError) as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    except DataError:
        raise
    except Exception as error:  # numpy and zipfile raise a dozen kinds on damaged files
        raise DataError(f"{path}: no whole .npz file ({reason_of(error)}); get the file again") from error
    return _labeled(x_train, y_train, path), _labeled(x_test, y_test, path)


def split_off(labels: NDArray[Any], every: int) -> NDArray[np.bool_]:
    """(N,) bool: of each class the 2nd of every so many images, for validation."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        chosen[np.flatnonzero(labels == label)[1::every]] = True
    return chosen


def _labeled(images: NDArray[Any], labels: NDArray[Any], path: Path) -> Labeled:
    if images.dtype != np.uint8 or images.shape[1:] not in ((IMAGE_SIZE, IMAGE_SIZE), (_PIXELS,)):
        raise DataError(f"{path}: images must be (N, 28, 28) uint8, these are {images.shape} {images.dtype}")
    if labels.dtype.kind not in "iu" or (labels.size and (labels.min() < 0 or labels.max() >= CLASS_COUNT)):
        raise DataError(f"{path}: labels must be whole numbers, 0 to {CLASS_COUNT - 1}")
    return images.reshape(-1, IMAGE_SIZE, IMAGE_SIZE), labels.astype(np.uint8)


def _first_lines(path: Path) -> tuple[list[str], list[str]]:
    """The fields of the first line and of the second."""
    try:
        with _opened(path) as file:
            first, second = (file.readline(_LONGEST_LINE).split(",") for _ in range(2))
            return first, second
    except (UnicodeDecodeError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: no table of text: {reason_of(error)}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with (
        open_regular(path) as file,
        io.TextIOWrapper(gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file) as text,
    ):
        yield text


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    """The lines of a table, counted as they are unpacked."""
    left = MAX_BYTES
    while line := file.readline(_LONGEST_LINE):
        left -= len(line)
        if left < 0:
            raise DataError(f"{path}: more than the {MAX_BYTES:,} letters that are read; split it")
        yield line
