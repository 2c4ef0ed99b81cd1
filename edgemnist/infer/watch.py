"""Pictures as they arrive in a folder, for cameras and scanners that drop files."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgemnist.infer.folder_view import FolderView, State, state_of
from edgemnist.infer.left_out import describe, describe_one
from edgemnist.infer.sources import ignore, is_left_out, is_picture
from edgemnist.infer.whole import looks_whole

INTERVAL_SECONDS = 0.5
"""Between two looks at the folder."""
STALLED_SECONDS = 30.0
"""Without a change, until a picture that is cut short is taken for what it is."""


@dataclass(frozen=True)
class Watch:
    """How a folder is watched."""

    recursive: bool = False
    """Whether the folders in it are watched too."""
    skip_existing: bool = False
    """Whether the pictures that are there at the start are left alone."""
    announce: Callable[[str], None] = ignore
    """Is given a line about files that are not read, once for each."""
    then: Callable[[str], None] = ignore
    """Is given the path of each picture when its answer has been taken: the next one was asked for."""


_PLAIN = Watch()


@dataclass(frozen=True)
class _Waiting:
    """A picture that may still be written."""

    state: State
    since: float
    """On the clock: when it looked so for the first time."""


def watch_folder(
    folder: Path,
    wait: Callable[[float], None] = time.sleep,
    how: Watch = _PLAIN,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[str]:
    """The path of each picture in `folder`, once, as soon as it is whole; without end.

    Pictures that are already there come first: none that arrived while nobody watched is lost. A picture is whole when
    it did not change between two looks and its end is there; one whose writer pauses is waited for, `STALLED_SECONDS`
    long. One that is written anew under the same name comes again. Files that vanish are forgotten. `wait` is given the
    seconds between two looks.

    Raises:
        PictureError: `folder` is no folder, at the start or later.
    """
    view = FolderView(folder, how.recursive, is_picture, clock)
    waiting: dict[str, _Waiting] = {}
    first = True
    while True:
        changes = view.look()
        _announce_others(folder, changes.others, first, how.announce)
        ready = _look_again(waiting, clock())
        if not (first and how.skip_existing):
            for path, state in changes.files.items():
                waiting.setdefault(path, _Waiting(state, clock()))
        first = False
        for path in sorted(ready):
            view.remember(path, waiting.pop(path).state)
            yield path
            how.then(path)
        wait(INTERVAL_SECONDS)


def _look_again(waiting: dict[str, _Waiting], now: float) -> list[str]:
    """The paths of those that are whole, or as whole as they will be; others are noted anew, or dropped if gone."""
    ready = []
    for path, picture in list(waiting.items()):
        state = state_of(path)
        if state is None:
            del waiting[path]
        elif state != picture.state:
            waiting[path] = _Waiting(state, now)
        elif now - picture.since >= STALLED_SECONDS or _is_whole(path, state):
            ready.append(path)
    return ready


def _is_whole(path: str, state: State) -> bool:
    try:
        return state.size_bytes > 0 and looks_whole(Path(path))
    except OSError:  # whoever reads it says why
        return True


def _announce_others(folder: Path, paths: list[str], first: bool, announce: Callable[[str], None]) -> None:
    missed = [path for path in paths if is_left_out(Path(path).name)]
    if first and missed:
        announce(describe(str(folder), missed))
    elif not first:
        for path in missed:
            announce(describe_one(path))
