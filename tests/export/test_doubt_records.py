"""The thresholds that an export writes, on answers whose truth is known."""

import numpy as np
import pytest

from edgemnist.export.doubt import LEAST_COVERAGE, Answers, doubt, judging_outliers
from edgemnist.train.recipe import default_recipe

COUNT = 10_000


def made(seed: int = 0) -> tuple[Answers, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = 1 / (1 + np.exp(-rng.normal(11, 3.5, COUNT)))
    return Answers(confidence.astype(np.float32), rng.normal(12, 3, COUNT)), rng.random(COUNT) < confidence


def test_without_outliers_evidence_is_not_asked_for():
    digits, correct = made()
    confidence, outliers = doubt(digits, correct, None)
    assert outliers is None
    assert confidence.coverage == pytest.approx((digits.confidence >= confidence.threshold).mean(), abs=0.005)
    assert confidence.error_rate < 2 * confidence.target_error_rate


def test_coverage_is_what_is_left_by_both_thresholds():
    digits, correct = made()
    outliers = Answers(np.full(100, 1.0, np.float32), np.arange(100) / 10)
    confidence, record = doubt(digits, correct, outliers)
    given = digits.pass_both(confidence.threshold, record.threshold)
    assert given.mean() >= LEAST_COVERAGE
    assert confidence.coverage == pytest.approx(given.mean(), abs=0.005)
    assert (~correct[given]).mean() < 2 * confidence.target_error_rate
    assert record.lost == (digits.evidence < record.threshold).mean()
    assert record.answered == (outliers.evidence >= record.threshold).mean()
    assert record.count == 100


def test_outliers_that_judge_are_always_the_same():
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (50, 28, 28)).astype(np.uint8), np.arange(50) % 10
    first, second = (judging_outliers(images, labels, default_recipe()) for _ in range(2))
    assert np.array_equal(first, second)
    assert (first.shape, first.dtype) == ((2_000, 28, 28), np.uint8)
