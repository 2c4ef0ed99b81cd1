"""How large activations get on training images: what the integer 255 stands for behind each layer."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from edgemnist.export.fold import FoldedWeights

_BATCH = 1_000


@dataclass(frozen=True)
class ActivationRanges:
    """The largest value behind each ReLU; the smallest is 0."""

    conv1: float
    conv2: float
    dense1: float


def calibrate(weights: FoldedWeights, images: NDArray[np.uint8]) -> ActivationRanges:
    """The largest activations that (N, 28, 28) uint8 training images cause.

    Percentiles, ranges of least squared error and bias correction change no answers beyond chance (docs/int8.md),
    and the plain maximum clips nothing.
    """
    layers = {name: torch.from_numpy(value.astype(np.float32)) for name, value in vars(weights).items()}
    largest = np.full(3, np.finfo(np.float32).tiny)
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            x = torch.tensor(images[start : start + _BATCH]).unsqueeze(1).float() / 255
            conv1 = F.max_pool2d(F.conv2d(x, layers["conv1_weight"], layers["conv1_bias"], padding=1), 2).relu()
            conv2 = F.max_pool2d(F.conv2d(conv1, layers["conv2_weight"], layers["conv2_bias"], padding=1), 2).relu()
            dense1 = F.linear(conv2.flatten(1), layers["dense1_weight"], layers["dense1_bias"])
            largest = np.maximum(largest, [float(conv1.max()), float(conv2.max()), float(dense1.max())])
    return ActivationRanges(*(float(value) for value in largest))
