"""Which frames are read: of a file by their times, of a live source the newest; what happens when one is lost."""

import math
import threading
from datetime import UTC, datetime

import pytest

from edgemnist.camera import newest, taken
from edgemnist.camera.frames import Clock, Frame, Source
from edgemnist.camera.taken import take_frames
from edgemnist.errors import PictureError

PATIENCE_S = 60
"""Nothing here takes so long; this ends a test that would hang."""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def frame(position_s: float | None = None) -> Frame:
    return Frame(lambda: b"", (4, 3), position_s)


def recorded(*positions: float | None) -> Source:
    return Source("film.mp4", lambda: (frame(position) for position in positions), live=False, lasting=False)


def numbers(source: Source, rate: float) -> list[int]:
    return [each.number for each in take_frames(source, rate, pytest.fail, Clock(now=lambda: NOON))]


def test_a_films_frames_are_read_by_their_times():
    film = recorded(*(number / 25 for number in range(51)))
    assert numbers(film, 5) == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]
    assert numbers(film, 1) == [0, 25, 50]
    assert numbers(film, 25) == numbers(film, 100) == list(range(51))


def test_all_frames_of_a_film_without_times_are_read():
    assert numbers(recorded(*[None] * 30), 0.1) == list(range(30))


def test_a_films_times_may_jump():
    assert numbers(recorded(0.0, 0.1, 95_000.0, 95_000.1, 0.0, 0.1, 1.0), 1) == [0, 2, 4, 6]


class Scripted:
    """A live source whose every session is a list: `next` is a frame behind which nothing comes until it was read,
    `late` one behind which the next comes at once, anything else is called. The reader reads when all stands still.

    Its clock stands still but for waits, which are noted.
    """

    def __init__(self, *sessions: list, lasting: bool = True) -> None:
        self._sessions = iter(sessions)
        self.waits: list[float] = []
        self.said: list[str] = []
        self.closed = 0
        self._now = 0.0
        self._fetched, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self.source = Source("rtsp://cam", self._frames, live=True, lasting=lasting)
        self.clock = Clock(lambda: self._now, lambda: NOON, self._wait)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._now += seconds

    def _frames(self):
        try:
            for step in next(self._sessions):
                if step == "next":
                    yield frame()
                    self._stands.release()  # it came, and nothing comes behind it
                    assert self._fetched.acquire(timeout=PATIENCE_S)
                elif step == "late":
                    yield frame()
                else:
                    step()
        finally:
            self.closed += 1
            self._stands.release()

    def read(self, most: int | None = None, rate: float = math.inf) -> list[int]:
        """The numbers of the frames that are read, at most `most`."""
        found = []
        frames = take_frames(self.source, rate, self.said.append, self.clock)
        try:
            for each in frames:
                found.append(each.number)
                if len(found) == most:
                    break
                if len(found) == 1:
                    assert self._stands.acquire(timeout=PATIENCE_S)
                self._fetched.release()
                assert self._stands.acquire(timeout=PATIENCE_S)
        finally:
            self._fetched.release(len(found) + 1)  # nobody waits for a reader that left
            frames.close()
            for thread in threading.enumerate():
                if thread.name == f"frames of {self.source.name}":
                    thread.join(PATIENCE_S)
        return found


def fail(why: str = "lost rtsp://cam: Connection reset by peer"):
    def step() -> None:
        raise PictureError(why)

    return step


def test_late_frames_are_dropped_and_the_newest_is_read():
    """Three come while the reader is busy with the first, before the last of them lets it go on."""
    assert Scripted(["next", "late", "late", "next"], lasting=False).read() == [0, 3]


def test_no_more_frames_are_read_than_the_rate_allows():
    camera = Scripted(["next"] * 4, lasting=False)
    assert camera.read(rate=5) == [0, 1, 2, 3]
    assert camera.waits == pytest.approx([0.2] * 4)


def test_a_pipe_that_ends_is_at_its_end():
    camera = Scripted(["next", "next"], lasting=False)
    assert camera.read() == [0, 1]
    assert (camera.said, camera.closed) == ([], 1)


def test_a_source_that_is_not_there_at_the_start_is_an_error():
    with pytest.raises(PictureError, match="Connection refused"):
        Scripted([fail("cannot open rtsp://cam: Connection refused")]).read()


def test_a_stream_that_is_lost_is_tried_again_with_growing_pauses_and_said_once():
    refused = [fail("cannot open rtsp://cam: Connection refused")]
    camera = Scripted(["next", "next", fail()], *[refused] * 8, ["next", fail()], ["next"])
    assert camera.read(most=4) == [0, 1, 2, 3]
    assert camera.waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1]
    assert camera.said == [
        "lost rtsp://cam: Connection reset by peer; trying again until it is back",
        "rtsp://cam is back",
        "lost rtsp://cam: Connection reset by peer; trying again until it is back",
        "rtsp://cam is back",
    ]
    assert camera.closed == 11


def test_a_stream_that_ends_is_lost():
    camera = Scripted(["next"], ["next"])
    assert camera.read(most=2) == [0, 1]
    assert camera.said == ["rtsp://cam ended; trying again until it is back", "rtsp://cam is back"]


def test_a_stream_that_falls_silent_is_lost_and_opened_again_once_it_has_let_go(monkeypatch):
    monkeypatch.setattr(taken, "SILENCE_S", 0.05)
    monkeypatch.setattr(newest, "_CLOSING_S", 0.05)
    let_go = threading.Event()

    def hang() -> None:
        camera._stands.release()
        let_go.wait(PATIENCE_S)

    camera = Scripted(["next", hang, fail("late")], ["next"])
    wait = camera._wait

    def wait_and_let_go(seconds: float) -> None:
        wait(seconds)
        if len(camera.waits) == 5:
            assert camera.closed == 0  # it was not opened a second time
            let_go.set()
        if len(camera.waits) > 5:
            threading.Event().wait(0.001)  # the thread's turn

    camera.clock = Clock(camera.clock.seconds, camera.clock.now, wait_and_let_go)
    assert camera.read(most=2) == [0, 1]
    assert camera.said == [
        "rtsp://cam gave no picture for 0.05 seconds; trying again until it is back",
        "rtsp://cam is back",
    ]


def test_a_bug_in_a_source_is_not_taken_for_a_lost_stream():
    def bug() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Scripted(["next", bug]).read()


def test_whoever_stops_reading_has_the_source_closed():
    camera = Scripted(["next"] * 3)
    assert camera.read(most=1) == [0]
    assert camera.closed == 1
