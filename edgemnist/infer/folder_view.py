"""What is new in a folder, without looking at every file every time.

A folder's own time tells whether a name came or went, so that an idle look costs one question to the system however
many pictures lie there. That time says nothing of files written over in place, and on a network it may be old: so there
is a full look too, as often as it takes `FULL_SHARE` of the time.
"""

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgemnist.errors import PictureError

FULL_SHARE = 1 / 200
"""Of the time, at most, for full looks: with a few hundred pictures each look is one."""
LIST_SHARE = 1 / 5
"""Of the time, at most, for listing a folder in which something keeps changing."""
COARSE_SECONDS = 2.0
"""The coarsest times that file systems keep (FAT): what came later within them does not move a folder's time again."""


@dataclass(frozen=True)
class State:
    """What a file looks like from outside; a file that is still being written changes it between two looks."""

    size_bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True)
class Changes:
    """What a look brought."""

    files: dict[str, State]
    """By path: wanted files that are new or have changed."""
    others: list[str]
    """Paths of new files that are not wanted."""


def state_of(path: str) -> State | None:
    """The state of a regular file; None for anything else, and where there is nothing any more."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred thousand times: no Path for each
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return State(status.st_size, status.st_mtime_ns, status.st_ino)


class FolderView:
    """What was seen of a folder so far.

    Args:
        root: the folder.
        recursive: whether the folders in it belong to it.
        is_wanted: whether a file's name says that it is to be read.
        clock: seconds that never go back.
    """

    def __init__(
        self, root: Path, recursive: bool, is_wanted: Callable[[str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._recursive, self._is_wanted, self._clock = str(root), recursive, is_wanted, clock
        self._seen: dict[str, dict[str, State]] = {}
        """By folder and name: of files that are wanted."""
        self._others: dict[str, set[str]] = {}
        self._times: dict[str, int] = {}
        self._full_at = self._list_at = clock()

    def look(self) -> Changes:
        """What is new or has changed since the last look.

        Raises:
            PictureError: the folder is none, or is gone.
        """
        began = self._clock()
        changes = Changes({}, [])
        if began >= self._full_at:
            known = set(self._times)
            visited = self._scan_all([self._root], set(), True, changes)
            for gone in known - visited:
                self._forget(gone)
            self._full_at = self._clock() + (self._clock() - began) / FULL_SHARE
        elif began >= self._list_at:
            moved = [folder for folder in self._times if self._has_moved(folder)]
            if moved:
                self._scan_all(moved, set(self._times), False, changes)
                self._list_at = self._clock() + (self._clock() - began) / LIST_SHARE
        return changes

    def remember(self, path: str, state: State) -> None:
        """Take `state` for the one that was seen last."""
        folder, name = os.path.split(path)
        self._seen.get(folder, {})[name] = state

    def _has_moved(self, folder: str) -> bool:
        try:
            return os.stat(folder).st_mtime_ns != self._times[folder]  # noqa: PTH116
        except OSError:
            return True

    def _scan_all(self, folders: list[str], known: set[str], full: bool, changes: Changes) -> set[str]:
        """The folders that were scanned: these, and those in them that are not `known`."""
        visited: set[str] = set()
        while folders:
            folder = folders.pop()
            visited.add(folder)
            try:
                inner = self._scan(folder, full, changes)
            except OSError as error:
                if folder == self._root:
                    raise PictureError(f"cannot watch {folder}: {error.strerror}; it must be a folder") from error
                self._forget(folder)
                continue
            folders += [place for place in inner if place not in known and place not in visited]
        return visited

    def _scan(self, folder: str, full: bool, changes: Changes) -> list[str]:
        """The folders in a folder; its files are compared with what was seen, all of them or those of new names."""
        modified = os.stat(folder).st_mtime_ns  # noqa: PTH116
        before, seen = self._seen.get(folder, {}), {}
        others, inner = set(), []
        with os.scandir(folder) as entries:
            for entry in entries:
                old = before.get(entry.name)
                if not self._is_wanted(entry.name):
                    if entry.is_dir(follow_symlinks=False):
                        inner += [entry.path] * (self._recursive and not entry.name.startswith("."))
                    else:
                        others.add(entry.name)
                elif full or old is None or old.inode != entry.inode():
                    state = state_of(entry.path)
                    if state and state != old:
                        changes.files[entry.path] = state
                    if state:
                        seen[entry.name] = state
                else:
                    seen[entry.name] = old
        changes.others.extend(str(Path(folder, name)) for name in sorted(others - self._others.get(folder, set())))
        self._seen[folder], self._others[folder] = seen, others
        is_young = abs(time.time_ns() - modified) < COARSE_SECONDS * 1e9
        self._times[folder] = -1 if is_young else modified
        return inner

    def _forget(self, folder: str) -> None:
        self._seen.pop(folder, None)
        self._others.pop(folder, None)
        self._times.pop(folder, None)
