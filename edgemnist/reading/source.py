"""What a caller hands in -> a file that Pillow can open, or pixels. What has one meaning is taken; what has none is
refused with what to type instead."""

import base64
import binascii
import io
import os
import urllib.parse
from pathlib import Path
from typing import IO, Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.data import IMAGE_SIZE
from edgemnist.data.idx import read_up_to
from edgemnist.errors import PictureError


class SupportsArray(Protocol):
    """A numpy array, a torch tensor, or what else makes a numpy array of itself."""

    def __array__(self) -> NDArray[Any]:
        """The numpy array."""


Given = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | Image.Image
    | SupportsArray
    | NDArray[np.uint8]
)
"""A picture: a path or data URL, an encoded file's bytes, an open binary file, a PIL image, or an array of pixels."""

_LONGEST_NAME = 200
"""Characters of a path in a message; a text that is no path may hold a whole picture."""
_FLAT_SHAPE = (IMAGE_SIZE * IMAGE_SIZE,)
_PIXELS = "pixels are uint8, 0 to 255"


def name_of(source: object) -> str:
    """How messages call a picture: its path, or `the picture`."""
    if not isinstance(source, str | os.PathLike) or _is_data_url(source):
        return "the picture"
    name = os.fsdecode(source)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def as_file(source: Given, most_bytes: int) -> IO[bytes] | Image.Image:
    """A picture's file, open and seekable and the caller's to close, or a PIL image.

    Of what can be read only once, such as a FIFO, no more than `most_bytes` are read.

    Raises:
        PictureError: the file cannot be read, or a data URL is damaged.
        TypeError, ValueError: no picture can be meant; the message names what was given and the way out.
    """
    if isinstance(source, Image.Image):
        return source
    if _is_data_url(source):
        return io.BytesIO(_from_data_url(str(source)))
    if isinstance(source, str | os.PathLike):
        return _open(source, most_bytes)
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if hasattr(source, "read"):
        return io.BytesIO(_read_all(source, most_bytes))
    if is_array(source):
        return _as_picture(as_pixels(source))
    raise TypeError(f"{_article(source)} is no picture; {_way_out(source)}")


def is_array(given: object) -> TypeGuard[SupportsArray]:
    """Whether something is an array of numpy's, or makes one of itself; PIL images are pictures."""
    return hasattr(given, "__array__") and not isinstance(given, Image.Image)


def as_pixels(given: SupportsArray) -> NDArray[np.uint8]:
    """What is given as a uint8 array.

    Raises:
        TypeError: it cannot be made an array.
        ValueError: it is an array of something else; the message says how to make pixels of it.
    """
    try:
        array = np.asarray(given)
    except Exception as error:  # torch, JAX and others have their own reasons
        raise TypeError(f"{_article(given)} cannot be made a numpy array: {error}") from error
    if array.dtype == np.uint8:
        return array
    name = "x" if isinstance(given, np.ndarray) else "np.asarray(x)"
    raise ValueError(f"an array of {array.dtype} is given; {_PIXELS}{_conversion(array, name)}")


def as_images(given: SupportsArray) -> tuple[NDArray[np.uint8], bool]:
    """(N, 28, 28) uint8 images in an array, and whether it holds just one without an axis for several.

    Raises:
        TypeError, ValueError: as `as_pixels`, or another shape.
    """
    array = as_pixels(given)
    side = (IMAGE_SIZE, IMAGE_SIZE)
    single = array.shape in (side, (*side, 1), _FLAT_SHAPE)
    if not single and array.shape[1:] not in (side, (*side, 1), (1, *side), _FLAT_SHAPE):
        is_frame = array.ndim in (2, 3) and array.shape[2:] in ((), (1,), (3,), (4,))
        raise ValueError(
            f"an array of shape {array.shape} holds no {IMAGE_SIZE}x{IMAGE_SIZE} images; "
            + (
                "of a picture read the digits with predict_row(x), a single one with predict(read_image(x))"
                if is_frame
                else "these are (N, 28, 28), (N, 28, 28, 1), (N, 1, 28, 28) or (N, 784)"
            )
        )
    return array.reshape(-1, *side), single


def _as_picture(array: NDArray[np.uint8]) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.size == 0 or array.shape[2:] not in ((), (3,), (4,)) or array.ndim < 2:
        way = "; put the colors last: x.transpose(1, 2, 0)" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else ""
        raise ValueError(f"an array of shape {array.shape} is no picture; pictures are (H, W), (H, W, 3 or 4){way}")
    if array.ndim == 3 and array.shape[2] == 4 and not array[:, :, 3].any():
        array = array[:, :, :3]  # a camera's filler: a picture that is transparent all over shows nothing
    return Image.fromarray(np.ascontiguousarray(array))


def _is_data_url(source: object) -> bool:
    return isinstance(source, str) and source[:5].lower() == "data:"


def _from_data_url(url: str) -> bytes:
    """What a browser's canvas gives: `data:image/png;base64,...`."""
    head, comma, data = url.partition(",")
    if not comma:
        raise PictureError("the picture is a data URL without data; it must be data:image/png;base64,...")
    content = urllib.parse.unquote_to_bytes(data)
    if not head.lower().endswith(";base64"):
        return content
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error as error:
        raise PictureError(f"the picture is a data URL with damaged base64: {error}") from error


def _open(source: str | os.PathLike[str], most_bytes: int) -> IO[bytes]:
    name = name_of(source)
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - the caller's to close
        if file.seekable():
            return file
        with file:
            return io.BytesIO(_require_short(bytes(read_up_to(file, most_bytes + 1)), name, most_bytes))
    except FileNotFoundError as error:
        where = "download it first" if "://" in name else "check the path"
        raise PictureError(f"{name} does not exist; {where}") from error
    except (OSError, ValueError) as error:  # a null byte is a ValueError
        raise PictureError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from error


def _read_all(file: Any, most_bytes: int) -> bytes:
    try:
        if file.seekable():
            file.seek(0)  # as Pillow does: who has just written a picture to it stands at its end
        content = file.read(most_bytes + 1)
    except AttributeError:
        content = file.read(most_bytes + 1)
    except OSError as error:
        raise PictureError(f"cannot read the picture: {error.strerror or error}") from error
    if isinstance(content, str):
        raise TypeError('a file in text mode is no picture; open it with mode "rb"')
    return _require_short(bytes(content), "the picture", most_bytes)


def _require_short(content: bytes, name: str, most_bytes: int) -> bytes:
    if len(content) > most_bytes:
        raise PictureError(
            f"{name} is too large: the limit of what can be read only once is {most_bytes / 1e6:g} MB; "
            "save it as a file first"
        )
    return content


def _conversion(array: NDArray[Any], name: str) -> str:
    """What to type to get pixels; empty when that is not to be known."""
    if array.dtype == np.bool_:
        return f'; type: {name}.astype("uint8") * 255'
    if array.dtype.kind not in "fiu" or array.size == 0:
        return ""
    low, high = array.min(), array.max()
    if low >= 0 and high <= 1 and array.dtype.kind == "f":
        return f'; type: ({name} * 255).round().astype("uint8")'
    if low >= 0 and high <= 255:
        return (
            f'; type: {name}.round().astype("uint8")' if array.dtype.kind == "f" else f'; type: {name}.astype("uint8")'
        )
    return f"; these go from {low:.3g} to {high:.3g}: bring them there first"


def _article(given: object) -> str:
    name = type(given).__name__
    return "None" if given is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _way_out(given: object) -> str:
    if isinstance(given, list | tuple):
        return 'give one picture at a time; of numbers make an array: np.array(x, dtype="uint8")'
    if hasattr(given, "__iter__") and not isinstance(given, dict):
        return "make a list of it: list(x)"
    return "give a path, an encoded file's bytes, an open binary file, a PIL image or a uint8 array"
