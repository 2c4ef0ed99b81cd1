"""Pictures that clients send -> answers, by the same code as `infer`."""

import base64
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from edgemnist.classifier import Classifier
from edgemnist.infer.answers import Answer, answer_content
from edgemnist.infer.collect import Collector
from edgemnist.infer.report import as_fields
from edgemnist.infer.sources import contents
from edgemnist.reading.crop import Crop
from edgemnist.serve.body import Upload
from edgemnist.serve.bounds import MAX_PICTURES
from edgemnist.serve.problems import ProblemError, as_problem


@dataclass(frozen=True)
class Wish:
    """How a client wants its pictures read."""

    row: bool = False
    crop: Crop | None = None
    rotate: int = 0
    top_k: int = 1
    inputs: bool = False
    """Whether answers hold what the model saw."""


class Reader:
    """A classifier that reads pictures the way that each request wants, from several threads."""

    def __init__(self, classifier: Classifier, collector: Collector | None) -> None:
        self.classifier = classifier
        self._collector, self._collecting = collector, threading.Lock()

    def answer(self, uploads: Sequence[Upload], wish: Wish) -> list[Answer]:
        """An answer for each picture, and each page of a TIFF.

        Raises:
            ProblemError: the only picture cannot be read, or a TIFF has too many pages.
        """
        classifier = self.classifier.turning(wish.rotate)
        found = (
            content for upload in uploads for content in contents(upload.name, upload.content, classifier.max_pixels)
        )
        answers: list[Answer] = []
        for content in islice(found, MAX_PICTURES + 1):
            if len(answers) >= MAX_PICTURES:
                raise ProblemError(413, f"more than {MAX_PICTURES} pages are too many for one request")
            answers += answer_content(classifier, content, wish.row, wish.crop)
        if len(answers) == 1 and answers[0].error:
            raise as_problem(answers[0].error)
        return answers

    def keep(self, answers: Sequence[Answer]) -> None:
        """Keep their doubtful digits, where that is wanted."""
        if self._collector:
            with self._collecting:
                for answer in answers:
                    self._collector.keep(answer)


def as_plain(answer: Answer, wish: Wish) -> dict[str, object]:
    """One answer as `infer --format json` has it, and with `inputs` the images that the model saw, as base64."""
    fields = as_fields(answer, wish.top_k)
    if wish.inputs:
        fields["inputs"] = [base64.b64encode(reading.image.tobytes()).decode() for reading in answer.readings]
    return fields
