"""MJPEG over HTTP, as most network cameras give it: no more than a picture is ever held. The rest is PyAV's."""

import contextlib
from typing import Any
from urllib.parse import unquote, urlsplit

from edgemnist.camera.frames import Frames
from edgemnist.camera.jpegs import jpeg_frames
from edgemnist.camera.video import Address, video_frames
from edgemnist.errors import PictureError, printable

TIMEOUT_S = 10.0
"""Without a byte, until a camera is given up."""
_READ_BYTES = 1 << 16


def http_frames(address: Address, max_pixels: int) -> Frames:
    """The frames of what an HTTP server streams.

    Raises:
        PictureError: it cannot be opened, is a single picture, or breaks off.
        MissingExtraError: it is no MJPEG, and PyAV is not installed.
    """
    from http.client import HTTPException

    doing = "cannot open"
    try:
        with _request(address.url) as response:
            kind = response.headers.get_content_type()
            if kind.startswith("image/"):
                raise PictureError(f"{address.name} is one picture and no stream; docs/camera.md has a loop for it")
            if kind.startswith("multipart/"):
                doing = "lost"
                yield from jpeg_frames(lambda: response.read1(_READ_BYTES), address.name, max_pixels)
                return
    except (OSError, HTTPException, ValueError) as error:
        raise PictureError(f"{doing} {address.name}: {_reason(error)}") from None
    yield from video_frames(address, max_pixels)


def _request(url: str) -> contextlib.AbstractContextManager[Any]:
    """The response to a request with the user and password in `url`, in whichever way the server asks for them."""
    from urllib import request

    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    plain = parts._replace(netloc=place).geturl()
    passwords = request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        passwords.add_password(None, plain, unquote(parts.username), unquote(parts.password or ""))
    opener = request.build_opener(request.HTTPBasicAuthHandler(passwords), request.HTTPDigestAuthHandler(passwords))
    response: contextlib.AbstractContextManager[Any] = opener.open(plain, timeout=TIMEOUT_S)
    return response


def _reason(error: Exception) -> str:
    """Why, without the address, which may hold a password."""
    from urllib.error import HTTPError

    if isinstance(error, HTTPError):
        error.close()
        return printable(f"the server answers {error.code} {error.msg}".rstrip())
    cause = getattr(error, "reason", None) or error
    if isinstance(error, ValueError) or isinstance(cause, str):  # urllib's own words: no host given
        return "it is no whole address"
    if isinstance(cause, TimeoutError):
        return "it says nothing"
    return printable(getattr(cause, "strerror", None) or type(cause).__name__)
