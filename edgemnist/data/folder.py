"""A data set in a folder of the user's: MNIST brought by hand, or any ten classes in the same form."""

from collections.abc import Callable
from pathlib import Path

from edgemnist.data import CLASS_COUNT, DIGITS, DataSet
from edgemnist.data.canonical import FILES
from edgemnist.data.idx import read_idx
from edgemnist.data.regular import read_regular
from edgemnist.data.splits import make_data_set
from edgemnist.errors import DataError, StorageError

_LONGEST_LABELS = 1 << 16
"""Bytes of a labels.txt: more are no ten names."""


def load_folder(folder: Path, announce: Callable[[str], None]) -> DataSet:
    """The data set in the four IDX files of `folder`, under MNIST's names, raw or .gz.

    A dot before `idx`, as in train-images.idx3-ubyte, is accepted. Class names come from an optional
    labels.txt, ten lines in the order of the labels. Files that are not MNIST's own are used and announced.

    Raises:
        DataError: a file is missing or damaged, or the files do not belong together.
        StorageError: the folder or a file cannot be read.
    """
    try:
        present = {entry.name for entry in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{folder}: no such folder; it must hold {_names()}") from error
    except OSError as error:
        raise StorageError(f"cannot read {folder}: {error.strerror or error}") from error
    arrays = [read_idx(folder / _find(file.name, present, folder)) for file in FILES]
    class_names = read_class_names(folder / "labels.txt") if "labels.txt" in present else DIGITS
    canonical = all(file.matches(array) for file, array in zip(FILES, arrays, strict=True))
    if not canonical:
        announce(f"the data in {folder} is not the canonical MNIST")
    return make_data_set(arrays, class_names, canonical, str(folder))


def _find(name: str, present: set[str], folder: Path) -> str:
    dotted = name.replace("-idx", ".idx")
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        if candidate in present:
            return candidate
    raise DataError(f"{folder}: {name} is missing; the folder must hold {_names()}")


def _names() -> str:
    return ", ".join(file.name for file in FILES) + " (raw or .gz)"


def read_class_names(path: Path) -> tuple[str, ...]:
    """The ten class names in a labels.txt, one a line, in the order of the labels.

    Raises:
        DataError: not ten distinct names.
        StorageError: the file cannot be read.
    """
    try:
        content = read_regular(path, _LONGEST_LABELS)
        text = (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text; it must hold {CLASS_COUNT} class names, one a line") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    names = tuple(line.strip() for line in text.splitlines())
    if len(names) != CLASS_COUNT or len(set(names)) != CLASS_COUNT or not all(names):
        raise DataError(f"{path}: must hold {CLASS_COUNT} distinct class names, one a line and no empty line")
    return names
