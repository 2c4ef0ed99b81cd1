"""The losses against plain cross-entropy, written out in numpy."""

import numpy as np
import torch

from edgemnist.train.loss import digit_loss, outlier_loss

LOGITS = torch.randn(50, 10, generator=torch.Generator().manual_seed(0)) * 5
LABELS = torch.arange(50) % 10
EXACT = 1e-5
"""Float32 against float64; measured 5e-7."""


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    raised = np.exp(logits.astype(np.float64))
    return float(-np.log(raised[np.arange(len(labels)), labels] / raised.sum(1)).mean())


def eleven() -> np.ndarray:
    return np.concatenate([LOGITS.numpy(), np.zeros((50, 1))], axis=1)


def test_digits_alone_are_learned_by_plain_cross_entropy() -> None:
    found = digit_loss(LOGITS, LABELS, beside_outliers=False)
    assert abs(found.item() - cross_entropy(LOGITS.numpy(), LABELS.numpy())) < EXACT


def test_beside_outliers_an_eleventh_logit_of_zero_is_there() -> None:
    found = digit_loss(LOGITS, LABELS, beside_outliers=True)
    assert abs(found.item() - cross_entropy(eleven(), LABELS.numpy())) < EXACT


def test_of_an_outlier_the_eleventh_class_is_right() -> None:
    wanted = cross_entropy(eleven(), np.full(50, 10))
    assert abs(outlier_loss(LOGITS).item() - wanted) < EXACT


def test_an_outlier_s_loss_falls_when_all_logits_fall_together() -> None:
    losses = [outlier_loss(LOGITS - shift).item() for shift in (0, 10, 20, 40)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 1e-3
