"""The finder's file, opened for reading."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.errors import ModelError
from edgemnist.model.finder import FinderInfo, Map
from edgemnist.model.opened import Model, open_finder
from edgemnist.model.session import Engine, run_outputs
from edgemnist.reading.finds import MAPS, Find, Floats


def open_find(path: Path, threads: int = 1, engine: Engine = "auto") -> Find:
    """The finder in `path` as a function that reading is handed.

    Raises:
        ModelError: it is missing, damaged, no finder, or one of other things than digits.
        MissingExtraError: the engine is not installed.
        UsageError: `threads` is not positive, or there is no such engine.
    """
    return as_find(of_digits(open_finder(path, threads=threads, engine=engine)))


def of_digits(model: Model[FinderInfo]) -> Model[FinderInfo]:
    """`model`, known to have the maps that reading needs.

    Raises:
        ModelError: it has others.
    """
    if [(found.name, found.channels) for found in model.info.maps] != list(MAPS.items()):
        wanted = ", ".join(f"{name} {channels}" for name, channels in MAPS.items())
        raise ModelError(
            f"{model.name} has other maps than a finder of digits ({wanted}); train one with: "
            "edgemnist train --network finder"
        )
    return model


def as_find(model: Model[FinderInfo]) -> Find:
    """An opened finder as that function."""

    def find(page: NDArray[np.uint8]) -> Mapping[str, Floats]:
        output = run_outputs(model.session, page[np.newaxis], model.info.interface)[-1]
        return _Maps(model.info.maps, output)

    return find


class _Maps(Mapping[str, Floats]):
    """The finder's maps by name; each becomes real numbers when it is asked for."""

    def __init__(self, maps: tuple[Map, ...], output: NDArray[Any]) -> None:
        ends = np.cumsum([found.channels for found in maps]).tolist()
        self._parts = {
            found.name: (found, output[:, end - found.channels : end]) for found, end in zip(maps, ends, strict=True)
        }

    def __getitem__(self, name: str) -> Floats:
        found, part = self._parts[name]
        values: Floats = part[0].astype(np.float32)
        values -= np.float32(found.zero_point)
        values *= np.float32(found.scale)
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
