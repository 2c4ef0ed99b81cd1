"""What `infer` keeps of what it read, for its owner to label and learn from (reading/kept.py)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.errors import StorageError, UsageError
from edgemnist.infer.answers import Answer
from edgemnist.reading.kept import UNLABELED, image_name, is_kept, keep_image

MOST_KEPT = 10_000
"""Digits that wait for a label: more than anybody labels. Then nothing is kept until some are."""


class Collector:
    """Keeps the digits of answers in a folder: those that are doubtful, or with `everything` all that are read.

    Whatever goes wrong with the folder costs a line, once, and no answer.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], *, everything: bool) -> None:
        self._folder, self._say = folder, say
        self._statuses = ("doubtful", "ok") if everything else ("doubtful",)
        self._waiting, self._counted_at = MOST_KEPT, -1
        self._said_full = self._said_failed = False

    def keep(self, answer: Answer) -> int:
        """The exit code that keeping the digits of `answer` asks for: 0, or that of a file that cannot be written."""
        try:
            for image in self._wanted(answer):
                name = image_name(image)
                if not is_kept(self._folder, name) and not self._is_full():
                    keep_image(self._folder / UNLABELED / name, image)
                    self._waiting += 1
        except StorageError as error:
            if not self._said_failed:
                self._say(f"digits are not kept: {error}")
            self._said_failed = True
            return error.exit_code
        return 0

    def _wanted(self, answer: Answer) -> Iterator[NDArray[np.uint8]]:
        if answer.prediction is None:
            return
        digits = answer.prediction.digits or (answer.prediction,)
        for reading, digit in zip(answer.readings, digits, strict=False):  # a row without digits has no readings
            if digit.status in self._statuses and reading.image.any():
                yield reading.image

    def _is_full(self) -> bool:
        """Whether as many wait as may. Other processes add and label: a full folder that changed is counted again."""
        if self._waiting >= MOST_KEPT:
            changed = _changed_at(self._folder / UNLABELED)
            if changed != self._counted_at:
                self._waiting, self._counted_at = _count(self._folder / UNLABELED), changed
        full = self._waiting >= MOST_KEPT
        if full and not self._said_full:
            self._say(
                f"{MOST_KEPT:,} digits wait in {self._folder / UNLABELED}, and no more are kept; "
                f"label some: edgemnist label {self._folder}"
            )
            self._said_full = True
        return full


def require_outside(folder: Path, watched: Path, recursive: bool) -> None:
    """Return when what is kept in `folder` is not read again by who watches another.

    Raises:
        UsageError: it is.
    """
    place, root = (folder / UNLABELED).resolve(), watched.resolve()
    if place == root or (recursive and root in place.parents):
        raise UsageError(f"--collect {folder}: what is kept there would be read again; name a folder outside {watched}")


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:  # not there yet, or whoever writes to it says why not
        return 0


def _count(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(1 for _ in entries)
    except OSError:
        return 0
