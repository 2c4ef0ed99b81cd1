"""Regular files, whose size is known before they are read: a FIFO may never answer, and a device never end."""

import errno
import io
import os
import stat
from pathlib import Path


def open_regular(path: Path) -> io.BufferedReader:
    """The regular file `path`, open for reading.

    Raises:
        OSError: it is none, or cannot be opened.
        ValueError: its name holds a zero byte.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # of folders the system says what they are
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return path.open("rb")


def read_regular(path: Path, most_bytes: int) -> bytes | None:
    """The content of a regular file; None, and nothing is read, when it has more than so many bytes.

    Raises:
        OSError, ValueError: as `open_regular`.
    """
    with open_regular(path) as file:
        if size_of(file) > most_bytes:
            return None
        return file.read(most_bytes)


def size_of(file: io.BufferedReader) -> int:
    """The bytes of an open regular file."""
    return os.fstat(file.fileno()).st_size
