"""From where on answers are given: a least confidence, and a least evidence that there is a digit at all.

The confidence is the probability p of the top class. The evidence is E = log sum exp(logits): a network that learned
beside images that are no digits (docs/training.md) keeps it high for digits and low for all else.
"""

import numpy as np
from numpy.typing import NDArray

LOST = (0.008, 0.007, 0.006, 0.005, 0.004, 0.003, 0.002, 0.001, 0.0)
"""Shares of the digits that may lack the evidence that is asked for: one of them is taken."""
_SUREST = 1 - 2.0**-24
"""The largest float32 below 1: log odds stay finite."""
_STEPS = 50
"""Newton's method needs about ten."""
_RIDGE = 1e-6
"""Keeps the fit finite where confidence tells right from wrong without exception."""


def evidence(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N,) float64: E = log sum exp of logits (N, 10)."""
    found: NDArray[np.float64] = np.logaddexp.reduce(logits.astype(np.float64), 1)
    return found


def confidence_threshold(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], target_error_rate: float, unseen: int = 0
) -> float:
    """The lowest confidence from which on the expected share of wrong answers is at most the target; 1 if none is.

    How often an answer is wrong is fitted to all of them, as 1 / (1 + exp(a + b * log(p / (1 - p)))), a and b by
    maximum likelihood: counting alone would rest on the ten surest mistakes of 10,000 images. Without a mistake the
    lowest confidence will do. The threshold is one of the given confidences. `unseen` mistakes are added to those that
    the fit expects, however many answers are given.

    Raises:
        ValueError: nothing to choose on, the lengths differ, or the target is not within 0 to 1.

    Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), for the fit; Y. Geifman, R. El-Yaniv,
    "Selective classification for deep neural networks" (2017), for the threshold.
    """
    if confidence.ndim != 1 or confidence.shape != correct.shape or not len(confidence):
        raise ValueError(f"one answer for each confidence is needed, not {confidence.shape} and {correct.shape}")
    if not 0 <= target_error_rate <= 1:
        raise ValueError(f"the target error rate must be within 0 to 1, not {target_error_rate}")
    if correct.all():
        return float(confidence.min())
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    expected = (unseen + np.cumsum(_wrong_shares(confidence, correct)[order])) / np.arange(1, len(order) + 1)
    last_of_its_confidence = np.append(ranked[1:] != ranked[:-1], True)
    allowed = np.flatnonzero(last_of_its_confidence & (expected <= target_error_rate))
    return float(ranked[allowed[-1]]) if len(allowed) else 1.0


def both_thresholds(
    confidence: NDArray[np.floating],
    found: NDArray[np.floating],
    correct: NDArray[np.bool_],
    target_error_rate: float,
    least_coverage: float,
) -> tuple[float, float]:
    """The least confidence and the least evidence: as much evidence as leaves `least_coverage` of all digits answered.

    `found` (N,) is their evidence. What lacks it is out before confidence is chosen among the rest, by
    `confidence_threshold`: many wrong answers lack evidence too, so that less confidence will do. One mistake more than
    expected is reckoned with (Laplace's rule of succession): few are left to learn from, and thresholds are chosen
    several times. Of several shares that may lack evidence (`LOST`) the largest is taken that leaves enough answered;
    where none does, that which leaves most.

    Raises:
        ValueError: as `confidence_threshold`.
    """
    ranked = np.sort(found)
    most = (-1.0, -np.inf, 1.0)
    for share in LOST:
        asked = float(ranked[int(share * len(ranked))])
        there = found >= asked
        least = confidence_threshold(confidence[there], correct[there], target_error_rate, unseen=1)
        coverage = float((there & (confidence >= least)).mean())
        if coverage >= least_coverage:
            return least, asked
        most = max(most, (coverage, asked, least))
    return most[2], most[1]


def _wrong_shares(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,): how often answers of each confidence are wrong, by the fit."""
    p = np.clip(confidence.astype(np.float64), 1 - _SUREST, _SUREST)
    inputs = np.stack([np.ones_like(p), np.log(p / (1 - p))], 1)
    weights = np.zeros(2)
    wrong = (~correct).astype(np.float64)
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (shares - wrong) + _RIDGE * weights
        curvature = (inputs.T * (shares * (1 - shares))) @ inputs + _RIDGE * np.eye(2)
        weights = weights - np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    found: NDArray[np.float64] = 1 / (1 + np.exp(-inputs @ weights))
    return found
