"""Pictures as they arrive in a folder, for cameras and scanners that drop files."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgemnist.errors import PictureError
from edgemnist.infer.sources import is_picture

INTERVAL_SECONDS = 0.5
"""Between two looks at the folder."""


@dataclass(frozen=True)
class _State:
    """What a file looks like from outside; a file that is still being written changes it between two looks."""

    size_bytes: int
    modified_ns: int


def watch_folder(folder: Path, wait: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """The path of each picture in `folder`, once, as soon as it is whole; without end.

    Pictures that are already there come first: none that arrived while nobody watched is lost. A picture is whole
    when it is not empty and did not change between two looks; one that is written anew under the same name comes
    again. Files that vanish are forgotten. `wait` is given the seconds between two looks.

    Raises:
        PictureError: `folder` is no folder, at the start or later.
    """
    done: dict[str, _State] = {}
    before: dict[str, _State] = {}
    while True:
        present = _pictures(folder)
        for path, state in present.items():
            if state.size_bytes and before.get(path) == state and done.get(path) != state:
                done[path] = state
                yield path
        done = {path: state for path, state in done.items() if path in present}
        before = present
        wait(INTERVAL_SECONDS)


def _pictures(folder: Path) -> dict[str, _State]:
    try:
        found = sorted(path for path in folder.iterdir() if is_picture(path))
    except OSError as error:
        raise PictureError(f"cannot watch {folder}: {error.strerror}; it must be a folder") from error
    states = {}
    for path in found:
        try:
            status = path.stat()
        except OSError:  # gone since the folder was listed
            continue
        states[str(path)] = _State(status.st_size, status.st_mtime_ns)
    return states
