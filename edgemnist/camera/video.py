"""Cameras of the system, streams and video files, by PyAV, which is imported nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PIL import Image

from edgemnist.camera.frames import Frame, Frames
from edgemnist.camera.jpegs import jpeg_frame
from edgemnist.errors import PictureError, printable
from edgemnist.process import extra

OPEN_S, READ_S = 20.0, 10.0
"""Until a stream that says nothing is given up; cameras that sleep take some seconds to begin."""

_NO_TIMESTAMPS = 0x80
"""FFmpeg's AVFMT_NOTIMESTAMPS, of formats."""


@dataclass(frozen=True)
class Address:
    """What FFmpeg opens."""

    url: str
    name: str
    """As messages call it."""
    cure: str
    """What to do where it cannot be opened."""
    form: str | None = None
    """FFmpeg's name of the kind, where it cannot find out."""
    options: Mapping[str, str] = field(default_factory=dict)


def video_frames(address: Address, max_pixels: int) -> Frames:
    """The frames of a camera, a stream or a file; damaged ones are left out.

    Raises:
        PictureError: it cannot be opened, holds no pictures or too large ones, or breaks off.
        MissingExtraError: PyAV is not installed.
    """
    with extra("camera"):
        import av
    limited = {**address.options, "max_pixels": str(max_pixels)}
    opened = False
    try:
        with _open(av, address, limited) as container:
            stream = next((each for each in container.streams.video if each.codec_context), None)  # known to FFmpeg
            if stream is None:
                raise PictureError(f"{address.name} holds no pictures that can be read; {address.cure}")
            size = (stream.codec_context.width, stream.codec_context.height)
            if size[0] * size[1] > max_pixels:
                raise too_large(address.name, size, max_pixels)
            opened = True
            if stream.codec_context.name == "mjpeg":
                yield from _jpegs(container, stream)
            else:
                stream.codec_context.options = {"max_pixels": str(max_pixels)}
                yield from _decoded(av, container, stream)
    except (av.FFmpegError, OSError) as error:
        silent = isinstance(error, av.error.ExitError)  # what a timeout makes FFmpeg do
        reason = "it says nothing" if silent else printable(getattr(error, "strerror", None) or type(error).__name__)
        line = f"lost {address.name}: {reason}" if opened else f"cannot open {address.name}: {reason}; {address.cure}"
        raise PictureError(line) from None


def too_large(name: str, size: tuple[int, int], max_pixels: int) -> PictureError:
    """The error that frames of such a size are."""
    return PictureError(
        f"{name} is too large: {size[0]}x{size[1]} pixels, the limit is {max_pixels / 1e6:g} megapixels; "
        "set the camera to fewer"
    )


def _open(av: Any, address: Address, options: dict[str, str]) -> Any:
    """The container; titles and the like are of no interest and may be damaged."""
    wait = (OPEN_S, READ_S)
    return av.open(address.url, format=address.form, options=options, metadata_errors="replace", timeout=wait)


def _jpegs(container: Any, stream: Any) -> Frames:
    """Each packet is a file of its own, which is unpacked only when it is read."""
    for packet in container.demux(stream):
        if packet.size:
            yield jpeg_frame(bytes(packet), _seconds(packet, stream))


def _decoded(av: Any, container: Any, stream: Any) -> Frames:
    """All are unpacked: each builds on those before it."""
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if not frame.is_corrupt:
                yield Frame(partial(_picture, frame), (frame.width, frame.height), _seconds(frame, stream))


def _picture(frame: Any) -> Image.Image:
    """The picture of a frame the right way up."""
    image: Image.Image = frame.to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _seconds(timed: Any, stream: Any) -> float | None:
    """Where a packet or a frame stands; None where the file only holds pictures and FFmpeg makes up their times."""
    untimed = stream.container.format.flags & _NO_TIMESTAMPS
    if untimed or timed.pts is None or timed.time_base is None:
        return None
    return float((timed.pts - (stream.start_time or 0)) * timed.time_base)
