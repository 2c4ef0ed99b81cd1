"""The two thresholds against data whose truth is known."""

import math

import numpy as np
import pytest

from edgemnist.model.thresholds import LOST, both_thresholds, confidence_threshold, evidence


def made(seed: int, count: int = 10_000) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated confidences as a good network has them, and whether each answer is right."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(11, 3.5, count)))
    p = np.maximum(p, 0.1)
    return p, rng.random(count) < p


def test_evidence_is_log_sum_exp() -> None:
    logits = np.array([[0.0] * 10, [700.0] + [0.0] * 9, [-5.0] * 10], np.float32)
    assert evidence(logits) == pytest.approx([math.log(10), 700, math.log(10) - 5])


def test_the_threshold_is_near_the_one_that_the_truth_asks_for() -> None:
    p, correct = made(0)
    ranked = np.sort(p)[::-1]
    expected = np.cumsum(1 - ranked) / np.arange(1, len(p) + 1)
    truth = (expected <= 0.001).mean()
    found = (p >= confidence_threshold(p, correct, 0.001)).mean()
    assert found == pytest.approx(truth, abs=0.005)  # measured 0.0014


def test_it_spreads_less_than_counting_does() -> None:
    fitted, counted = [], []
    for seed in range(30):
        p, correct = made(seed, 5_000)
        fitted.append((p >= confidence_threshold(p, correct, 0.001)).mean())
        order = np.argsort(-p)
        rates = np.cumsum(~correct[order]) / np.arange(1, len(p) + 1)
        counted.append((np.flatnonzero(rates <= 0.001)[-1] + 1) / len(p))
    assert np.std(fitted) < np.std(counted)  # measured 0.0109 and 0.0121


def test_without_mistakes_all_are_answered() -> None:
    assert confidence_threshold(np.array([0.9, 0.6, 0.8]), np.ones(3, bool), 0.001) == 0.6


def test_when_confidence_says_nothing_there_is_no_threshold_below_certainty() -> None:
    rng = np.random.default_rng(0)
    assert confidence_threshold(rng.random(1_000), rng.random(1_000) < 0.5, 0.001) == 1.0


def test_confidences_of_exactly_0_and_1_are_taken() -> None:
    confidence = np.array([0.0, 1.0, 1.0, 1.0] * 50, np.float32)
    correct = confidence > 0
    assert confidence_threshold(confidence, correct, 0.001) == 1.0


@pytest.mark.parametrize("target", [-0.1, 1.1, math.nan])
def test_a_target_that_is_no_share_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="the target error rate must be within 0 to 1"):
        confidence_threshold(np.array([0.5]), np.array([False]), target)


def test_nothing_to_choose_on_is_refused() -> None:
    with pytest.raises(ValueError, match="one answer for each confidence is needed"):
        confidence_threshold(np.zeros(0), np.zeros(0, bool), 0.1)


def test_as_much_evidence_is_asked_for_as_leaves_enough_answered() -> None:
    found, confidence, correct = np.arange(1_000.0), np.full(1_000, 0.9), np.ones(1_000, bool)
    assert both_thresholds(confidence, found, correct, 0.001, 0.985) == (0.9, 8)  # no more than the first of LOST
    assert both_thresholds(confidence, found, correct, 0.001, 0.996) == (0.9, 4)


def test_what_lacks_evidence_asks_for_no_confidence() -> None:
    p, correct = made(0)
    found = np.where(correct, 10.0, 0.0)
    found[correct] += np.arange(correct.sum())
    wrong = (~correct).mean()
    least, asked = both_thresholds(p, found, correct, 0.001, 0.9)
    assert wrong < LOST[0]  # so that evidence alone keeps every wrong answer back
    assert (least, asked) == (p[found >= asked].min(), np.sort(found)[int(LOST[0] * len(found))])
    assert least < confidence_threshold(p, correct, 0.001)


def test_mistakes_to_reckon_with_ask_for_more_confidence() -> None:
    p, correct = made(0)
    ranked = np.sort(p)[::-1]
    expected = (5 + np.cumsum(1 - ranked)) / np.arange(1, len(p) + 1)
    found = (p >= confidence_threshold(p, correct, 0.001, unseen=5)).mean()
    truth = (np.flatnonzero(expected <= 0.001)[-1] + 1) / len(p)
    assert found == pytest.approx(truth, abs=0.005)  # measured 0.0
    assert found < (p >= confidence_threshold(p, correct, 0.001)).mean()


def test_where_too_few_are_sure_most_are_left() -> None:
    p, correct = made(1)
    found = np.random.default_rng(1).normal(12, 3, len(p))
    least, asked = both_thresholds(p, found, correct, 0.001, 0.999)
    left = []
    for share in LOST:
        there = found >= np.sort(found)[int(share * len(found))]
        left.append((there & (p >= confidence_threshold(p[there], correct[there], 0.001, unseen=1))).mean())
    assert max(left) < 0.999
    assert ((p >= least) & (found >= asked)).mean() == max(left)
