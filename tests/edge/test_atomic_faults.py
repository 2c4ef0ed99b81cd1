"""Outputs that are no regular files, links, files of others, storages that fail: nobody loses anything."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edgemnist import atomic
from edgemnist.atomic import atomic_path, atomic_paths, write_bytes
from edgemnist.errors import StorageError


def part(folder: Path, name: str, number: int = 0) -> Path:
    return folder / f".{name}.{number}.edgemnist-part"


def test_a_fifo_is_written_to_and_stays_a_fifo(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    write_bytes(fifo, b"content")
    reader.join()
    assert read == [b"content"]
    assert fifo.is_fifo()
    assert os.listdir(tmp_path) == ["fifo"]


def test_a_device_is_written_to_and_stays_a_device(tmp_path):
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_bytes(link, b"content")
    assert Path("/dev/null").is_char_device()
    assert os.listdir(tmp_path) == ["null"]
    with pytest.raises(StorageError, match="No space left"):
        write_bytes(Path("/dev/full"), b"content")


def test_a_stream_by_its_name_goes_where_it_goes(tmp_path):
    code = (
        "from pathlib import Path\nfrom edgemnist.atomic import write_bytes\nwrite_bytes(Path('/dev/stdout'), b'new')"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out").read_bytes() == b"new"


def test_of_a_link_the_file_that_it_points_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("there/file")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "file").read_bytes() == b"new"
    assert os.listdir(tmp_path / "there") == ["file"]


def test_rights_of_the_file_before_and_of_the_process_hold(tmp_path):
    mask = os.umask(0o027)
    try:
        write_bytes(tmp_path / "new", b"")
        (tmp_path / "private").touch(0o600)
        write_bytes(tmp_path / "private", b"secret")
    finally:
        os.umask(mask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600


def test_names_of_255_bytes_can_be_written(tmp_path):
    name = "ü" * 127 + "x"
    write_bytes(tmp_path / name, b"whole")
    assert (tmp_path / name).read_bytes() == b"whole"


def test_what_a_killed_process_left_is_removed_and_what_others_write_or_own_is_not(tmp_path):
    path = tmp_path / "file"
    part(tmp_path, "file").write_bytes(b"left by a killed process")
    foreign = tmp_path / ".file.x1y2.part"
    foreign.write_bytes(b"somebody's")
    busy = part(tmp_path, "file", 1)
    with busy.open("wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        with atomic_path(path) as first, atomic_path(path) as second:
            assert {first, second} == {part(tmp_path, "file", 0), part(tmp_path, "file", 2)}
            second.write_bytes(b"second")
            first.write_bytes(b"first")
    assert path.read_bytes() == b"first"
    assert sorted(tmp_path.iterdir()) == sorted([busy, foreign, path])


def test_something_else_of_the_name_beside_is_left_alone(tmp_path):
    part(tmp_path, "file").mkdir()
    os.mkfifo(part(tmp_path, "file", 1))
    write_bytes(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert part(tmp_path, "file").is_dir()
    assert part(tmp_path, "file", 1).is_fifo()


def fail(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_a_storage_that_turns_read_only_is_one_error(tmp_path, monkeypatch):
    def unlink(*_: object) -> None:
        raise fail(errno.EROFS)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(StorageError, match="No space left"), atomic_path(tmp_path / "file"):
        raise fail(errno.ENOSPC)


@pytest.mark.parametrize("old", [(b"old a", b"old b"), (b"old a", None), (None, b"old b"), (None, None)])
@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("late", [False, True])
def test_files_that_belong_together_are_all_new_or_all_old(tmp_path, monkeypatch, old, failing, late):
    finals = [tmp_path / "a", tmp_path / "b"]
    for final, content in zip(finals, old, strict=True):
        if content is not None:
            final.write_bytes(content)
    replace, calls = Path.replace, []

    def failing_replace(path: Path, target: Path) -> None:
        calls.append(path)
        if len(calls) == failing + 1:
            if late:  # as when Ctrl-C comes just after the rename
                replace(path, target)
                raise KeyboardInterrupt
            raise fail(errno.EIO)
        replace(path, target)

    monkeypatch.setattr(Path, "replace", failing_replace)
    with pytest.raises(KeyboardInterrupt if late else StorageError), atomic_paths(finals) as written:
        for path in written:
            path.write_bytes(b"new")
    found = tuple(final.read_bytes() if final.exists() else None for final in finals)
    assert found == ((b"new", b"new") if late and failing == 1 else old)
    assert {path.name for path in tmp_path.iterdir()} <= {"a", "b"}


def test_a_folder_in_the_place_of_one_is_found_before_anything_is_written(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").mkdir()
    entered = []
    with (
        pytest.raises(StorageError, match="cannot write .*/b: Is a directory"),
        atomic_paths([tmp_path / "a", tmp_path / "b"]) as written,
    ):
        entered.append(written)
    assert not entered
    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_file_system_without_locks_will_do(tmp_path, monkeypatch):
    def flock(*_: object) -> None:
        raise fail(errno.ENOLCK)

    monkeypatch.setattr(atomic.fcntl, "flock", flock)
    part(tmp_path, "file").write_bytes(b"who knows whose")
    write_bytes(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert part(tmp_path, "file").exists()
