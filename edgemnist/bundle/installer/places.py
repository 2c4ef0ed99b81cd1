"""Where installations lie, and how one takes the place of another.

    PREFIX/bin/edgemnist           ->  PREFIX/lib/edgemnist/current/bin/edgemnist
    PREFIX/lib/edgemnist/current   ->  0.2.0-x4k2
    PREFIX/lib/edgemnist/previous  ->  0.1.0-9bq1

`current` moves in one rename, after the new installation has proven itself. A full card, a crash or a failed
self-test before that leaves the old one as it was, and the next run sweeps up what it left behind. The previous
installation stays: a service that still runs goes on reading its files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgemnist.errors import StorageError, UsageError

COMMAND = "edgemnist"
MARK = ".edgemnist-installation"
"""A file in every folder that is ours to remove."""


@dataclass(frozen=True)
class Place:
    """Where everything of one prefix lies."""

    home: Path
    """The folder of all installations."""
    command: Path
    """What people type."""

    @property
    def current(self) -> Path:
        """A link to the installation in use."""
        return self.home / "current"

    @property
    def previous(self) -> Path:
        """A link to the one before it."""
        return self.home / "previous"


def default_prefix() -> Path:
    """`/usr/local` for root, `~/.local` for anybody else."""
    return Path("/usr/local") if os.geteuid() == 0 else Path.home() / ".local"


def open_place(prefix: Path) -> Place:
    """The place below `prefix`, its folders made.

    Raises:
        UsageError: the command there is not one of ours.
        OSError: the folders cannot be made.
    """
    place = Place(home=prefix / "lib" / COMMAND, command=prefix / "bin" / COMMAND)
    if os.path.lexists(place.command) and _target(place.command) != _launcher(place):
        raise UsageError(f"{place.command} is not from a bundle; remove it, or name another place with --prefix DIR")
    place.home.mkdir(parents=True, exist_ok=True)
    place.command.parent.mkdir(exist_ok=True)
    return place


@contextlib.contextmanager
def locked(place: Place) -> Iterator[None]:
    """Nobody else installs in `place` meanwhile.

    Raises:
        StorageError: somebody does.
    """
    descriptor = os.open(place.home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StorageError(f"another installation in {place.home} is under way; wait for it to end") from error
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def new_folder(place: Place, version: str) -> Iterator[Path]:
    """A new folder for an installation, removed again when the block raises before the folder is in use."""
    folder = Path(tempfile.mkdtemp(prefix=f"{version}-", dir=str(place.home)))
    try:
        (folder / MARK).touch()
        folder.chmod(0o755)  # mkdtemp makes folders that only their owner can enter
        yield folder
    except BaseException:
        if _target(place.current) == Path(folder.name) and _target(place.command) != _launcher(place):
            with contextlib.suppress(OSError):
                place.current.unlink()  # the first installation here: nobody can call it yet
        if _target(place.current) != Path(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def switch(place: Place, folder: Path) -> None:
    """Make `folder` the current installation, and the one before it the previous.

    At every moment the command leads to the old installation or to the new one, whatever fails.
    """
    os.sync()  # a power cut after the switch must find the files on the card
    before = _target(place.current)
    if before:
        _point(place.previous, before)
    _point(place.current, Path(folder.name))
    _point(place.command, _launcher(place))


def sweep(place: Place) -> None:
    """Remove every installation but the current and the previous one; folders that we did not make stay."""
    kept = {_target(place.current), _target(place.previous)}
    for folder in place.home.iterdir():
        if folder.is_symlink() or not folder.is_dir() or Path(folder.name) in kept:
            continue
        if (folder / MARK).is_file() or _is_older_installation(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_older_installation(folder: Path) -> bool:
    """Whether an installer made this folder that left no mark yet: a virtual environment with our launcher."""
    return (folder / "pyvenv.cfg").is_file() and (folder / "bin" / COMMAND).is_file()


def _launcher(place: Place) -> Path:
    return place.current / "bin" / COMMAND


def _target(link: Path) -> Path | None:
    """Where a link points to; None when it is not one."""
    return Path(os.readlink(link)) if link.is_symlink() else None  # noqa: PTH115 - Path.readlink came with Python 3.9


def _point(link: Path, target: Path) -> None:
    """Make `link` point to `target`, in one step also where it pointed elsewhere."""
    temporary = link.with_name(f".{link.name}.new")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    temporary.symlink_to(target)
    temporary.replace(link)
