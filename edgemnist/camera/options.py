"""How a camera is watched, and which parts of its frames are read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from edgemnist.errors import UsageError
from edgemnist.reading.crop import Crop, parse_crop


@dataclass(frozen=True)
class CameraOptions:
    """How a camera is watched.

    Raises:
        UsageError: a number cannot be meant, or both `crop` and `regions` are given.
    """

    row: bool = False
    """Whether frames show rows of digits, not one digit."""
    digits: int | None = None
    """How many digits a row has: another count is doubtful. Implies `row`."""
    rate: float = 5.0
    """Frames that are read in a second, at most."""
    every: float | None = None
    """Seconds, after which a reading is given even if it did not change."""
    crop: str | None = None
    """The part of the frames that is read, as `--crop` has it."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """Several such parts by name, each read by itself."""

    def __post_init__(self) -> None:
        if not 0 < self.rate < math.inf:
            raise UsageError(f"--rate must be a number of frames a second above 0, not {self.rate:g}")
        if self.every is not None and not 0 < self.every < math.inf:
            raise UsageError(f"--every must be a number of seconds above 0, not {self.every:g}")
        if self.digits is not None and self.digits < 1:
            raise UsageError(f"--digits must be 1 or more, not {self.digits}")
        if self.crop and self.regions:
            raise UsageError("--crop and --region both say what is read; give each part a --region")

    @property
    def reads_rows(self) -> bool:
        """Whether frames are read for rows."""
        return self.row or self.digits is not None


def parts_of(options: CameraOptions, rotate: int) -> dict[str | None, Crop | None]:
    """The parts of frames that are read, by their regions' names; rotated by so much before.

    Raises:
        UsageError: one is no box.
    """
    if options.regions:
        return {name: parse_crop(box, rotate, f"--region {name}") for name, box in options.regions.items()}
    return {None: parse_crop(options.crop, rotate) if options.crop else None}


def parse_regions(texts: list[str]) -> dict[str, str]:
    """The boxes by name in what was given as `NAME=X,Y,W,H`.

    Raises:
        UsageError: a name is missing or is there twice.
    """
    regions: dict[str, str] = {}
    for text in texts:
        name, equals, box = text.partition("=")
        if not (name and equals):
            raise UsageError(f"--region must be NAME=X,Y,W,H, as meter=25%,40%,50%,10%, not {text}")
        if name in regions:
            raise UsageError(f"--region {name} is given twice; names of regions must differ")
        regions[name] = box
    return regions
