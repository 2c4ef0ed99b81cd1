"""A thread that drains a source and keeps its newest frame: what is read is never older than the reading before it."""

import contextlib
import threading

from edgemnist.camera.frames import Clock, Frame, Source, Taken

_CLOSING_S = 0.2
"""For the next frame, at which the thread sees that it is to end. One that hangs in native code is left behind: it is
a daemon."""


class Newest:
    """A source that is open, and its newest frame.

    Args:
        source: what is drained.
        first: the number of its first frame.
        clock: says when a frame came.
    """

    def __init__(self, source: Source, first: int, clock: Clock) -> None:
        self.came = first
        """The number of the next frame: all before it came."""
        self._source, self._clock = source, clock
        self._changed = threading.Condition()
        self._slot: Taken | None = None
        self._error: BaseException | None = None
        self._ended = self._closing = False
        self._thread = threading.Thread(target=self._drain, name=f"frames of {source.name}", daemon=True)
        self._thread.start()

    @property
    def hangs(self) -> bool:
        """Whether the source has not let go yet."""
        return self._thread.is_alive()

    def take(self, patience_s: float | None) -> Taken | None:
        """The newest frame that was not taken yet, waited for if need be; None at the source's end.

        Raises:
            TimeoutError: none came within `patience_s`.
            PictureError: what the source raised.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._slot or self._ended, patience_s):
                raise TimeoutError
            taken, self._slot = self._slot, None
            if taken is None and self._error:
                raise self._error
            return taken

    def close(self) -> None:
        """Have the source closed as soon as it lets go."""
        self._closing = True
        self._source.release()
        self._thread.join(_CLOSING_S)

    def _drain(self) -> None:
        try:
            with contextlib.closing(self._source.frames()) as frames:
                for frame in frames:
                    if self._closing:
                        break
                    self._put(frame)
        except BaseException as error:  # whoever takes frames is told
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _put(self, frame: Frame) -> None:
        with self._changed:
            self._slot = Taken(frame, self.came, self._clock.seconds(), self._clock.now())
            self.came += 1
            self._changed.notify()
