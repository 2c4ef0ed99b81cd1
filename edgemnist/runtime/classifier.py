"""The library: `Classifier().predict(...)` answers what digit a picture shows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist.runtime.image import Polarity, read_image
from edgemnist.runtime.session import Model, default_model, open_model, run

Status = Literal["ok", "doubtful", "blank"]
"""`doubtful`: confidence below the model's own threshold; `blank`: there is no ink, so there is no answer."""

Picture = Path | str | bytes | Image.Image


@dataclass(frozen=True)
class Prediction:
    """The answer for one picture."""

    status: Status
    label: str
    """The class name; empty when the picture is blank."""
    class_index: int
    """0 to 9; -1 when the picture is blank."""
    confidence: float
    """The probability of the top class, 0..1; 0 when the picture is blank."""
    top: tuple[tuple[str, float], ...]
    """All class names with their probabilities, the likeliest first; empty when the picture is blank."""


class Classifier:
    """An opened model that answers pictures and images.

    Args:
        model: a .onnx file of edgemnist; the int8 model that ships when not given.
        threads: intra-op threads; one picture gains nothing from more than one.
        polarity: whether ink is dark, light, or to be found out from the picture's border.

    Raises:
        ModelError: the file is not a usable model.
    """

    def __init__(self, model: Path | str | None = None, *, threads: int = 1, polarity: Polarity = "auto") -> None:
        self.model: Model = open_model(Path(model) if model else default_model(), threads=threads)
        self._polarity: Polarity = polarity

    @overload
    def predict(self, source: Picture) -> Prediction: ...
    @overload
    def predict(self, source: list[Picture]) -> list[Prediction]: ...
    @overload
    def predict(self, source: NDArray[np.uint8]) -> Prediction | list[Prediction]: ...

    def predict(self, source: Picture | list[Picture] | NDArray[np.uint8]) -> Prediction | list[Prediction]:
        """One `Prediction` for one picture or one (28, 28) array, a list for several or for (N, 28, 28).

        Pictures (paths, encoded bytes, PIL images) go through `read_image`; uint8 arrays are taken verbatim,
        0 = background, 255 = full ink.

        Raises:
            PictureError: a picture cannot be read.
            ValueError: an array of another shape or type.
        """
        if isinstance(source, np.ndarray):
            if source.ndim == 2:
                return self.predict_images(source[np.newaxis])[0]
            return self.predict_images(source)
        if isinstance(source, Path | str | bytes | Image.Image):
            return self.predict_images(read_image(source, self._polarity)[np.newaxis])[0]
        images = [read_image(picture, self._polarity) for picture in source]
        return self.predict_images(np.stack(images)) if images else []

    def predict_images(self, images: NDArray[np.uint8]) -> list[Prediction]:
        """One `Prediction` for each of (N, 28, 28) uint8 images, taken verbatim.

        Raises:
            ValueError: an array of another shape or type.
        """
        probabilities = run(self.model, images).probabilities
        has_ink: list[bool] = (images.max(axis=(1, 2)) > 0).tolist()
        # Plain lists of the whole batch: numpy's numbers one by one cost 4 us more for each image.
        order: list[list[int]] = (-probabilities).argsort(1, kind="stable").tolist()
        rows: list[list[float]] = probabilities.tolist()
        return [
            self._prediction(row, ranked) if inked else Prediction("blank", "", -1, 0.0, ())
            for row, ranked, inked in zip(rows, order, has_ink, strict=True)
        ]

    def _prediction(self, probabilities: list[float], ranked: list[int]) -> Prediction:
        info = self.model.info
        best = ranked[0]
        confidence = probabilities[best]
        return Prediction(
            status="ok" if confidence >= info.confidence.threshold else "doubtful",
            label=info.labels[best],
            class_index=best,
            confidence=confidence,
            top=tuple([(info.labels[index], probabilities[index]) for index in ranked]),
        )
