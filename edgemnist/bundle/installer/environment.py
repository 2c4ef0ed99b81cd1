"""A virtual environment out of wheels, without pip: Raspberry Pi OS Lite has neither pip nor ensurepip.

Unpacking a wheel installs it, unless it has a `.data` folder; `edgemnist.bundle.make` admits no such wheel.
"""

from __future__ import annotations

import compileall
import re
import shlex
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

from edgemnist.bundle.installer.manifest import WHEEL_FOLDER, Wheel
from edgemnist.errors import CheckError

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"

# A path after #! can hold no blank and must not be long, so a shell starts Python, to which its line is a text.
# -I: a user's PYTHONPATH must not decide which edgemnist runs.
LAUNCHER = """#!/bin/sh
'''exec' {python} -I "$0" "$@"
'''
from edgemnist.__main__ import main

main()
"""

_TESTS = re.compile(r"/tests/")


def build(folder: Path, archive: zipfile.ZipFile, wheels: Sequence[Wheel], *, uses_system: bool) -> None:
    """Make `folder` a virtual environment that holds `wheels`, out of a bundle's archive, and the command.

    It sees the system's packages too where it `uses_system`.

    Raises:
        OSError: the card is full, or `folder` cannot be written.
    """
    venv.create(folder, symlinks=True, with_pip=False, system_site_packages=uses_system)
    site = _site(folder)
    for wheel in wheels:
        with archive.open(WHEEL_FOLDER + wheel.name) as stream, zipfile.ZipFile(stream) as content:
            content.extractall(site)
    # Users cannot write into an installation of root's: without this they would compile at every start.
    compileall.compile_dir(site, quiet=2, rx=_TESTS)
    launcher = folder / "bin" / "edgemnist"
    launcher.write_text(LAUNCHER.format(python=shlex.quote(str(folder / "bin" / "python"))), encoding="utf-8")
    launcher.chmod(0o755)


def require_selftest(folder: Path, *, uses_system: bool) -> None:
    """Have the installation in `folder` prove each of its models on this device, those in int8 where numpy runs them.

    Raises:
        CheckError: one fails, or the installation does not start.
    """
    for model in sorted((_site(folder) / "edgemnist" / "models").glob("*int8.onnx" if uses_system else "*.onnx")):
        command = [str(folder / "bin" / "edgemnist"), "verify", str(model)]
        # A session of its own: Ctrl-C is the installer's, who ends it and speaks for both.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, start_new_session=True)  # noqa: S603
        if done.returncode != 0:
            raise CheckError(
                f"the self-test of {model.name} failed with exit code {done.returncode}; "
                "what was installed before still works"
            )


def _site(folder: Path) -> Path:
    return folder / "lib" / f"python{PYTHON}" / "site-packages"
