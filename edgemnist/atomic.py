"""Write beside, then rename: a file at its final name is always whole, and nobody else's file is touched.

The file beside is named `.NAME.0.edgemnist-part` and locked by the process that writes it. One that nobody holds was
left by a process that was killed: the next write of the same file removes it, and nothing that lacks our mark.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgemnist.errors import StorageError

_NAME_BYTES = 200
"""Of a final name that a name beside repeats: file systems take 255 bytes, and our mark needs some."""
_MOST_WRITERS = 100
"""Of one file at the same time."""


@contextlib.contextmanager
def atomic_path(final: Path) -> Iterator[Path]:
    """A temporary path in the folder of `final`; renamed to `final` when the block ends, removed when it raises.

    The folder is made when it is missing. The content reaches the disk before the rename, so that a power
    cut leaves the old file or the new one, never half of one. A link is followed: the file it points to is replaced.
    What is no regular file, such as a device or a FIFO, is written to when the block ends, and stays what it is.

    Raises:
        StorageError: `final` is a folder, its folder cannot be made, or writing fails (disk full, not writable).
    """
    with atomic_paths([final]) as paths:
        yield paths[0]


@contextlib.contextmanager
def atomic_paths(finals: Sequence[Path]) -> Iterator[list[Path]]:
    """As `atomic_path`, for files that belong together: all of them reach their final names, or none does.

    What was replaced before a later one failed is put back.

    Raises:
        StorageError: as `atomic_path`; before the block when one of `finals` cannot be written at all.
    """
    try:
        with contextlib.ExitStack() as stack:
            targets = [_target(final) for final in finals]
            written = [stack.enter_context(_scratch() if target is None else _beside(target)) for target in targets]
            yield written
            moves = []
            for path, target, final in zip(written, targets, finals, strict=True):
                if target is None:
                    _copy_into(path, final)
                else:
                    _settle(path, target)
                    moves.append((path, target))
            _replace(moves)
    except OSError as error:
        reason = error.strerror or str(error)
        what = finals[0] if len(finals) == 1 else f"to {finals[0].parent}"
        raise StorageError(f"cannot write {what}: {reason}; free some space or choose another folder") from error


def write_bytes(final: Path, content: bytes) -> None:
    """Write `content` to `final`, whole or not at all.

    Raises:
        StorageError: as `atomic_path`.
    """
    with atomic_path(final) as temporary:
        temporary.write_bytes(content)


def write_text(final: Path, content: str) -> None:
    """Write `content` to `final` as UTF-8, whole or not at all.

    Raises:
        StorageError: as `atomic_path`.
    """
    write_bytes(final, content.encode())


def _target(final: Path) -> Path | None:
    """The file to replace, links followed; None for what is written to instead.

    Raises:
        StorageError: `final` is a folder.
    """
    target = Path(os.path.realpath(final)) if final.is_symlink() else final
    try:
        mode = final.stat().st_mode
    except FileNotFoundError:
        return target
    if stat.S_ISDIR(mode):
        raise StorageError(f"cannot write {final}: {os.strerror(errno.EISDIR)}; choose another name or folder")
    folder = os.path.realpath(final.parent)
    # Under these names lie devices, and the streams that a process has open already.
    special = folder in ("/dev", "/proc") or folder.startswith("/proc/")
    return target if stat.S_ISREG(mode) and not special else None


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="edgemnist-") as folder:
        yield Path(folder) / "content"


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """The path of a new, empty file beside `target`, locked; removed in the end unless it was renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path, descriptor = _reserve(target)
    try:
        yield path
    finally:
        # A storage that has turned read-only keeps it; what made it do so is the better message.
        with contextlib.suppress(OSError):
            if _is_at(descriptor, path):
                path.unlink()
        os.close(descriptor)


def _reserve(target: Path) -> tuple[Path, int]:
    name = os.fsencode(target.name)[:_NAME_BYTES].decode(errors="ignore")
    for number in range(_MOST_WRITERS):
        path = target.with_name(f".{name}.{number}.edgemnist-part")
        _remove_leftover(path)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        if _lock(descriptor) is not False and _is_at(descriptor, path):
            return path, descriptor
        os.close(descriptor)
    raise FileExistsError(errno.EEXIST, f"{_MOST_WRITERS} processes write it at the same time")


def _remove_leftover(path: Path) -> None:
    """Remove the file at `path` when nobody writes it any more.

    Whoever removes it holds its lock, so that it cannot be another file by then.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    with contextlib.suppress(OSError):
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor) and _is_at(descriptor, path):
            path.unlink()
    os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether the file is ours alone now; None where the file system has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether `path` still names the file that is open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _settle(path: Path, target: Path) -> None:
    """Bring the file's content to the disk, with the rights of the file that it will replace."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copymode(target, path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _copy_into(path: Path, final: Path) -> None:
    with path.open("rb") as content, final.open("wb") as stream:
        shutil.copyfileobj(content, stream)


def _replace(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename each path to its target, all of them or none."""
    with contextlib.ExitStack() as stack:
        kept: dict[Path, Path] = {}
        for _, target in moves if len(moves) > 1 else ():
            if target.exists():
                kept[target] = stack.enter_context(_beside(target))
                shutil.copy2(target, kept[target])
                _settle(kept[target], target)
        try:
            for path, target in moves:
                path.replace(target)
        except BaseException:
            renamed = [target for path, target in moves if not path.exists()]
            for target in renamed if len(renamed) < len(moves) else ():
                with contextlib.suppress(OSError):
                    kept[target].replace(target) if target in kept else target.unlink()
            raise
