"""What is measured of a model file: its class names, and what it answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.opened import AnyModel, as_classifier, as_finder, run, run_values
from edgemnist.reading.finder import of_digits

Answer = Callable[[NDArray[np.uint8]], NDArray[Any]]
"""Probabilities (N, 10) for images (N, 28, 28), or the values of maps, (N, C, H / 4, W / 4), for pages (N, H, W)."""


def model_answers(model: AnyModel) -> tuple[tuple[str, ...], Answer]:
    """The class names, none of a finder, and the function.

    Raises:
        ModelError: a finder of other things than digits.
    """
    if model.info.kind == "finder":
        finder = of_digits(as_finder(model))
        return (), lambda pages: run_values(finder, pages)
    classifier = as_classifier(model)
    return classifier.info.labels, lambda images: run(classifier, images).probabilities
