import math
from statistics import NormalDist

import numpy as np
import pytest

from edgemnist.model.metrics import (
    Percentiles,
    accuracy,
    accuracy_of_counts,
    confusion_matrix,
    expected_calibration_error,
    percentiles,
    precision,
    recall,
)

NOTHING = np.zeros(0)


def test_accuracy_counts_equal_answers() -> None:
    found = accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 9]))
    assert (found.correct, found.count, found.value) == (3, 4, 0.75)


@pytest.mark.parametrize(
    ("correct", "count", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)],
)
def test_wilson_interval_has_the_textbook_figures(correct: int, count: int, low: float, high: float) -> None:
    found = accuracy_of_counts(correct, count)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_interval_holds_the_value_where_rounding_could_push_it_out() -> None:
    for count in range(1, 2_000):
        assert accuracy_of_counts(0, count).low == 0
        assert accuracy_of_counts(count, count).high == 1


@pytest.mark.parametrize(("correct", "count"), [(1, 3), (9_960, 10_000), (1, 10_000)])
def test_ends_of_the_wilson_interval_are_z_deviations_away(correct: int, count: int) -> None:
    """The definition that the formula solves: at each end p, |value - p| = z sqrt(p (1 - p) / n)."""
    found = accuracy_of_counts(correct, count)
    z = NormalDist().inv_cdf(0.975)
    for end in (found.low, found.high):
        assert abs(found.value - end) == pytest.approx(z * math.sqrt(end * (1 - end) / count), rel=1e-9)


@pytest.mark.parametrize(("correct", "count"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_are_no_share_are_refused(correct: int, count: int) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        accuracy_of_counts(correct, count)


def test_confusion_rows_are_true_classes() -> None:
    found = confusion_matrix(predicted=np.array([7, 1, 1, 0]), labels=np.array([1, 1, 1, 0]))
    expected = np.zeros((10, 10), np.int64)
    expected[1, 7], expected[1, 1], expected[0, 0] = 1, 2, 1
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.int64


def test_confusion_takes_the_smallest_integers() -> None:
    classes = np.array([9, 9], np.int8)
    assert confusion_matrix(classes, classes)[9, 9] == 2


@pytest.mark.parametrize("bad", [-1, 10])
def test_confusion_refuses_other_classes(bad: int) -> None:
    good = np.array([1, 2])
    for predicted, labels in ((np.array([1, bad]), good), (good, np.array([1, bad]))):
        with pytest.raises(ValueError, match="classes must be 0 to 9"):
            confusion_matrix(predicted, labels)


def test_recall_and_precision_by_hand() -> None:
    confusion = np.zeros((10, 10), np.int64)
    confusion[3, 3], confusion[3, 5], confusion[5, 5] = 3, 1, 2
    found_recall, found_precision = recall(confusion), precision(confusion)
    assert (found_recall[3], found_recall[5]) == (0.75, 1.0)
    assert found_precision[3] == 1.0
    assert found_precision[5] == pytest.approx(2 / 3)
    others = [0, 1, 2, 4, 6, 7, 8, 9]
    assert np.isnan(found_recall[others]).all()
    assert np.isnan(found_precision[others]).all()


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    correct = np.array([True, False, True, True])
    assert expected_calibration_error(confidence, correct) == pytest.approx(0.5 * 0.45 + 0.5 * 0.45)


def test_calibration_bins_are_closed_at_their_upper_end() -> None:
    # 0.2 is 3/15: it belongs to the third bin, 0.21 to the fourth. In one bin the answer were 0.295.
    found = expected_calibration_error(np.array([0.2, 0.21]), np.array([True, False]))
    assert found == pytest.approx((0.8 + 0.21) / 2)


def test_confidences_of_zero_and_one_have_a_bin() -> None:
    assert expected_calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0
    assert expected_calibration_error(np.array([0.0, 1.0]), np.array([True, False])) == 1


def test_calibration_error_agrees_with_the_published_sum() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(2_000).astype(np.float32)
    correct = rng.random(2_000) < confidence
    expected = 0.0
    for m in range(1, 16):
        inside = [i for i in range(2_000) if (m - 1) / 15 < confidence[i] <= m / 15]
        if inside:
            acc = sum(bool(correct[i]) for i in inside) / len(inside)
            conf = sum(float(confidence[i]) for i in inside) / len(inside)
            expected += len(inside) / 2_000 * abs(acc - conf)
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected, rel=1e-9)


def test_percentiles_are_linear_between_neighbours() -> None:
    found = percentiles(np.arange(101.0))
    assert found == Percentiles(50.0, 95.0, 99.0)
    assert percentiles(np.array([1.0, 2.0])) == pytest.approx(Percentiles(1.5, 1.95, 1.99))


def test_nothing_to_measure_is_refused() -> None:
    for call in (
        lambda: accuracy(NOTHING.astype(int), NOTHING.astype(int)),
        lambda: confusion_matrix(NOTHING.astype(int), NOTHING.astype(int)),
        lambda: expected_calibration_error(NOTHING, NOTHING.astype(bool)),
        lambda: percentiles(NOTHING),
    ):
        with pytest.raises(ValueError, match=r"^there (is nothing|are no values)"):
            call()


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="of one length"):
        accuracy(np.array([1, 2]), np.array([1]))
    with pytest.raises(ValueError, match="of one length"):
        expected_calibration_error(np.array([[0.5]]), np.array([[True]]))
