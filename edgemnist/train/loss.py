"""What a step makes smaller.

Over the ten classes of digits it is categorical cross-entropy. Beside outliers there is an eleventh logit, always 0,
that stands for "no digit"; it is in the loss only. With E = log sum exp(logits) an outlier's loss is
-log(1 / (1 + e^E)) = softplus(E). What is added to all ten logits changes no softmax, so to object is a direction of
its own: digits keep their certainty, and the network its ten outputs.

Source: D. Hendrycks, M. Mazeika, T. Dietterich, "Deep anomaly detection with outlier exposure" (2019), for learning
from outliers; W. Liu, X. Wang, J. Owens, Y. Li, "Energy-based out-of-distribution detection" (2020), for E.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

NO_DIGIT = 0.0
"""The eleventh logit."""


def digit_loss(logits: Tensor, labels: Tensor, *, beside_outliers: bool) -> Tensor:
    """The mean cross-entropy of digits' logits (N, 10), over eleven classes when they are learned beside outliers."""
    return F.cross_entropy(F.pad(logits, (0, 1), value=NO_DIGIT) if beside_outliers else logits, labels)


def outlier_loss(logits: Tensor) -> Tensor:
    """The mean cross-entropy of outliers' logits (M, 10), for which the eleventh class is right."""
    return F.softplus(torch.logsumexp(logits.float(), 1) - NO_DIGIT).mean()
