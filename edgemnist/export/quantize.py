"""Folded weights -> integers: post-training static quantization that answers alike on every CPU.

    real = scale * (integer - zero point)

Activations are uint8 with zero point 0, because none is negative behind a ReLU; one scale per tensor, from the
largest value seen on training images. The raw pixels are themselves the first quantized tensor, scale 1/255.
Weights are int8 with zero point 0 and one scale per output channel (Jacob et al. 2018, "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference").

Weights stay within -64..64. x86 processors without VNNI add two products of an activation (up to 255) and a
weight in a signed 16-bit register that saturates at 32,767; 2 * 255 * 64 = 32,640 fits. With all 8 bits the same
file would answer differently on such a PC and on a Raspberry Pi.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from edgemnist.export.fold import FoldedWeights

WEIGHT_LIMIT = 64
"""Largest magnitude of a quantized weight; see above."""
WEIGHT_BITS = 7
METHOD = "post-training static, uint8 activations per tensor, int8 weights per channel"
PIXEL_SCALE = 1 / 255
_ACTIVATION_LEVELS = 255
_BATCH = 1_000


@dataclass(frozen=True)
class ActivationScales:
    """The scale of each uint8 tensor between two layers."""

    conv1: float
    conv2: float
    dense1: float


@dataclass(frozen=True)
class QuantizedLayer:
    """The integers of a convolution or a dense layer."""

    weight: NDArray[np.int8]
    """In the layout of the layer, output channels first; -64..64."""
    weight_scale: NDArray[np.float32]
    """(output channels,)."""
    bias: NDArray[np.int32]
    """(output channels,), scale = bias_scale."""
    bias_scale: NDArray[np.float32]
    """(output channels,): scale of the layer's input times `weight_scale`."""


def calibrate(weights: FoldedWeights, images: NDArray[np.uint8]) -> ActivationScales:
    """The activation scales from the largest values that (N, 28, 28) uint8 training images cause."""
    layers = {name: torch.from_numpy(value.astype(np.float32)) for name, value in vars(weights).items()}
    largest = np.zeros(3)
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            pixels = torch.tensor(images[start : start + _BATCH]).unsqueeze(1)
            x = pixels.float() * PIXEL_SCALE
            conv1 = F.max_pool2d(F.conv2d(x, layers["conv1_weight"], layers["conv1_bias"], padding=1), 2)
            x = F.relu(conv1)
            conv2 = F.max_pool2d(F.conv2d(x, layers["conv2_weight"], layers["conv2_bias"], padding=1), 2)
            x = F.relu(conv2).flatten(1)
            dense1 = F.linear(x, layers["dense1_weight"], layers["dense1_bias"])
            largest = np.maximum(largest, [float(conv1.max()), float(conv2.max()), float(dense1.max())])
    return ActivationScales(*(float(np.float32(value / _ACTIVATION_LEVELS)) for value in largest))


def quantize_layer(weight: NDArray[np.float64], bias: NDArray[np.float64], input_scale: float) -> QuantizedLayer:
    """The integers of a layer with `weight` (out, ...) and `bias` (out,), fed with a tensor of `input_scale`."""
    rows = weight.reshape(len(weight), -1)
    scale = (np.abs(rows).max(1).clip(min=np.finfo(np.float32).tiny) / WEIGHT_LIMIT).astype(np.float32)
    integers = np.rint(rows / scale[:, np.newaxis]).clip(-WEIGHT_LIMIT, WEIGHT_LIMIT)
    bias_scale = np.float32(input_scale) * scale
    return QuantizedLayer(
        weight=integers.reshape(weight.shape).astype(np.int8),
        weight_scale=scale,
        bias=np.rint(bias / bias_scale).astype(np.int32),
        bias_scale=bias_scale,
    )
