"""Sources -> answers: what `infer` does, one answer for each image it was given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgemnist.errors import EdgemnistError, PictureError
from edgemnist.runtime.classifier import Classifier, Prediction
from edgemnist.runtime.image import Polarity
from edgemnist.runtime.sources import read_sources


@dataclass(frozen=True)
class Answer:
    """A prediction, or the reason why there is none."""

    source: str
    """The path as it was given or found; `-` for stdin."""
    index: int | None
    """Position within an array file; None for a picture."""
    prediction: Prediction | None
    """None when the source cannot be read."""
    error: EdgemnistError | None

    @property
    def status(self) -> str:
        """`ok`, `doubtful`, `blank` or `unreadable`."""
        return self.prediction.status if self.prediction else "unreadable"

    @property
    def exit_code(self) -> int:
        """0 for an answer, doubtful or not; otherwise what the process should end with."""
        if self.error:
            return self.error.exit_code
        return PictureError.exit_code if self.status == "blank" else 0


def answer_sources(classifier: Classifier, sources: Iterable[str], polarity: Polarity) -> Iterator[Answer]:
    """An answer for each image in each source, in order; a source that cannot be read gives one with an error."""
    for found in read_sources(sources, polarity):
        if found.error:
            yield Answer(found.source, None, None, found.error)
            continue
        for index, prediction in enumerate(classifier.predict_images(found.images)):
            yield Answer(found.source, index if found.is_array else None, prediction, None)
