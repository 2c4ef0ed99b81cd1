"""The installer under faults: the old installation or the new one answers, and nobody else's folder is touched."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pi import Device, pack
from tiny_wheels import PLATFORM, PYTHON, make_own

from edgemnist.bundle.installer import install, places
from edgemnist.bundle.installer.manifest import Manifest, Wheel, from_json, to_json
from edgemnist.errors import CheckError


@pytest.fixture
def old(tmp_path: Path, device: Device) -> str:
    """What the installed command says while version 0.1.0 is in use."""
    assert install.main(pack(make_own(tmp_path)), ["--prefix", str(device.prefix)]) == 0
    return device.answer()


def upgrade(tmp_path: Path, device: Device) -> int:
    return install.main(pack(make_own(tmp_path, "0.2.0")), ["--prefix", str(device.prefix)])


@pytest.mark.parametrize(
    ("link", "late", "error"),
    [
        ("previous", True, OSError(5, "Input/output error")),
        ("current", False, KeyboardInterrupt()),
        ("current", True, OSError(5, "Input/output error")),
        ("current", True, KeyboardInterrupt()),
        ("edgemnist", False, OSError(5, "Input/output error")),
    ],
)
def test_a_fault_while_switching_leaves_an_installation_that_answers(
    tmp_path: Path,
    device: Device,
    old: str,
    monkeypatch: pytest.MonkeyPatch,
    link: str,
    late: bool,
    error: BaseException,
) -> None:
    point = places._point

    def failing(path: Path, target: Path) -> None:
        if path.name == link and not late:
            raise error
        point(path, target)
        if path.name == link:
            raise error

    monkeypatch.setattr(places, "_point", failing)
    if isinstance(error, KeyboardInterrupt):
        monkeypatch.setattr(install, "_hear", lambda heard: heard.append(2) or {})
    assert upgrade(tmp_path, device) == (130 if isinstance(error, KeyboardInterrupt) else 7)
    assert device.answer() in (old, "this is 0.2.0\n")
    monkeypatch.undo()
    assert upgrade(tmp_path, device) == 0
    assert device.answer() == "this is 0.2.0\n"


@pytest.mark.parametrize("link", ["current", "edgemnist"])
def test_a_fault_while_switching_to_the_first_installation_leaves_nothing_that_answers_half(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    point = places._point

    def failing(path: Path, target: Path) -> None:
        if path.name == link:
            raise OSError(5, "Input/output error")
        point(path, target)

    monkeypatch.setattr(places, "_point", failing)
    assert upgrade(tmp_path, device) == 7
    assert not (device.prefix / "bin" / "edgemnist").exists()
    assert not os.path.lexists(device.home / "current")
    assert device.installations() == []


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_ends_it_in_one_line_and_leaves_the_old_installation(
    tmp_path: Path, device: Device, old: str, number: str, code: int
) -> None:
    signals = f"signal.signal(signal.{number}, signal.SIG_IGN); os.kill(os.getppid(), signal.{number}); "
    newer = pack(make_own(tmp_path, "0.2.0", signals + "signal.alarm(60); signal.pause()"))
    done = device.install(newer)
    assert (done.returncode, done.stderr) == (code, "edgemnist: interrupted; the installation in use still works\n")
    assert device.answer() == old
    assert device.installations() == ["0.1.0"]


INTERRUPTED = """#!/bin/sh
shift
exec {python} -I -c '
import importlib.abc, os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "venv":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
' "$@"
"""


def test_ctrl_c_during_the_imports_ends_it_without_a_traceback(tmp_path: Path, device: Device) -> None:
    python = device.tools / "python3"
    python.unlink()
    python.write_text(INTERRUPTED.format(python=sys.executable))
    python.chmod(0o755)
    done = device.install(pack(make_own(tmp_path)))
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
    assert not device.prefix.exists()


def test_ctrl_c_of_a_terminal_reaches_the_installer_alone(tmp_path: Path, device: Device, old: str) -> None:
    """A terminal sends it to the whole group, so a self-test in the same would print a traceback of its own."""
    told = "signal.signal(signal.SIGINT, signal.default_int_handler); "
    group = f"{told}os.getpgid(0) == os.getpgid(os.getppid()) and os.kill(os.getpid(), signal.SIGINT); "
    newer = pack(make_own(tmp_path, "0.2.0", f"{group}os.kill(os.getppid(), signal.SIGINT); signal.pause()"))
    done = device.install(newer)
    assert (done.returncode, done.stderr) == (130, "edgemnist: interrupted; the installation in use still works\n")
    assert device.answer() == old


@pytest.mark.parametrize("mask", ["077", "000"])
def test_everybody_can_use_an_installation_and_nobody_else_can_write_to_it(
    tmp_path: Path, device: Device, mask: str
) -> None:
    done = device.install(pack(make_own(tmp_path)), limit=f"umask {mask};")
    assert (done.returncode, done.stderr) == (0, "")
    for path in (device.prefix, *device.prefix.rglob("*")):
        mode = path.stat().st_mode
        assert mode & stat.S_IROTH, path
        assert not mode & (stat.S_IWOTH | stat.S_IWGRP), path
        assert not path.is_dir() or mode & stat.S_IXOTH, path


def test_no_folder_for_temporary_files_is_needed(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", full)
    assert install.main(pack(make_own(tmp_path)), ["--prefix", str(device.prefix)]) == 0
    assert device.answer() == "this is 0.1.0\n"


def test_folders_that_are_not_ours_stay(tmp_path: Path, device: Device, old: str) -> None:
    foreign = device.home / "0.1.0-backup"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    assert upgrade(tmp_path, device) == 0
    assert (foreign / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("name", ["new\nline", "back\\slash", "bell\a", "no\udcffutf8"])
def test_a_prefix_that_no_launcher_can_hold_is_refused(tmp_path: Path, device: Device, name: str) -> None:
    done = subprocess.run(
        ["sh", pack(make_own(tmp_path)), "--prefix", tmp_path / name],
        env={**os.environ, "PATH": f"{device.tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("edgemnist: --prefix ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / name).exists()


GOOD = Manifest("0.1.0", PLATFORM, {PYTHON: (Wheel("edgemnist-0.1.0-py3-none-any.whl", "0" * 64),)})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"0.1.0"', '"../../home"'),
        ('"0.1.0"', '"."'),
        ('"0.1.0"', "1"),
        ("edgemnist-0.1.0-py3", "../x"),
        ("{", "["),
        ('"wheels"', '"wheel"'),
        ('"sha256"', '"md5"'),
        ("{", "[" * 100_000),
    ],
)
def test_a_table_of_contents_that_leads_elsewhere_is_refused(before: str, after: str) -> None:
    assert from_json(to_json(GOOD)) == GOOD
    with pytest.raises(CheckError, match="table of contents is damaged"):
        from_json(to_json(GOOD).replace(before, after, 1))
