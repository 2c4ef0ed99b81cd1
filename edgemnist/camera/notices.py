"""What is said of a source besides its readings: each thing once, however long it goes on."""

from collections.abc import Callable

from edgemnist.camera.frames import Size, Source, Taken
from edgemnist.camera.steady import STEADY_FRAMES
from edgemnist.errors import EdgemnistError, PictureError
from edgemnist.infer.answers import Answer


class Notices:
    """What was seen of a source, and what of it was said.

    Args:
        source: what they are of.
        announce: is given the lines.
    """

    def __init__(self, source: Source, announce: Callable[[str], None]) -> None:
        self._source, self._announce = source, announce
        self._said: set[str] = set()
        self._size: Size | None = None
        self._came = self._read = 0
        self._answered = self._told = False
        self._error: EdgemnistError | None = None

    def frame(self, taken: Taken) -> None:
        """Note a frame that is read."""
        self._came, self._read = taken.number + 1, self._read + 1
        size, before = taken.frame.size, self._size
        if size and before and size != before:
            change = f"from {before[0]}x{before[1]} to {size[0]}x{size[1]} pixels"
            self._once("size", f"{self._source.title}: the frames' size changes {change}")
        self._size = size or before

    def answer(self, answer: Answer) -> None:
        """Note an answer."""
        self._error = self._error or answer.error
        self._answered = self._answered or not answer.error
        if self._error and (self._answered or self._source.live):  # what ends says it at its end, if that is all
            self._once("error", f"{self._source.title}: a frame is left out: {self._error}")
        if answer.note:
            self._once("note", answer.note)

    def require_answer(self) -> None:
        """Return when a frame could be read.

        Raises:
            PictureError: none could; the source has ended.
        """
        if not self._answered:
            reason = str(self._error or f"{self._source.title} holds no picture that can be read")
            raise PictureError(reason) from self._error

    def told(self) -> None:
        """Note that a reading was told."""
        self._told = True

    def count(self) -> None:
        """Say how many frames were read."""
        if self._answered:
            count = f"frames read: {self._read:,}, left out between them: {self._came - self._read:,}"
            why = "" if self._told else f"; no reading was the same in {STEADY_FRAMES} frames in a row"
            self._announce(f"{self._source.title}: {count}{why}")

    def _once(self, what: str, line: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._announce(line)
