"""What a bundle holds: its wheels, pinned by their hashes, for each Python that it can be installed with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

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
    """The newest tag of the target machine, `manylinux_2_28_aarch64`."""
    wheels: Mapping[str, tuple[Wheel, ...]]
    """By Python, `3.11`: all that is unpacked there."""


def to_json(manifest: Manifest) -> str:
    """The manifest as JSON text."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True)


def from_json(text: str) -> Manifest:
    """What `to_json` wrote."""
    fields = json.loads(text)
    wheels = {python: tuple(Wheel(**wheel) for wheel in found) for python, found in fields["wheels"].items()}
    return Manifest(fields["version"], fields["platform"], wheels)
