"""The moves of labeling the digits that were kept; each is on disk when it returns, and the last ones can be undone.

A terminal (label_terminal.py) and a page do the same moves.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS
from edgemnist.errors import DataError, StorageError, UsageError
from edgemnist.reading.kept import UNLABELED, keep_image, move_kept, read_kept

_NAME = re.compile(r"[0-9a-f]{32}\.png")
"""As `kept.image_name` makes them: no other file is touched."""


@dataclass(frozen=True)
class _Done:
    """A move that can be undone."""

    name: str
    place: Path | None
    """Where the file went; None where it was deleted."""
    image: NDArray[np.uint8]


class Labeling:
    """The digits that wait in a folder for their labels.

    Raises:
        DataError: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DataError(f"{folder} is no folder; collect digits: edgemnist infer PICTURE --collect {folder}")
        self._folder = folder
        self._done: list[_Done] = []

    def waiting(self) -> list[str]:
        """The names of the digits that wait, in order; files of other names are left alone.

        Raises:
            StorageError: the folder cannot be read.
        """
        try:
            with os.scandir(self._folder / UNLABELED) as entries:
                return sorted(entry.name for entry in entries if _NAME.fullmatch(entry.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"cannot read {self._folder / UNLABELED}: {error.strerror or error}") from error

    @property
    def can_undo(self) -> bool:
        """Whether there is a move to undo."""
        return bool(self._done)

    def summary(self) -> str:
        """What was done, and what can be done next, in a line."""
        labeled = sum(done.place is not None for done in self._done)
        done = f"{labeled:,} labeled, {len(self._done) - labeled:,} deleted, {len(self.waiting()):,} left"
        return f"{done}; next: edgemnist train --data {self._folder}"

    def image(self, name: str) -> NDArray[np.uint8]:
        """The (28, 28) uint8 image of a digit that waits.

        Raises:
            PictureError: it is gone, or damaged.
            UsageError: no such name.
        """
        return read_kept(self._waiting(name))

    def label(self, name: str, digit: str) -> bool:
        """Whether the digit of that name still waited, and now is labeled.

        Raises:
            UsageError: no such name, or no digit.
            PictureError: it is damaged.
            StorageError: it cannot be moved.
        """
        if digit not in DIGITS:
            raise UsageError(f"{digit} is no digit; labels are 0 to 9")
        return self._move(name, self._folder / digit / name)

    def delete(self, name: str) -> bool:
        """Whether the digit of that name still waited, and now is deleted.

        Raises:
            UsageError, PictureError, StorageError: as `label`.
        """
        return self._move(name, None)

    def undo(self) -> str | None:
        """The name of the digit that the last move was about, which waits again; None when there is nothing to undo.

        Raises:
            StorageError: it cannot be put back.
        """
        while self._done:
            last = self._done.pop()
            waiting = self._folder / UNLABELED / last.name
            if last.place is None:
                keep_image(waiting, last.image)
                return last.name
            if move_kept(last.place, waiting):
                return last.name
        return None

    def _waiting(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no digit that waits for its label")
        return self._folder / UNLABELED / name

    def _move(self, name: str, place: Path | None) -> bool:
        path = self._waiting(name)
        if not path.exists():
            return False
        done = _Done(name, place, read_kept(path))
        moved = _unlink(path) if place is None else move_kept(path, place)
        if moved:
            self._done.append(done)
        return moved


def _unlink(path: Path) -> bool:
    """Whether the file was still there and is now gone."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"cannot delete {path}: {error.strerror or error}") from error
    return True
