"""One part of all frames, or the whole of them: what it says in each, and when that is news."""

from dataclasses import replace

import numpy as np

from edgemnist.camera.frames import Frame
from edgemnist.camera.options import CameraOptions
from edgemnist.camera.steady import Seen, is_steady, see
from edgemnist.camera.video import too_large
from edgemnist.classifier import Classifier
from edgemnist.errors import EdgemnistError, PictureError, UsageError
from edgemnist.infer.answers import Answer, answer_content
from edgemnist.infer.sources import Content
from edgemnist.prediction import joined
from edgemnist.reading.crop import Crop
from edgemnist.reading.picture import Picture, open_picture

UNSTEADY = "not steady"
"""Doubt: a reading that is due although no three frames in a row say so."""


class Part:
    """What is known of a part.

    Args:
        name: the region's; None where the frames have none.
        crop: where it is; None for whole frames.
        classifier: reads it.
        options: say how.
    """

    def __init__(self, name: str | None, crop: Crop | None, classifier: Classifier, options: CameraOptions) -> None:
        self.name = name
        self._crop, self._classifier, self._options = crop, classifier, options
        self._seen = Seen()
        self._told_s: float | None = None
        self._last: tuple[Picture, Answer] | None = None

    def read(self, frame: Frame, source: str) -> Answer:
        """The answer to this part of a frame, or one with the error.

        Raises:
            UsageError: the source's frames do not hold this part.
            ModelError: the finder's file is missing or damaged.
        """
        try:
            picture = self._open(frame, source)
        except (PictureError, UsageError) as error:
            if isinstance(error, UsageError) and not self._last:  # later its frames' size has changed
                raise
            return Answer(source, None, None, _anew(error))
        if not self._last or not _same(picture, self._last[0]):  # the same pixels have the same answer
            content = Content(source, None, b"", None, page=picture)
            (answer,) = answer_content(self._classifier, content, self._options.reads_rows)
            self._last = picture, doubt_count(answer, self._options.digits)
        return self._last[1]

    def news(self, answer: Answer, seconds: float) -> Answer | None:
        """What is to be told now that a frame, which came at `seconds`, gave that answer; None is nothing."""
        self._seen, told = see(self._seen, answer)
        if self._told_s is None:
            self._told_s = seconds
        every = self._options.every
        if not told and (every is None or seconds - self._told_s < every):
            return None
        self._told_s = seconds
        return answer if is_steady(self._seen) else _doubted(answer, UNSTEADY)

    def _open(self, frame: Frame, source: str) -> Picture:
        most = self._classifier.max_pixels
        if frame.size and frame.size[0] * frame.size[1] > most:
            raise too_large(source, frame.size, most)
        return open_picture(frame.unpack(), max_pixels=most, crop=self._crop)


def doubt_count(answer: Answer, digits: int | None) -> Answer:
    """The answer, doubtful where it has another count of digits than `digits`; None is any count."""
    read = len(answer.prediction.digits) if answer.prediction else 0
    return answer if digits is None or read == digits else _doubted(answer, f"{read} digits instead of {digits}")


def _doubted(answer: Answer, reason: str) -> Answer:
    """The answer with a doubt more; one that is none stays so."""
    if answer.prediction is None or answer.status not in ("ok", "doubtful"):
        return answer
    doubted = replace(answer.prediction, status="doubtful", doubt=joined(answer.prediction.doubt, reason))
    page = answer.page and replace(answer.page, row=doubted)
    return replace(answer, prediction=doubted, page=page)


def _same(one: Picture, other: Picture) -> bool:
    return one.size == other.size and np.array_equal(one.gray, other.gray)


def _anew(error: EdgemnistError) -> EdgemnistError:
    """Where an error was raised, its frames still hold the pixels."""
    return type(error)(str(error))
