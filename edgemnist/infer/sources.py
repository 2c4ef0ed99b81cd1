"""What `infer` is pointed at -> images: files, folders, globs, stdin; pictures, .npy and IDX."""

import glob
import io
import math
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.data.idx import decode_idx, read_up_to
from edgemnist.errors import EdgemnistError, PictureError, StorageError, reason_of
from edgemnist.infer.left_out import describe
from edgemnist.reading.formats import BEGINNING_BYTES, find_format, suffixes
from edgemnist.reading.limits import MAX_PIXELS
from edgemnist.reading.picture import Picture, holds_pages, open_frames

STDIN = "-"
SEEN_ENDING = ".seen.png"
"""Of pictures that we wrote ourselves (show.py): they are read only when named."""
_ARRAY_SUFFIXES = (".npy",)
_IDX_ENDINGS = ("-ubyte", "-ubyte.gz", ".idx", ".idx.gz")
_NPY_MAGIC = b"\x93NUMPY"
_IDX_MAGIC = b"\0\0\x08"
_ANY_FOLDERS = re.compile(r"(?:^|(?<=/))\*\*(?:/+|$)")
MOST_PAGES = 1000
"""Of one file: a scanner's whole day, and an end to files that claim to have millions."""
MAX_BYTES = 64 * 2**20
"""Of an array file: 85,000 images, more than MNIST has."""

Kind = Literal["idx", "npy", "picture"]


@dataclass(frozen=True)
class Content:
    """What one source holds, or why it cannot be read."""

    source: str
    """The path as it was given or found; `-` for stdin."""
    images: NDArray[np.uint8] | None
    """(N, 28, 28) uint8 of an array file; None for a picture."""
    picture: str | bytes | None
    """The path of a picture, or the bytes of one that can be read only once; None for an array file."""
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
        StorageError: a folder cannot be read.
    """
    return [source for argument in arguments for source in _expand(argument, recursive, announce)]


def read_sources(sources: Iterable[str], max_pixels: int = MAX_PIXELS) -> Iterator[Content]:
    """The content of each source in turn; one that cannot be read does not stop the others.

    Pages of a file are opened within `max_pixels`; so many bytes are read of a picture that can be read only once.
    """
    for source in sources:
        try:
            yield from _pages(_read(source, max_pixels), max_pixels)
        except EdgemnistError as error:
            yield Content(source, None, None, error)


def contents(source: str, picture: bytes, max_pixels: int = MAX_PIXELS) -> Iterator[Content]:
    """The content of a picture's bytes, or of each page of a file that holds several, as `read_sources` has it."""
    try:
        yield from _pages(Content(source, None, picture, None), max_pixels)
    except EdgemnistError as error:
        yield Content(source, None, None, error)


def _expand(argument: str, recursive: bool, announce: Callable[[str], None]) -> list[str]:
    path = Path(argument)
    if argument == STDIN or os.path.isfile(argument):  # noqa: PTH113 - a name that is too long is no file, no error
        return [argument]
    if os.path.isdir(argument):  # noqa: PTH112 - as above
        return _in_folder(path, recursive, announce)
    found = {path for path in _matches(argument) if not path.endswith(SEEN_ENDING)}
    return sorted(found) or [argument]


def _matches(pattern: str) -> Iterator[str]:
    """The paths that a glob means; `**` is any number of folders, but no links to folders: they may lead in circles."""
    stars = _ANY_FOLDERS.search(pattern)
    if not stars:
        yield from glob.glob(pattern)
        return
    before, after = pattern[: stars.start()], pattern[stars.end() :] or "*"
    for start in glob.glob(before) if before else ["."]:
        for place, folders, _ in os.walk(start):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inside = place if before else place.removeprefix(".").removeprefix("/")
            yield from _matches(str(Path(glob.escape(inside), after)))


def _in_folder(folder: Path, recursive: bool, announce: Callable[[str], None]) -> list[str]:
    found: list[str] = []
    others: list[str] = []
    not_entered = 0

    def failed(error: OSError) -> None:
        line = f"cannot read the folder {error.filename}: {error.strerror or error}"
        if error.filename == str(folder):
            raise StorageError(line) from error
        announce(line)

    for place, folders, names in os.walk(folder, onerror=failed):
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


def _pages(content: Content, max_pixels: int) -> Iterator[Content]:
    """The content itself, or each page of a file that holds several."""
    source, picture = content.source, content.picture
    if picture is None or not holds_pages(picture):
        yield content
        return
    for index, page in enumerate(open_frames(picture, max_pixels)):
        if index == MOST_PAGES:
            error = PictureError(f"{source} has more than {MOST_PAGES:,} pages; those from here on are not read")
            yield Content(source, None, None, error, index)
            return
        if isinstance(page, PictureError):
            yield Content(source, None, None, page, index)
        else:
            yield Content(source, None, picture, None, index if page.several_frames else None, page)


def _read(source: str, max_pixels: int) -> Content:
    name = "stdin" if source == STDIN else source
    try:
        with open(0 if source == STDIN else source, "rb", closefd=source != STDIN) as file:
            status = os.fstat(file.fileno())
            again = source != STDIN and stat.S_ISREG(status.st_mode)
            kind, content = _read_file(file, name, status.st_size if again else None, max_pixels)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"cannot read {name}: {reason}; check the path") from error
    if kind == "idx":
        return Content(source, _as_images(decode_idx(content, name, MAX_BYTES), name), None, None)
    if kind == "npy":
        return Content(source, _decode_npy(content, name), None, None)
    return Content(source, None, content or source, None)


def _read_file(file: BinaryIO, name: str, size: int | None, max_pixels: int) -> tuple[Kind, bytes]:
    """What a file holds, and its content: empty of a picture that can be opened again by its path.

    `size` is None of what can be read only once: of a picture so many bytes are read then as it may have pixels.
    """
    beginning = bytes(read_up_to(file, BEGINNING_BYTES))
    if not beginning:
        raise PictureError(f"{name} is empty")
    kind = _kind(beginning, name)
    if kind == "picture" and size is not None:
        return kind, b""
    if kind == "picture":
        find_format(beginning, name)  # before all of it is read
    most = max_pixels if kind == "picture" else MAX_BYTES
    rest = b"" if size is not None and size > most else read_up_to(file, most + 1 - len(beginning))
    if (size or 0) > most or len(beginning) + len(rest) > most:
        raise PictureError(f"{name} is larger than {most / 1e6:.0f} MB; split it, or make it smaller first")
    return kind, beginning + rest


def _kind(magic: bytes, name: str) -> Kind:
    """What a file is, by its first bytes and its name."""
    lowered = name.lower()
    if magic.startswith(_IDX_MAGIC) or lowered.endswith(_IDX_ENDINGS):
        return "idx"
    return "npy" if magic.startswith(_NPY_MAGIC) or lowered.endswith(_ARRAY_SUFFIXES) else "picture"


def _decode_npy(content: bytes, name: str) -> NDArray[np.uint8]:
    """The images in a .npy file; nothing is allocated for what its header merely says."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version[0] > 2:
            raise ValueError(f"format version {version[0]}.{version[1]} is not for arrays of numbers")
        read = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read(stream)
    except Exception as error:  # numpy's header parser raises half a dozen kinds
        raise PictureError(f"{name} is not a whole .npy file: {reason_of(error)}") from error
    _require_images(str(dtype), tuple(shape), name)
    size, rest = math.prod(shape), len(content) - stream.tell()
    if rest < size:
        raise PictureError(f"{name} is not a whole .npy file: {rest:,} of {size:,} bytes; get it again")
    if rest > size:
        raise PictureError(f"{name} goes on after its first array; save one array in a file")
    array = np.frombuffer(content, np.uint8, size, stream.tell()).reshape(shape, order="F" if by_columns else "C")
    return np.ascontiguousarray(array).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _as_images(array: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    _require_images(str(array.dtype), array.shape, name)
    return array.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _require_images(dtype: str, shape: tuple[int, ...], name: str) -> None:
    if dtype != "uint8" or len(shape) not in (2, 3) or shape[-2:] != (IMAGE_SIZE, IMAGE_SIZE) or shape[0] < 0:
        raise PictureError(
            f"{name} holds {dtype} of shape {shape}; images are uint8 of shape (28, 28) or "
            "(N, 28, 28), 0 = background, 255 = full ink"
        )
