"""What a bundle holds: its wheels, pinned by their hashes, for each Python that it can be installed with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from edgemnist.errors import CheckError

MANIFEST_NAME = "manifest.json"
WHEEL_FOLDER = "wheels/"
"""The folder of the wheels within the archive."""


@dataclass(frozen=True)
class Wheel:
    """One wheel, exactly as the package index has it."""

    name: str
    """The file's name."""
    sha256: str
    """64 hex digits over the file."""


@dataclass(frozen=True)
class Manifest:
    """The table of contents of a bundle."""

    version: str
    """Of edgemnist."""
    platform: str
    """The newest tag of the target machine, `manylinux_2_28_aarch64`; `any`: what is compiled is the system's."""
    wheels: Mapping[str, tuple[Wheel, ...]]
    """By Python, `3.11`: all that is unpacked there."""

    @property
    def uses_system(self) -> bool:
        """Whether numpy and Pillow are the system's, and onnxruntime may be missing."""
        return self.platform == "any"


def to_json(manifest: Manifest) -> str:
    """The manifest as JSON text."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True)


def from_json(text: str) -> Manifest:
    """What `to_json` wrote.

    Raises:
        CheckError: it is something else.
    """
    try:
        fields = json.loads(text)
        wheels = {python: tuple(Wheel(**wheel) for wheel in found) for python, found in fields["wheels"].items()}
        manifest = Manifest(fields["version"], fields["platform"], wheels)
        names = [manifest.version, manifest.platform, *wheels]
        names += [wheel.name for found in wheels.values() for wheel in found]
        # Folders are named after them: nothing that leads elsewhere may be among them.
        if not all(re.fullmatch(r"\w[\w.+!-]*", name, re.ASCII) for name in names):
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckError("the bundle's table of contents is damaged; make the bundle again") from error
    return manifest
