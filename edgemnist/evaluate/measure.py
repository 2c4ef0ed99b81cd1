"""How good a model's answers are: accuracy with its interval, where it errs, what its confidence is worth."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import Split
from edgemnist.model import metrics


@dataclass(frozen=True)
class Evaluation:
    """The measures of one model over one split."""

    accuracy: metrics.Accuracy
    confusion: NDArray[np.int64]
    """(10, 10); the row is the true class, the column the predicted one."""
    calibration_error: float
    """Expected calibration error, 0..1."""
    mistakes: NDArray[np.intp]
    """Positions of the wrongly answered images, the most confident mistake first."""


def evaluate(probabilities: NDArray[np.float32], split: Split) -> Evaluation:
    """The measures of `probabilities`, (N, 10), answered to the images of `split`.

    Raises:
        ValueError: not one row for each label.
    """
    predicted, confidence = probabilities.argmax(1), probabilities.max(1)
    correct = predicted == split.labels
    wrong = np.flatnonzero(~correct)
    return Evaluation(
        accuracy=metrics.accuracy(predicted, split.labels),
        confusion=metrics.confusion_matrix(predicted, split.labels),
        calibration_error=metrics.expected_calibration_error(confidence, correct),
        mistakes=wrong[np.argsort(-confidence[wrong], kind="stable")],
    )


def as_plain(evaluation: Evaluation, class_names: tuple[str, ...]) -> dict[str, object]:
    """The evaluation as plain types for JSON; shares are 0..1."""
    accuracy = evaluation.accuracy
    return {
        "count": accuracy.count,
        "correct": accuracy.correct,
        "accuracy": accuracy.value,
        "interval_95": [accuracy.low, accuracy.high],
        "expected_calibration_error": evaluation.calibration_error,
        "labels": list(class_names),
        "recall": _or_none(metrics.recall(evaluation.confusion)),
        "precision": _or_none(metrics.precision(evaluation.confusion)),
        "confusion": evaluation.confusion.tolist(),
        "mistakes": evaluation.mistakes.tolist(),
    }


def as_text(evaluation: Evaluation, class_names: tuple[str, ...]) -> str:
    """The evaluation as tables for people."""
    accuracy, confusion = evaluation.accuracy, evaluation.confusion
    width = max(5, *(len(name) for name in class_names))
    lines = [
        f"accuracy     {100 * accuracy.value:.2f} %  ({accuracy.correct:,} of {accuracy.count:,} correct; "
        f"95 % interval {100 * accuracy.low:.2f} to {100 * accuracy.high:.2f} %)",
        f"calibration  {100 * evaluation.calibration_error:.2f} %  (expected calibration error)",
        "",
        f"{'class':>{width}}  {'images':>7}  {'recall':>9}  {'precision':>9}",
    ]
    shares = zip(class_names, confusion.sum(1), metrics.recall(confusion), metrics.precision(confusion), strict=True)
    lines += [
        f"{name:>{width}}  {count:7,}  {_percent(recall)}  {_percent(precision)}"
        for name, count, recall, precision in shares
    ]
    lines += ["", "confusion matrix: rows are the truth, columns the answers"]
    lines += [" ".join([" " * width, *(f"{name:>{width}}" for name in class_names)])]
    lines += [
        " ".join([f"{name:>{width}}", *(f"{count or '.':>{width}}" for count in row)])
        for name, row in zip(class_names, confusion.tolist(), strict=True)
    ]
    return "\n".join(lines)


def _or_none(shares: NDArray[np.float64]) -> list[float | None]:
    """The shares for JSON, which knows no NaN: null for a class without images or answers."""
    return [None if math.isnan(share) else share for share in shares.tolist()]


def _percent(share: float) -> str:
    return f"{'-':>9}" if math.isnan(share) else f"{100 * share:7.2f} %"
