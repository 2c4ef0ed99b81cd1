"""Our own wheel, and the wheels that it needs on another machine: pip builds the one and fetches the others.

pip runs as the user has set it up, so that their own index, proxy and certificates hold.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from email import message_from_bytes
from importlib import resources
from pathlib import Path

from edgemnist.errors import StorageError, UsageError, reason_of

LEFT_OUT = frozenset({"flatbuffers", "markdown-it-py", "mdurl", "packaging", "protobuf", "pygments", "rich"})
"""Required on paper and never imported here: by onnxruntime for its model-editing tools, by typer for its colors.

`.ci/arm64` runs the commands of a Raspberry Pi without them. For one Python they are 2.2 MB beside 50.7.
"""


ANY = "any"
"""The platform of a bundle that carries nothing compiled."""
OF_THE_SYSTEM = frozenset({"numpy", "onnxruntime", "pillow"})
"""What such a bundle finds on the device, or does without (onnxruntime)."""


def platform_tags(newest: str) -> list[str]:
    """All tags that a machine with the given one takes; pip wants each of them named.

    A machine with glibc 2.28 takes every wheel from manylinux_2_17 (of old: manylinux2014) to manylinux_2_28.
    """
    if newest == ANY:
        return [ANY]
    _, _, minor, machine = newest.split("_", 3)
    return [f"manylinux_2_{step}_{machine}" for step in range(int(minor), 16, -1)] + [f"manylinux2014_{machine}"]


def download(own: Path, platform: str, python: str, folder: Path, extras: Sequence[str] = ()) -> list[Path]:
    """The wheels that `own` needs on another machine, with these extras, fetched by pip into `folder`, without
    `LEFT_OUT` and `own`.

    Raises:
        UsageError: a package has no wheel for that platform and Python, or one that cannot merely be unpacked.
        StorageError: pip fails for another reason.
    """
    tags = [part for tag in platform_tags(platform) for part in ("--platform", tag)]
    command = ["download", "--only-binary=:all:", "--implementation", "cp", "--python-version", python, *tags]
    with_extras = f"{own}[{','.join(extras)}]" if extras else str(own)
    wanted = _requirements_but_the_systems(own, extras) if platform == ANY else [with_extras]
    reason = _pip([*command, "--dest", str(folder), *wanted])
    missing = re.search(r"No matching distribution found for ([\w.-]+)", reason)
    if missing:
        raise UsageError(
            f"{missing.group(1)} has no wheel for Python {python} on {platform}; choose another --python or --platform"
        )
    if "requires a different Python" in reason:
        raise UsageError(f"{own.name} does not run on Python {python}; choose another --python")
    if reason:
        raise StorageError(f"pip cannot fetch the wheels: {_last_error(reason)}")
    wheels = sorted(path for path in folder.glob("*.whl") if path.name != own.name and _project(path) not in LEFT_OUT)
    for path in wheels:
        with zipfile.ZipFile(path) as content:
            if any(".data/" in name for name in content.namelist()):
                raise UsageError(f"{path.name} has a .data folder, which only pip can install")
    return wheels


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built by pip in `folder`.

    Raises:
        UsageError: this is not a checkout.
        StorageError: the build fails.
    """
    checkout = Path(str(resources.files("edgemnist"))).parent
    if not (checkout / "pyproject.toml").is_file():
        raise UsageError("this edgemnist is not a checkout, so there is no wheel to build; name one with --wheel FILE")
    reason = _pip(["wheel", "--no-deps", "--wheel-dir", str(folder), str(checkout)])
    if reason:
        raise StorageError(f"pip cannot build the wheel: {_last_error(reason)}")
    return next(folder.glob("*.whl"))


def wheel_version(wheel: Path) -> str:
    """The version of a wheel of ours, with its models in it.

    Raises:
        UsageError: it is something else.
    """
    name = re.fullmatch(r"edgemnist-([^-]+)-py3-none-any\.whl", wheel.name)
    try:
        with zipfile.ZipFile(wheel) as content:
            members = "\n".join(content.namelist())
            damaged = content.testzip()
    except Exception as error:  # zipfile raises half a dozen kinds on a damaged archive
        raise UsageError(f"cannot read the wheel {wheel}: {reason_of(error)}; make it with: make wheel") from error
    if damaged:
        raise UsageError(f"cannot read the wheel {wheel}: {damaged} in it is damaged; make it with: make wheel")
    needed = (r"^edgemnist/models/.*\.onnx$", r"^edgemnist-[^/]+\.dist-info/METADATA$")
    if not name or not all(re.search(member, members, re.MULTILINE) for member in needed):
        raise UsageError(f"{wheel} is not a wheel of edgemnist with its models; make it with: make wheel")
    return name.group(1)


def _pip(arguments: list[str]) -> str:
    """What pip says when it fails; empty when it does not."""
    # -P: a file named pip.py in the working folder must not be taken for pip.
    command = [sys.executable, "-P", "-m", "pip", *arguments, "--quiet", "--no-input"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - every argument is ours
    return "" if done.returncode == 0 else done.stderr.decode(errors="replace") or "it gave no reason"


def _last_error(reason: str) -> str:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    # Its own bugs come as a traceback behind such a line.
    errors = [line for line in lines if line.startswith("ERROR:") and line != "ERROR: Exception:"]
    return (errors or lines)[-1]


def _project(wheel: Path) -> str:
    """The project's normalized name (PyPA, "Names and normalization")."""
    return _normalized(wheel.name.split("-")[0])


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements_but_the_systems(own: Path, extras: Sequence[str]) -> list[str]:
    """What the wheel `own` requires with these extras beside `OF_THE_SYSTEM`, as pip takes it."""
    with zipfile.ZipFile(own) as content:
        name = next(member for member in content.namelist() if member.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(content.read(name))
    lines = [line.partition("extra == ") for line in metadata.get_all("Requires-Dist", [])]
    required = [requirement.rstrip("; ") for requirement, _, extra in lines if extra.strip("\"'") in ("", *extras)]
    return [line for line in required if _normalized(re.split(r"[^\w.-]", line)[0]) not in OF_THE_SYSTEM]
