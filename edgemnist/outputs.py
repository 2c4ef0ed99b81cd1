"""What a model's outputs say: a `Prediction` for each image, and how unsure the model is of it."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.arrays import wrong_way
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.opened import Model, run
from edgemnist.prediction import NO_DIGIT, UNSURE, Prediction, joined

_SURE_ODDS = 12.6
"""The logarithm of the odds between the best answer and the second, from which on the classifier does not doubt a
digit: the median of MNIST's training images with the shipped network (every sixth; 12.64). Halves and two digits at
once have far less. Probabilities would not do: they call half a digit nearly as sure as a whole one."""


def to_predictions(
    model: Model[ClassifierInfo], images: NDArray[np.uint8], min_confidence: float | None
) -> list[Prediction]:
    """One `Prediction` for each of (N, 28, 28) uint8 images; below `min_confidence` it is withheld.

    Raises:
        ValueError: an array of another shape or type.
    """
    outputs = run(model, images)
    probabilities = outputs.probabilities
    has_ink: list[bool] = (images.max(axis=(1, 2)) > 0).tolist()
    # Plain lists of the whole batch: numpy's numbers one by one cost 4 us more for each image.
    order: list[list[int]] = (-probabilities).argsort(1, kind="stable").tolist()
    rows: list[list[float]] = probabilities.tolist()
    logits: list[float] = outputs.logits.max(1).tolist()
    return [
        _prediction(model.info, row, ranked, logit, min_confidence) if inked else Prediction("blank", "", -1, 0.0, ())
        for row, ranked, logit, inked in zip(rows, order, logits, has_ink, strict=True)
    ]


def _prediction(
    info: ClassifierInfo, probabilities: list[float], ranked: list[int], logit: float, min_confidence: float | None
) -> Prediction:
    best = ranked[0]
    confidence = probabilities[best]
    least = info.confidence.threshold if min_confidence is None else min_confidence
    withheld = min_confidence is not None and confidence < least
    # The evidence, log sum exp of all logits, from the top class alone: p = exp(logit) / exp(evidence).
    evidence = logit - math.log(confidence)
    no_digit = info.outliers is not None and evidence < info.outliers.threshold
    doubt = joined(UNSURE * (confidence < least), NO_DIGIT * no_digit)
    return Prediction(
        status="doubtful" if doubt else "ok",
        label="" if withheld else info.labels[best],
        class_index=-1 if withheld else best,
        confidence=confidence,
        top=tuple([(info.labels[index], probabilities[index]) for index in ranked]),
        doubt=doubt,
    )


def unsureness(model: Model[ClassifierInfo], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(N,) 0 to 1: how unsure the model is of each of (N, 28, 28) uint8 images."""
    best_two = np.sort(run(model, images).logits, axis=1)[:, -2:]
    return (1 - np.diff(best_two)[:, 0] / _SURE_ODDS).clip(0, 1)


def require_light_ink(
    model: Model[ClassifierInfo], images: NDArray[np.uint8], predictions: Sequence[Prediction]
) -> None:
    """Raise ValueError if most of (N, 28, 28) uint8 images got no sure answer because they are dark on light."""
    answers = sum(prediction.status == "ok" for prediction in predictions)
    if 2 * answers <= len(predictions) and wrong_way(model, images, ("inverted",)):
        raise ValueError(
            f"most of these {len(images)} images are digits only when inverted; arrays are taken as they are, 0 = "
            "background, 255 = full ink: give 255 - images, or pictures (files or PIL images), which are looked at"
        )
