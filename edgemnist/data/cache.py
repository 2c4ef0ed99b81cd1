"""The files that an earlier run obtained, kept uncompressed and proven again each time they are read."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from edgemnist.data.canonical import CanonicalFile
from edgemnist.data.idx import MAX_BYTES, decode_idx, write_idx
from edgemnist.data.regular import read_regular
from edgemnist.errors import DataError, StorageError


def cache_folder() -> Path:
    """The folder of the cached files, whether or not it exists: `~/.cache/edgemnist/mnist` on Linux."""
    return platformdirs.user_cache_path("edgemnist") / "mnist"


def read_cached(folder: Path, file: CanonicalFile, announce: Callable[[str], None]) -> NDArray[np.uint8] | None:
    """The array of a cached file; None when it is not there or, after saying so, when it cannot be used."""
    path = folder / file.name
    try:
        content = read_regular(path, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        announce(f"the cached {path} cannot be read ({error.strerror or error}) and is not used")
        return None
    if content is None:
        announce(f"the cached {path} has more than {MAX_BYTES:,} bytes and is not used")
        return None
    try:
        array = decode_idx(content, str(path))
        file.require(array, str(path))
    except DataError as error:
        announce(f"the cached copy is damaged and will be fetched again: {error}")
        return None
    return array


def keep(
    folder: Path,
    files: Sequence[CanonicalFile],
    arrays: Sequence[NDArray[np.uint8]],
    announce: Callable[[str], None],
) -> None:
    """Write proven arrays to the cache, or say why that cannot be: what is in memory is good without it.

    Each file is written whole or not at all, so processes that do this at once cannot harm each other.
    """
    try:
        for file, array in zip(files, arrays, strict=True):
            write_idx(folder / file.name, array)
    except StorageError as error:
        announce(f"MNIST is not kept for the next run: {error}")
