"""What stands around every command: its streams, its signals, the extra that it needs, and the code it ends with.

Nothing but the standard library is imported before signals are heard, so that Ctrl-C during the slow imports ends a
command like any other moment does.
"""

import errno
import faulthandler
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal, NoReturn, TextIO

from edgemnist.errors import EdgemnistError, MissingExtraError, StorageError, printable


class OutputError(StorageError):
    """Standard output does not take what is written to it; an empty message where its reader has left."""


def main(command: Callable[[], int] | None = None) -> NoReturn:
    """Run `command`, or the command line; every error that a user can cause becomes one line and its exit code."""
    heard: list[int] = []
    _open_streams()
    _hear(heard)
    try:
        code = command() if command else _command_line()
        sys.stdout.flush()
    except BaseException as error:
        if not heard and not isinstance(error, EdgemnistError | OSError):
            raise  # a bug of ours
        code = _last_words(error) if not heard else 0
    finally:
        _hear_no_more()
    sys.exit(128 + heard[0] if heard else code)


def _command_line() -> int:
    from edgemnist.cli import run

    return run()


def say(*lines: str) -> None:
    """Print a message to stderr; what a terminal would not show as it is comes as an escape."""
    sys.stderr.write("edgemnist: " + "\n".join(map(printable, lines)) + "\n")


def _last_words(error: BaseException) -> int:
    """The exit code for an error that a user can cause, after saying it."""
    if isinstance(error, EdgemnistError):
        if str(error):
            say(str(error))
        return error.exit_code
    assert isinstance(error, OSError)
    where = f" {os.fsdecode(error.filename)}" if error.filename else ""
    say(f"cannot read or write{where}: {error.strerror or error}")
    return StorageError.exit_code


EXTRAS = {
    "train": ("torch", "torchvision", "onnx", "onnxscript", "matplotlib"),
    "serve": ("fastapi", "uvicorn", "multipart", "python_multipart", "prometheus_client"),
    "camera": ("av",),
}
"""What the extras of pyproject.toml bring, by the names that are imported."""


@contextmanager
def extra(name: Literal["train", "serve", "camera"]) -> Iterator[None]:
    """Imports that need the extra of that name.

    Raises:
        MissingExtraError: it is not installed.
    """
    import logging

    # Where the home cannot be written to, matplotlib does without it, but not without three long warnings.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRAS[name]:
            raise
        raise MissingExtraError(
            f'{error.name} is not installed; this command needs: pip install "edgemnist[{name}]"'
        ) from error


@contextmanager
def parting(word: str) -> Iterator[None]:
    """A block of which `word` is said when a signal ends it."""
    try:
        yield
    except KeyboardInterrupt:
        say(word)
        raise


# ---- signals

_A_LITTLE_LATER_S = 0.001
_PATIENCE = 100
"""How often a signal waits a little for a write to return. One that is stuck, because nobody reads, is broken off."""


def _hear(heard: list[int]) -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt, after noting in `heard` which it was.

    A signal that whoever started us has switched off stays switched off.
    """
    if threading.current_thread() is not threading.main_thread():
        return

    patience = _PATIENCE

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        now_or_later(number, frame)

    def now_or_later(_number: int, frame: FrameType | None) -> None:
        # What is raised between the bytes' leaving and the write's return has them written once more.
        nonlocal patience
        if frame and frame.f_code in _WRITES and patience:
            patience -= 1
            later()
        else:
            raise KeyboardInterrupt

    def later() -> None:
        signal.signal(signal.SIGALRM, now_or_later)
        signal.setitimer(signal.ITIMER_REAL, _A_LITTLE_LATER_S)

    def lost(unraisable: Any) -> None:
        # Python drops what is raised in a destructor; a little later it will be in one no more.
        if heard and issubclass(unraisable.exc_type, KeyboardInterrupt):
            later()
        else:
            sys.__unraisablehook__(unraisable)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, interrupt)
    sys.unraisablehook = lost


def _hear_no_more() -> None:
    """Have a signal that comes while Python is being taken down end it at once, without a traceback."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            signal.signal(number, handler)
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.unraisablehook = sys.__unraisablehook__


# ---- streams


class _Output(io.FileIO):
    """A file that says in our own words why it cannot be written; what comes later goes nowhere."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError as error:
            _to_nowhere(self.fileno())
            reasons = {errno.ENOSPC: "the disk is full", errno.EBADF: "it is closed", errno.EPIPE: ""}
            reason = reasons.get(error.errno or 0, error.strerror)
            raise OutputError(f"cannot write the output: {reason}" if reason else "") from error


class _Messages(io.FileIO):
    """A file whose failures stay without effect: nobody can be told, and the answers are worth more."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            _to_nowhere(self.fileno())
            return len(data)


_WRITES = (_Output.write.__code__, _Messages.write.__code__)


def _open_streams() -> None:
    """Make the three streams fit to use, whatever we were started with.

    A closed one would give its number to the next file that is opened. What native libraries print to stdout goes to
    stderr: only our answers belong there.
    """
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.dup2(os.open(os.devnull, mode), descriptor)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if sys.stderr in (None, sys.__stderr__):
        sys.stderr = _text(_Messages(2, "w", closefd=False), sys.stderr)
    if sys.stdout in (None, sys.__stdout__):
        sys.stdout = _text(_Output(os.dup(1), "w"), sys.stdout)
        os.dup2(2, 1)


def hush() -> None:
    """Send what native libraries write to stderr nowhere: libtiff has its own opinion of every damaged picture.

    Our messages come as before, and so does the report of a crash.
    """
    if not isinstance(getattr(getattr(sys.stderr, "buffer", None), "raw", None), _Messages):
        return
    ours = _Messages(os.dup(2), "w")
    sys.stderr = _text(ours, sys.stderr)
    faulthandler.enable(ours.fileno())
    _to_nowhere(2)


def _text(raw: io.FileIO, before: TextIO | None) -> TextIO:
    encoding = before.encoding if before else "utf-8"
    messages = isinstance(raw, _Messages)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=messages or raw.isatty()
    )


def draws_blocks() -> bool:
    """Whether stderr takes block characters, and nobody asked for plain text."""
    return not os.environ.get("NO_COLOR") and (sys.stderr.encoding or "").lower().startswith("utf")


def _to_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
