"""What becomes of a watched picture once its answer is out: cards fill up."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from edgemnist.errors import StorageError, UsageError
from edgemnist.infer.sources import ignore


def afterwards(wish: str | None, watched: Path, recursive: bool) -> Callable[[str], None]:
    """What to do with the path of a picture that was answered: `delete`, `move:DIR`, or nothing when None.

    Raises:
        UsageError: another wish, or a DIR whose pictures would be read again.
    """
    if wish is None:
        return ignore
    if wish == "delete":
        return _delete
    if not wish.startswith("move:") or wish == "move:":
        raise UsageError(f"--then must be delete or move:DIR, not {wish}")
    folder = Path(wish.removeprefix("move:"))
    place, root = folder.resolve(), watched.resolve()
    if place == root or (recursive and root in place.parents):
        raise UsageError(f"--then {wish}: what is moved there would be read again; name a folder outside of {watched}")
    return lambda path: _move(Path(path), folder)


def _delete(path: str) -> None:
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot delete {path}: {error.strerror or error}") from error


def _move(path: Path, folder: Path) -> None:
    """Move a picture into `folder` under its own name, or one with a number where that is taken."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = (path.name if number == 1 else f"{path.stem}-{number}{path.suffix}" for number in count(1))
        shutil.move(path, next(folder / name for name in names if not (folder / name).exists()))
    except FileNotFoundError:  # gone since it was answered
        return
    except (OSError, shutil.Error) as error:
        raise StorageError(f"cannot move {path} to {folder}: {getattr(error, 'strerror', None) or error}") from error
