"""MJPEG as it is: from standard input, from a file, and from the Pi's own camera by a child."""

import os
import subprocess
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from edgemnist.camera.frames import Frames
from edgemnist.camera.jpegs import jpeg_frames
from edgemnist.errors import PictureError, printable

_READ_BYTES = 1 << 16
"""What a pipe holds."""
RPICAM = (
    "rpicam-vid", "--timeout=0", "--nopreview", "--verbose=0", "--codec=mjpeg", "--quality=90", "--flush",
    "--width=1920", "--height=1080", "--framerate=10", "--output=-",
)  # fmt: skip
"""Without end, without a window; the default quality, 50, costs small digits their edges. It encodes on the CPU: ten
frames a second, the newest of which is never older than 0.1 s."""
_LAST_WORDS = 5
"""Lines of the child that are kept."""
_A_MOMENT_S = 1.0
"""For the last lines of a child that has ended."""


def stdin_frames(name: str, most_bytes: int) -> Frames:
    """The frames of MJPEG on standard input.

    Raises:
        PictureError: it holds something else, or cannot be read.
    """
    try:
        yield from jpeg_frames(lambda: os.read(0, _READ_BYTES), name, most_bytes)
    except OSError as error:
        raise PictureError(f"cannot read {name}: {error.strerror}") from error


def file_frames(path: Path, name: str, most_bytes: int) -> Frames:
    """The frames of a file of MJPEG; raises as `stdin_frames`."""
    try:
        with path.open("rb") as file:
            yield from jpeg_frames(lambda: file.read(_READ_BYTES), name, most_bytes)
    except OSError as error:
        raise PictureError(f"cannot read {name}: {error.strerror}") from error


class Rpicam:
    """The Pi's own camera, by a child."""

    def __init__(self, name: str, most_bytes: int) -> None:
        self._name, self._most_bytes = name, most_bytes
        self._child: subprocess.Popen[bytes] | None = None

    def release(self) -> None:
        """End the child, if there is one: whoever reads from it comes to an end."""
        if self._child:
            self._child.kill()

    def frames(self) -> Frames:
        """The camera's frames.

        Raises:
            PictureError: `rpicam-vid` is not installed, or ends.
        """
        # rpicam-vid and libcamera say on stderr what they do; what counts is why they end.
        quiet = os.environ | {"LIBCAMERA_LOG_LEVELS": "*:ERROR"}
        try:
            child = self._child = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
                RPICAM, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=quiet
            )
        except OSError as error:
            raise PictureError(
                f"{self._name} needs rpicam-vid, which cannot be started: {error.strerror}; "
                "on Raspberry Pi OS: sudo apt install rpicam-apps"
            ) from error
        assert child.stdout
        assert child.stderr
        words: deque[bytes] = deque(maxlen=_LAST_WORDS)
        listener = threading.Thread(target=words.extend, args=(child.stderr,), daemon=True)
        listener.start()
        try:
            descriptor = child.stdout.fileno()
            yield from jpeg_frames(lambda: os.read(descriptor, _READ_BYTES), self._name, self._most_bytes)
            listener.join(_A_MOMENT_S)
            raise PictureError(f"{self._name}: rpicam-vid ended{_last_of(words)}; try: rpicam-hello --list-cameras")
        finally:
            child.kill()
            child.wait()
            listener.join(_A_MOMENT_S)
            child.stdout.close()
            child.stderr.close()


def _last_of(lines: Iterable[bytes]) -> str:
    said = [line.decode(errors="replace").strip() for line in lines if line.strip()]
    return f": {printable(said[-1])}" if said else ""
