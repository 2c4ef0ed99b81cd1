"""What SOURCE means: a camera, a stream, standard input or a video file, and how each is opened."""

import os
import stat
from functools import partial
from pathlib import Path

from edgemnist.camera.frames import STDIN, Source
from edgemnist.camera.http import http_frames
from edgemnist.camera.jpegs import JPEG_BEGINNING
from edgemnist.camera.pipe import Rpicam, file_frames, stdin_frames
from edgemnist.camera.video import Address, video_frames
from edgemnist.errors import PictureError, UsageError

RPICAM = "rpicam"

_STREAMS = {
    "http": {"protocol_whitelist": "http,https,tcp,tls"},
    "https": {"protocol_whitelist": "http,https,tcp,tls"},
    # UDP loses what a busy Pi does not fetch in time, and with it the pictures until the next whole one.
    "rtsp": {"protocol_whitelist": "rtsp,rtp,tcp,udp,tls", "rtsp_flags": "prefer_tcp"},
    "rtsps": {"protocol_whitelist": "rtsp,rtp,tcp,udp,tls"},
}
"""FFmpeg's options by scheme. A stream may refer to streams alone: no file of this machine is opened for it."""


def find_source(text: str, max_pixels: int) -> Source:
    """The source that `text` means; frames of more than `max_pixels` are refused.

    Raises:
        UsageError: it is an address of a kind that is not read.
        PictureError: there is no such file or device.
    """
    if text == STDIN:
        recorded = stat.S_ISREG(os.fstat(0).st_mode)
        return Source(STDIN, partial(stdin_frames, "stdin", max_pixels), live=not recorded, lasting=False)
    if text == RPICAM:
        camera = Rpicam(RPICAM, max_pixels)
        return Source(RPICAM, camera.frames, live=True, lasting=True, release=camera.release)
    if "://" in text:
        return _stream(text, max_pixels)
    return _path(text, max_pixels)


def without_password(address: str) -> str:
    """An address as it may be printed: without user, password and whatever stands behind a question mark.

    Where a password that was not escaped leaves open what is what, nothing but the scheme is left.
    """
    scheme, _, rest = address.partition("://")
    place, question, query = rest.partition("?")
    if "@" in query:
        return f"{scheme}://..."
    return f"{scheme}://{place.rpartition('@')[2]}{'?...' * bool(question)}"


def _stream(text: str, max_pixels: int) -> Source:
    name, scheme = without_password(text), text.partition("://")[0].lower()
    if scheme not in _STREAMS:
        raise UsageError(f"{name} is no address that is read; these begin with rtsp://, rtsps://, http:// or https://")
    address = Address(text, name, "check the address", options=_STREAMS[scheme])
    frames = http_frames if scheme in ("http", "https") else video_frames
    return Source(name, partial(frames, address, max_pixels), live=True, lasting=True)


def _path(text: str, max_pixels: int) -> Source:
    path = Path(text)
    try:
        mode = path.stat().st_mode
        beginning = _beginning(path) if stat.S_ISREG(mode) else b""
    except (OSError, ValueError) as error:  # a null byte is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise PictureError(
            f"cannot open {text}: {reason}; a source is /dev/video0, rpicam, an rtsp or http address, - or a video file"
        ) from error
    if stat.S_ISCHR(mode):
        camera = Address(text, text, "list the cameras: v4l2-ctl --list-devices", form="v4l2")
        return Source(text, partial(video_frames, camera, max_pixels), live=True, lasting=True)
    if not stat.S_ISREG(mode):
        raise PictureError(f"{text} is neither a camera nor a video file")
    if beginning == JPEG_BEGINNING:
        return Source(text, partial(file_frames, path, text, max_pixels), live=False, lasting=False)
    whole = "it must be a whole video file"
    film = Address(f"file:{path.absolute()}", text, whole, options={"protocol_whitelist": "file"})
    return Source(text, partial(video_frames, film, max_pixels), live=False, lasting=False)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(JPEG_BEGINNING))
