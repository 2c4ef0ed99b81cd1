"""Sources -> answers: what `infer` does, one answer for each image it was given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgemnist.classifier import Classifier
from edgemnist.errors import EdgemnistError, ModelError, PictureError
from edgemnist.infer.ahead import map_ahead
from edgemnist.infer.sources import STDIN, Content, read_sources
from edgemnist.model.arrays import WAYS, wrong_way
from edgemnist.prediction import WITHHELD, Page, Prediction
from edgemnist.reading.crop import Crop
from edgemnist.reading.image import Reading
from edgemnist.reading.picture import open_picture
from edgemnist.turned import TURNED


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
    picture: str | bytes | None = None
    """The path of a picture, or its bytes from stdin."""
    readings: tuple[Reading, ...] = ()
    """What the model saw: one digit, or those of a row."""
    frame: int | None = None
    """Position of the page within a TIFF that holds several; None for other files."""
    note: str = ""
    """What a person should know about the source."""
    page: Page | None = None
    """What a picture that is read for rows says, line by line."""

    @property
    def left_out(self) -> str:
        """The lines with marks, which the label leaves out; empty where it says all."""
        lines = self.page.lines if self.page else ()
        return " | ".join(" ".join(word.text for word in line) for line in lines if any(word.marks for word in line))

    @property
    def status(self) -> str:
        """`ok`, `doubtful`, `blank`, `several` or `unreadable`."""
        return self.prediction.status if self.prediction else "unreadable"

    @property
    def exit_code(self) -> int:
        """0 for an answer, doubtful or not, or a part of one; otherwise what the process should end with."""
        if self.error:
            return self.error.exit_code
        answered = self.prediction is not None and self.prediction.label.strip(WITHHELD)
        return 0 if answered else PictureError.exit_code


def answer_sources(
    classifier: Classifier, sources: Iterable[str], row: bool = False, workers: int = 1, crop: Crop | None = None
) -> Iterator[Answer]:
    """An answer for each image in each source, in order; a source that cannot be read gives one with an error.

    With `row` a picture shows digits in rows, otherwise a single one; with `crop` only that part of it is read. More
    than one of the `workers`, which are threads, read ahead; a source that waits for its next picture wants just one.
    """

    def answer(content: Content) -> list[Answer]:
        return answer_content(classifier, content, row, crop)

    for answers in map_ahead(answer, read_sources(sources, classifier.max_pixels), workers):
        yield from answers


def answer_content(
    classifier: Classifier, content: Content, row: bool = False, crop: Crop | None = None
) -> list[Answer]:
    """An answer for each image in what a source holds, or one with the error; `row` and `crop` as in `answer_sources`.

    Raises:
        ModelError: the finder's file is missing or damaged: no picture can be read.
    """
    try:
        return _answer(classifier, content, row, crop)
    except ModelError:
        raise
    except EdgemnistError as error:
        # A new one: where it was raised, its frames still hold the pixels.
        return [Answer(content.source, None, None, type(error)(str(error)), frame=content.frame)]


def _answer(classifier: Classifier, content: Content, row: bool, crop: Crop | None) -> list[Answer]:
    if content.error:
        raise content.error
    if content.images is not None:
        if way := wrong_way(classifier.model, content.images):
            name = "stdin" if content.source == STDIN else content.source
            raise PictureError(f"{name} holds images that are {way}; put them right, with numpy: {WAYS[way][0]}")
        predictions = classifier.predict_images(content.images)
        return [
            Answer(content.source, index, prediction, None, readings=(Reading(content.images[index], None, 0, ()),))
            for index, prediction in enumerate(predictions)
        ]
    picture = content.picture
    assert picture is not None  # it is an error, an array file or a picture
    opened = None if crop else content.page
    opened = opened or open_picture(picture, content.frame or 0, classifier.max_pixels, crop)
    one_of_several = opened.several_frames and content.frame is None
    note = f"{content.source} holds several frames; the first is read" if one_of_several else ""
    if not row:
        reading = classifier.read_digit(opened)
        (prediction,) = classifier.predict_readings([reading])
        return [Answer(content.source, None, prediction, None, picture, (reading,), content.frame, note)]
    read = classifier.read_page(opened)
    page = classifier.looked_around(opened, classifier.predict_page_reading(read))
    last_doubt = page.row.doubt.rpartition(", ")[2]
    if last_doubt.startswith(TURNED):
        note = f"{content.source} may lie on its side or upside down: it is {last_doubt}"
    readings = tuple(digit for line in read for word in line for digit in word.digits)
    return [Answer(content.source, None, page.row, None, picture, readings, content.frame, note, page)]
