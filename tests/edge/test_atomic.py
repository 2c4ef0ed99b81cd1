"""Write beside, then rename."""

import os
import resource
import subprocess
import sys

import pytest

from edgemnist.atomic import atomic_path, write_bytes, write_text
from edgemnist.errors import StorageError


def test_content_arrives_whole_and_nothing_stays_beside(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_text(path, "grüße\n")
    assert path.read_text(encoding="utf-8") == "grüße\n"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_beside(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_the_final_name_does_not_exist_before_the_end(tmp_path):
    path = tmp_path / "file"
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"


def test_a_folder_below_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot write .*file/below: .*; free some space or choose another folder"):
        write_bytes(tmp_path / "file" / "below", b"")


def test_a_full_disk_leaves_the_old_file_and_nothing_beside(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, b"old")
    script = f"""
import signal, pathlib
from edgemnist.atomic import write_bytes
from edgemnist.errors import StorageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_bytes(pathlib.Path({str(path)!r}), bytes(100_000))
except StorageError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.stdout.startswith(f"cannot write {path}: File too large")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]
