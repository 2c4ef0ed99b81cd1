"""Write beside, then rename: a file at its final name is always whole."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edgemnist.errors import StorageError


@contextlib.contextmanager
def atomic_path(final: Path) -> Iterator[Path]:
    """A temporary path in the folder of `final`; renamed to `final` when the block ends, removed when it raises.

    The folder is made when it is missing. The content reaches the disk before the rename, so that a power
    cut leaves the old file or the new one, never half of one.

    Raises:
        StorageError: the folder cannot be made, or writing fails (disk full, not writable).
    """
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.", suffix=".part")
        os.close(descriptor)
    except OSError as error:
        raise _storage_error(final, error) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)  # mkstemp makes files that only their owner can read
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(final)
    except OSError as error:
        raise _storage_error(final, error) from error
    finally:
        temporary.unlink(missing_ok=True)


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


def _storage_error(final: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    return StorageError(f"cannot write {final}: {reason}; free some space or choose another folder")
