"""Every error that a user can cause, drawn as one tree, each with its exit code.

    EdgemnistError
    ├── UsageError         2   an option or argument that cannot be meant
    ├── CheckError         3   a check failed: parity, accuracy gate, self-test
    ├── PictureError       4   a picture could not be read or answered
    ├── ModelError         5   not a usable model or checkpoint
    ├── DataError          6   MNIST or IDX data missing or damaged
    ├── StorageError       7   reading or writing failed: disk full, not writable
    └── MissingExtraError  8   an optional part of edgemnist is not installed

`process.main` catches the root once and prints one line. Anything else that is raised is a bug of ours and ends
with a traceback and exit code 1.
"""


class EdgemnistError(Exception):
    """The root: says what went wrong, where, and what to do next, in one line."""

    exit_code = 1


class UsageError(EdgemnistError):
    """An option or argument that cannot be meant."""

    exit_code = 2


class CheckError(EdgemnistError):
    """A check failed: parity with torch, the accuracy gate, or the self-test on this device."""

    exit_code = 3


class PictureError(EdgemnistError):
    """A picture could not be read or answered."""

    exit_code = 4


class ModelError(EdgemnistError):
    """A file that is not a usable model or checkpoint of edgemnist."""

    exit_code = 5


class DataError(EdgemnistError):
    """MNIST or other IDX data is missing or damaged."""

    exit_code = 6


class StorageError(EdgemnistError):
    """Reading or writing a file failed: disk full, not writable, no such folder."""

    exit_code = 7


class MissingExtraError(EdgemnistError):
    """An optional part of edgemnist is not installed; the message holds the pip line that installs it."""

    exit_code = 8


_REASON_LENGTH = 300
"""Characters."""


def printable(text: str) -> str:
    """`text` as a terminal shows it: control characters and what is no UTF-8 in a file's name become escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def reason_of(error: BaseException) -> str:
    """What a library says of bytes from outside, as one printable line: it quotes what it found there as it is."""
    return printable(" ".join(str(error).split()) or type(error).__name__)[:_REASON_LENGTH]
