"""Which frames of a source are read: of a live one the newest, of a file by their time. A lost one is tried again."""

import contextlib
import math
from collections.abc import Callable

from edgemnist.camera.frames import Clock, Source, Taken, TakenFrames
from edgemnist.camera.newest import Newest
from edgemnist.errors import PictureError

SILENCE_S = 20.0
"""Without a frame, until a stream is lost; the slowest webcams give one a second in the dark."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""Before a lost stream is tried again; each pause is twice the one before."""

_EARLY_S = 1e-6
"""What times of frames may lie too early by rounding."""


def take_frames(source: Source, rate: float, announce: Callable[[str], None], clock: Clock) -> TakenFrames:
    """The frames of `source` that are read, at most `rate` a second; `announce` is given a line when it is lost.

    Raises:
        PictureError: it cannot be opened.
    """
    return _live(source, rate, announce, clock) if source.live else _recorded(source, rate, clock)


def _recorded(source: Source, rate: float, clock: Clock) -> TakenFrames:
    """The first frame of each part of a file that is as long as one reading's; all where frames bear no time."""
    last = None
    with contextlib.closing(source.frames()) as frames:
        for number, frame in enumerate(frames):
            seconds = number / rate if frame.position_s is None else frame.position_s
            part = math.floor((seconds + _EARLY_S) * rate)
            if part != last:
                last = part
                yield Taken(frame, number, seconds, clock.now())


def _live(source: Source, rate: float, announce: Callable[[str], None], clock: Clock) -> TakenFrames:
    came, pause = 0, FIRST_PAUSE_S
    seen = lost = False
    while True:
        stream = Newest(source, came, clock)
        try:
            for taken in _paced(stream, source, rate, clock):
                if lost:
                    announce(f"{source.title} is back")
                seen, lost, pause = True, False, FIRST_PAUSE_S
                yield taken
            return
        except PictureError as error:
            if not (seen and source.lasting):
                raise
            if not lost:
                announce(f"{error}; trying again until it is back")
            lost = True
        finally:
            stream.close()
        came = stream.came
        clock.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
        while stream.hangs:  # no second thread on a source that holds the first
            clock.wait(FIRST_PAUSE_S)


def _paced(stream: Newest, source: Source, rate: float, clock: Clock) -> TakenFrames:
    due = clock.seconds()
    while True:
        if (early := due - clock.seconds()) > 0:
            clock.wait(early)
        due = max(due + 1 / rate, clock.seconds())
        try:
            taken = stream.take(SILENCE_S if source.lasting else None)
        except TimeoutError:
            raise PictureError(f"{source.title} gave no picture for {SILENCE_S:g} seconds") from None
        if taken is None:
            if source.lasting:
                raise PictureError(f"{source.title} ended")
            return
        yield taken
