"""What is measured on predictions: how often they are right, where they go wrong, what confidence is worth.

In all of it `predicted` and `labels` are (N,) integers 0 to 9, `confidence` is (N,) float, the probability of
the top class, and `correct` is (N,) bool.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT

CALIBRATION_BINS = 15

_Z_95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Accuracy:
    """A share of correct answers with its 95 % interval; shares are 0 to 1."""

    correct: int
    count: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Percentiles:
    """Three percentiles, in the unit of the values they were taken of."""

    p50: float
    p95: float
    p99: float


def accuracy(predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> Accuracy:
    """The share of `predicted` that equals `labels`, with its 95 % interval.

    Raises:
        ValueError: no predictions, or not one label for each.
    """
    _require_pairs(predicted, labels)
    return accuracy_of_counts(int(np.count_nonzero(predicted == labels)), len(labels))


def accuracy_of_counts(correct: int, count: int) -> Accuracy:
    """`correct` out of `count`, with the Wilson score interval at 95 %.

    With p = correct / count and z = 1.96, the ends are
    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n).

    Raises:
        ValueError: `count` is not positive, or `correct` is not within 0 to `count`.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927); without continuity correction.
    """
    if not 0 <= correct <= count or count == 0:
        raise ValueError(f"{correct} correct out of {count} is not a share")
    value = correct / count
    scale = 1 + _Z_95**2 / count
    center = (value + _Z_95**2 / (2 * count)) / scale
    margin = _Z_95 / scale * math.sqrt(value * (1 - value) / count + _Z_95**2 / (4 * count**2))
    # With nothing or everything correct, the end is exactly 0 or 1; rounding must not put `value` outside.
    low = 0.0 if correct == 0 else center - margin
    high = 1.0 if correct == count else center + margin
    return Accuracy(correct, count, value, low, high)


def confusion_matrix(predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """(10, 10) int64 counts: the row is the true class, the column the predicted one.

    Raises:
        ValueError: no predictions, not one label for each, or a class outside 0 to 9.

    Source: K. Pearson's contingency table (1904), rows and columns as scikit-learn orders them.
    """
    _require_pairs(predicted, labels)
    for classes in (predicted, labels):
        if classes.min() < 0 or classes.max() >= CLASS_COUNT:
            raise ValueError(f"classes must be 0 to {CLASS_COUNT - 1}, found {classes.min()} to {classes.max()}")
    places = (labels * CLASS_COUNT + predicted).astype(np.intp)  # of 32 bits on 32-bit systems
    counts = np.bincount(places, minlength=CLASS_COUNT**2)
    return counts.astype(np.int64).reshape(CLASS_COUNT, CLASS_COUNT)


def recall(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(10,) float64: of the images of each class, the share recognized; NaN for a class without images.

    Source: C. J. van Rijsbergen, "Information Retrieval" (1979), chapter 7.
    """
    return _share(np.diagonal(confusion), confusion.sum(axis=1))


def precision(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """(10,) float64: of the answers of each class, the share that was right; NaN for a class never answered.

    Source: C. J. van Rijsbergen, "Information Retrieval" (1979), chapter 7.
    """
    return _share(np.diagonal(confusion), confusion.sum(axis=0))


def expected_calibration_error(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    """The mean distance between confidence and accuracy, 0 to 1, over 15 bins weighted by their images.

    Bin m holds the confidences in ((m - 1) / 15, m / 15], the first also 0; empty bins count nothing.

    Raises:
        ValueError: no predictions, or the lengths differ.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017,
    equation 3.
    """
    _require_pairs(confidence, correct)
    inner_edges = np.arange(1, CALIBRATION_BINS) / CALIBRATION_BINS
    bins = np.digitize(confidence, inner_edges, right=True)
    # |B| / n * |acc - conf| is |sum of correct - sum of confidence| / n: no division by an empty bin.
    surplus = np.bincount(bins, weights=confidence.astype(np.float64) - correct, minlength=CALIBRATION_BINS)
    return float(np.abs(surplus).sum() / len(confidence))


def percentiles(values: NDArray[np.floating]) -> Percentiles:
    """The 50th, 95th and 99th percentile of `values` (N,), linear between neighbours.

    Raises:
        ValueError: no values.

    Source: R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50
    (1996), definition 7; numpy's default.
    """
    if len(values) == 0:
        raise ValueError("there are no values to take percentiles of")
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return Percentiles(float(p50), float(p95), float(p99))


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return share


def _require_pairs(first: NDArray[np.generic], second: NDArray[np.generic]) -> None:
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"two arrays (N,) of one length are needed, not {first.shape} and {second.shape}")
    if len(first) == 0:
        raise ValueError("there is nothing to measure: no predictions")
