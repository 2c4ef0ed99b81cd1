"""Versions of edgemnist that answer pictures, each in a child of its own: this one, and another to compare it with."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import edgemnist

_CHILD = Path(__file__).parent / "answer.py"


@dataclass(frozen=True)
class Answer:
    """What a version said to a picture."""

    text: str
    """Digits and marks, with blanks between words and a line for each line where words are told apart."""
    status: str
    """As `Prediction.status`; `refused` where it gave an error."""
    confidence: float
    boxes: tuple[tuple[int, int, int, int], ...]
    """Left, top, right, bottom of each digit."""
    ms: float
    """CPU time."""

    @property
    def sure(self) -> bool:
        return self.status == "ok"


class Version:
    """A running child that answers pictures: `_CHILD`, or another script that speaks as it does."""

    def __init__(self, python: Path, arguments: Sequence[Path], child: Path = _CHILD) -> None:
        self._process = subprocess.Popen(
            [python, "-P", child, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self.number, package = self._line()
        self.package = Path(package)

    def answer(self, path: Path, row: bool) -> Answer:
        print(json.dumps([str(path), row]), file=self._process.stdin, flush=True)
        return Answer(**self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> object:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the child that answers pictures ended with {self._process.wait()}")
        return json.loads(line)


def this_version() -> Version:
    return Version(Path(sys.executable), [Path(edgemnist.__file__).parents[1]])


def other_version(place: Path, scratch: Path) -> Version:
    """The version in a wheel (unpacked into `scratch`), a checkout, or a virtual environment.

    Wheels and checkouts run with this Python and the packages it has, environments with their own.
    """
    if place.is_file():
        with zipfile.ZipFile(place) as wheel:
            wheel.extractall(scratch)
        place = scratch
    python = place / "bin" / "python"
    if python.exists():
        return Version(python, [])
    if not (place / "edgemnist" / "__init__.py").exists():
        raise SystemExit(f"{place} is no wheel, checkout or virtual environment of edgemnist")
    return Version(Path(sys.executable), [place.resolve()])
