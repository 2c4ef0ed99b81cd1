"""What `infer` is pointed at -> images: files, folders, globs, stdin; pictures, .npy and IDX."""

import glob
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.data.idx import decode_idx
from edgemnist.errors import EdgemnistError, PictureError
from edgemnist.infer.left_out import describe
from edgemnist.reading.formats import suffixes
from edgemnist.reading.picture import Picture, holds_pages, open_frames

STDIN = "-"
SEEN_ENDING = ".seen.png"
"""Of pictures that we wrote ourselves (show.py): they are read only when named."""
_ARRAY_SUFFIXES = (".npy",)
_IDX_ENDINGS = ("-ubyte", "-ubyte.gz", ".idx", ".idx.gz")
_NPY_MAGIC = b"\x93NUMPY"
_IDX_MAGIC = b"\0\0\x08"
MOST_PAGES = 1000
"""Of one file: a scanner's whole day, and an end to files that claim to have millions."""


@dataclass(frozen=True)
class Content:
    """What one source holds, or why it cannot be read."""

    source: str
    """The path as it was given or found; `-` for stdin."""
    images: NDArray[np.uint8] | None
    """(N, 28, 28) uint8 of an array file; None for a picture."""
    picture: str | bytes | None
    """The path of a picture, or its bytes from stdin; None for an array file."""
    error: EdgemnistError | None
    frame: int | None = None
    """Position of a page in a file that holds several."""
    page: Picture | None = None
    """That page, open already."""


def ignore(what: object) -> None:
    """None: what is done with a line that nobody wants."""


def find_sources(arguments: list[str], recursive: bool = False, announce: Callable[[str], None] = ignore) -> list[str]:
    """Paths of all that the arguments name, folders and globs unfolded and sorted; `-` stays.

    `announce` is given a line for each folder that holds files which are not read.

    Raises:
        PictureError: a folder holds no picture.
    """
    return [source for argument in arguments for source in _expand(argument, recursive, announce)]


def read_sources(sources: Iterable[str]) -> Iterator[Content]:
    """The content of each source in turn; one that cannot be read does not stop the others."""
    for source in sources:
        try:
            yield from _pages(_read(source))
        except EdgemnistError as error:
            yield Content(source, None, None, error)


def _expand(argument: str, recursive: bool, announce: Callable[[str], None]) -> list[str]:
    path = Path(argument)
    if argument == STDIN or path.is_file():
        return [argument]
    if path.is_dir():
        return _in_folder(path, recursive, announce)
    found = glob.glob(argument, recursive=True)
    return sorted(path for path in found if not path.endswith(SEEN_ENDING)) or [argument]


def _in_folder(folder: Path, recursive: bool, announce: Callable[[str], None]) -> list[str]:
    found: list[str] = []
    others: list[str] = []
    not_entered = 0
    for place, folders, names in os.walk(folder):
        if not recursive:
            not_entered = sum(not name.startswith(".") for name in folders)
            folders.clear()
        # What is hidden is the system's: .DS_Store and the like.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        readable = [name for name in names if is_picture(name) or name.lower().endswith(_ARRAY_SUFFIXES + _IDX_ENDINGS)]
        found += sorted(str(Path(place, name)) for name in readable if Path(place, name).is_file())
        others += [name for name in set(names).difference(readable) if is_left_out(name)]
    if line := describe(str(folder), others, not_entered):
        announce(line)
    if not found:
        raise PictureError(f"{folder} holds no picture, .npy or IDX file; pictures are {', '.join(suffixes())}")
    return found


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture, and not one of ours."""
    return name.lower().endswith(suffixes()) and not name.endswith(SEEN_ENDING)


def is_left_out(name: str) -> bool:
    """Whether somebody may miss the answer to a file of this name, which is none that is read."""
    return not name.startswith(".") and not name.endswith(SEEN_ENDING)


def _pages(content: Content) -> Iterator[Content]:
    """The content itself, or each page of a file that holds several."""
    source, picture = content.source, content.picture
    if picture is None or not holds_pages(picture):
        yield content
        return
    for index, page in enumerate(open_frames(picture)):
        if index == MOST_PAGES:
            error = PictureError(f"{source} has more than {MOST_PAGES:,} pages; those from here on are not read")
            yield Content(source, None, None, error, index)
            return
        if isinstance(page, PictureError):
            yield Content(source, None, None, page, index)
        else:
            yield Content(source, None, picture, None, index if page.several_frames else None, page)


def _read(source: str) -> Content:
    content = _content(source)
    name = "stdin" if source == STDIN else source
    if not content:
        raise PictureError(f"{name} is empty")
    lowered = name.lower()
    if content.startswith(_IDX_MAGIC) or lowered.endswith(_IDX_ENDINGS):
        return Content(source, _as_images(decode_idx(content, name), name), None, None)
    if content.startswith(_NPY_MAGIC) or lowered.endswith(_ARRAY_SUFFIXES):
        return Content(source, _as_images(_decode_npy(content, name), name), None, None)
    return Content(source, None, content if source == STDIN else source, None)


def _content(source: str) -> bytes:
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {source}: {error.strerror}; check the path") from error


def _decode_npy(content: bytes, name: str) -> NDArray[np.generic]:
    try:
        array: NDArray[np.generic] = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise PictureError(f"{name} is not a whole .npy file: {error}") from error
    return array


def _as_images(array: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.shape[-2:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise PictureError(
            f"{name} holds {array.dtype} of shape {array.shape}; images are uint8 of shape (28, 28) or "
            "(N, 28, 28), 0 = background, 255 = full ink"
        )
    return array.reshape(-1, IMAGE_SIZE, IMAGE_SIZE).astype(np.uint8, copy=False)
