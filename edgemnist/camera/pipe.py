"""MJPEG from a pipe: standard input, and the Pi's own camera by a child."""

import os
import subprocess
import threading
from collections import deque

from edgemnist.camera.frames import Frames
from edgemnist.camera.jpegs import jpeg_frames
from edgemnist.errors import PictureError, reason_of

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


def stdin_frames(name: str, most_bytes: int) -> Frames:
    """The frames of MJPEG on standard input.

    Raises:
        PictureError: it holds something else.
    """
    return jpeg_frames(lambda: os.read(0, _READ_BYTES), name, most_bytes)


def rpicam_frames(name: str, most_bytes: int) -> Frames:
    """The frames of the Pi's own camera.

    Raises:
        PictureError: `rpicam-vid` is not installed, or ends.
    """
    # rpicam-vid and libcamera say on stderr what they do; what counts is why they end.
    quiet = os.environ | {"LIBCAMERA_LOG_LEVELS": "*:ERROR"}
    try:
        child = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            RPICAM, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=quiet
        )
    except OSError as error:
        raise PictureError(
            f"{name} needs rpicam-vid, which cannot be started: {error.strerror}; "
            "on Raspberry Pi OS: sudo apt install rpicam-apps"
        ) from error
    assert child.stdout
    assert child.stderr
    words: deque[bytes] = deque(maxlen=_LAST_WORDS)
    listener = threading.Thread(target=words.extend, args=(child.stderr,), daemon=True)
    listener.start()
    try:
        descriptor = child.stdout.fileno()
        yield from jpeg_frames(lambda: os.read(descriptor, _READ_BYTES), name, most_bytes)
        code = child.wait(_A_MOMENT_S)
        listener.join(_A_MOMENT_S)
        said = [line for line in words if line.strip()]
        reason = f": {reason_of(Exception(said[-1].decode(errors='replace')))}" if said else ""
        raise PictureError(f"{name}: rpicam-vid ended with exit code {code}{reason}; try: rpicam-hello --list-cameras")
    finally:
        child.kill()
        child.wait()
        listener.join(_A_MOMENT_S)
        child.stdout.close()
        child.stderr.close()
