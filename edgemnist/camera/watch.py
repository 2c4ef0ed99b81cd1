"""Frames -> readings: `edgemnist.watch_camera`."""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime

from edgemnist.camera.frames import CLOCK, Clock
from edgemnist.camera.notices import Notices
from edgemnist.camera.options import CameraOptions, parts_of
from edgemnist.camera.part import Part
from edgemnist.camera.sources import find_source
from edgemnist.camera.taken import take_frames
from edgemnist.classifier import Classifier
from edgemnist.infer.answers import Answer
from edgemnist.infer.sources import ignore

_PLAIN = CameraOptions()


@dataclass(frozen=True)
class CameraReading:
    """What a camera showed."""

    answer: Answer
    """As `infer` gives it for a picture."""
    time: datetime
    """When the frame came, UTC."""
    frame: int
    """Its number among all frames that came, from 0: gaps are frames that were not read."""
    region: str | None
    """The name of the region; None where there are none."""

    @property
    def status(self) -> str:
        """`ok`, `doubtful`, `blank` or `several`."""
        return self.answer.status

    @property
    def text(self) -> str:
        """What was read: a row's lines with their marks, or a digit; empty where there is no answer."""
        if self.answer.page:
            return self.answer.page.text
        return self.answer.prediction.label if self.answer.prediction else ""


def watch_camera(
    source: str,
    options: CameraOptions = _PLAIN,
    classifier: Classifier | None = None,
    announce: Callable[[str], None] = ignore,
    clock: Clock = CLOCK,
) -> Generator[CameraReading, None, None]:
    """A `CameraReading` each time that what stands before a camera has changed; closing it closes the camera.

    `source` is /dev/video0, `rpicam` (the Pi's own camera), an rtsp or http address, `-` (MJPEG on standard input) or
    a video file. A reading has changed when three frames in a row say so. What goes wrong without ending it is given to
    `announce`, a line each: a stream that is lost, a frame that cannot be read. Cameras and streams have no end.

    Raises:
        PictureError: the source is not there, or ended without a picture that can be read.
        UsageError: no source can be meant, or a part that is to be read does not lie in the frames.
        MissingExtraError: it needs edgemnist[camera], which is not installed.
    """
    classifier = classifier or Classifier()
    found = find_source(source, classifier.max_pixels)
    parts = [Part(name, crop, classifier, options) for name, crop in parts_of(options, classifier.rotate).items()]
    notices = Notices(found, announce)
    try:
        with contextlib.closing(take_frames(found, options.rate, announce, clock)) as frames:
            for taken in frames:
                notices.frame(taken)
                answers = [part.read(taken.frame, found.name) for part in parts]
                for part, answer in zip(parts, answers, strict=True):
                    notices.answer(answer)
                    news = None if answer.error else part.news(answer, taken.seconds)
                    if news:
                        notices.told()
                        yield CameraReading(news, taken.time, taken.number, part.name)
        notices.require_answer()
    finally:
        notices.count()
