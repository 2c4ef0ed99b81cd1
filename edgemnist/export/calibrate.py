"""What the layers see of training images: how large activations get, and how the inputs of each layer vary together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from edgemnist.export.fold import FoldedWeights

_BATCH = 1_000
MOMENT_IMAGES = 5_000
"""More change nothing beyond chance (docs/int8.md)."""


@dataclass(frozen=True)
class ActivationRanges:
    """The largest value behind each ReLU; the smallest is 0."""

    conv1: float
    conv2: float
    dense1: float


@dataclass(frozen=True)
class InputMoments:
    """The second moments E[x x^T] of the inputs x of one output of each layer, in the order of its weights.

    Their unit is any, for only ratios count.
    """

    conv1: NDArray[np.float64]
    """(9, 9)."""
    conv2: NDArray[np.float64]
    """(288, 288)."""
    dense1: NDArray[np.float64]
    """(3136, 3136)."""
    dense2: NDArray[np.float64]
    """(128, 128)."""


@dataclass(frozen=True)
class Calibration:
    """All that quantization needs to know of the data."""

    ranges: ActivationRanges
    moments: InputMoments


def calibrate(weights: FoldedWeights, images: NDArray[np.uint8]) -> Calibration:
    """The calibration on (N, 28, 28) uint8 training images: ranges on all of them, moments on an even choice.

    Percentiles, ranges of least squared error and bias correction change no answers beyond chance (docs/int8.md),
    and the plain maximum clips nothing.
    """
    layers = {name: torch.from_numpy(value.astype(np.float32)) for name, value in vars(weights).items()}
    largest = np.full(3, np.finfo(np.float32).tiny)
    for _, *activations in _layer_inputs(layers, images):
        largest = np.maximum(largest, [float(values.max()) for values in activations])
    moments = [torch.zeros(size, size, dtype=torch.float64) for size in (9, 288, 3136, 128)]
    for inputs in _layer_inputs(layers, images[:: max(1, len(images) // MOMENT_IMAGES)]):
        for moment, values in zip(moments, inputs, strict=True):
            columns = F.unfold(values, 3, padding=1).transpose(0, 1).flatten(1) if values.ndim == 4 else values.T
            moment += columns @ columns.T
    return Calibration(
        ActivationRanges(*(float(value) for value in largest)), InputMoments(*(moment.numpy() for moment in moments))
    )


@torch.inference_mode()
def _layer_inputs(
    layers: dict[str, Tensor], images: NDArray[np.uint8]
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """The inputs of the four layers, batch by batch: maps (N, C, H, W) twice, then features (N, K) twice."""
    for start in range(0, len(images), _BATCH):
        pixels = torch.tensor(images[start : start + _BATCH]).unsqueeze(1).float() / 255
        conv1 = F.max_pool2d(F.conv2d(pixels, layers["conv1_weight"], layers["conv1_bias"], padding=1), 2).relu()
        conv2 = F.max_pool2d(F.conv2d(conv1, layers["conv2_weight"], layers["conv2_bias"], padding=1), 2).relu()
        features = conv2.flatten(1)
        yield pixels, conv1, features, F.linear(features, layers["dense1_weight"], layers["dense1_bias"]).relu()
