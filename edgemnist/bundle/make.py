"""One file that installs edgemnist on a Raspberry Pi without internet.

    #!/bin/sh
    main() { sha256=<64 hex digits over all that follows this line>
    ... installer/head.sh: proves the rest of the file whole, then runs it with Python
    zip archive: the installer, the doctor, manifest.json, wheels/

Wheels go in as the package index has them, so that anybody can hold their hashes against it; pip chooses and fetches
them, so that the user's own index, proxy and certificates hold. There is no pip on the other side: what is in the
manifest is what gets unpacked.
"""

import hashlib
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from edgemnist import __version__
from edgemnist.atomic import atomic_path
from edgemnist.bundle.installer.manifest import MANIFEST_NAME, WHEEL_FOLDER, Manifest, Wheel, to_json
from edgemnist.bundle.wheels import ANY, build_wheel, download, wheel_version
from edgemnist.errors import UsageError

CARRIED = (
    "__init__.py",
    "bundle/__init__.py",
    "bundle/installer/__init__.py",
    "bundle/installer/environment.py",
    "bundle/installer/install.py",
    "bundle/installer/manifest.py",
    "bundle/installer/places.py",
    "device/__init__.py",
    "device/doctor.py",
    "errors.py",
)
"""The files of this package that run before anything is installed."""

_MAIN = """import signal, sys

# Until the installer hears for itself nothing is changed: Ctrl-C ends the imports at once, without a traceback.
if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from pathlib import Path

from edgemnist.bundle.installer.install import main

sys.exit(main(Path(sys.argv[0])))
"""
_BEFORE_DIGEST = b"#!/bin/sh\nmain() { sha256="


@dataclass(frozen=True)
class Target:
    """What a bundle is for."""

    name: str
    platform: str
    """The newest wheel tag that the machine takes."""
    pythons: tuple[str, ...]
    extras: tuple[str, ...] = ()
    """Of `EXTRAS`."""


PI = Target("pi", "manylinux_2_28_aarch64", ("3.11", "3.13"))
"""64-bit Raspberry Pi OS: bookworm has Python 3.11, trixie 3.13."""
PI32 = Target("pi32", ANY, PI.pythons)
"""Any machine whose system has numpy and Pillow: 32-bit Raspberry Pi OS, of which Zero and 1 have no other."""
EXTRAS = ("camera", "heic", "serve")
"""What a device may want besides the edge."""
TARGETS = {PI.name: PI, PI32.name: PI32}


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written."""

    path: Path
    size_bytes: int
    manifest: Manifest


def find_target(
    name: str,
    platform: str | None = None,
    pythons: Sequence[str] | None = None,
    extras: Sequence[str] | None = None,
) -> Target:
    """The target of this name, with another platform tag, other Pythons or extras where they are given.

    Raises:
        UsageError: there is no such target, or what is given is no Linux platform tag, no Python version or no extra.
    """
    if name not in TARGETS:
        raise UsageError(f"there is no target {name}; targets are: {', '.join(TARGETS)}")
    if platform and not re.fullmatch(r"manylinux_2_\d+_\w+", platform):
        raise UsageError(f"--platform must be like {PI.platform}, not {platform}; onnxruntime needs glibc")
    for python in pythons or ():
        if not re.fullmatch(r"3\.\d+", python):
            raise UsageError(f"--python must be like 3.11, not {python}")
    for extra in extras or ():
        if extra not in EXTRAS:
            raise UsageError(f"--with must be one of {', '.join(EXTRAS)}, not {extra}")
    target = TARGETS[name]
    return Target(
        "-".join([platform or target.name, *(extras or ())]),
        platform or target.platform,
        tuple(pythons or target.pythons),
        tuple(extras or ()),
    )


def default_path(target: Target) -> Path:
    """Where a bundle goes when nobody says: `edgemnist-0.1.0-pi.sh`, with extras `edgemnist-0.1.0-pi-serve.sh`."""
    return Path(f"edgemnist-{__version__}-{target.name}.sh")


def make_bundle(target: Target, wheel: Path | None, out: Path, announce: Callable[[str], None]) -> Bundle:
    """Write a bundle of `wheel`, or of one built from this checkout, and all that it needs, to `out`.

    Raises:
        UsageError: `wheel` is not ours, none can be built, or a package has no wheel for the target.
        StorageError: pip fails otherwise, or `out` cannot be written.
    """
    with atomic_path(out) as temporary, tempfile.TemporaryDirectory(prefix="edgemnist-") as scratch:
        own = wheel or build_wheel(Path(scratch) / "own")
        version = wheel_version(own)
        found: dict[str, list[Path]] = {}
        for python in target.pythons:
            announce(f"fetching the wheels for Python {python} on {target.platform}")
            found[python] = [own, *download(own, target.platform, python, Path(scratch) / python, target.extras)]
        manifest = Manifest(
            version,
            target.platform,
            {python: tuple(Wheel(path.name, _sha256(path)) for path in paths) for python, paths in found.items()},
        )
        with temporary.open("wb+") as file:
            write_bundle(file, manifest, {path.name: path for paths in found.values() for path in paths})
        size_bytes = temporary.stat().st_size
    return Bundle(out, size_bytes, manifest)


def as_text(bundle: Bundle) -> str:
    """What is in the bundle and how to use it, for people."""
    wheels = {wheel.name for found in bundle.manifest.wheels.values() for wheel in found}
    platform = bundle.manifest.platform
    machines = "any machine that has numpy and Pillow" if platform == ANY else platform
    return (
        f"{bundle.size_bytes / 1e6:.1f} MB: {len(wheels)} wheels for {machines}, "
        f"Python {' and '.join(bundle.manifest.wheels)}; copy it to the device, then type there: sh {bundle.path.name}"
    )


def write_bundle(file: io.BufferedRandom, manifest: Manifest, wheels: dict[str, Path]) -> None:
    """Write the bytes of a bundle; the same wheels give the same bytes.

    Args:
        file: open for writing and reading, at its beginning.
        manifest: its table of contents.
        wheels: the files by their names.
    """
    package = _package()
    head = (package / "bundle" / "installer" / "head.sh").read_bytes()
    file.write(_BEFORE_DIGEST + b"0" * 64 + b"\n")
    start = file.tell()
    file.write(head)
    file.flush()  # zipfile takes a write that fails while it seeks for a file that cannot seek, and goes on
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), _MAIN)
        for name in CARRIED:
            archive.writestr(zipfile.ZipInfo(f"edgemnist/{name}"), (package / name).read_bytes())
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME), to_json(manifest))
        for name in sorted(wheels):
            with wheels[name].open("rb") as source, archive.open(zipfile.ZipInfo(WHEEL_FOLDER + name), "w") as copy:
                shutil.copyfileobj(source, copy)
    file.seek(start)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(len(_BEFORE_DIGEST))
    file.write(digest.encode())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package() -> Path:
    return Path(str(resources.files("edgemnist")))
