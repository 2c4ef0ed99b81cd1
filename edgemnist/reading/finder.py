"""The finder's file, opened for reading."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.finder import FinderInfo
from edgemnist.model.opened import Model, open_finder, run_values
from edgemnist.model.session import Engine
from edgemnist.reading.finds import Find, Floats


def open_find(path: Path, threads: int = 1, engine: Engine = "auto") -> Find:
    """The finder in `path` as a function that reading is handed.

    Raises:
        ModelError: it is missing, damaged, or no finder.
        MissingExtraError: the engine is not installed.
        UsageError: `threads` is not positive, or there is no such engine.
    """
    return as_find(open_finder(path, threads=threads, engine=engine))


def as_find(model: Model[FinderInfo]) -> Find:
    """An opened finder as that function."""
    names = [found.name for found in model.info.maps]
    ends = np.cumsum([found.channels for found in model.info.maps])[:-1]

    def find(page: NDArray[np.uint8]) -> dict[str, Floats]:
        values = run_values(model, page[np.newaxis])[0]
        return dict(zip(names, np.split(values, ends), strict=True))

    return find
