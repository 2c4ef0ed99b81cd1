"""Digits that were kept to learn from: what lies in a folder of them.

    DIR/unlabeled/HASH.png    waits for its label
    DIR/7/HASH.png            is a 7

HASH is of the 28x28 pixels, so that the same digit is kept once. A comment inside each file says that its pixels are
the network's own already (`picture.KEPT`): whoever reads it, `infer` too, gets them bit for bit.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from edgemnist.atomic import atomic_path
from edgemnist.data import DIGITS
from edgemnist.errors import PictureError, StorageError
from edgemnist.reading.picture import KEPT, open_picture

UNLABELED = "unlabeled"
"""The folder of those without a label."""
_HASH_DIGITS = 32
"""Hex digits of a name: half of a SHA-256."""
_PRIVATE = 0o600
"""Handwriting is its owner's."""


def image_name(image: NDArray[np.uint8]) -> str:
    """The name of the file that holds a (28, 28) uint8 image."""
    return f"{hashlib.sha256(image.tobytes()).hexdigest()[:_HASH_DIGITS]}.png"


def is_kept(folder: Path, name: str) -> bool:
    """Whether the folder holds a digit of this name, labeled or not."""
    # The unlabeled first: one that is labeled meanwhile goes the other way.
    return any((folder / place / name).exists() for place in (UNLABELED, *DIGITS))


def keep_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a (28, 28) uint8 image to `path`, whole or not at all, for its owner alone.

    Raises:
        StorageError: writing fails.
    """
    comment = PngInfo()
    comment.add_text(KEPT, "a digit as the network sees it: 0 = background, 255 = full ink")
    content = io.BytesIO()
    Image.fromarray(image).save(content, format="PNG", pnginfo=comment)
    make_folder(path.parent)
    with atomic_path(path) as temporary:
        temporary.chmod(_PRIVATE)
        temporary.write_bytes(content.getvalue())


def make_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, unless it is there.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {folder}: {error.strerror or error}") from error


def move_kept(path: Path, place: Path) -> bool:
    """Whether the file was still there and is now at `place`; another process may have been faster.

    Raises:
        StorageError: it cannot be moved.
    """
    make_folder(place.parent)
    try:
        path.rename(place)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"cannot move {path} to {place}: {error.strerror or error}") from error
    return True


def read_kept(path: Path) -> NDArray[np.uint8]:
    """The (28, 28) uint8 image that `keep_image` wrote.

    Raises:
        PictureError: it cannot be read, or is another picture.
    """
    picture = open_picture(path)
    if not picture.kept:
        raise PictureError(f"{path} is no digit that edgemnist kept")
    return picture.gray
