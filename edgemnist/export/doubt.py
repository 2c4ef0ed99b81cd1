"""From where on a classifier's answers are not doubtful: both thresholds, chosen and tried on the validation images."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from edgemnist.model.classifier import ConfidenceRecord, OutlierRecord
from edgemnist.model.thresholds import both_thresholds, confidence_threshold, evidence
from edgemnist.train.network import images_to_tensor
from edgemnist.train.outliers.digits import Digits
from edgemnist.train.outliers.make import make_outliers
from edgemnist.train.recipe import Recipe

TARGET_ERROR_RATE = 0.001
"""Wrong answers among those given, on validation images."""
LEAST_COVERAGE = 0.985
"""Share of the validation images that both thresholds together answer, where they can."""
OUTLIER_COUNT, OUTLIER_SEED = 2_000, 2_026
"""Outliers that are counted: made of validation images, which no training saw."""


@dataclass(frozen=True)
class Answers:
    """What a model answered to some images."""

    confidence: NDArray[np.float32]
    """(N,)."""
    evidence: NDArray[np.float64]
    """(N,)."""

    def pass_both(self, least_confidence: float, least_evidence: float) -> NDArray[np.bool_]:
        """(N,) bool: those that are not doubtful."""
        return (self.confidence >= least_confidence) & (self.evidence >= least_evidence)


def answers(probabilities: NDArray[np.float32], logits: NDArray[np.float32]) -> Answers:
    """Those of a model's outputs, (N, 10) each."""
    return Answers(probabilities.max(1), evidence(logits))


def judging_outliers(images: NDArray[np.uint8], labels: NDArray[np.int64], recipe: Recipe) -> NDArray[np.uint8]:
    """(N, 28, 28) uint8: outliers of a fixed seed, of the kinds that training had, made of these validation images."""
    digits = Digits(images_to_tensor(images, torch.device("cpu")), torch.from_numpy(labels.copy()))
    generator = torch.Generator().manual_seed(OUTLIER_SEED)
    made = make_outliers(digits, OUTLIER_COUNT, recipe, clean=True, generator=generator)
    found: NDArray[np.uint8] = (made[:, 0] * 255).round().to(torch.uint8).numpy()
    return found


def doubt(
    digits: Answers, correct: NDArray[np.bool_], outliers: Answers | None
) -> tuple[ConfidenceRecord, OutlierRecord | None]:
    """Both thresholds with what they do; without `outliers` evidence is not asked for.

    They are chosen on all validation images. Coverage and error rate come from thresholds chosen on every other image
    and tried on the rest, both ways round.
    """
    least_confidence, least_evidence = _choose(digits, correct, beside_outliers=outliers is not None)
    answered = wrong = 0
    for chosen, tried in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        thresholds = _choose(_part(digits, chosen), correct[chosen], beside_outliers=outliers is not None)
        given = _part(digits, tried).pass_both(*thresholds)
        answered += int(given.sum())
        wrong += int((given & ~correct[tried]).sum())
    confidence = ConfidenceRecord(
        least_confidence, TARGET_ERROR_RATE, coverage=answered / len(correct), error_rate=wrong / max(1, answered)
    )
    if outliers is None:
        return confidence, None
    return confidence, OutlierRecord(
        threshold=least_evidence,
        lost=float((digits.evidence < least_evidence).mean()),
        answered=float(outliers.pass_both(least_confidence, least_evidence).mean()),
        count=len(outliers.confidence),
    )


def _choose(digits: Answers, correct: NDArray[np.bool_], *, beside_outliers: bool) -> tuple[float, float]:
    # A data set may be too small to have every other image.
    if not len(correct):
        return 1.0, -np.inf
    if not beside_outliers:
        return confidence_threshold(digits.confidence, correct, TARGET_ERROR_RATE), -np.inf
    return both_thresholds(digits.confidence, digits.evidence, correct, TARGET_ERROR_RATE, LEAST_COVERAGE)


def _part(whole: Answers, part: slice) -> Answers:
    return Answers(whole.confidence[part], whole.evidence[part])
