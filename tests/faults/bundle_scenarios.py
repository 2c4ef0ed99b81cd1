"""The bundle and its installer, with a wheel of our own that takes no time."""

import contextlib
import hashlib
import io
import subprocess
import sys
from pathlib import Path

from small import command, nothing
from strike import Scenario, Snapshot, files_below

from edgemnist.bundle import make
from edgemnist.bundle.installer import install
from edgemnist.bundle.installer.manifest import Manifest, Wheel
from edgemnist.bundle.wheels import wheel_version

sys.path.insert(0, str(Path(__file__).parent.parent / "bundle"))
from tiny_wheels import PLATFORM, PYTHON, make_own

INSTALLER_CODES = (0, 3, 7)
"""An installer may also find out by the self-test of what it could not write."""


def bundle_scenarios(place: Path) -> list[Scenario]:
    """`bundle`, a first installation and an upgrade."""
    own_old = make_own(place / "old")
    own_new = make_own(place / "new", "0.2.0")
    bundles = {}
    for version, own in (("old", own_old), ("new", own_new)):
        bundles[version] = place / f"{version}.sh"
        with bundles[version].open("wb+") as file:
            _pack(own, file)
    make.download = lambda *_: []

    def bundle(folder: Path) -> int:
        return command(
            "bundle", "--wheel", own_new, "--platform", PLATFORM, "--python", PYTHON, "--out", folder / "b.sh"
        )

    def old_bundle(folder: Path) -> None:
        (folder / "b.sh").write_text("old")

    def installer(folder: Path) -> int:
        return install.main(bundles["new"], ["--prefix", str(folder)])

    def old_installation(folder: Path) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = install.main(bundles["old"], ["--prefix", str(folder)])
        if code != 0:
            raise SystemExit(f"the old version cannot be installed: {said.getvalue()}")

    return [
        Scenario("bundle", old_bundle, bundle, files_below),
        Scenario("install", nothing, installer, _installed, codes=INSTALLER_CODES),
        Scenario("upgrade", old_installation, installer, _installed, codes=INSTALLER_CODES),
    ]


def _pack(own: Path, file: io.BufferedRandom) -> None:
    pinned = Wheel(own.name, hashlib.sha256(own.read_bytes()).hexdigest())
    make.write_bundle(file, Manifest(wheel_version(own), PLATFORM, {PYTHON: (pinned,)}), {own.name: own})


def _installed(folder: Path) -> Snapshot:
    """What the command answers, and the temporary names; folders that the next run sweeps are nobody's."""
    path = folder / "bin" / "edgemnist"
    if not path.exists():
        return {"answer": "none"}
    done = subprocess.run([path, "hello"], capture_output=True, text=True, check=False)
    return {"answer": done.stdout + done.stderr}
