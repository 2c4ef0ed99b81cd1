"""The comparison of two models' logits."""

import numpy as np
import pytest

from edgemnist.errors import CheckError
from edgemnist.model.parity import ParityLimits, compare, require_parity

NAMES = ("torch", "onnx")
LIMITS = ParityLimits(max_abs_diff=1e-4, min_agreement=1.0)


def logits(count: int = 8) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 10)).astype(np.float32)


def test_equal_logits_agree_completely():
    report = compare(logits(), logits(), NAMES)
    assert (report.max_abs_diff, report.agreement, report.changed, report.count) == (0.0, 1.0, (), 8)
    require_parity(report, LIMITS)


def test_differences_are_measured_as_by_hand():
    candidate = logits()
    candidate[3, 4] += 0.25
    candidate[5] = -candidate[5]
    report = compare(logits(), candidate, NAMES)
    assert report.changed == (5,)
    assert report.agreement == 7 / 8
    assert report.max_abs_diff == pytest.approx(2 * np.abs(logits()[5]).max())


def test_a_difference_above_the_limit_names_both_sides_and_the_figures():
    candidate = logits()
    candidate[0] += 0.001
    report = compare(logits(), candidate, NAMES)
    with pytest.raises(CheckError, match=r"onnx against torch.*1\.00e-03.*allowed are max abs diff 1e-04"):
        require_parity(report, LIMITS)


def test_one_changed_answer_is_enough_to_fail_full_agreement():
    candidate = logits()
    candidate[0, candidate[0].argmin()] = candidate[0].max() + 1
    with pytest.raises(CheckError):
        require_parity(compare(logits(), candidate, NAMES), ParityLimits(max_abs_diff=100, min_agreement=1.0))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_values_that_are_not_finite_never_pass(value, side):
    pair = [logits(), logits()]
    pair[side][0, 0] = value
    with pytest.raises(CheckError):
        require_parity(compare(*pair, NAMES), ParityLimits(max_abs_diff=1e30, min_agreement=0.0))


def test_shapes_that_differ_or_are_empty_cannot_be_compared():
    with pytest.raises(ValueError, match="cannot compare"):
        compare(logits(3), logits(4), NAMES)
    with pytest.raises(ValueError, match="cannot compare"):
        compare(logits(0), logits(0), NAMES)
