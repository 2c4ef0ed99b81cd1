"""The library: `Classifier().predict(...)` answers what digit a picture shows."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DIGITS, IMAGE_SIZE
from edgemnist.errors import PictureError, UsageError
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.opened import Model, open_model
from edgemnist.model.session import Engine
from edgemnist.model.shipped import finder_path, is_name, model_path
from edgemnist.outputs import require_light_ink, to_predictions, unsureness
from edgemnist.prediction import Page, Prediction, join_page, join_row, placed
from edgemnist.reading.finder import open_find
from edgemnist.reading.finds import Find
from edgemnist.reading.image import Polarity, Reading, Source, read_digit
from edgemnist.reading.limits import MAX_MEGAPIXELS, pixels_of
from edgemnist.reading.listed import Errors, Sources, read_each
from edgemnist.reading.page import PageReading, read_page, read_rows
from edgemnist.reading.picture import Picture, open_picture, require_right_angle, turned
from edgemnist.reading.source import as_images, is_array
from edgemnist.turned import look_around

_NO_IMAGES: NDArray[np.uint8] = np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)


class Classifier:
    """An opened model that answers pictures and images, from several threads at once if need be.

    It can be pickled, by the name or path of its model and its options, and be used after a fork.

    Args:
        model: `int8` or `fp32`, the models that ship, or a .onnx file of edgemnist.
        finder: `int8`, which ships, `fp32`, which is in a checkout's exports/, or a .onnx file. It is opened when the
            first picture is read; arrays do without, and models of other things than digits too.
        threads: intra-op threads; one picture gains nothing from more than one.
        engine: `onnxruntime`, or `numpy`, which answers int8 files with the same bits; by itself the first, and the
            second where onnxruntime is not installed.
        polarity: whether ink is dark, light, or to be found out from the picture.
        rotate: 0, 90, 180 or 270 degrees by which pictures are turned clockwise, after their EXIF orientation was
            heeded. Boxes are those in the turned picture.
        max_megapixels: how much a picture's file may ask for, counted as docs/limits.md has it; memory follows it.
        min_confidence: answers below it are withheld. When not given, they are answered and called doubtful below
            the model's own threshold. Answers to what may be no digit at all are called doubtful either way.

    Raises:
        ModelError: the file is not a usable model.
        MissingExtraError: the engine is not installed.
        UsageError: `min_confidence` is not within 0 to 1, `threads` or `max_megapixels` is not positive, `rotate` is no
            right angle, or there is no such engine.
    """

    def __init__(
        self,
        model: Path | str = "int8",
        *,
        finder: Path | str = "int8",
        threads: int = 1,
        engine: Engine = "auto",
        polarity: Polarity = "auto",
        rotate: int = 0,
        min_confidence: float | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
    ) -> None:
        require_right_angle(rotate)
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise UsageError(f"--min-confidence must be 0 to 1, not {min_confidence:g}")
        self.model: Model[ClassifierInfo] = open_model(model_path(model), threads=threads, engine=engine)
        self.polarity: Polarity = polarity
        self.rotate = rotate
        self._source, self._threads = model if is_name(model) else Path(model).absolute(), threads
        self._engine: Engine = engine
        self._finder = finder if is_name(finder) else Path(finder).absolute()
        self._min_confidence = min_confidence
        self.max_pixels = pixels_of(max_megapixels)

    def __getstate__(self) -> dict[str, Any]:
        """The names or paths of model and finder and the options: in another process they are opened anew."""
        return {
            "model": self._source,
            "finder": self._finder,
            "threads": self._threads,
            "engine": self._engine,
            "polarity": self.polarity,
            "rotate": self.rotate,
            "min_confidence": self._min_confidence,
            "max_megapixels": self.max_pixels / 1e6,
        }

    def __setstate__(self, options: dict[str, Any]) -> None:
        self.__init__(**options)  # type: ignore[misc]

    def turning(self, degrees: int) -> "Classifier":
        """The same classifier, of the same opened files, which turns pictures clockwise by so many degrees instead.

        Raises:
            UsageError: that is no right angle.
        """
        require_right_angle(degrees)
        other = object.__new__(type(self))
        other.__dict__ = {**self.__dict__, "rotate": degrees}
        return other

    @cached_property
    def find(self) -> Find | None:
        """The finder; None for models of other things than digits.

        Raises:
            ModelError: its file is missing or damaged.
        """
        if self.model.info.labels != DIGITS:
            return None
        return open_find(finder_path(self._finder), self._threads, self._engine)

    @overload
    def predict(self, source: NDArray[np.uint8]) -> Prediction | list[Prediction]: ...
    @overload
    def predict(self, source: Sources) -> list[Prediction]: ...
    @overload
    def predict(self, source: Sources, *, errors: Literal["return"]) -> list[Prediction | PictureError]: ...
    @overload
    def predict(self, source: Source) -> Prediction | list[Prediction]: ...

    def predict(
        self, source: Source | Sources, *, errors: Errors = "raise"
    ) -> Prediction | list[Prediction] | list[Prediction | PictureError]:
        """One `Prediction` for one picture or one image, a list for a list or tuple of them or an array of images.

        Pictures (paths, data URLs, encoded bytes, open binary files, PIL images) go through `read_image`; uint8 arrays
        are images and taken verbatim, 0 = background, 255 = full ink: (28, 28), (28, 28, 1) or (784,) for one,
        (N, 28, 28), (N, 28, 28, 1), (N, 1, 28, 28) or (N, 784) for N. With `errors="return"` a picture in a list that
        cannot be read costs only its own answer: the `PictureError` stands in its place.

        Raises:
            PictureError: a picture cannot be read.
            TypeError, ValueError: no picture and no images can be meant; the message says what can.
        """
        if isinstance(source, list | tuple):
            found = read_each(source, self.read_digit, errors)
            answers = iter(self.predict_readings([each for each in found if isinstance(each, Reading)]))
            return [next(answers) if isinstance(each, Reading) else each for each in found]
        if is_array(source):
            images, single = as_images(source)
            predictions = self.predict_images(images)
            if single:
                return predictions[0]
            require_light_ink(self.model, images, predictions)
            return predictions
        return self.predict_readings([self.read_digit(source)])[0]

    def predict_row(self, source: Source) -> Prediction:
        """The `Prediction` for a picture that shows digits in one row or several: its label is the string they make.

        Raises:
            PictureError: the picture cannot be read.
            TypeError, ValueError: no picture can be meant; the message says what can.
        """
        picture = self._open(source)
        row = join_row(self.predict_readings(self.read_row(picture)))
        return self.looked_around(picture, Page(row, ())).row

    def predict_page(self, source: Source) -> Page:
        """The `Page` for a picture that shows lines of numbers: lines of words with their digits and marks.

        Raises:
            PictureError: the picture cannot be read.
            TypeError, ValueError: no picture can be meant; the message says what can.
        """
        picture = self._open(source)
        return self.looked_around(picture, self.predict_page_reading(self.read_page(picture)))

    def looked_around(self, picture: Picture, page: Page) -> Page:
        """The `Page` for a picture, with a doubt more where it is doubtful and clearly surer at another right angle."""
        return look_around(
            page, self.rotate, lambda angle: self._page_at(picture, angle), self.predict_page_reading, self._doubt
        )

    def read_digit(self, source: Source) -> Reading:
        """What the model gets to see of a picture of one digit.

        Raises:
            PictureError: the picture cannot be read.
            ModelError: the finder's file is missing or damaged.
        """
        return read_digit(turned(self._open(source), self.rotate), self.find, self.polarity)

    def read_row(self, source: Source) -> list[Reading]:
        """What the model gets to see of each digit of a row, in reading order.

        Raises:
            PictureError: the picture cannot be read.
            ModelError: the finder's file is missing or damaged.
            UsageError: the model knows other things than digits.
        """
        picture = turned(self._open(source), self.rotate)
        lines = read_rows(picture, self._require_find(), self._doubt, self.polarity)
        return [reading for line in lines for reading in line]

    def read_page(self, source: Source) -> PageReading:
        """What the model gets to see of each digit of a page, and its marks.

        Raises:
            PictureError, ModelError, UsageError: as `read_row`.
        """
        return self._page_at(self._open(source), self.rotate)

    def _page_at(self, picture: Picture, angle: int) -> PageReading:
        return read_page(turned(picture, angle), self._require_find(), self._doubt, self.polarity)

    def _open(self, source: Source) -> Picture:
        return open_picture(source, max_pixels=self.max_pixels)

    def _require_find(self) -> Find:
        if self.find is None:
            raise UsageError(f"{self.model.name} knows no digits; rows are read with models of digits alone")
        return self.find

    def _doubt(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(N,) 0 to 1: how unsure the model is of each of (N, 28, 28) images."""
        return unsureness(self.model, images)

    def predict_readings(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One `Prediction` for each reading of a picture."""
        images = np.stack([reading.image for reading in readings]) if readings else _NO_IMAGES
        return [
            placed(prediction, reading)
            for reading, prediction in zip(readings, self.predict_images(images), strict=True)
        ]

    def predict_page_reading(self, page: PageReading) -> Page:
        """The `Page` for the reading of a picture."""
        answers = iter(self.predict_readings([digit for line in page for word in line for digit in word.digits]))
        return join_page([[([next(answers) for _ in word.digits], word.marks) for word in line] for line in page])

    def predict_images(self, images: NDArray[np.uint8]) -> list[Prediction]:
        """One `Prediction` for each of (N, 28, 28) uint8 images, taken verbatim.

        Raises:
            ValueError: an array of another shape or type.
        """
        return to_predictions(self.model, images, self._min_confidence)
