"""Install a bundle beside what is already there, prove the new installation, then switch to it.

What runs first is the doctor; then the bundle is held against this machine and its wheels against their hashes;
only then anything is written. `places` tells where the installation goes, `environment` how it is made.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgemnist.bundle.installer import environment, places
from edgemnist.bundle.installer.manifest import MANIFEST_NAME, WHEEL_FOLDER, Manifest, Wheel, from_json
from edgemnist.device.doctor import APT_LINE, examine, exit_code, read_machine, render
from edgemnist.errors import CheckError, EdgemnistError, StorageError, UsageError, printable

SPACE_FACTOR = 1.2
"""Bytes that an installation takes for each byte of its unpacked wheels, with bytecode; measured on ext4: 1.16."""

THIRTY_TWO_BIT = "32-bit"

_BLOCK_BYTES = 1 << 20
_MANIFEST_BYTES = 1 << 20
"""That are read of it: a hundred times as many as ours has."""


def main(bundle: Path, arguments: Sequence[str] | None = None) -> int:
    """The exit code after installing `bundle`: the command line behind its shell head."""
    parser = argparse.ArgumentParser(prog=f"sh {bundle.name}", description="Install edgemnist without internet.")
    parser.add_argument(
        "--prefix",
        type=Path,
        default=places.default_prefix(),
        metavar="DIR",
        help="the command will be DIR/bin/edgemnist; default: %(default)s",
    )
    prefix: Path = parser.parse_args(arguments).prefix.absolute()
    heard: list[int] = []
    before = _hear(heard)
    # Whoever installs for everybody may have switched rights off, or left all of them on.
    os.umask(0o022)
    try:
        _require_plain(prefix)
        _require_fit_machine()
        with zipfile.ZipFile(bundle) as archive:
            install(archive, prefix)
    except EdgemnistError as error:
        sys.stderr.write(f"edgemnist: {printable(str(error))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("edgemnist: interrupted; the installation in use still works\n")
        return 128 + heard[0]
    except (OSError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"edgemnist: cannot read {printable(str(bundle))} or write the output: {error}\n")
        return StorageError.exit_code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def install(archive: zipfile.ZipFile, prefix: Path) -> None:
    """Install a bundle's archive below `prefix`, then say how to use it.

    Raises:
        UsageError: the bundle is for another machine or Python, or the command there is not ours.
        CheckError: a wheel is damaged, the system lacks numpy or Pillow that the bundle leaves to it, or the new
            installation fails its self-test.
        StorageError: `prefix` cannot be written, or the card is full.
    """
    with archive.open(MANIFEST_NAME) as stream:
        manifest = from_json(stream.read(_MANIFEST_BYTES).decode(errors="replace"))
    # A 32-bit Python can have a 64-bit kernel below it.
    machine = platform.machine() if sys.maxsize > 2**32 else f"{THIRTY_TWO_BIT} {platform.machine()}"
    wheels = fitting_wheels(manifest, machine, environment.PYTHON)
    require_hashes(archive, wheels)
    if manifest.uses_system:
        require_of_the_system(("numpy", "PIL"))
    try:
        place = places.open_place(prefix)
        with places.locked(place):
            places.sweep(place)
            require_space(place.home, unpacked_bytes(archive, wheels))
            with places.new_folder(place, manifest.version) as folder:
                _say(f"installing edgemnist {manifest.version} in {folder}")
                environment.build(folder, archive, wheels, uses_system=manifest.uses_system)
                environment.require_selftest(folder, uses_system=manifest.uses_system)
                places.switch(place, folder)
            with contextlib.suppress(OSError):
                places.sweep(place)  # what cannot be removed now will be by the next installation
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot write to {prefix}: {reason}; what was installed before still works") from error
    _say_how_to_use(place.command)


def fitting_wheels(manifest: Manifest, machine: str, python: str) -> tuple[Wheel, ...]:
    """The wheels for this Python, `3.11`, on this machine, `aarch64`, or `32-bit aarch64` of a 32-bit Python.

    Raises:
        UsageError: the bundle has none.
    """
    fits = manifest.uses_system or manifest.platform.endswith(f"_{machine}")
    if not fits or python not in manifest.wheels:
        held = " and ".join(manifest.wheels)
        without_wheels = machine.startswith(THIRTY_TWO_BIT)
        other = "--target pi32" if manifest.uses_system or without_wheels else f"--platform manylinux_2_28_{machine}"
        raise UsageError(
            f"the bundle is for {manifest.platform} with Python {held}, this is {machine} with Python {python}; "
            f"make another with: edgemnist bundle {other} --python {python}"
        )
    return manifest.wheels[python]


def require_of_the_system(modules: Sequence[str]) -> None:
    """Prove that this Python finds what the bundle leaves to the system.

    Raises:
        CheckError: it does not.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise CheckError(
            f"the system's Python lacks {' and '.join(missing)}; {APT_LINE}, or what your system calls them"
        )


def require_hashes(archive: zipfile.ZipFile, wheels: Sequence[Wheel]) -> None:
    """Prove that each wheel is the one that was pinned.

    Raises:
        CheckError: one is not.
    """
    for wheel in wheels:
        digest = hashlib.sha256()
        with archive.open(WHEEL_FOLDER + wheel.name) as stream:
            for block in iter(lambda: stream.read(_BLOCK_BYTES), b""):
                digest.update(block)
        if digest.hexdigest() != wheel.sha256:
            raise CheckError(f"{wheel.name} is not the wheel that was pinned; make the bundle again")


def unpacked_bytes(archive: zipfile.ZipFile, wheels: Sequence[Wheel]) -> int:
    """What the wheels take on the card once unpacked."""
    total = 0
    for wheel in wheels:
        with archive.open(WHEEL_FOLDER + wheel.name) as stream, zipfile.ZipFile(stream) as content:
            total += sum(member.file_size for member in content.infolist())
    return total


def require_space(folder: Path, unpacked: int) -> None:
    """Prove that there is room for `unpacked` bytes of wheels and their bytecode.

    Raises:
        StorageError: there is not.
    """
    needed, free = unpacked * SPACE_FACTOR, shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} needs {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free; free some space or name another "
            "place with --prefix DIR"
        )


def _require_plain(prefix: Path) -> None:
    """Refuse a prefix that the launcher, a shell script and a Python program in one, cannot hold.

    Raises:
        UsageError: it has a backslash, a control character or letters that are no UTF-8.
    """
    if not str(prefix).isprintable() or "\\" in str(prefix):
        raise UsageError(f"--prefix {prefix}: the name has characters that no command's path should have")


def _hear(heard: list[int]) -> dict[int, Any]:
    """The handlers before; from now on Ctrl-C and SIGTERM raise KeyboardInterrupt, and `heard` notes which it was."""

    def interrupt(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, interrupt)
    return before


def _require_fit_machine() -> None:
    findings = examine(read_machine())
    for line in render(findings, "table"):
        _say(line)
    if exit_code(findings):
        raise CheckError("this machine cannot run it; nothing was changed")


def _say_how_to_use(command: Path) -> None:
    in_path = str(command.parent) in os.environ.get("PATH", "").split(os.pathsep)
    name = command.name if in_path else str(command)
    _say(f"installed: {command}")
    _say(f"read a picture:  {name} infer photo.jpg")
    _say(f"from a camera:   rpicam-still -o - | {name} infer -")
    if not in_path:
        _say(f"{command.parent} is not in PATH yet: log in again, or type: export PATH={command.parent}:$PATH")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
