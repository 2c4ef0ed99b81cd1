"""What sources give: frames, and when they were taken."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image

STDIN = "-"
Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Frame:
    """One picture of a source, not unpacked yet: most are never read."""

    unpack: Callable[[], bytes | Image.Image]
    """Gives an encoded file's bytes or a picture; raises PictureError where it is damaged."""
    size: Size | None
    """None where it cannot be told without unpacking."""
    position_s: float | None = None
    """Where it stands in a file that says so, from its beginning."""


Frames = Generator[Frame, None, None]


@dataclass(frozen=True)
class Source:
    """Something that gives frames."""

    name: str
    """As answers call it: an address without its password."""
    frames: Callable[[], Frames]
    """Opens it and gives frame after frame; raises PictureError where that fails. Closing the iterator closes it."""
    live: bool
    """Whether frames come when they want to, so that late ones are dropped; a file's frames wait."""
    lasting: bool
    """Whether it has no end of its own, so that one that ends or falls silent is lost and tried again."""
    release: Callable[[], None] = lambda: None
    """Has whoever waits for its next frame come to an end, where that is possible."""

    @property
    def title(self) -> str:
        """As messages call it."""
        return "stdin" if self.name == STDIN else self.name


@dataclass(frozen=True)
class Taken:
    """A frame that is to be read."""

    frame: Frame
    number: int
    """Its position among all that came, from 0."""
    seconds: float
    """When it came: on a clock of its own, or by its position in a file."""
    time: datetime
    """When it came, UTC."""


TakenFrames = Generator[Taken, None, None]


@dataclass(frozen=True)
class Clock:
    """What tells the time and waits; tests have one of their own."""

    seconds: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], None] = time.sleep


CLOCK = Clock()
