"""A machine that bundles are installed on, and the smallest of bundles."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ctrl_c import hear_ctrl_c
from tiny_wheels import PLATFORM, PYTHON

from edgemnist.bundle.installer.manifest import Manifest, Wheel
from edgemnist.bundle.make import write_bundle
from edgemnist.bundle.wheels import wheel_version


def pack(own: Path, *, python: str = PYTHON, platform: str = PLATFORM, sha256: str = "") -> Path:
    """A bundle of one wheel, made without pip."""
    pinned = Wheel(own.name, sha256 or hashlib.sha256(own.read_bytes()).hexdigest())
    path = own.with_suffix(".sh")
    with path.open("wb+") as file:
        write_bundle(file, Manifest(wheel_version(own), platform, {python: (pinned,)}), {own.name: own})
    return path


class Device:
    """A machine whose python3 is the one that runs these tests, and the prefix that bundles are installed in."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "pre fix"
        self.home = self.prefix / "lib" / "edgemnist"
        self.tools = folder / "tools"
        self.tools.mkdir()
        (self.tools / "python3").symlink_to(sys.executable)

    def install(
        self, bundle: Path, limit: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What `sh BUNDLE --prefix PREFIX` does, under a `limit` of the shell's."""
        path = {"PATH": f"{self.tools}:{os.environ['PATH']}"}
        return subprocess.run(
            ["/bin/sh", "-c", f'{limit} exec sh "$1" --prefix "$2"', "sh", bundle, self.prefix],
            env={**os.environ, **path, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=hear_ctrl_c,
        )

    def answer(self) -> str:
        """What the installed command says: its version."""
        command = [self.prefix / "bin" / "edgemnist", "hello"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def installations(self) -> list[str]:
        """The versions that lie there, whole or not."""
        folders = [path for path in self.home.iterdir() if path.is_dir() and not path.is_symlink()]
        return sorted(folder.name.partition("-")[0] for folder in folders)
